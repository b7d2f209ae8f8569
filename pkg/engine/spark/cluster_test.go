package spark_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
)

// cluster is a standalone cluster of Spark on this machine, and a bucket that it
// reads and writes.
type cluster struct {
	t       *testing.T
	home    string // of Spark
	master  string
	workers []*server
	s3      *s3test.Server
	environ []string
	conf    map[string]string
}

// server is a process of the cluster, with all that it starts.
type server struct {
	cmd  *exec.Cmd
	done chan struct{}
	mu   sync.Mutex
	log  bytes.Buffer
}

// Write keeps what the process says.
func (s *server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *server) says(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Contains(s.log.Bytes(), []byte(text))
}

// kill ends it without a word.
func (s *server) kill() {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.done
}

// serve starts a program of Spark and waits until it says that it is ready.
func (c *cluster) serve(ready string, args ...string) *server {
	c.t.Helper()
	s := c.begin(args...)
	s.ready(c.t, ready)
	return s
}

// begin starts a program of Spark.
func (c *cluster) begin(args ...string) *server {
	c.t.Helper()
	s := &server{cmd: exec.Command(filepath.Join(c.home, "bin", args[0]), args[1:]...), done: make(chan struct{})}
	s.cmd.Env, s.cmd.Dir = c.environ, c.t.TempDir()
	s.cmd.Stdout, s.cmd.Stderr = s, s
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() { _ = s.cmd.Wait(); close(s.done) }()
	c.t.Cleanup(func() {
		s.kill()
		if c.t.Failed() {
			text := s.log.String()
			c.t.Logf("%v:\n%s", args, text[max(0, len(text)-3000):])
		}
	})
	return s
}

