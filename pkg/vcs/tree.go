package vcs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// errSymlink is what opening a symbolic link gives.
var errSymlink = errors.New("symbolic link, not followed")

// Tree returns the files of a commit, named by its full hash, below the
// directory subdir ("." for all), as a read-only file system that implements
// [fs.ReadDirFS], [fs.ReadFileFS], [fs.StatFS] and [fs.ReadLinkFS] and may be
// used from several goroutines. Every modification time is the commit's.
//
// Symbolic links are listed and can be read with ReadLink; opening one, or a
// name that leads through one, is an error. Submodules are empty directories.
// Errors: an unknown hash; a subdir that is none ([fs.ErrNotExist]).
func (r *Repo) Tree(hash, subdir string) (fs.FS, error) {
	if !plumbing.IsHash(hash) || !fs.ValidPath(subdir) {
		return nil, fmt.Errorf("read tree %q of commit %q: %w", subdir, hash, fs.ErrInvalid)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.commit(plumbing.NewHash(hash))
	if err != nil {
		return nil, err
	}
	t := &tree{repo: r, time: c.Committer.When.UTC(), dirs: map[plumbing.Hash][]object.TreeEntry{}}
	whole := node{tree: t, entry: object.TreeEntry{Name: ".", Mode: filemode.Dir, Hash: c.TreeHash}}
	t.top = whole
	if t.top, err = t.find(subdir); err != nil {
		return nil, fmt.Errorf("read tree %s of commit %s: %w", subdir, hash, err)
	}
	if !t.top.IsDir() {
		return nil, fmt.Errorf("read tree %s of commit %s: not a directory", subdir, hash)
	}
	t.top.entry.Name = "."
	return t, nil
}

// tree is the file system of one commit.
type tree struct {
	repo *Repo
	time time.Time
	top  node
	dirs map[plumbing.Hash][]object.TreeEntry // read so far, sorted by name; guarded by repo.mu
}

// Open implements [fs.FS].
func (t *tree) Open(name string) (fs.File, error) {
	n, err := t.lookup("open", name)
	if err != nil {
		return nil, err
	}
	switch {
	case n.IsDir():
		return &openDir{node: n, name: name}, nil
	case n.Type() == fs.ModeSymlink:
		return nil, &fs.PathError{Op: "open", Path: name, Err: errSymlink}
	default:
		return &openFile{node: n, name: name}, nil
	}
}

// ReadDir implements [fs.ReadDirFS].
func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	list, err := t.list(n)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	return list, nil
}

// ReadFile implements [fs.ReadFileFS].
func (t *tree) ReadFile(name string) ([]byte, error) {
	f, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// Stat implements [fs.StatFS]. Like Open it does not follow symbolic links;
// unlike Open it says that there is one.
func (t *tree) Stat(name string) (fs.FileInfo, error) { return t.stat("stat", name) }

// Lstat implements [fs.ReadLinkFS].
func (t *tree) Lstat(name string) (fs.FileInfo, error) { return t.stat("lstat", name) }

func (t *tree) stat(op, name string) (fs.FileInfo, error) {
	n, err := t.lookup(op, name)
	if err != nil {
		return nil, err
	}
	info, err := n.Info()
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return info, nil
}

// ReadLink implements [fs.ReadLinkFS].
func (t *tree) ReadLink(name string) (string, error) {
	n, err := t.lookup("readlink", name)
	if err != nil {
		return "", err
	}
	if n.Type() != fs.ModeSymlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	f := &openFile{node: n, name: name}
	defer f.Close()
	target, err := io.ReadAll(f)
	return string(target), err
}

// lookup finds name and wraps what goes wrong as [fs.PathError].
func (t *tree) lookup(op, name string) (node, error) {
	if !fs.ValidPath(name) {
		return node{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	t.repo.mu.Lock()
	defer t.repo.mu.Unlock()
	n, err := t.find(name)
	if err != nil {
		return node{}, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return n, nil
}

// find walks from the top to name. The caller holds repo.mu.
func (t *tree) find(name string) (node, error) {
	n := t.top
	if name == "." {
		return n, nil
	}
	for part := range strings.SplitSeq(name, "/") {
		if n.Type() == fs.ModeSymlink {
			return node{}, errSymlink
		}
		if !n.IsDir() {
			return node{}, fs.ErrNotExist
		}
		entries, err := t.entries(n)
		if err != nil {
			return node{}, err
		}
		i, ok := slices.BinarySearchFunc(entries, part, func(e object.TreeEntry, name string) int {
			return strings.Compare(e.Name, name)
		})
		if !ok {
			return node{}, fs.ErrNotExist
		}
		n = node{tree: t, entry: entries[i]}
	}
	return n, nil
}

// entries returns what a directory holds, sorted by name. The caller holds
// repo.mu.
func (t *tree) entries(dir node) ([]object.TreeEntry, error) {
	if dir.entry.Mode == filemode.Submodule {
		return nil, nil
	}
	if list, ok := t.dirs[dir.entry.Hash]; ok {
		return list, nil
	}
	o, err := t.repo.git.TreeObject(dir.entry.Hash)
	if err != nil {
		return nil, t.repo.explainMissing(fmt.Errorf("read tree %s: %w", dir.entry.Hash, err))
	}
	list := slices.Clone(o.Entries)
	// Git orders a directory as if its name ended in a slash.
	slices.SortFunc(list, func(a, b object.TreeEntry) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range list {
		if e.Name != path.Base(e.Name) || !fs.ValidPath(e.Name) || e.Name == "." {
			return nil, fmt.Errorf("tree %s names an entry %q", dir.entry.Hash, e.Name)
		}
	}
	t.dirs[dir.entry.Hash] = list
	return list, nil
}

func (t *tree) list(dir node) ([]fs.DirEntry, error) {
	if !dir.IsDir() {
		return nil, errors.New("not a directory")
	}
	t.repo.mu.Lock()
	defer t.repo.mu.Unlock()
	entries, err := t.entries(dir)
	if err != nil {
		return nil, err
	}
	list := make([]fs.DirEntry, len(entries))
	for i, e := range entries {
		list[i] = node{tree: t, entry: e}
	}
	return list, nil
}
