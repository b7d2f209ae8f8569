package vcs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// node is one entry of a tree; it implements [fs.DirEntry].
type node struct {
	tree  *tree
	entry object.TreeEntry
}

// Name implements [fs.DirEntry].
func (n node) Name() string { return n.entry.Name }

// IsDir implements [fs.DirEntry].
func (n node) IsDir() bool { return n.Type() == fs.ModeDir }

// Type implements [fs.DirEntry].
func (n node) Type() fs.FileMode {
	switch n.entry.Mode {
	case filemode.Dir, filemode.Submodule:
		return fs.ModeDir
	case filemode.Symlink:
		return fs.ModeSymlink
	default:
		return 0
	}
}

// Info implements [fs.DirEntry].
func (n node) Info() (fs.FileInfo, error) {
	info := fileInfo{node: n}
	if n.IsDir() {
		return info, nil
	}
	r := n.tree.repo
	r.mu.Lock()
	defer r.mu.Unlock()
	size, err := r.git.Storer.EncodedObjectSize(n.entry.Hash)
	if err != nil {
		return nil, r.explainMissing(fmt.Errorf("read blob %s: %w", n.entry.Hash, err))
	}
	info.size = size
	return info, nil
}

// fileInfo implements [fs.FileInfo].
type fileInfo struct {
	node
	size int64
}

// Size implements [fs.FileInfo]: bytes; 0 for directories.
func (i fileInfo) Size() int64 { return i.size }

// Mode implements [fs.FileInfo].
func (i fileInfo) Mode() fs.FileMode {
	switch {
	case i.IsDir(), i.entry.Mode == filemode.Executable:
		return i.Type() | 0o555
	case i.Type() == fs.ModeSymlink:
		return i.Type() | 0o777
	default:
		return 0o444
	}
}

// ModTime implements [fs.FileInfo]: when the commit was made.
func (i fileInfo) ModTime() time.Time { return i.tree.time }

// Sys implements [fs.FileInfo].
func (i fileInfo) Sys() any { return nil }

// openFile is an open file. The blob is read at the first Read, so that a
// reader may look at the size and decline.
type openFile struct {
	node
	name   string
	blob   io.ReadCloser
	closed bool
}

// Stat implements [fs.File].
func (f *openFile) Stat() (fs.FileInfo, error) {
	if f.closed {
		return nil, &fs.PathError{Op: "stat", Path: f.name, Err: fs.ErrClosed}
	}
	return f.Info()
}

// Read implements [fs.File].
func (f *openFile) Read(p []byte) (int, error) {
	if f.closed {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: fs.ErrClosed}
	}
	r := f.tree.repo
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.blob == nil {
		b, err := r.git.BlobObject(f.entry.Hash)
		if err == nil {
			f.blob, err = b.Reader()
		}
		if err != nil {
			return 0, &fs.PathError{Op: "read", Path: f.name, Err: r.explainMissing(err)}
		}
	}
	n, err := f.blob.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &fs.PathError{Op: "read", Path: f.name, Err: err}
	}
	return n, err
}

// Close implements [fs.File].
func (f *openFile) Close() error {
	if f.closed {
		return &fs.PathError{Op: "close", Path: f.name, Err: fs.ErrClosed}
	}
	f.closed = true
	if f.blob == nil {
		return nil
	}
	f.tree.repo.mu.Lock()
	defer f.tree.repo.mu.Unlock()
	return f.blob.Close()
}

// openDir is an open directory.
type openDir struct {
	node
	name   string
	rest   []fs.DirEntry
	read   bool
	closed bool
}

// Stat implements [fs.File].
func (d *openDir) Stat() (fs.FileInfo, error) { return d.Info() }

// Read implements [fs.File]: a directory has no bytes.
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errors.New("is a directory")}
}

// Close implements [fs.File].
func (d *openDir) Close() error {
	if d.closed {
		return &fs.PathError{Op: "close", Path: d.name, Err: fs.ErrClosed}
	}
	d.closed = true
	return nil
}

// ReadDir implements [fs.ReadDirFile].
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.read {
		list, err := d.tree.list(d.node)
		if err != nil {
			return nil, &fs.PathError{Op: "readdir", Path: d.name, Err: err}
		}
		d.rest, d.read = list, true
	}
	if n > 0 && len(d.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(d.rest) {
		n = len(d.rest)
	}
	out := d.rest[:n:n]
	d.rest = d.rest[n:]
	return out, nil
}