// ready waits until the process says a text.
func (s *server) ready(t *testing.T, text string) {
	t.Helper()
	for begun := time.Now(); !s.says(text); time.Sleep(50 * time.Millisecond) {
		select {
		case <-s.done:
			t.Fatalf("%v ended", s.cmd.Args)
		default:
		}
		if time.Since(begun) > 2*time.Minute {
			t.Fatalf("%v does not get ready", s.cmd.Args)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// newCluster starts a master and two workers.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	python := realPython(t)
	jars := os.Getenv("MLP_TEST_SPARK_JARS")
	if jars == "" {
		t.Skip("MLP_TEST_SPARK_JARS is not set; make test sets it")
	}
	homes, err := filepath.Glob(filepath.Join(filepath.Dir(python), "..", "lib", "python3*", "site-packages", "pyspark"))
	if err != nil || len(homes) != 1 {
		t.Fatalf("Spark is not where it should be: %v, %v", homes, err)
	}
	c := &cluster{t: t, home: homes[0], s3: s3test.Start(t)}
	c.environ = append(os.Environ(), quickJava, "SPARK_HOME="+c.home, "SPARK_LOCAL_IP=127.0.0.1", "SPARK_NO_DAEMONIZE=1", "PYSPARK_PYTHON="+python,
		"AWS_ENDPOINT_URL_S3="+c.s3.Endpoint)
	c.conf = map[string]string{
		"spark.driver.extraClassPath":      jars + "/*", // as jars of an image; spark.jars.packages would be sent around
		"spark.executor.extraClassPath":    jars + "/*",
		"spark.executor.memory":            "600m",
		"spark.driver.memory":              "1g",
		"spark.sql.shuffle.partitions":     "4",
		"spark.driver.host":                "127.0.0.1",
		"spark.hadoop.fs.s3a.access.key":   os.Getenv("AWS_ACCESS_KEY_ID"),
		"spark.hadoop.fs.s3a.secret.key":   os.Getenv("AWS_SECRET_ACCESS_KEY"),
		"spark.executorEnv.PYTHONHASHSEED": "0",
	}
	port := freePort(t)
	c.master = "spark://127.0.0.1:" + port
	c.serve("I have been elected leader", "spark-class", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0")
	for range 2 {
		c.workers = append(c.workers, c.begin("spark-class", "org.apache.spark.deploy.worker.Worker",
			"--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", t.TempDir(), c.master))
	}
	for _, w := range c.workers {
		w.ready(t, "Successfully registered with master")
	}
	return c
}

// submitArgs are those of spark-submit.
func (c *cluster) submitArgs(more ...string) []string {
	args := []string{"--master", c.master}
	for key, value := range c.conf {
		args = append(args, "--conf", key+"="+value)
	}
	for key, value := range map[string]string{"endpoint": c.s3.Endpoint, "path.style.access": "true", "endpoint.region": "us-east-1"} {
		args = append(args, "--conf", "spark.hadoop.fs.s3a."+key+"="+value)
	}
	return append(args, more...)
}

// connect starts a Spark Connect server on the cluster.
func (c *cluster) connect(port string) *server {
	return c.serve("Spark Connect server started at", append([]string{"spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"},
		c.submitArgs("--conf", "spark.connect.grpc.binding.address=127.0.0.1", "--conf", "spark.connect.grpc.binding.port="+port,
			"--conf", "spark.log.level=INFO")...)...)
}

// options are those of a session on the cluster's data.
func (c *cluster) options() spark.Options {
	o := options(c.t)
	o.Environ, o.Conf, o.Master = c.environ, c.conf, c.master
	o.Scratch, o.Storage = "s3a://"+s3test.Bucket+"/scratch/", c.scratch()
	return o
}

// scratch is the bucket as mlp reaches it.
func (c *cluster) scratch() *s3.Scratch {
	c.t.Helper()
	out, err := s3.OpenScratch("s3a://"+s3test.Bucket+"/", s3.Options{Endpoint: c.s3.Endpoint})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// read returns an object's bytes.
func read(t *testing.T, from spark.Storage, url string) ([]byte, error) {
	t.Helper()
	in, err := from.Get(t.Context(), url)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}

// parse parses two chunks that lie in the bucket.
func (c *cluster) parse(t *testing.T, s *spark.Session) *spark.Result {
	t.Helper()
	files := c.scratch()
	j := spark.Job{Name: "parse", Views: []spark.View{{Name: "v", SQL: "SELECT _chunk, _file, _rec, CAST(_c0 AS INT) AS n FROM raw"}},
		Outputs: []spark.Output{{Name: "o", Query: "SELECT * FROM v", By: "_chunk", Parts: 2, Order: []string{"_rec"}}}}
	raw := spark.Chunks{View: "raw", Format: source.Format{source.Delimited{Separator: '\t'}}, Raw: []string{"1"}}
	for i, text := range []string{"a\t1\nb\tx\n", "c\t3\n"} {
		url := fmt.Sprintf("s3a://%s/chunk %d", s3test.Bucket, i)
		if err := files.Put(t.Context(), url, []byte(text)); err != nil {
			t.Fatal(err)
		}
		raw.Chunks = append(raw.Chunks, spark.Chunk{Path: url, File: int32(i), Spec: &specpb.Chunk{Digest: digest.Of([]byte(text)).String(), Size: int64(len(text))}})
	}
	j.Chunks = []spark.Chunks{raw}
	r, err := s.Run(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts["raw"][0].Rows != 2 || r.Counts["raw"][1].Lines != 1 {
		t.Errorf("counts %+v", r.Counts)
	}
	return r
}

// both parses chunks, and then reads what it wrote.
func (c *cluster) both(t *testing.T, s *spark.Session) {
	t.Helper()
	files, r := c.scratch(), c.parse(t, s)
	stored := spark.Columns{View: "c", Fields: []spark.Field{{"_rec", typeOf(sql.BigInt)}, {"n", typeOf(sql.Int)}}}
	for _, f := range r.Files["o"] {
		text, err := read(t, files, f.Path)
		if err != nil || digest.Of(text) != f.Digest {
			t.Errorf("%s is not what was written: %v", f.Path, err)
		}
		stored.Parts = append(stored.Parts, spark.Part{Files: []spark.ColumnFile{
			{Path: f.Path, Digest: f.Digest, Columns: []spark.Pick{{"n", "n"}}}, {Path: f.Path, Digest: f.Digest, Columns: []spark.Pick{{"_rec", "_rec"}}}}})
	}
	again, err := s.Run(t.Context(), spark.Job{Name: "read", Columns: []spark.Columns{stored}, Queries: []spark.Query{{"q", "SELECT * FROM c ORDER BY 1, 2"}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"0", "0", "1"}, {"0", "1", "NULL"}, {"1", "0", "3"}}, texts(again.Answers["q"])); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if err := s.Discard(t.Context(), r); err != nil {
		t.Error(err)
	}
	if _, err := read(t, files, r.Files["o"][0].Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was discarded is still there: %v", err)
	}
}

func open(t *testing.T, o spark.Options) *spark.Session {
	t.Helper()
	s, err := spark.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestCluster is one test, as a cluster takes long to start.
func TestCluster(t *testing.T) {
	c := newCluster(t)
	t.Run("submit", func(t *testing.T) {
		o := c.options()
		o.Submit = append([]string{"spark-submit"}, c.submitArgs()...)
		s := open(t, o)
		if err := s.Discard(t.Context(), c.parse(t, s)); err != nil {
			t.Error(err)
		}
	})
	port := freePort(t)
	served := c.connect(port)
	o := c.options()
	o.Every = 1
	var mu sync.Mutex
	running := make(chan struct{})
	o.Progress = func(line string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(line, "slow: output o: stage") && running != nil {
			close(running)
			running = nil
		}
	}
	o.Remote = "sc://127.0.0.1:" + port
	session := open(t, o)
	t.Run("connect", func(t *testing.T) { c.both(t, session) })
	t.Run("worker killed", func(t *testing.T) {
		stages := running
		ended := make(chan error, 1)
		go func() {
			j := slow()
			j.Outputs[0].Query = strings.Replace(j.Outputs[0].Query, "4000000000", "4000000", 1)
			_, err := session.Run(t.Context(), j)
			ended <- err
		}()
		select {
		case <-stages:
		case err := <-ended:
			t.Fatalf("it ended before a worker was killed: %v", err)
		}
		c.workers[0].kill()
		if err := <-ended; err != nil {
			t.Errorf("with one worker of two it does not finish: %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		mu.Lock()
		running = make(chan struct{})
		stages := running
		mu.Unlock()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() { _, err := session.Run(ctx, slow()); ended <- err }()
		<-stages
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v", err)
		}
		if !served.says("OPERATION_CANCELED") && !served.says("cancelled") {
			t.Error("the server was not told")
		}
	})
	t.Run("server gone", func(t *testing.T) {
		served.kill()
		one := spark.Job{Name: "one", Queries: []spark.Query{{"q", "SELECT 1"}}}
		_, err := session.Run(t.Context(), one)
		var failed *spark.Error
		if !errors.As(err, &failed) || failed.Kind != spark.KindUnavailable || failed.ExitStatus() != 4 {
			t.Errorf("got error %v", err)
		}
		c.connect(port)
		if r, err := session.Run(t.Context(), one); err != nil || *r.Answers["q"][0][0] != "1" {
			t.Errorf("the plain re-run gives %v, %v", r, err)
		}
	})
}
