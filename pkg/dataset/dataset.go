// Package dataset keeps the raw files of golden datasets: it puts a log into
// the store as chunks, describes it for datasets/NAME/dataset.textproto, and
// opens its chunks again. What it reads is checked on the way in and on the
// way out, so that the bytes behind a contribution are always those that were
// added.
package dataset

import (
	"context"
	"io"
	"slices"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// ChunkSize is the size in bytes that raw files are cut to.
const ChunkSize = 64 << 20

// Store is what this package needs of a store of immutable objects. Both
// methods end early when the context does.
type Store interface {
	// Put stores data as the object d, its digest. To put what is there
	// already is no error.
	Put(ctx context.Context, d digest.Digest, data io.Reader) error
	// Get opens the object d.
	Get(ctx context.Context, d digest.Digest) (io.ReadCloser, error)
}

// Totals are sums over raw files, as they were counted when they were added.
type Totals struct {
	Contributions, Files, Chunks int
	Size, Lines, Records         int64
}

// Total returns the sums over contributions.
func Total(contributions ...*specpb.Contribution) Totals {
	t := Totals{Contributions: len(contributions)}
	for _, c := range contributions {
		for _, f := range c.GetFiles() {
			t.Files++
			t.Chunks += len(f.GetChunks())
			t.Size += f.GetSize()
			t.Lines += f.GetLines()
			t.Records += f.GetRecords()
		}
	}
	return t
}

// Find returns the contribution of a dataset that has a raw file with the same
// bytes, or that of the same log in another compression, and the file; nil if
// there is none.
func Find(d *specpb.Dataset, file *specpb.RawFile) (*specpb.Contribution, *specpb.RawFile) {
	sameChunk := func(a, b *specpb.Chunk) bool { return a.GetDigest() == b.GetDigest() }
	for _, c := range d.GetContributions() {
		for _, f := range c.GetFiles() {
			if f.GetDigest() == file.GetDigest() || len(f.GetChunks()) > 0 && slices.EqualFunc(f.GetChunks(), file.GetChunks(), sameChunk) {
				return c, f
			}
		}
	}
	return nil, nil
}
