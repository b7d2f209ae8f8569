package vcs

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edit is a change of the work tree.
type edit struct {
	name   string
	change func(dir string) error
	want   []string // what Dirty(".") says
}

func edits() []edit {
	in := func(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	put := func(name, text string) func(string) error {
		return func(dir string) error {
			if err := os.MkdirAll(filepath.Dir(in(dir, name)), 0o755); err != nil {
				return err
			}
			return os.WriteFile(in(dir, name), []byte(text), 0o644)
		}
	}
	return []edit{
		{name: "nothing", change: func(string) error { return nil }},
		{name: "same bytes again", change: put("specs/a.txt", "a\n")},
		{name: "changed", change: put("specs/a.txt", "abc\n"), want: []string{"specs/a.txt"}},
		{name: "changed, same length", change: put("specs/a.txt", "b\n"), want: []string{"specs/a.txt"}},
		{name: "new", change: put("specs/new/x", "x"), want: []string{"specs/new/x"}},
		{name: "deleted", change: func(dir string) error { return os.Remove(in(dir, "empty")) }, want: []string{"empty"}},
		{name: "directory deleted", change: func(dir string) error { return os.RemoveAll(in(dir, "specs")) },
			want: []string{"specs/.gitignore", "specs/a.txt", "specs/a/b", "specs/parsers/zeek.textproto"}},
		{name: "directory became a file", change: func(dir string) error {
			return errors.Join(os.RemoveAll(in(dir, "datasets")), put("datasets", "x")(dir))
		}, want: []string{"datasets", "datasets/d/dataset.textproto"}},
		{name: "file became a directory", change: func(dir string) error {
			return errors.Join(os.Remove(in(dir, "empty")), put("empty/x", "x")(dir))
		}, want: []string{"empty", "empty/x"}},
		{name: "file became a link", change: func(dir string) error {
			return errors.Join(os.Remove(in(dir, "empty")), os.Symlink("specs", in(dir, "empty")))
		}, want: []string{"empty"}},
		{name: "link leads elsewhere", change: func(dir string) error {
			return errors.Join(os.Remove(in(dir, "link")), os.Symlink("other", in(dir, "link")))
		}, want: []string{"link"}},
		{name: "executable", change: func(dir string) error { return os.Chmod(in(dir, "empty"), 0o755) }, want: []string{"empty"}},
		{name: "ignored directory", change: put(".mlp/store/x", "x")},
		{name: "ignored by extension", change: put("specs/a/x.bak", "x")},
		{name: "ignored below only", change: put("specs/local/x", "x")},
		{name: "not ignored elsewhere", change: put("datasets/local/x", "x"), want: []string{"datasets/local/x"}},
		{name: "excepted", change: put("specs/a/keep.bak", "x"), want: []string{"specs/a/keep.bak"}},
		{name: "tracked though ignored", change: put("specs/local.bak", "2"), want: []string{"specs/local.bak"}},
		{name: "excluded by the repository", change: put("scratch/x", "x")},
	}
}

// dirtyRepo is a repository whose ignore files and links the edits play on.
func dirtyRepo(t *testing.T) *Repo {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, project+"-- .gitignore --\n/.mlp/\n# a comment\n*.bak\n!keep.bak\n-- specs/.gitignore --\nlocal\n")
	if err := os.Symlink("specs", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	r, err := Init(dir, alice, start)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".git", "info"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".git", "info", "exclude"), []byte("/scratch/\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return r
}

// stageForced adds a file to the index that an ignore file names.
func stageForced(t *testing.T, r *Repo, name string) {
	t.Helper()
	e, err := r.stage(name)
	if err != nil {
		t.Fatal(err)
	}
	index, err := r.git.Storer.Index()
	if err != nil {
		t.Fatal(err)
	}
	index.Entries = append(index.Entries, e)
	if err := r.git.Storer.SetIndex(index); err != nil {
		t.Fatal(err)
	}
}

func TestDirty(t *testing.T) {
	for _, tt := range edits() {
		t.Run(tt.name, func(t *testing.T) {
			r := dirtyRepo(t)
			if err := tt.change(r.Root()); err != nil {
				t.Fatal(err)
			}
			if tt.name == "tracked though ignored" {
				stageForced(t, r, "specs/local.bak")
			}
			got, err := r.Dirty(".")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, equateEmpty()); diff != "" {
				t.Errorf("Dirty (-want +got):\n%s", diff)
			}
			compareWithGit(t, r, got)
		})
	}
}

