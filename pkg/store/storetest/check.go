package storetest

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

func testCache(t *testing.T, s store.Store) {
	dir := t.TempDir()
	cache := store.NewCache(dir, 1<<20)
	defer cache.Close()
	d := put(t, s, "local bytes")
	for range 2 {
		wantFile(t, s, d, cache)
	}
	_, err := cache.Path(t.Context(), s, digest.Of([]byte("none")))
	wantIs(t, "Path of nothing", err, store.ErrNotExist)
	path, err := cache.Path(t.Context(), s, d)
	ok(t, "Path", err)
	if strings.HasPrefix(path, dir) { // a damaged copy is replaced
		ok(t, "Remove", os.Remove(path))
		ok(t, "WriteFile", os.WriteFile(path, []byte("local bits!"), 0o600))
		wantFile(t, s, d, cache)
	}
}

func wantFile(t *testing.T, s store.Store, d digest.Digest, cache *store.Cache) {
	t.Helper()
	path, err := cache.Path(t.Context(), s, d)
	ok(t, "Path", err)
	data, err := os.ReadFile(path)
	ok(t, "ReadFile", err)
	if digest.Of(data) != d {
		t.Errorf("the local file holds %q", data)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type calling struct{ do func() }

func (c calling) Read([]byte) (int, error) {
	c.do()
	return 0, io.EOF
}

func inParallel(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = do(i) })
	}
	wg.Wait()
	return errs
}

func onlyWinner(t *testing.T, errs []error, lost error) int {
	t.Helper()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Fatalf("both %d and %d won", winner, i)
		case err == nil:
			winner = i
		case !errors.Is(err, lost):
			t.Fatalf("%d: %v, want %v", i, err, lost)
		}
	}
	if winner < 0 {
		t.Fatal("nobody won")
	}
	return winner
}

func put(t *testing.T, s store.Store, data string) digest.Digest {
	t.Helper()
	d := digest.Of([]byte(data))
	ok(t, "Put", s.Put(t.Context(), d, strings.NewReader(data)))
	return d
}

func get(t *testing.T, s store.Store, d digest.Digest) string {
	t.Helper()
	r, err := s.Get(t.Context(), d)
	ok(t, "Get", err)
	defer r.Close()
	data, err := io.ReadAll(r)
	ok(t, "ReadAll", err)
	return string(data)
}

func wantRead(t *testing.T, s store.Store, name, want string) {
	t.Helper()
	got, err := s.Read(t.Context(), name)
	ok(t, "Read "+name, err)
	if string(got) != want {
		t.Errorf("Read(%q) = %q, want %q", name, got, want)
	}
}

func wantIs(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func wantNameError(t *testing.T, op, name string, err error) {
	t.Helper()
	var wrong *store.NameError
	if !errors.As(err, &wrong) {
		t.Errorf("%s(%q): error %v, want a NameError", op, name, err)
	}
}

func ok(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
