// Package s3test runs a real S3 server for tests, and breaks what goes between
// it and them.
package s3test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Env names the variable with the path of the server, versitygw; Bucket is the
// bucket that a server has.
const (
	Env    = "MLP_TEST_VERSITYGW"
	Bucket = "mlp-test"
)

const (
	accessKey, secretKey = "mlp-test", "mlp-test-secret"
	startTime            = 20 * time.Second
)

// Server is a running server.
type Server struct {
	// Endpoint is its URL.
	Endpoint string
	// Dir is where it keeps its bucket, as plain files.
	Dir string
}

// Available reports whether there is a server to run.
func Available() bool { return os.Getenv(Env) != "" }

// Start runs a server until the test ends, and gives the process credentials
// for it. It skips the test where there is no server to run.
func Start(t testing.TB) *Server {
	t.Helper()
	binary := os.Getenv(Env)
	if binary == "" {
		t.Skipf("%s names no versitygw: `make test` installs it", Env)
	}
	root := t.TempDir()
	s := &Server{Endpoint: "http://" + freeAddress(t), Dir: filepath.Join(root, Bucket)}
	if err := os.Mkdir(s.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(binary, "--port", s.Endpoint[len("http://"):], "--quiet", "--keep-alive", "posix", root)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-done
		if t.Failed() {
			t.Logf("versitygw:\n%s", log.Bytes())
		}
	})
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if r, err := http.Get(s.Endpoint); err == nil {
			r.Body.Close()
			break
		}
		if time.Since(begin) > startTime {
			t.Fatal("versitygw does not answer")
		}
	}
	for _, v := range Environ() {
		t.Setenv(v[0], v[1])
	}
	return s
}

// Environ returns names and values of the variables that say who a client of
// the server is, and keep the user's own configuration out.
func Environ() [][2]string {
	return [][2]string{
		{"AWS_ACCESS_KEY_ID", accessKey}, {"AWS_SECRET_ACCESS_KEY", secretKey}, {"AWS_REGION", "us-east-1"}, {"AWS_SESSION_TOKEN", ""},
		{"AWS_PROFILE", ""}, {"AWS_CONFIG_FILE", os.DevNull}, {"AWS_SHARED_CREDENTIALS_FILE", os.DevNull}, {"AWS_EC2_METADATA_DISABLED", "true"},
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr())
}
