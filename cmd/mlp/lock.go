package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// busyError says that another run holds a lock.
type busyError struct{ path string }

func (e *busyError) Error() string   { return "another run is on (" + e.path + " is locked)" }
func (e *busyError) Hint() string    { return "wait for it to end, then run the command again" }
func (e *busyError) ExitStatus() int { return statusRefused }

// lock takes the project's lock, which ends with the process that holds it.
func (a *app) lock(root string) (unlock func(), err error) {
	return lockFile(filepath.Join(root, stateDir, "lock"))
}

// lockFile takes a lock, which ends with the process that holds it.
func lockFile(path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &busyError{path}
		}
		return nil, fmt.Errorf("lock: %w", err)
	}
	return func() { f.Close() }, nil
}
