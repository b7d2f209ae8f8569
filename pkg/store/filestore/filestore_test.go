package filestore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/pkg/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return initStore(t, t.TempDir()) })
}

func initStore(t testing.TB, dir string) *filestore.Store {
	t.Helper()
	s, err := filestore.Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "store")
	if _, err := filestore.Open(dir); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of nothing: %v, want ErrUnavailable", err)
	}
	if _, err := filestore.Open("relative"); err == nil {
		t.Error("Open of a relative path: no error")
	}
	a := initStore(t, dir)
	if err := a.Create(t.Context(), "n", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	initStore(t, dir)
	b, err := filestore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Read(t.Context(), "n"); string(got) != "kept" || err != nil {
		t.Errorf("Read after Open = %q, %v", got, err)
	}
	if b.Location() != "file:"+dir {
		t.Errorf("Location = %q", b.Location())
	}
}

// TestVanished: a store whose disk is gone does not look like an empty one.
func TestVanished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := initStore(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	_, err := s.Read(t.Context(), "log/local/0000000001")
	_, errHas := s.Has(t.Context(), digest.Digest{1})
	_, errGet := s.Get(t.Context(), digest.Digest{1})
	_, errList := s.List(t.Context(), "")
	errCreate := s.Create(t.Context(), "n", nil)
	for i, err := range []error{err, errHas, errGet, errList, errCreate} {
		if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrNotExist) {
			t.Errorf("%d: %v, want ErrUnavailable", i, err)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "+store"), []byte("mlp store 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, open := range []func(string) (*filestore.Store, error){filestore.Open, filestore.Init} {
		if _, err := open(dir); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	}
}

func TestDamagedObject(t *testing.T) {
	s := initStore(t, t.TempDir())
	d := digest.Of([]byte("good"))
	if err := s.Put(t.Context(), d, strings.NewReader("good")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.Path(d), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Path(d), []byte("goof"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := s.Get(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("read: %v, want ErrCorrupt", err)
	}
	if _, err := store.NewCache(t.TempDir(), 0).Path(t.Context(), s, d); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Path: %v, want ErrCorrupt", err)
	}
}

// TestUnwritable: what the file system refuses is ErrUnavailable, and leaves
// no temporary file.
func TestUnwritable(t *testing.T) {
	dir := t.TempDir()
	s := initStore(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "objects"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := s.Put(t.Context(), digest.Of([]byte("x")), strings.NewReader("x"))
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Put: %v, want ErrUnavailable", err)
	}
	wantNoTemps(t, dir)
}

// TestKill kills a writing process again and again: what is visible is whole,
// what is not is swept by the next writer, and no lock stays behind.
func TestKill(t *testing.T) {
	if dir := os.Getenv("MLP_TEST_WRITER"); dir != "" {
		writeForever(t, dir)
		return
	}
	dir := t.TempDir()
	s := initStore(t, dir)
	for round := range 8 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "MLP_TEST_WRITER="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitForMore(t, s)
		time.Sleep(time.Duration(3*round) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		checkAll(t, s, dir)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := initStore(t, dir).Swap(ctx, "after", digest.Digest{}, nil); err != nil {
		t.Fatal(err)
	}
	wantNoTemps(t, dir)
}

// waitForMore waits until another process has made a name.
func waitForMore(t *testing.T, s *filestore.Store) {
	t.Helper()
	before, err := s.List(t.Context(), "names/")
	for deadline := time.Now().Add(20 * time.Second); err == nil && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		var names []string
		if names, err = s.List(t.Context(), "names/"); len(names) > len(before) {
			return
		}
	}
	t.Fatalf("the other process writes nothing: %v", err)
}

func writeForever(t *testing.T, dir string) {
	s := initStore(t, dir)
	old, _ := s.Read(t.Context(), "ref")
	for i := 0; ; i++ {
		text := strings.Repeat(fmt.Sprintf("%d-%d ", os.Getpid(), i), 50_000)
		d := digest.Of([]byte(text))
		was := digest.Of(old)
		if old == nil {
			was = digest.Digest{}
		}
		old = []byte(d.String() + text)
		err := errors.Join(
			s.Put(t.Context(), d, strings.NewReader(text)),
			s.Create(t.Context(), "names/"+d.Hex(), []byte(d.String()+text)),
			s.Swap(t.Context(), "ref", was, old))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// checkAll reads every object and name; each name holds a digest and the
// bytes that have it.
func checkAll(t *testing.T, s *filestore.Store, dir string) {
	t.Helper()
	names, err := s.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := s.Read(t.Context(), name)
		if err != nil || digest.Of(data[min(71, len(data)):]).String() != string(data[:min(71, len(data))]) {
			t.Fatalf("name %s: %d bytes, %v", name, len(data), err)
		}
	}
	err = filepath.WalkDir(filepath.Join(dir, "objects"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && s.Path(digest.Of(data)) != path {
			err = fmt.Errorf("%s holds %d bytes of another object", path, len(data))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

func wantNoTemps(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(filepath.Join(dir, "+tmp")); len(entries) != 0 || err != nil {
		t.Errorf("temporary files: %v, %v", entries, err)
	}
}

// TestSweepSparesTheLiving: a store opened while another one writes leaves its
// half-written object alone.
func TestSweepSparesTheLiving(t *testing.T) {
	dir := t.TempDir()
	data := "first half, second half"
	d := digest.Of([]byte(data))
	r := io.MultiReader(strings.NewReader(data[:11]), readerFunc(func() {
		other := initStore(t, dir)
		if err := other.Create(t.Context(), "n", nil); err != nil {
			t.Error(err)
		}
	}), strings.NewReader(data[11:]))
	if err := initStore(t, dir).Put(t.Context(), d, r); err != nil {
		t.Fatal(err)
	}
}

type readerFunc func()

func (f readerFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}
