// Package vcs reads a Git repository: commits by name, the tree of a commit as
// an [fs.FS], and what the work tree has that the last commit has not. It
// works on the files of the repository itself, needs no git binary, reads no
// environment and no user configuration, and never changes a work tree.
package vcs

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

var (
	// ErrNoRepo is returned by [Open] where no repository is found.
	ErrNoRepo = errors.New("not in a Git repository")
	// ErrNoCommit is returned where a repository has no commit yet.
	ErrNoCommit = errors.New("the repository has no commit yet")
	// ErrExists is returned by [Init] where there is a repository already.
	ErrExists = errors.New("there is a Git repository already")
)

// Repo is a repository with a work tree, seen from one directory in it. Its
// methods may be called from several goroutines.
type Repo struct {
	mu     sync.Mutex // go-git's object storage is not promised to be safe for concurrent use
	git    *git.Repository
	root   string
	subdir string
}

// Commit is what is known of one commit.
type Commit struct {
	// Hash is the commit's name: 40 hexadecimal digits.
	Hash string
	// Time is when it was committed, in UTC.
	Time time.Time
	// Author is who wrote it.
	Author Author
	// Subject is the first line of its message.
	Subject string
}

// Short returns the first 7 digits of the hash, for people.
func (c Commit) Short() string { return c.Hash[:min(7, len(c.Hash))] }

// Author is a person as Git records one.
type Author struct {
	Name  string
	Email string
}

// Open finds the repository whose work tree holds dir, searching upwards.
// Errors: [ErrNoRepo]; a repository without a work tree; what reading it gives.
func Open(dir string) (*Repo, error) {
	abs, err := realPath(dir)
	if err != nil {
		return nil, fmt.Errorf("open repository of %s: %w", dir, err)
	}
	g, err := git.PlainOpenWithOptions(abs, &git.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	if errors.Is(err, git.ErrRepositoryNotExists) {
		return nil, fmt.Errorf("open repository of %s: %w", dir, ErrNoRepo)
	}
	if err != nil {
		return nil, fmt.Errorf("open repository of %s: %w", dir, err)
	}
	w, err := g.Worktree()
	if err != nil {
		return nil, fmt.Errorf("open repository of %s: %w", dir, err)
	}
	root, err := realPath(w.Filesystem.Root())
	if err != nil {
		return nil, fmt.Errorf("open repository of %s: %w", dir, err)
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return nil, fmt.Errorf("open repository of %s: its work tree is %s", dir, root)
	}
	return &Repo{git: g, root: root, subdir: filepath.ToSlash(rel)}, nil
}

// realPath returns path absolute and without symbolic links, so that two names
// of one directory compare equal.
func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// Root returns the absolute path of the work tree, without symbolic links.
func (r *Repo) Root() string { return r.root }

// Subdir returns the directory that the repository was opened from, relative
// to [Repo.Root], with slashes; "." for the root itself.
func (r *Repo) Subdir() string { return r.subdir }

// Head returns the commit that is checked out. Errors: [ErrNoCommit].
func (r *Repo) Head() (Commit, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.head()
	if err != nil {
		return Commit{}, err
	}
	return describe(c), nil
}

func (r *Repo) head() (*object.Commit, error) {
	ref, err := r.git.Head()
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		return nil, fmt.Errorf("read HEAD: %w", ErrNoCommit)
	}
	if err != nil {
		return nil, fmt.Errorf("read HEAD: %w", err)
	}
	return r.commit(ref.Hash())
}

// commit reads a commit object.
func (r *Repo) commit(h plumbing.Hash) (*object.Commit, error) {
	c, err := r.git.CommitObject(h)
	if err != nil {
		return nil, r.explainMissing(fmt.Errorf("read commit %s: %w", h, err))
	}
	return c, nil
}
