// Package store is where artifacts live: immutable objects under the digest of
// their bytes, and small named entries that are created once, replaced by
// compare-and-swap, or by whoever comes last.
//
// Kinds of stores are sub-packages: filestore keeps one in a directory, s3 in a
// bucket, memstore in memory. storetest is the suite that every kind passes,
// faultstore breaks one on purpose.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mlpdev/mlp/pkg/digest"
)

// MaxNamed is the largest size of the data under one name, in bytes.
const MaxNamed = 64 << 20

// Store keeps objects and names. Its methods may be called at the same time
// from many goroutines; several processes may share what lies behind it.
//
// Errors match, with [errors.Is], one of the Err values of this package, the
// context's error, a [*NameError], or the error of the reader that a caller
// handed in. After [ErrUnavailable] from a write the outcome is unknown: it
// may have taken place.
type Store interface {
	// Put stores what r yields as the object d, and verifies that its digest
	// is d; otherwise nothing is stored and the error is ErrCorrupt. Where
	// the object is there already, Put succeeds without reading r.
	Put(ctx context.Context, d digest.Digest, r io.Reader) error
	// Get opens the object d; ErrNotExist where there is none. The reader
	// reports ErrCorrupt in place of io.EOF if the bytes are not those of d,
	// so what was read counts only once io.EOF came.
	Get(ctx context.Context, d digest.Digest) (io.ReadCloser, error)
	// Has reports whether the object d is there, without reading it.
	Has(ctx context.Context, d digest.Digest) (bool, error)
	// Create stores data under a name that is free. The first writer wins,
	// all others get ErrExist; nobody ever sees a part of the data.
	Create(ctx context.Context, name string, data []byte) error
	// Read returns the data under a name; ErrNotExist where there is none.
	Read(ctx context.Context, name string) ([]byte, error)
	// Swap replaces the data under a name if the digest of what stands there
	// is old; the zero digest means that the name is free. Otherwise nothing
	// changes and the error is ErrConflict.
	Swap(ctx context.Context, name string, old digest.Digest, data []byte) error
	// Set puts data under a name, whatever stands there: the last writer wins.
	// It is for what nobody else writes and nothing rests on.
	Set(ctx context.Context, name string, data []byte) error
	// List returns the names that begin with prefix, sorted by bytes. A
	// prefix need not end at a slash; the empty one is that of all names.
	List(ctx context.Context, prefix string) ([]string, error)
	// Location says where the store is, in the form of Site.store:
	// "file:/absolute/path", "s3://bucket/prefix".
	Location() string
}

// Far is a store that may be far away: to list many names takes it as long as
// to look for one.
type Far interface{ Far() bool }

// What a store's errors match, with [errors.Is].
var (
	// ErrNotExist says that an object or a name is not in the store.
	ErrNotExist = errors.New("not in the store")
	// ErrExist says that a name is taken.
	ErrExist = errors.New("already in the store")
	// ErrConflict says that another writer changed a name first.
	ErrConflict = errors.New("changed by another writer")
	// ErrCorrupt says that bytes do not have the digest that they stand under.
	ErrCorrupt = errors.New("bytes do not have the expected digest")
	// ErrTooLarge says that data exceeds [MaxNamed].
	ErrTooLarge = errors.New("larger than a named entry may be")
	// ErrUnavailable says that the store could not be used: a full or broken
	// disk, missing rights, a lost connection.
	ErrUnavailable = errors.New("store unavailable")
)

// Error is what a store reports: what it was doing to which object or name,
// what kind of failure it is, and its cause.
type Error struct {
	// Op is a verb: "read", "create".
	Op string
	// Object is a digest or a name.
	Object string
	// Kind is one of the Err values of this package.
	Kind error
	// Err is the cause; nil where Kind says it all.
	Err error
}

// Error returns "op object: cause".
func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s %s: %v", e.Op, e.Object, e.Kind)
	}
	return fmt.Sprintf("%s %s: %v: %v", e.Op, e.Object, e.Kind, e.Err)
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
