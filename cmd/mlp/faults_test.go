package main

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/run/runtest"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
)

// bucketFault is what goes wrong between commands and a bucket. broken commands
// may fail, and say so; the plain re-run finishes.
type bucketFault struct {
	name   string
	broken bool
	fault  func(n int, r *http.Request) s3test.Fault
}

func bucketFaults() []bucketFault {
	third := func(fault s3test.Fault) func(int, *http.Request) s3test.Fault {
		var n atomic.Int32
		return func(int, *http.Request) s3test.Fault {
			if n.Add(1)%3 == 0 {
				return fault
			}
			return s3test.None
		}
	}
	// Each stands still for 15 s: two are enough.
	rare := func(method string, fault s3test.Fault) func(int, *http.Request) s3test.Fault {
		var n atomic.Int32
		return func(_ int, r *http.Request) s3test.Fault {
			if r.Method == method && n.Add(1)%40 == 5 && n.Load() < 50 {
				return fault
			}
			return s3test.None
		}
	}
	var puts, heads atomic.Int32
	fresh := func(_ int, r *http.Request) s3test.Fault {
		switch {
		case r.Method == http.MethodPut && puts.Add(1)%5 == 0:
			return s3test.Lost // it is there, nobody said so, and it is not seen at once
		case r.Method == http.MethodHead && heads.Add(1)%3 != 0:
			return s3test.NotFound
		}
		return s3test.None
	}
	return []bucketFault{
		{"503 every third time", false, third(s3test.Unavailable)},
		{"executed and answered with 500", false, third(s3test.Failed)},
		{"dropped", false, third(s3test.Dropped)},
		{"lost replies", false, third(s3test.Lost)},
		{"cut bodies", false, third(s3test.Cut)},
		{"bits flip on the way there", false, third(s3test.FlippedRequest)},
		{"bits flip on the way back", true, third(s3test.FlippedAnswer)},
		{"slow bytes", false, rare(http.MethodGet, s3test.Slow)},
		{"silence", false, rare(http.MethodPut, s3test.Silent)},
		{"404 of a fresh object", false, fresh},
	}
}

// TestCommandsUnderFaults: whatever goes wrong between mlp and a bucket, the
// store ends as an undisturbed run leaves it, and a site runs the release, every
// file of it whole.
func TestCommandsUnderFaults(t *testing.T) {
	server := s3test.Start(t)
	w := newWorkshop(t)
	whole := newBucketRun(t, w, "whole", server.Endpoint)
	config := filepath.Join(w.dir, "site.textproto")
	whole.must(t, "env", "export", "lab", "--chdir", w.project, "--out", config)
	site, err := os.ReadFile(config)
	must(t, err)
	whole.must(t, "apply", "--chdir", w.project)
	want := whole.made(t)
	if len(want.Releases) != 1 || len(want.Releases[0].Models) != 2 {
		t.Fatalf("an undisturbed run makes %d releases", len(want.Releases))
	}
	var all sync.WaitGroup // they mostly wait: more at once than processors
	defer all.Wait()
	for _, f := range bucketFaults() {
		all.Go(func() {
			t.Run(f.name, func(t *testing.T) {
				name := strings.ReplaceAll(f.name, " ", "-")
				good := newBucketRun(t, w.copied(t), name, server.Endpoint)
				good.config = filepath.Join(w.dir, name+".textproto")
				must(t, os.WriteFile(good.config, []byte(strings.Replace(string(site), whole.location, good.location, 1)), 0o644))
				var hits atomic.Int32
				proxy := s3test.NewProxy(t, server, func(n int, r *http.Request) s3test.Fault {
					fault := f.fault(n, r)
					if fault != s3test.None {
						hits.Add(1)
					}
					return fault
				})
				underFault(t, good, good.through(proxy.Endpoint), f.broken)
				if hits.Load() == 0 {
					t.Error("nothing went wrong")
				}
				if diff := cmp.Diff(want, good.made(t)); diff != "" {
					t.Errorf("the store (-undisturbed +got):\n%s", diff)
				}
			})
		})
	}
	all.Go(func() {
		t.Run("a cache smaller than the data", func(t *testing.T) {
			testSmallCache(t, server, newBucketRun(t, w.copied(t), "small", server.Endpoint), want)
		})
	})
	whole.config = config
	testNoBucket(t, server, whole)
}

// testSmallCache applies with room for less than one column file on disk: what
// the engine reads is fetched again and again, and goes.
func testSmallCache(t *testing.T, server *s3test.Server, b bucketRun, want runtest.Made) {
	const room = 2_000 // bytes
	b.env = append(b.env, "MLP_CACHE_SIZE=0.000002")
	b.must(t, "apply", "--chdir", b.project)
	if diff := cmp.Diff(want, b.made(t)); diff != "" {
		t.Errorf("the store (-undisturbed +got):\n%s", diff)
	}
	b.edit(t, "specs/features/conn_row.textproto", "dport < 1024", "dport <= 1024")
	if out := b.must(t, "apply", "--chdir", b.project); !strings.Contains(out, "Released local#2") {
		t.Errorf("it was applied otherwise: %s", out)
	}
	b.must(t, "verify", "--chdir", b.project)
	var kept, stored int64
	count := func(dir string, n *int64) {
		must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			info, err := e.Info()
			if err == nil {
				*n += info.Size()
			}
			return err
		}))
	}
	count(filepath.Join(b.cache, "objects"), &kept)
	_, prefix, _ := strings.Cut(b.location, s3test.Bucket)
	count(filepath.Join(server.Dir, prefix, "objects"), &stored)
	if kept > room || stored < 50*room {
		t.Errorf("the cache has %d bytes, want at most %d; the store has %d", kept, room, stored)
	}
}

