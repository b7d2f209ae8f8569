package vcs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var alice = Author{Name: "Alice", Email: "alice@example.com"}

// start is the clock of the first commit; later ones come an hour apart.
var start = time.Date(2026, 1, 12, 8, 0, 0, 0, time.UTC)

// write puts the files of a txtar archive below dir.
func write(t *testing.T, dir, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		file := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// initRepo makes a repository with one commit of the archive's files.
func initRepo(t *testing.T, archive string) *Repo {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, archive)
	r, err := Init(dir, alice, start)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// commit writes the archive's files into the work tree and commits them.
func commit(t *testing.T, r *Repo, message, archive string, hour int) Commit {
	t.Helper()
	write(t, r.Root(), archive)
	c, err := r.CommitAll(message, alice, start.Add(time.Duration(hour)*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// point makes a reference stand for a commit.
func point(t *testing.T, r *Repo, name plumbing.ReferenceName, c Commit) {
	t.Helper()
	if err := r.git.Storer.SetReference(plumbing.NewHashReference(name, plumbing.NewHash(c.Hash))); err != nil {
		t.Fatal(err)
	}
}

// join stores a commit with HEAD's tree and the given parents; no branch
// moves.
func join(t *testing.T, r *Repo, hour int, parents ...Commit) Commit {
	t.Helper()
	head, err := r.head()
	if err != nil {
		t.Fatal(err)
	}
	by := object.Signature{Name: alice.Name, Email: alice.Email, When: start.Add(time.Duration(hour) * time.Hour)}
	c := &object.Commit{Author: by, Committer: by, Message: "Join\n", TreeHash: head.TreeHash}
	for _, p := range parents {
		c.ParentHashes = append(c.ParentHashes, plumbing.NewHash(p.Hash))
	}
	o := r.git.Storer.NewEncodedObject()
	if err := c.Encode(o); err != nil {
		t.Fatal(err)
	}
	h, err := r.git.Storer.SetEncodedObject(o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Resolve(h.String())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestInit(t *testing.T) {
	r := initRepo(t, "-- mlp.textproto --\nname: \"p\"\n-- .gitignore --\n/.mlp/\n-- .mlp/store/x --\nx\n")
	got, err := r.Head()
	if err != nil {
		t.Fatal(err)
	}
	want := Commit{
		Time:    start,
		Author:  alice,
		Subject: "Start the project",
	}
	want.Hash = got.Hash
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Head (-want +got):\n%s", diff)
	}
	if again := initRepo(t, "-- mlp.textproto --\nname: \"p\"\n-- .gitignore --\n/.mlp/\n"); mustHead(t, again).Hash != got.Hash {
		t.Error("the same files, author and clock give another hash")
	}
	if ref, err := r.git.Head(); err != nil || ref.Name() != plumbing.Main {
		t.Errorf("HEAD is %v, %v, want %s", ref, err, plumbing.Main)
	}
	if _, err := Init(r.Root(), alice, start); !errors.Is(err, ErrExists) {
		t.Errorf("second Init: %v, want ErrExists", err)
	}
}

func mustHead(t *testing.T, r *Repo) Commit {
	t.Helper()
	c, err := r.Head()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestInitGoesOn(t *testing.T) {
	dir := t.TempDir()
	if _, err := Init(dir, alice, start); !errors.Is(err, ErrNothingToCommit) {
		t.Fatalf("Init of an empty directory: %v, want ErrNothingToCommit", err)
	}
	write(t, dir, "-- a --\na\n")
	r, err := Init(dir, alice, start)
	if err != nil {
		t.Fatal(err)
	}
	if dirty, err := r.Dirty("."); err != nil || len(dirty) > 0 {
		t.Errorf("Dirty = %q, %v after Init", dirty, err)
	}
}

func TestOpen(t *testing.T) {
	r := initRepo(t, "-- a/b/c.txt --\nc\n")
	for _, tt := range []struct{ name, dir, subdir string }{
		{name: "root", dir: ".", subdir: "."},
		{name: "below", dir: "a/b", subdir: "a/b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Open(filepath.Join(r.Root(), tt.dir))
			if err != nil {
				t.Fatal(err)
			}
			if got.Root() != r.Root() || got.Subdir() != tt.subdir {
				t.Errorf("Root, Subdir = %q, %q, want %q, %q", got.Root(), got.Subdir(), r.Root(), tt.subdir)
			}
		})
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(r.Root(), "a"), link); err != nil {
		t.Fatal(err)
	}
	if got, err := Open(link); err != nil || got.Subdir() != "a" {
		t.Errorf("Open through a link: %v, %v", got, err)
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrNoRepo) {
		t.Errorf("Open outside: %v, want ErrNoRepo", err)
	}
	if _, err := Open(filepath.Join(r.Root(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open of nothing: %v, want ErrNotExist", err)
	}
}

func TestCommitAll(t *testing.T) {
	r := initRepo(t, "-- kept --\n1\n-- gone --\n1\n-- changed --\n1\n-- forced --\n1\n")
	if err := os.Remove(filepath.Join(r.Root(), "gone")); err != nil {
		t.Fatal(err)
	}
	c := commit(t, r, "Second\n\nBody", "-- changed --\n2\n-- dir/new --\n2\n-- .gitignore --\nforced\nignored\n-- ignored --\n2\n-- forced --\n2\n", 1)
	if c.Subject != "Second" {
		t.Errorf("Subject = %q", c.Subject)
	}
	files, err := r.committed([]string{"."})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for name := range files {
		got[name] = true
	}
	want := map[string]bool{".gitignore": true, "kept": true, "changed": true, "dir/new": true, "forced": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if _, err := r.CommitAll("Third", alice, start); !errors.Is(err, ErrNothingToCommit) {
		t.Errorf("CommitAll without a change: %v, want ErrNothingToCommit", err)
	}
}
