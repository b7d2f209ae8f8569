// Package digest holds sha256 values and the canonical encoding that keys and
// content digests are taken of. The encoding is described in docs/formats.md;
// golden values in the tests pin it.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Digest is a sha256 value. The zero value means "none".
type Digest [sha256.Size]byte

const prefix = "sha256:"

// String returns "sha256:" and 64 hexadecimal digits.
func (d Digest) String() string { return prefix + hex.EncodeToString(d[:]) }

// Hex returns the 64 hexadecimal digits.
func (d Digest) Hex() string { return hex.EncodeToString(d[:]) }

// Short returns the first 8 hexadecimal digits, for people.
func (d Digest) Short() string { return hex.EncodeToString(d[:4]) }

// IsZero reports whether d is the zero value.
func (d Digest) IsZero() bool { return d == Digest{} }

// Compare orders digests by their bytes.
func (d Digest) Compare(o Digest) int { return strings.Compare(string(d[:]), string(o[:])) }

// MarshalText returns the form of [Digest.String].
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form of [Digest.String].
func (d *Digest) UnmarshalText(text []byte) (err error) {
	*d, err = Parse(string(text))
	return err
}

// Parse reads the form of [Digest.String]: lower-case hexadecimal only, so
// that one value has one text.
func Parse(s string) (Digest, error) {
	var d Digest
	h, ok := strings.CutPrefix(s, prefix)
	if !ok || len(h) != 2*len(d) || strings.ToLower(h) != h {
		return Digest{}, fmt.Errorf("digest %q: want sha256: and 64 lower-case hexadecimal digits", s)
	}
	if _, err := hex.Decode(d[:], []byte(h)); err != nil {
		return Digest{}, fmt.Errorf("digest %q: %w", s, err)
	}
	return d, nil
}

// Of returns the digest of bytes.
func Of(b []byte) Digest { return sha256.Sum256(b) }

// OfReader returns the digest and the length of what r yields.
func OfReader(r io.Reader) (Digest, int64, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return Digest{}, n, err
	}
	return Digest(h.Sum(nil)), n, nil
}
