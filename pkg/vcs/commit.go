package vcs

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// ErrNothingToCommit is returned where the work tree is what HEAD has.
var ErrNothingToCommit = errors.New("nothing to commit")

// maxFile is the largest file that is committed: what GitHub takes.
const maxFile = 100 << 20

// Init makes a repository with the branch main in dir, which exists, and
// commits every file there that no ignore file names. Where an earlier Init
// stopped before its commit, it goes on. Errors: [ErrExists] where the
// repository has a commit; [ErrNothingToCommit] where dir has no file.
func Init(dir string, author Author, when time.Time) (*Repo, error) {
	abs, err := realPath(dir)
	if err != nil {
		return nil, fmt.Errorf("make repository in %s: %w", dir, err)
	}
	_, err = git.PlainInitWithOptions(abs, &git.PlainInitOptions{InitOptions: git.InitOptions{DefaultBranch: plumbing.Main}})
	if err != nil && !errors.Is(err, git.ErrRepositoryAlreadyExists) {
		return nil, fmt.Errorf("make repository in %s: %w", dir, err)
	}
	r, err := Open(abs)
	if err != nil {
		return nil, err
	}
	if _, err := r.Head(); !errors.Is(err, ErrNoCommit) {
		return nil, fmt.Errorf("make repository in %s: %w", dir, ErrExists)
	}
	if _, err := r.CommitAll("Start the project", author, when); err != nil {
		return nil, err
	}
	return r, nil
}

// CommitAll commits the whole work tree on the branch that is checked out:
// what changed, what was deleted, and new files that no ignore file names.
// The work tree itself stays as it is. Errors: [ErrNothingToCommit]; a file
// larger than 100 MiB.
func (r *Repo) CommitAll(message string, author Author, when time.Time) (Commit, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.commitAll(message, object.Signature{Name: author.Name, Email: author.Email, When: when})
	if err != nil {
		return Commit{}, fmt.Errorf("commit work tree: %w", err)
	}
	return describe(c), nil
}

func (r *Repo) commitAll(message string, by object.Signature) (*object.Commit, error) {
	w, err := r.git.Worktree()
	if err != nil {
		return nil, err
	}
	if err := r.stageAll(); err != nil {
		return nil, err
	}
	h, err := w.Commit(message, &git.CommitOptions{Author: &by, Committer: &by})
	if errors.Is(err, git.ErrEmptyCommit) {
		return nil, ErrNothingToCommit
	}
	if err != nil {
		return nil, err
	}
	return r.commit(h)
}

// stageAll makes the index describe the work tree.
func (r *Repo) stageAll() error {
	files, err := r.visible([]string{"."})
	if err != nil {
		return err
	}
	old, err := r.git.Storer.Index()
	if err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	next := &index.Index{Version: max(2, old.Version)}
	for _, e := range old.Entries {
		switch {
		case e.Mode == filemode.Submodule || e.SkipWorktree:
			next.Entries = append(next.Entries, e)
			delete(files, e.Name)
		case r.exists(e.Name) && !r.isDir(e.Name):
			files[e.Name] = true // tracked, so an ignore file does not count
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		e, err := r.stage(name)
		if err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
		next.Entries = append(next.Entries, e)
	}
	return r.git.Storer.SetIndex(next)
}

// isDir reports whether the work tree has a directory of that name.
func (r *Repo) isDir(name string) bool {
	info, err := os.Lstat(r.file(name))
	return err == nil && info.IsDir()
}

// stage stores one file as a blob and returns its index entry.
func (r *Repo) stage(name string) (*index.Entry, error) {
	info, err := os.Lstat(r.file(name))
	if err != nil {
		return nil, err
	}
	mode, err := filemode.NewFromOSFileMode(info.Mode())
	if err != nil {
		return nil, err
	}
	data, err := readFile(r.file(name), mode)
	if err != nil {
		return nil, err
	}
	blob := r.git.Storer.NewEncodedObject()
	blob.SetType(plumbing.BlobObject)
	w, err := blob.Writer()
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	h, err := r.git.Storer.SetEncodedObject(blob)
	if err != nil {
		return nil, err
	}
	return &index.Entry{Name: name, Hash: h, Mode: mode, ModifiedAt: info.ModTime(), Size: uint32(len(data))}, nil
}

// readFile returns what Git stores for a file: its bytes, or where a link
// leads to.
func readFile(file string, mode filemode.FileMode) ([]byte, error) {
	if mode == filemode.Symlink {
		target, err := os.Readlink(file)
		return []byte(filepath.ToSlash(target)), err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("larger than %d bytes, too large for Git", maxFile)
	}
	return data, err
}
