package vcs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const project = `-- mlp.textproto --
name: "p"
-- specs/parsers/zeek.textproto --
name: "zeek"
-- specs/a.txt --
a
-- specs/a/b --
b
-- datasets/d/dataset.textproto --
name: "d"
-- empty --
`

func mustTree(t *testing.T, r *Repo, hash, subdir string) fs.FS {
	t.Helper()
	fsys, err := r.Tree(hash, subdir)
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

func TestTree(t *testing.T) {
	r := initRepo(t, project)
	first := mustHead(t, r)
	commit(t, r, "Second", "-- specs/a.txt --\nanother\n", 1)
	fsys := mustTree(t, r, first.Hash, ".")
	if err := fstest.TestFS(fsys, "mlp.textproto", "specs/parsers/zeek.textproto", "specs/a.txt", "specs/a/b", "datasets/d/dataset.textproto", "empty"); err != nil {
		t.Error(err)
	}
	if got, err := fs.ReadFile(fsys, "specs/a.txt"); err != nil || string(got) != "a\n" {
		t.Errorf("specs/a.txt = %q, %v, want the first commit's", got, err)
	}
	info, err := fs.Stat(fsys, "specs/a.txt")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() != 2 || info.Mode() != 0o444 || !info.ModTime().Equal(start) {
		t.Errorf("Stat = %d bytes, %s, %s", info.Size(), info.Mode(), info.ModTime())
	}

	sub := mustTree(t, r, first.Hash, "specs")
	if err := fstest.TestFS(sub, "a.txt", "parsers/zeek.textproto"); err != nil {
		t.Error(err)
	}
	if _, err := fs.Stat(sub, "mlp.textproto"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file above subdir: %v, want ErrNotExist", err)
	}
}

func TestTreeIsNotTheWorkTree(t *testing.T) {
	r := initRepo(t, project)
	c := mustHead(t, r)
	for _, name := range []string{"mlp.textproto", "specs", "datasets", "empty"} {
		if err := os.RemoveAll(filepath.Join(r.Root(), name)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := fs.ReadFile(mustTree(t, r, c.Hash, "."), "mlp.textproto"); err != nil || string(got) != "name: \"p\"\n" {
		t.Errorf("mlp.textproto = %q, %v", got, err)
	}
}

func TestTreeErrors(t *testing.T) {
	r := initRepo(t, project)
	c := mustHead(t, r)
	for _, tt := range []struct {
		name, hash, subdir string
		is                 error
	}{
		{name: "short hash", hash: c.Hash[:8], subdir: ".", is: fs.ErrInvalid},
		{name: "unknown hash", hash: strings.Repeat("1", 40), subdir: "."},
		{name: "dots", hash: c.Hash, subdir: "../x", is: fs.ErrInvalid},
		{name: "no such directory", hash: c.Hash, subdir: "nope", is: fs.ErrNotExist},
		{name: "a file", hash: c.Hash, subdir: "mlp.textproto"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := r.Tree(tt.hash, tt.subdir)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("Tree: %v, want %v", err, tt.is)
			}
		})
	}
	fsys := mustTree(t, r, c.Hash, ".")
	for name, is := range map[string]error{"../x": fs.ErrInvalid, "nope": fs.ErrNotExist, "mlp.textproto/x": fs.ErrNotExist, "specs/": fs.ErrInvalid} {
		if _, err := fsys.Open(name); !errors.Is(err, is) {
			t.Errorf("Open(%q): %v, want %v", name, err, is)
		}
	}
}

func TestTreeSymlinks(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, project)
	for name, target := range map[string]string{"link": "mlp.textproto", "out": "../../etc", "loop": "loop"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	r, err := Init(dir, alice, start)
	if err != nil {
		t.Fatal(err)
	}
	fsys := mustTree(t, r, mustHead(t, r).Hash, ".")
	for _, name := range []string{"link", "out", "loop", "out/passwd"} {
		if _, err := fsys.Open(name); !errors.Is(err, errSymlink) {
			t.Errorf("Open(%s): %v, want %v", name, err, errSymlink)
		}
	}
	if info, err := fs.Lstat(fsys, "link"); err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("Lstat(link) = %v, %v", info, err)
	}
	if got, err := fs.ReadLink(fsys, "out"); err != nil || got != "../../etc" {
		t.Errorf("ReadLink(out) = %q, %v", got, err)
	}
	if info, err := fs.Stat(fsys, "empty"); err != nil || info.Mode() != 0o555 {
		t.Errorf("Stat of an executable = %v, %v", info, err)
	}
	var seen []string
	if err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if d.Type() == fs.ModeSymlink {
			seen = append(seen, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"link", "loop", "out"}, seen); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestTreeIsSafeForConcurrentUse(t *testing.T) {
	r := initRepo(t, project)
	fsys := mustTree(t, r, mustHead(t, r).Hash, ".")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				f, err := fsys.Open(name)
				if err != nil {
					return err
				}
				defer f.Close()
				_, err = io.Copy(io.Discard, f)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
