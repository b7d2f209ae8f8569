package store_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// TestMain lets a test run a process that uses a cache until it is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CACHE_OF_ANOTHER"); dir != "" {
		s := memstore.New()
		path, err := store.NewCache(dir, 1<<20).Path(context.Background(), s, fill(context.Background(), s, 1)[0])
		fmt.Println(path, err)
		io.Copy(io.Discard, os.Stdin)
	}
	os.Exit(m.Run())
}

func TestCacheEvicts(t *testing.T) {
	dir, s := t.TempDir(), memstore.New()
	objects := fill(t.Context(), s, 10) // of 1000 bytes
	use := func(c *store.Cache, i int) string {
		path, err := c.Path(t.Context(), s, objects[i])
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	mine := store.NewCache(dir, 5000)
	defer mine.Close()
	held := use(mine, 0)
	for i := range 5 {
		use(mine, i)
		age(t, dir, objects[i], time.Duration(10-i)*time.Hour)
	}
	use(mine, 1) // the oldest but for this use
	other := store.NewCache(dir, 5000)
	defer other.Close()
	use(other, 5)
	for i, want := range []bool{false, true, false, true, true, true} { // room is made beyond what is needed
		if _, err := os.Stat(kept(dir, objects[i])); (err == nil) != want {
			t.Errorf("object %d is there: %t, want %t", i, err == nil, want)
		}
	}
	if data, err := os.ReadFile(held); err != nil || digest.Of(data) != objects[0] {
		t.Errorf("what is in use was taken away: %v", err)
	}
	if n := size(t, dir); n > 5000 {
		t.Errorf("the cache holds %d bytes", n)
	}
	if err := mine.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(held); err == nil {
		t.Error("what was in use is there after Close")
	}
}

// TestCacheRaces: caches that are too small for what is used serve right bytes
// all the same.
func TestCacheRaces(t *testing.T) {
	dir, s := t.TempDir(), memstore.New()
	objects := fill(t.Context(), s, 40)
	var all sync.WaitGroup
	for range 4 {
		c := store.NewCache(dir, 7000)
		t.Cleanup(func() { c.Close() })
		for worker := range 4 {
			all.Go(func() {
				for i := range 200 {
					d := objects[(i*(worker+3))%len(objects)]
					path, err := c.Path(t.Context(), s, d)
					if err != nil {
						t.Error(err)
						return
					}
					if data, err := os.ReadFile(path); err != nil || digest.Of(data) != d {
						t.Error("wrong bytes", err)
						return
					}
				}
			})
		}
	}
	all.Wait()
}

// TestCacheOfTheDead: what a killed process used is given back.
func TestCacheOfTheDead(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CACHE_OF_ANOTHER="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	path, _, _ := strings.Cut(string(line[:n]), " ")
	s := memstore.New()
	d := fill(t.Context(), s, 1)[0]
	for _, alive := range []bool{true, false} {
		if !alive {
			cmd.Process.Kill()
			cmd.Wait()
		}
		c := store.NewCache(dir, 1<<20)
		if _, err := c.Path(t.Context(), s, d); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); (err == nil) != alive {
			t.Errorf("the process lives: %t, its file is there: %t", alive, err == nil)
		}
		c.Close()
	}
}

func TestCacheTakes(t *testing.T) {
	dir, s := t.TempDir(), memstore.New()
	c := store.NewCache(filepath.Join(dir, "cache"), 1<<20)
	defer c.Close()
	path := filepath.Join(dir, "made")
	data := []byte("made here")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	d := digest.Of(data)
	if err := c.Take(s, d, path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is there")
	}
	if _, err := c.Path(t.Context(), s, d); err != nil { // the store does not even have it
		t.Error(err)
	}
}

// fill stores n objects of 1000 bytes.
func fill(ctx context.Context, s store.Store, n int) []digest.Digest {
	var out []digest.Digest
	for i := range n {
		data := bytes.Repeat([]byte{byte(i)}, 1000)
		out = append(out, digest.Of(data))
		if err := s.Put(ctx, out[i], bytes.NewReader(data)); err != nil {
			panic(err)
		}
	}
	return out
}

func kept(dir string, d digest.Digest) string { return filepath.Join(dir, "sha256-"+d.Hex()) }

// age makes a copy look as if it was used some time ago.
func age(t *testing.T, dir string, d digest.Digest, ago time.Duration) {
	t.Helper()
	then := time.Now().Add(-ago)
	if err := os.Chtimes(kept(dir, d), then, then); err != nil {
		t.Fatal(err)
	}
}

// size adds up what the cache keeps.
func size(t *testing.T, dir string) (n int64) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.Type().IsRegular() {
			n += info.Size()
		}
	}
	return n
}
