// Package disk writes files so that a crash at any point leaves them whole or
// not there, and keeps processes apart by locks that die with their holders.
package disk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// SyncDir makes the entries of a directory durable.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// MkdirAll makes a directory and those above it, durably.
func MkdirAll(dir string) error {
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrNotExist) {
		if err := MkdirAll(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, 0o755)
	}
	if errors.Is(err, fs.ErrExist) {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			err = &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
		}
		return err
	}
	if err != nil {
		return err
	}
	return SyncDir(filepath.Dir(dir))
}

// Temp is a file that is being written under a name of its own, until it gets
// its place. Closing it removes it where it got none.
type Temp struct{ f *os.File }

// NewTemp makes a file in a directory, readable by all whom the umask lets.
func NewTemp(dir string) (*Temp, error) {
	for {
		f, err := os.OpenFile(filepath.Join(dir, rand.Text()), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o444)
		if err != nil {
			return nil, err
		}
		held, err := hold(f)
		if held {
			return &Temp{f}, nil
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
	}
}

// hold locks a new file against [Sweep], unless that has just removed it.
func hold(f *os.File) (bool, error) {
	if err := flock(f, syscall.LOCK_EX); err != nil {
		return false, err
	}
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	return info.Sys().(*syscall.Stat_t).Nlink > 0, nil
}

// Write appends to the file.
func (t *Temp) Write(p []byte) (int, error) { return t.f.Write(p) }

// Link gives the file, durably, a place that must be free; the error matches
// fs.ErrExist where it is not.
func (t *Temp) Link(path string) error {
	if err := t.f.Sync(); err != nil {
		return err
	}
	if err := os.Link(t.f.Name(), path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Rename gives the file, durably, a place, replacing what stands there.
func (t *Temp) Rename(path string) error {
	if err := t.f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(t.f.Name(), path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Close removes the file's own name and closes it.
func (t *Temp) Close() error {
	err := os.Remove(t.f.Name())
	if errors.Is(err, fs.ErrNotExist) { // renamed, or swept
		err = nil
	}
	return errors.Join(err, t.f.Close())
}

// Sweep removes the files of a directory that dead processes left there, not
// those of a living [Temp].
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if e.Type().IsRegular() {
			errs = append(errs, sweep(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

func sweep(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil // its writer lives
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Lock is a held lock.
type Lock struct{ f *os.File }

// Acquire locks a file, which is made where it is missing, against every
// other Acquire of it in this and other processes, and waits until it can. The
// lock ends with Release or with the process.
func Acquire(ctx context.Context, path string) (*Lock, error) {
	for {
		l, err := TryAcquire(path)
		if l != nil || err != nil {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock %s: %w", path, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TryAcquire is Acquire without waiting: nil and no error where another one
// holds the lock.
func TryAcquire(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err = flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		return &Lock{f}, nil
	}
	if closed := f.Close(); closed != nil || !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("lock %s: %w", path, errors.Join(err, closed))
	}
	return nil, nil
}

// Release ends the lock. Its file stays.
func (l *Lock) Release() error { return l.f.Close() }

func flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); err != syscall.EINTR {
			return err
		}
	}
}