func equateEmpty() cmp.Option {
	return cmp.Transformer("nonNil", func(s []string) []string { return append([]string{}, s...) })
}

// compareWithGit checks names against git itself where there is one.
func compareWithGit(t *testing.T, r *Repo, dirty []string) {
	t.Helper()
	bin, err := exec.LookPath("git")
	if err != nil {
		return
	}
	cmd := exec.Command(bin, "-C", r.Root(), "-c", "core.excludesFile=", "-c", "safe.directory=*", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if len(line) > 3 {
			want = append(want, line[3:])
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, dirty, equateEmpty()); diff != "" {
		t.Errorf("Dirty differs from git status (-git +Dirty):\n%s", diff)
	}
}

func TestDirtyPaths(t *testing.T) {
	r := initRepo(t, "-- sub/mlp.textproto --\n1\n-- sub/specs/a --\n1\n-- sub/specs2/b --\n1\n-- other/c --\n1\n")
	write(t, r.Root(), "-- sub/specs/new --\n1\n-- sub/specs2/b --\n2\n-- other/c --\n2\n-- sub/mlp.textproto --\n2\n")
	sub, err := Open(filepath.Join(r.Root(), "sub"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		repo  *Repo
		paths []string
		want  []string
	}{
		{name: "all", repo: r, paths: []string{"."}, want: []string{"other/c", "sub/mlp.textproto", "sub/specs/new", "sub/specs2/b"}},
		{name: "all below the project", repo: sub, paths: []string{"."}, want: []string{"mlp.textproto", "specs/new", "specs2/b"}},
		{name: "a directory", repo: sub, paths: []string{"specs"}, want: []string{"specs/new"}},
		{name: "a file and a directory", repo: sub, paths: []string{"mlp.textproto", "specs2"}, want: []string{"mlp.textproto", "specs2/b"}},
		{name: "not there", repo: sub, paths: []string{"nope"}},
		{name: "none", repo: sub},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.repo.Dirty(tt.paths...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, equateEmpty()); diff != "" {
				t.Errorf("Dirty (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := sub.Dirty("../other"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("Dirty(../other): %v, want ErrInvalid", err)
	}
}

func TestDirtyWithoutCommit(t *testing.T) {
	dir := t.TempDir()
	if _, err := Init(dir, alice, start); !errors.Is(err, ErrNothingToCommit) {
		t.Fatal(err)
	}
	write(t, dir, "-- a --\na\n")
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Dirty("."); err != nil || !cmp.Equal(got, []string{"a"}) {
		t.Errorf("Dirty = %q, %v, want a", got, err)
	}
}

// TestLinkedWorkTree opens a second work tree of one repository.
func TestLinkedWorkTree(t *testing.T) {
	r := initRepo(t, project)
	linked := t.TempDir()
	admin := filepath.Join(r.Root(), ".git", "worktrees", "linked")
	for file, text := range map[string]string{
		filepath.Join(admin, "HEAD"):      mustHead(t, r).Hash + "\n",
		filepath.Join(admin, "commondir"): "../..\n",
		filepath.Join(admin, "gitdir"):    filepath.Join(linked, ".git") + "\n",
		filepath.Join(linked, ".git"):     "gitdir: " + admin + "\n",
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(t, linked, project)
	l, err := Open(filepath.Join(linked, "specs"))
	if err != nil {
		t.Fatal(err)
	}
	if got := mustHead(t, l); got != mustHead(t, r) {
		t.Errorf("Head = %v, want %v", got, mustHead(t, r))
	}
	if got, err := l.Dirty("."); err != nil || len(got) > 0 {
		t.Errorf("Dirty = %q, %v", got, err)
	}
}
