package vcs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Dirty returns the files of the work tree that differ from HEAD, sorted:
// changed, deleted or new and not ignored. It looks at these files and
// directories only, which are relative to [Repo.Subdir], as is what it
// returns; "." is everything below it. Without a commit every file differs.
//
// Bytes are compared as they are: no line ends are converted. The user's own
// ignore file outside the repository is not read.
func (r *Repo) Dirty(paths ...string) ([]string, error) {
	within := make([]string, len(paths))
	for i, p := range paths {
		if !fs.ValidPath(p) {
			return nil, fmt.Errorf("compare %q with HEAD: %w", p, fs.ErrInvalid)
		}
		within[i] = path.Join(r.subdir, p)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	dirty, err := r.dirty(within)
	if err != nil {
		return nil, fmt.Errorf("compare work tree with HEAD: %w", err)
	}
	out := make([]string, 0, len(dirty))
	for _, name := range dirty {
		if r.subdir != "." {
			name = strings.TrimPrefix(name, r.subdir+"/")
		}
		out = append(out, name)
	}
	return out, nil
}

// dirty is Dirty with names relative to the root.
func (r *Repo) dirty(within []string) ([]string, error) {
	committed, err := r.committed(within)
	if err != nil {
		return nil, err
	}
	candidates, err := r.visible(within)
	if err != nil {
		return nil, err
	}
	// What is staged counts even where an ignore file names it.
	index, err := r.git.Storer.Index()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	for _, e := range index.Entries {
		if e.Mode != filemode.Submodule && touches(within, e.Name) == inside && r.exists(e.Name) {
			candidates[e.Name] = true
		}
	}
	var dirty []string
	for name, entry := range committed {
		same, err := r.unchanged(name, entry)
		if err != nil {
			return nil, err
		}
		if !same {
			dirty = append(dirty, name)
		}
	}
	for name := range candidates {
		if _, ok := committed[name]; !ok {
			dirty = append(dirty, name)
		}
	}
	slices.Sort(dirty)
	return dirty, nil
}

// committed returns the files of HEAD that are within the given paths.
func (r *Repo) committed(within []string) (map[string]object.TreeEntry, error) {
	files := map[string]object.TreeEntry{}
	head, err := r.head()
	if errors.Is(err, ErrNoCommit) {
		return files, nil
	}
	if err != nil {
		return nil, err
	}
	return files, r.collect(head.TreeHash, "", within, files)
}

// collect adds the files of a tree, which stands at dir, to files.
func (r *Repo) collect(h plumbing.Hash, dir string, within []string, files map[string]object.TreeEntry) error {
	t, err := r.git.TreeObject(h)
	if err != nil {
		return r.explainMissing(fmt.Errorf("read tree %s: %w", h, err))
	}
	for _, e := range t.Entries {
		name := path.Join(dir, e.Name)
		where := touches(within, name)
		switch {
		case where == outside || e.Mode == filemode.Submodule:
		case e.Mode == filemode.Dir:
			if err := r.collect(e.Hash, name, within, files); err != nil {
				return err
			}
		case where == inside:
			files[name] = e
		}
	}
	return nil
}

// exists reports whether the work tree has something of that name.
func (r *Repo) exists(name string) bool {
	_, err := os.Lstat(r.file(name))
	return err == nil
}

// file returns the path of a file of the work tree.
func (r *Repo) file(name string) string { return filepath.Join(r.root, filepath.FromSlash(name)) }

// unchanged reports whether a file of the work tree is what a commit has.
func (r *Repo) unchanged(name string, committed object.TreeEntry) (bool, error) {
	info, err := os.Lstat(r.file(name))
	if err != nil {
		// Where a parent became a file, the system says "not a directory".
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			err = nil
		}
		return false, err
	}
	mode, err := filemode.NewFromOSFileMode(info.Mode())
	if err != nil || mode == filemode.Dir || !r.sameMode(mode, committed.Mode) {
		return false, nil
	}
	size, err := r.git.Storer.EncodedObjectSize(committed.Hash)
	if err != nil {
		return false, r.explainMissing(fmt.Errorf("read blob %s: %w", committed.Hash, err))
	}
	if mode != filemode.Symlink && size != info.Size() {
		return false, nil
	}
	hash, err := hashFile(r.file(name), mode, size)
	return hash == committed.Hash, err
}

// sameMode reports whether two modes of files mean the same here: a file
// system may have no executable bit, which Git notes in core.filemode.
func (r *Repo) sameMode(a, b filemode.FileMode) bool {
	if a == b {
		return true
	}
	regular := func(m filemode.FileMode) bool { return m == filemode.Regular || m == filemode.Deprecated }
	if regular(a) && regular(b) {
		return true
	}
	cfg, err := r.git.Config()
	if err != nil || !strings.EqualFold(cfg.Raw.Section("core").Option("filemode"), "false") {
		return false
	}
	plain := func(m filemode.FileMode) bool { return regular(m) || m == filemode.Executable }
	return plain(a) && plain(b)
}

// hashFile returns the blob hash of a file that has size bytes; of a file
// that has another number by now, it is some other hash.
func hashFile(file string, mode filemode.FileMode, size int64) (plumbing.Hash, error) {
	if mode == filemode.Symlink {
		target, err := os.Readlink(file)
		return plumbing.ComputeHash(plumbing.BlobObject, []byte(filepath.ToSlash(target))), err
	}
	f, err := os.Open(file)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	defer f.Close()
	h := plumbing.NewHasher(plumbing.BlobObject, size)
	_, err = io.Copy(h, io.LimitReader(f, size+1))
	return h.Sum(), err
}

// place says how a name stands to some paths.
type place int

const (
	outside place = iota // none of them, nor above one
	above                // a directory that holds one of them
	inside               // one of them or below
)

// touches returns how name stands to the paths.
func touches(paths []string, name string) place {
	best := outside
	for _, p := range paths {
		switch {
		case p == "." || p == name || strings.HasPrefix(name, p+"/"):
			return inside
		case name == "." || strings.HasPrefix(p, name+"/"):
			best = above
		}
	}
	return best
}

// visible returns the files of the work tree within the paths that no ignore
// file names.
func (r *Repo) visible(within []string) (map[string]bool, error) {
	w := &walker{repo: r, within: within, files: map[string]bool{}}
	patterns, err := r.excludes()
	if err != nil {
		return nil, err
	}
	if err := w.walk(".", patterns); err != nil {
		return nil, err
	}
	return w.files, nil
}
