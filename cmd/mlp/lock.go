package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// busyError says that another run of the project is on.
type busyError struct{ path string }

func (e *busyError) Error() string   { return "another run of this project is on (" + e.path + ")" }
func (e *busyError) Hint() string    { return "wait for it to end, then run the command again" }
func (e *busyError) ExitStatus() int { return statusRefused }

// lock takes the project's lock, which ends with the process that holds it.
func (a *app) lock(root string) (unlock func(), err error) {
	path := filepath.Join(root, stateDir, "lock")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("lock project: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock project: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &busyError{path}
		}
		return nil, fmt.Errorf("lock project: %w", err)
	}
	return func() { f.Close() }, nil
}
