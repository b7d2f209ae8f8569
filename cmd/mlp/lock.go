package main

import (
	"fmt"
	"path/filepath"

	"github.com/mlpdev/mlp/pkg/store/disk"
)

// busyError says that another run holds a lock.
type busyError struct{ path string }

func (e *busyError) Error() string   { return "another run is on (" + e.path + " is locked)" }
func (e *busyError) Hint() string    { return "wait for it to end, then run the command again" }
func (e *busyError) ExitStatus() int { return statusRefused }

// openLocked opens the project that the user is in under its lock, so that what
// was read is what a command goes on from. unlock is nil only with an error.
func (a *app) openLocked() (p *project, unlock func(), err error) {
	root, err := a.projectRoot()
	if err != nil {
		return nil, nil, err
	}
	if unlock, err = lockFile(filepath.Join(root, stateDir, "lock")); err != nil {
		return nil, nil, err
	}
	if p, err = a.openProject(); err != nil {
		unlock()
		return nil, nil, err
	}
	return p, unlock, nil
}

// lockFile takes a lock, which ends with the process that holds it.
func lockFile(path string) (unlock func(), err error) {
	if err := disk.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	lock, err := disk.TryAcquire(path)
	if err != nil {
		return nil, err
	}
	if lock == nil {
		return nil, &busyError{path}
	}
	// Its error would be that of closing a file that nothing was written to.
	return func() { _ = lock.Release() }, nil
}
