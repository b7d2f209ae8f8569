package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/mlpdev/mlp/pkg/digest"
)

// Copy copies r to w and verifies that all of it has digest d. Its error is
// that of the reader or the context, or matches [ErrCorrupt], or, where w
// failed, [ErrUnavailable]. Whatever the error, w may have taken bytes.
func Copy(ctx context.Context, w io.Writer, r io.Reader, d digest.Digest) error {
	from := &source{ctx: ctx, r: r}
	hash := sha256.New()
	_, err := io.Copy(io.MultiWriter(w, hash), from)
	switch {
	case from.err != nil:
		return fmt.Errorf("copy %s: %w", d, from.err)
	case err != nil:
		return &Error{Op: "copy", Object: d.String(), Kind: ErrUnavailable, Err: err}
	case digest.Digest(hash.Sum(nil)) != d:
		return &Error{Op: "copy", Object: d.String(), Kind: ErrCorrupt}
	}
	return nil
}

// source remembers a reader's own error, so that it can be told from one of
// the writer that it was copied to.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err = s.ctx.Err(); s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if err != io.EOF {
		s.err = err
	}
	return n, err
}
