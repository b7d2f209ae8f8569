package s3_test

import (
	"bufio"
	"crypto/rand"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
)

var appends = flag.Int("publishers-append", 0, "how many releases each publisher of TestPublishers appends (default: 1,000 among all)")

// TestPublishers lets 16 publishers append to one log of releases, over
// connections that lose an answer now and then: numbers are dense, each has one
// winner, and what Append returned is what stands there.
func TestPublishers(t *testing.T) {
	const publishers, rounds = 16, 1000
	server := s3test.Start(t)
	var n atomic.Int64
	proxy := s3test.NewProxy(t, server, func(int, *http.Request) s3test.Fault { return on(n.Add(1)%501 == 0, s3test.Lost) })
	good := open(t, "publishers", s3.Options{Endpoint: server.Endpoint})
	key, err := dsse.GenerateKey("alice", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	log := release.Log{Store: reopen(t, good, s3.Options{Endpoint: proxy.Endpoint}), Repository: "lab", Channel: "local", Trusted: []dsse.Key{key.Key()}}
	var mu sync.Mutex
	won := map[int64]digest.Digest{}
	more := func(own int) bool {
		if *appends > 0 {
			return own < *appends
		}
		mu.Lock()
		defer mu.Unlock()
		return len(won) < rounds
	}
	var all sync.WaitGroup
	for p := range publishers {
		all.Go(func() {
			var last release.Ref
			for own := 0; more(own); own++ {
				e, err := log.Append(t.Context(), release.Draft{Signer: key, From: last, Build: func(int64, digest.Digest) (release.Record, error) {
					return release.Record{Created: time.Now().UTC(), Commit: fmt.Sprintf("%032d%08d", p, own)}, nil
				}})
				if err != nil {
					t.Error(err)
					return
				}
				last = e.Ref()
				mu.Lock()
				if _, twice := won[e.Record.Number]; twice {
					t.Errorf("number %d has two winners", e.Record.Number)
				}
				won[e.Record.Number] = e.Digest
				mu.Unlock()
			}
		})
	}
	all.Wait()
	log.Store = good
	entries, err := log.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if e.Record.Number != int64(i+1) || won[e.Record.Number] != e.Digest {
			t.Fatalf("place %d of the log has number %d, and another record than its publisher was told", i+1, e.Record.Number)
		}
	}
	want := rounds
	if *appends > 0 {
		want = publishers * *appends
	}
	if len(entries) != len(won) || len(won) < want {
		t.Errorf("the log has %d records, publishers were told of %d", len(entries), len(won))
	}
	t.Logf("%d records, %d requests", len(entries), n.Load())
}

// TestMakeS3: `make s3` runs a server, and prints what its users export.
func TestMakeS3(t *testing.T) {
	binary := os.Getenv(s3test.Env)
	if binary == "" {
		t.Skipf("%s names no versitygw: `make test` installs it", s3test.Env)
	}
	for _, v := range s3test.Environ() {
		t.Setenv(v[0], v[1])
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.Command("make", "-C", "../../..", "s3", "VERSITYGW="+binary, "S3_DIR="+t.TempDir(), "S3_ADDRESS="+address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	location := ""
	for lines := bufio.NewScanner(out); location == "" && lines.Scan(); {
		if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok {
			t.Setenv(name, value)
			if name == "MLP_STORE" {
				location = value
			}
		}
	}
	s, err := s3.Init(t.Context(), location+"/team", s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), "n", []byte("kept")); err != nil {
		t.Error(err)
	}
}
