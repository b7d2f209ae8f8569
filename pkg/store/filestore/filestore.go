// Package filestore keeps a store in a directory, which several processes may
// use at once.
//
// Objects are DIR/objects/sha256/ab/REST, names are DIR/NAME. What is the
// store's own begins with "+", which no name does: the marker that says that
// the directory is a store, a lock, and files that are still being written.
// Every file gets its place in one step when its bytes are on the disk, so a
// process killed at any point leaves nothing half written; what it leaves
// behind is swept by the next one that writes.
package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/disk"
)

const (
	marker  = "+store"
	lock    = "+lock"
	temps   = "+tmp"
	objects = "objects"
	// format is what the marker holds.
	format = "mlp store 1\n"
)

// Store is a store in a directory.
type Store struct {
	dir   string
	sweep sync.Once
}

// Open opens the store in a directory, an absolute path. The error matches
// [store.ErrUnavailable] where there is none, so that a mistyped path or a
// disk that is not mounted is never taken for an empty store.
func Open(dir string) (*Store, error) {
	if !filepath.IsAbs(dir) {
		return nil, fmt.Errorf("open store %s: want an absolute path", dir)
	}
	s := &Store{dir: filepath.Clean(dir)}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// Init opens the store in a directory, an absolute path, and makes directory
// and store where there is none.
func Init(dir string) (*Store, error) {
	s, err := Open(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	s = &Store{dir: filepath.Clean(dir)}
	err = s.write(marker, []byte(format), (*disk.Temp).Link)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, unavailable("make", s.Location(), err)
	}
	return Open(dir)
}

// check returns an error unless the directory is a store of this format.
func (s *Store) check() error {
	text, err := os.ReadFile(filepath.Join(s.dir, marker))
	if err == nil && string(text) != format {
		err = errors.New("not a store that this version of mlp reads")
	}
	if err != nil {
		return unavailable("open", s.Location(), err)
	}
	return nil
}

// Location returns "file:" and the directory.
func (s *Store) Location() string { return "file:" + s.dir }

// Path returns the path of the file that holds the object d, there or not.
func (s *Store) Path(d digest.Digest) string {
	h := d.Hex()
	return filepath.Join(s.dir, objects, "sha256", h[:2], h[2:])
}

// Put implements [store.Store].
func (s *Store) Put(ctx context.Context, d digest.Digest, r io.Reader) (err error) {
	if found, err := s.Has(ctx, d); found || err != nil {
		return err
	}
	temp, err := s.temp()
	if err != nil {
		return unavailable("put", d.String(), err)
	}
	defer func() { err = closed(err, temp, d.String()) }()
	if err := store.Copy(ctx, temp, r, d); err != nil {
		return err
	}
	if err := disk.MkdirAll(filepath.Dir(s.Path(d))); err != nil {
		return unavailable("put", d.String(), err)
	}
	if err := temp.Link(s.Path(d)); err != nil && !errors.Is(err, fs.ErrExist) {
		return unavailable("put", d.String(), err)
	}
	return nil
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(s.Path(d))
	if err != nil {
		return nil, s.missing("get", d.String(), err)
	}
	return store.VerifyReader(f, d), nil
}

// Has implements [store.Store].
func (s *Store) Has(ctx context.Context, d digest.Digest) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	_, err := os.Lstat(s.Path(d))
	if err == nil {
		return true, nil
	}
	if err := s.missing("find", d.String(), err); !errors.Is(err, store.ErrNotExist) {
		return false, err
	}
	return false, nil
}

// temp begins a new file.
func (s *Store) temp() (*disk.Temp, error) {
	dir := filepath.Join(s.dir, temps)
	if err := disk.MkdirAll(dir); err != nil {
		return nil, err
	}
	var err error
	s.sweep.Do(func() { err = disk.Sweep(dir) })
	if err != nil && !errors.Is(err, fs.ErrPermission) { // another user's leftovers are another's to sweep
		return nil, err
	}
	return disk.NewTemp(dir)
}

// write makes the file of a name and gives it its place.
func (s *Store) write(name string, data []byte, place func(*disk.Temp, string) error) (err error) {
	temp, err := s.temp()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, temp.Close()) }()
	if _, err := temp.Write(data); err != nil {
		return err
	}
	return place(temp, filepath.Join(s.dir, filepath.FromSlash(name)))
}

// missing tells an object or name that is not there from a store that is not.
func (s *Store) missing(op, object string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, syscall.EISDIR) {
		return unavailable(op, object, err)
	}
	if err := s.check(); err != nil {
		return err
	}
	return &store.Error{Op: op, Object: object, Kind: store.ErrNotExist}
}

func closed(err error, c io.Closer, object string) error {
	if cerr := c.Close(); cerr != nil && err == nil {
		return unavailable("put", object, cerr)
	}
	return err
}

func unavailable(op, object string, err error) error {
	return &store.Error{Op: op, Object: object, Kind: store.ErrUnavailable, Err: err}
}
