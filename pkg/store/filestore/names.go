package filestore

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/disk"
)

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, name string, data []byte) error {
	if err := s.prepare(ctx, name, data); err != nil {
		return err
	}
	return s.create(name, data)
}

func (s *Store) create(name string, data []byte) error {
	err := s.write(name, data, (*disk.Temp).Link)
	switch {
	case errors.Is(err, fs.ErrExist) && s.isDir(name):
		return &store.NameError{Name: name, Reason: "is a directory of other names"}
	case errors.Is(err, fs.ErrExist):
		return &store.Error{Op: "create", Object: name, Kind: store.ErrExist}
	case err != nil:
		return unavailable("create", name, err)
	}
	return nil
}

// Read implements [store.Store].
func (s *Store) Read(ctx context.Context, name string) ([]byte, error) {
	if err := errors.Join(ctx.Err(), store.CheckName(name)); err != nil {
		return nil, err
	}
	f, err := os.Open(s.file(name))
	if err != nil {
		return nil, s.missing("read", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, store.MaxNamed+1))
	if err != nil {
		return nil, s.missing("read", name, err)
	}
	if len(data) > store.MaxNamed {
		return nil, &store.Error{Op: "read", Object: name, Kind: store.ErrTooLarge}
	}
	return data, nil
}

// Swap implements [store.Store].
func (s *Store) Swap(ctx context.Context, name string, old digest.Digest, data []byte) error {
	if err := s.prepare(ctx, name, data); err != nil {
		return err
	}
	held, err := s.hold(ctx, "swap", name)
	if err != nil {
		return err
	}
	defer held.Release()
	current, err := s.Read(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotExist) && old.IsZero():
		// A Create, which takes no lock, may come in between.
		if err := s.create(name, data); !errors.Is(err, store.ErrExist) {
			return err
		}
	case err != nil && !errors.Is(err, store.ErrNotExist):
		return err
	case err == nil && digest.Of(current) == old:
		if err := s.write(name, data, (*disk.Temp).Rename); err != nil {
			return unavailable("swap", name, err)
		}
		return nil
	}
	return &store.Error{Op: "swap", Object: name, Kind: store.ErrConflict}
}

// Set implements [store.Store].
func (s *Store) Set(ctx context.Context, name string, data []byte) error {
	if err := s.prepare(ctx, name, data); err != nil {
		return err
	}
	if s.isDir(name) {
		return &store.NameError{Name: name, Reason: "is a directory of other names"}
	}
	held, err := s.hold(ctx, "set", name)
	if err != nil {
		return err
	}
	defer held.Release()
	if err := s.write(name, data, (*disk.Temp).Rename); err != nil {
		return unavailable("set", name, err)
	}
	return nil
}

// hold takes the lock of replacements.
func (s *Store) hold(ctx context.Context, op, name string) (*disk.Lock, error) {
	held, err := disk.Acquire(ctx, filepath.Join(s.dir, lock))
	if err != nil && ctx.Err() == nil {
		return nil, unavailable(op, name, err)
	}
	return held, err
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, prefix string) ([]string, error) {
	if err := errors.Join(ctx.Err(), store.CheckPrefix(prefix), s.check()); err != nil {
		return nil, err
	}
	dir, first := path.Split(prefix)
	dir = path.Clean(dir)
	var names []string
	err := fs.WalkDir(os.DirFS(s.dir), dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case name == dir:
			return nil
		case path.Dir(name) == dir && !strings.HasPrefix(e.Name(), first), name == objects, strings.HasPrefix(name, "+"):
			if e.IsDir() {
				return fs.SkipDir
			}
		case e.Type().IsRegular():
			names = append(names, name)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, unavailable("list", prefix, err)
	}
	slices.Sort(names)
	return names, nil
}

// prepare checks what is to be written and makes its directory.
func (s *Store) prepare(ctx context.Context, name string, data []byte) error {
	if err := errors.Join(ctx.Err(), store.CheckName(name)); err != nil {
		return err
	}
	if len(data) > store.MaxNamed {
		return &store.Error{Op: "write", Object: name, Kind: store.ErrTooLarge}
	}
	if err := s.check(); err != nil {
		return err
	}
	err := disk.MkdirAll(filepath.Dir(s.file(name)))
	if errors.Is(err, syscall.ENOTDIR) {
		return &store.NameError{Name: name, Reason: "lies below another name"}
	}
	if err != nil {
		return unavailable("write", name, err)
	}
	return nil
}

func (s *Store) file(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *Store) isDir(name string) bool {
	info, err := os.Stat(s.file(name))
	return err == nil && info.IsDir()
}
