package digest

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
)

// Canon builds the canonical encoding of a value and takes its digest.
//
// A value is a kind (which separates the domains: a field and a feature with
// the same parts differ) and a sequence of named parts. Every part is written
// as its name and its value, each behind its length, so no two different
// sequences have the same encoding. Parts are written in the order of the
// calls, which is part of the definition of a kind.
type Canon struct{ buf []byte }

// version is the first byte of every encoding.
const version = 1

// New starts the encoding of a value of one kind.
func New(kind string) *Canon {
	c := &Canon{buf: make([]byte, 0, 128)}
	c.buf = append(c.buf, version)
	c.text(kind)
	return c
}

// String adds a text.
func (c *Canon) String(name, v string) *Canon {
	c.head(name, 's', len(v))
	c.buf = append(c.buf, v...)
	return c
}

// Bytes adds bytes.
func (c *Canon) Bytes(name string, v []byte) *Canon { return c.part(name, 'b', v) }

// Digest adds a digest.
func (c *Canon) Digest(name string, v Digest) *Canon { return c.part(name, 'd', v[:]) }

// Int adds an integer.
func (c *Canon) Int(name string, v int64) *Canon {
	return c.part(name, 'i', binary.BigEndian.AppendUint64(nil, uint64(v)))
}

// Bool adds a truth value.
func (c *Canon) Bool(name string, v bool) *Canon {
	if v {
		return c.part(name, 't', []byte{1})
	}
	return c.part(name, 't', []byte{0})
}

// Float adds a double by its bits; every NaN is one value.
func (c *Canon) Float(name string, v float64) *Canon {
	if v != v {
		v = math.NaN()
	}
	return c.part(name, 'f', binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
}

// Strings adds texts in order.
func (c *Canon) Strings(name string, v []string) *Canon {
	c.part(name, 'l', binary.BigEndian.AppendUint64(nil, uint64(len(v))))
	for _, s := range v {
		c.text(s)
	}
	return c
}

// Digests adds digests in order.
func (c *Canon) Digests(name string, v []Digest) *Canon {
	c.part(name, 'm', binary.BigEndian.AppendUint64(nil, uint64(len(v))))
	for _, d := range v {
		c.buf = append(c.buf, d[:]...)
	}
	return c
}

// DigestSet adds digests sorted: their order does not matter, how often each
// occurs does.
func (c *Canon) DigestSet(name string, v []Digest) *Canon {
	sorted := slices.Clone(v)
	slices.SortFunc(sorted, Digest.Compare)
	return c.Digests(name, sorted)
}

// Sum returns the digest of the encoding so far.
func (c *Canon) Sum() Digest { return sha256.Sum256(c.buf) }

// Encoding returns the bytes that Sum takes the digest of.
func (c *Canon) Encoding() []byte { return slices.Clone(c.buf) }

func (c *Canon) part(name string, tag byte, v []byte) *Canon {
	c.head(name, tag, len(v))
	c.buf = append(c.buf, v...)
	return c
}

// head writes what stands before a value of so many bytes.
func (c *Canon) head(name string, tag byte, size int) {
	c.buf = slices.Grow(c.buf, len(name)+size+2*binary.MaxVarintLen64+1)
	c.text(name)
	c.buf = append(c.buf, tag)
	c.buf = binary.AppendUvarint(c.buf, uint64(size))
}

func (c *Canon) text(s string) {
	c.buf = binary.AppendUvarint(c.buf, uint64(len(s)))
	c.buf = append(c.buf, s...)
}
