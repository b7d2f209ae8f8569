package dataset

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// ChunkOptions returns o for reading one chunk: with its header and the
// numbers of its first record and line, so that it reads as it does within
// its file.
func ChunkOptions(o source.Options, c *specpb.Chunk) source.Options {
	o.Header = c.GetHeader()
	o.FirstRecord = c.GetFirstRecord()
	o.FirstLine = c.GetFirstLine()
	return o
}

// OpenChunk opens a chunk for reading. The bytes are verified while they are
// read: where their digest or number is another, Read gives a [CorruptError]
// in place of io.EOF. So what was read counts only once io.EOF came.
func OpenChunk(ctx context.Context, s Store, c *specpb.Chunk) (io.ReadCloser, error) {
	want, err := digest.Parse(c.GetDigest())
	if err != nil {
		return nil, fmt.Errorf("open chunk: %w", err)
	}
	in, err := s.Get(ctx, want)
	if err != nil {
		return nil, fmt.Errorf("open chunk %s: %w", want, err)
	}
	return &verifier{ReadCloser: in, want: want, left: c.GetSize(), hash: sha256.New()}, nil
}

// verifier reads an object of which digest and size are known.
type verifier struct {
	io.ReadCloser
	want digest.Digest
	left int64 // bytes that are still to come
	hash hash.Hash
	err  error
}

// Read gives no byte beyond the size.
func (v *verifier) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n, err := v.ReadCloser.Read(p)
	v.left -= int64(n)
	v.hash.Write(p[:n])
	switch {
	case v.left < 0:
		n, v.err = 0, v.corrupt("has more bytes than it was added with")
	case err == io.EOF && v.left > 0:
		v.err = v.corrupt(fmt.Sprintf("%d bytes are missing at its end", v.left))
	case err == io.EOF && digest.Digest(v.hash.Sum(nil)) != v.want:
		v.err = v.corrupt("its bytes have another digest")
	case err == io.EOF:
		v.err = io.EOF
	case err != nil:
		v.err = fmt.Errorf("read chunk %s: %w", v.want, err)
	}
	return n, v.err
}

func (v *verifier) corrupt(problem string) error {
	return &CorruptError{Digest: v.want, Problem: problem}
}
