package vcs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

func TestResolve(t *testing.T) {
	r := initRepo(t, "-- a --\n1\n")
	first := mustHead(t, r)
	second := commit(t, r, "Second", "-- a --\n2\n", 1)
	point(t, r, plumbing.NewTagReferenceName("v1"), first)
	point(t, r, plumbing.NewBranchReferenceName("topic/x"), first)
	for _, tt := range []struct {
		name, rev string
		want      Commit
	}{
		{name: "head", rev: "HEAD", want: second},
		{name: "branch", rev: "main", want: second},
		{name: "branch with a slash", rev: "topic/x", want: first},
		{name: "tag", rev: "v1", want: first},
		{name: "parent", rev: "HEAD~1", want: first},
		{name: "caret", rev: "HEAD^", want: first},
		{name: "hash", rev: first.Hash, want: first},
		{name: "short hash", rev: first.Hash[:8], want: first},
		{name: "full name", rev: "refs/heads/main", want: second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := r.Resolve(tt.rev); err != nil || got != tt.want {
				t.Errorf("Resolve(%q) = %v, %v, want %v", tt.rev, got, err, tt.want)
			}
		})
	}
	for _, rev := range []string{"", "nope", "HEAD~9", "../main", "main\x00", "a b", "@{", "^{", "HEAD~99999999999999999999", strings.Repeat("x", 600), strings.Repeat("0", 40)} {
		if got, err := r.Resolve(rev); err == nil {
			t.Errorf("Resolve(%q) = %v, want an error", rev, got)
		}
	}
	var unknown *RevisionError
	if _, err := r.Resolve("nope"); !errors.As(err, &unknown) || unknown.Rev != "nope" || unknown.Hint() == "" {
		t.Errorf("Resolve(nope): %v, want a RevisionError", err)
	}
}

func TestNoCommit(t *testing.T) {
	dir := t.TempDir()
	if _, err := Init(dir, alice, start); !errors.Is(err, ErrNothingToCommit) {
		t.Fatal(err)
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() (Commit, error){
		"Head":        r.Head,
		"Resolve":     func() (Commit, error) { return r.Resolve("HEAD") },
		"DefaultBase": func() (Commit, error) { return r.DefaultBase("main") },
	} {
		if _, err := call(); !errors.Is(err, ErrNoCommit) {
			t.Errorf("%s: %v, want ErrNoCommit", name, err)
		}
	}
}

func TestMergeBase(t *testing.T) {
	r := initRepo(t, "-- a --\n1\n")
	a := mustHead(t, r)
	b := join(t, r, 1, a)
	c := join(t, r, 2, a)
	left, right := join(t, r, 3, b, c), join(t, r, 4, c, b)
	other := join(t, r, 5)
	for _, tt := range []struct {
		name       string
		one, other Commit
		want       Commit
	}{
		{name: "same", one: b, other: b, want: b},
		{name: "ancestor", one: a, other: left, want: a},
		{name: "fork", one: b, other: c, want: a},
		{name: "criss-cross takes the newer", one: left, other: right, want: c},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, pair := range [][2]Commit{{tt.one, tt.other}, {tt.other, tt.one}} {
				if got, err := r.MergeBase(pair[0].Hash, pair[1].Hash); err != nil || got != tt.want {
					t.Errorf("MergeBase = %v, %v, want %v", got, err, tt.want)
				}
			}
		})
	}
	if got, err := r.MergeBase(a.Hash, other.Hash); err == nil {
		t.Errorf("MergeBase of unrelated commits = %v, want an error", got)
	}
	if _, err := r.MergeBase("HEAD", "nope"); err == nil {
		t.Error("MergeBase with an unknown revision: want an error")
	}
}

func TestDefaultBase(t *testing.T) {
	r := initRepo(t, "-- a --\n1\n")
	a := mustHead(t, r)
	b := commit(t, r, "Second", "-- a --\n2\n", 1)
	remote := join(t, r, 2, a)

	if got, err := r.DefaultBase("main"); err != nil || got != b {
		t.Errorf("on the default branch: %v, %v, want HEAD %v", got, err, b)
	}
	var none *NoBaseError
	if _, err := r.DefaultBase("trunk"); !errors.As(err, &none) || none.Branch != "trunk" {
		t.Errorf("without the branch: %v, want a NoBaseError", err)
	}
	if _, err := r.DefaultBase("../../x"); !errors.As(err, &none) {
		t.Errorf("with a bad name: %v, want a NoBaseError", err)
	}
	point(t, r, plumbing.NewRemoteReferenceName("origin", "trunk"), remote)
	if got, err := r.DefaultBase("trunk"); err != nil || got != a {
		t.Errorf("with origin's branch: %v, %v, want the fork point %v", got, err, a)
	}
	point(t, r, plumbing.NewBranchReferenceName("trunk"), b)
	if got, err := r.DefaultBase("trunk"); err != nil || got != b {
		t.Errorf("with a branch here: %v, %v, want %v", got, err, b)
	}
}

// TestShallow removes a commit from a clone that says it is shallow.
func TestShallow(t *testing.T) {
	r := initRepo(t, "-- a --\n1\n")
	first := mustHead(t, r)
	second := commit(t, r, "Second", "-- a --\n2\n", 1)
	other := join(t, r, 2, first)
	object := filepath.Join(r.Root(), ".git", "objects", first.Hash[:2], first.Hash[2:])
	if err := os.Remove(object); err != nil {
		t.Fatal(err)
	}
	fresh := func() *Repo { // without the object cache
		r, err := Open(r.Root())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var shallow *ShallowError
	if _, err := fresh().MergeBase(second.Hash, other.Hash); err == nil || errors.As(err, &shallow) {
		t.Errorf("a broken clone: %v, want an error that is no ShallowError", err)
	}
	if err := r.git.Storer.SetShallow([]plumbing.Hash{plumbing.NewHash(second.Hash)}); err != nil {
		t.Fatal(err)
	}
	if _, err := fresh().MergeBase(second.Hash, other.Hash); !errors.As(err, &shallow) || shallow.Hint() == "" {
		t.Errorf("MergeBase: %v, want a ShallowError", err)
	}
	if _, err := fresh().Resolve("HEAD~1"); !errors.As(err, &shallow) {
		t.Errorf("Resolve: %v, want a ShallowError", err)
	}
}

func FuzzResolve(f *testing.F) {
	for _, s := range []string{"HEAD", "main~1", "HEAD^{commit}", "@{u}", ":/x", "HEAD^{/x}", "main@{1}", "HEAD:a", "~", "^", "refs/heads/main", "0000"} {
		f.Add(s)
	}
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), nil, 0o644); err != nil {
		f.Fatal(err)
	}
	r, err := Init(dir, alice, start)
	if err != nil {
		f.Fatal(err)
	}
	head, err := r.Head()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, rev string) {
		if c, err := r.Resolve(rev); err == nil && c != head {
			t.Errorf("Resolve(%q) = %v; there is one commit, %v", rev, c, head)
		}
	})
}
