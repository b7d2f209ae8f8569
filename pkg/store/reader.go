package store

import (
	"crypto/sha256"
	"hash"
	"io"

	"github.com/mlpdev/mlp/pkg/digest"
)

// VerifyReader returns a reader of r that reports an error matching
// [ErrCorrupt] in place of io.EOF unless all it yielded has digest d; an error
// of r matches [ErrUnavailable]. Closing it closes r.
func VerifyReader(r io.ReadCloser, d digest.Digest) io.ReadCloser {
	return &verifyReader{r: r, want: d, hash: sha256.New()}
}

type verifyReader struct {
	r    io.ReadCloser
	want digest.Digest
	hash hash.Hash
	err  error
}

func (v *verifyReader) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n, err := v.r.Read(p)
	v.hash.Write(p[:n])
	switch {
	case err == io.EOF && digest.Digest(v.hash.Sum(nil)) != v.want:
		err = &Error{Op: "read", Object: v.want.String(), Kind: ErrCorrupt}
	case err != nil && err != io.EOF:
		err = &Error{Op: "read", Object: v.want.String(), Kind: ErrUnavailable, Err: err}
	}
	v.err = err
	return n, err
}

func (v *verifyReader) Close() error { return v.r.Close() }
