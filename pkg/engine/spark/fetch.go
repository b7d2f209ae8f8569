package spark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mlpdev/mlp/pkg/digest"
)

// Fetch moves a file of a result to a path of this machine, where there is none
// yet. One that came from elsewhere is found whole.
func (s *Session) Fetch(ctx context.Context, f File, to string) error {
	if !isURL(f.Path) {
		if os.Rename(f.Path, to) == nil {
			return nil
		}
		in, err := os.Open(f.Path) // it lies on another file system
		if err != nil {
			return fmt.Errorf("fetch what Spark wrote: %w", err)
		}
		return fetch(in, f, to)
	}
	if s.o.Storage == nil {
		return &Error{Kind: KindMissing, Message: "what it wrote at " + f.Path + " cannot be read from here"}
	}
	in, err := s.o.Storage.Get(ctx, f.Path)
	if err != nil {
		return fmt.Errorf("fetch what Spark wrote: %w", err)
	}
	return fetch(in, f, to)
}

// fetch writes a file that holds what its digest says.
func fetch(in io.ReadCloser, f File, to string) (err error) {
	defer in.Close()
	out, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("fetch what Spark wrote: %w", err)
	}
	got, size, err := digest.OfReader(io.TeeReader(in, out))
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("fetch what Spark wrote: %w", err)
	}
	if err := f.hold(got, size); err != nil {
		return &Error{Kind: KindUnavailable, Message: err.Error()}
	}
	return nil
}