// underFault applies and pulls by a broken way to a bucket, and looks at what
// that left by a good one.
func underFault(t *testing.T, good, bad bucketRun, broken bool) {
	apply := []string{"apply", "--chdir", good.project}
	if !bad.try(t, broken, apply...) {
		good.must(t, apply...)
	}
	dir := strings.TrimSuffix(good.config, ".textproto") + "-site"
	take := []string{"pull", "--config", good.config, "--dir", dir, "--site", "east"}
	if !bad.try(t, broken, take...) {
		if _, err := pull.Current(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a pull that failed left something running: %v", err)
		}
		good.must(t, take...)
	}
	if n := wantWhole(t, dir); n != 1 {
		t.Errorf("release %d runs", n)
	}
	if out := good.must(t, apply...); !strings.Contains(out, "Nothing to do") {
		t.Errorf("something is left to do: %s", out)
	}
	good.must(t, "verify", "--chdir", good.project)
}

// testNoBucket has a bucket that never answers: commands end within a minute,
// with the status of a service that cannot be reached, and what runs goes on.
func testNoBucket(t *testing.T, server *s3test.Server, w bucketRun) {
	dir := filepath.Join(w.dir, "site")
	take := []string{"pull", "--config", w.config, "--dir", dir, "--site", "east"}
	w.must(t, take...)
	never := s3test.NewProxy(t, server, func(int, *http.Request) s3test.Fault { return s3test.Unavailable })
	var all sync.WaitGroup
	defer all.Wait()
	for _, args := range [][]string{take, {"apply", "--chdir", w.project}} {
		all.Go(func() {
			start := time.Now()
			out, err := w.through(never.Endpoint).command(args...).CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != statusUnreachable || !strings.Contains(string(out), "503") {
				t.Errorf("mlp %s: %v, want status %d and why:\n%s", args[0], err, statusUnreachable, out)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("mlp %s took %s", args[0], took)
			}
			if n := wantWhole(t, dir); n != 1 {
				t.Errorf("after mlp %s release %d runs", args[0], n)
			}
		})
	}
}

// bucketRun is a workshop whose store is a part of a bucket.
type bucketRun struct {
	workshop
	location, endpoint string
	config             string // of the site that pulls from it
	cache              string // directory
}

// newBucketRun puts the raw data of a workshop into a store of its own.
func newBucketRun(t *testing.T, w workshop, name, endpoint string) bucketRun {
	t.Helper()
	b := bucketRun{workshop: w, location: "s3://" + s3test.Bucket + "/faults/" + name, cache: filepath.Join(w.dir, "cache-"+name)}
	s, err := s3.Init(t.Context(), b.location, s3.Options{Endpoint: endpoint})
	must(t, err)
	chunks, err := filepath.Glob(filepath.Join(w.project, ".mlp/store/objects/sha256/*/*"))
	must(t, err)
	for _, path := range chunks {
		f, err := os.Open(path)
		must(t, err)
		d, err := digest.Parse("sha256:" + filepath.Base(filepath.Dir(path)) + filepath.Base(path))
		must(t, err)
		must(t, s.Put(t.Context(), d, f))
		must(t, f.Close())
	}
	// Each has a cache of its own: all that it reads comes from the bucket.
	b.env = append(b.env[:len(b.env):len(b.env)], "MLP_STORE="+b.location, "MLP_CACHE_DIR="+b.cache, "MLP_PYTHON="+os.Getenv("MLP_TEST_PYTHON"))
	return b.through(endpoint)
}

// through is the same with another way to the bucket.
func (b bucketRun) through(endpoint string) bucketRun {
	b.env, b.endpoint = append(b.env[:len(b.env):len(b.env)], "AWS_ENDPOINT_URL_S3="+endpoint), endpoint
	return b
}

// try runs a command that may fail if broken says so, and reports whether it
// did well.
func (b bucketRun) try(t *testing.T, broken bool, args ...string) bool {
	t.Helper()
	out, err := b.command(args...).CombinedOutput()
	if err != nil && (!broken || !strings.Contains(string(out), "error: ")) {
		t.Errorf("mlp %s: %v\n%s", args[0], err, out)
	}
	return err == nil
}

func (b bucketRun) made(t *testing.T) runtest.Made {
	t.Helper()
	s, err := s3.Open(b.location, s3.Options{Endpoint: b.endpoint})
	must(t, err)
	out, err := runtest.Read(t.Context(), s)
	must(t, err)
	return out
}
