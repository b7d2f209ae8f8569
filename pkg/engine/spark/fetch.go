package spark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Fetch moves a file of a result to a path of this machine, where there is none
// yet.
func (s *Session) Fetch(_ context.Context, f File, to string) error {
	if isURL(f.Path) {
		return fmt.Errorf("fetch %s: it is not on this machine", f.Path)
	}
	if os.Rename(f.Path, to) == nil {
		return nil
	}
	// To another file system.
	if err := copyFile(f.Path, to); err != nil {
		return fmt.Errorf("fetch what Spark wrote: %w", err)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
