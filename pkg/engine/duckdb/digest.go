package duckdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math"
	"strconv"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/mlpdev/mlp/pkg/digest"
)

// digestBlock is the number of rows in a block of a content digest.
const digestBlock = 4096

// Rows names values whose content digest is taken.
type Rows struct {
	From    string   // what stands behind FROM
	Columns []string // column names, not quoted
	Order   string   // what stands behind ORDER BY; empty means the order in which From yields its rows
}

// RowDigest returns the content digest of a sequence of rows, such as the row
// ids of a frame. It depends on types, values and order only; not on files,
// engines or threads. It is defined so:
//
// The text of a value is, for a boolean, t or f; for an integer its decimal
// digits; for a double or float the 16 or 8 lower-case hexadecimal digits of
// its IEEE 754 bits, with 7ff8000000000000 or 7fc00000 for every NaN (so -0.0
// and 0.0 differ); for a string its UTF-8 bytes; for a binary its bytes; for a
// timestamp the microseconds, and for a date the days, since 1970-01-01 UTC as
// decimal digits; for a decimal its digits with all of its scale; for an array
// the encodings of its elements, one after the other.
//
// The encoding of a value is N for NULL, else V, the number of bytes of its
// text in decimal, a colon, and the text. The encoding of a row is that of its
// values in the order of the columns. Rows are cut into blocks of 4,096, the
// last one shorter. The digest is sha256 of the columns' type names in Spark's
// spelling ("bigint", "array<double>"), joined by commas, a line feed, and for
// each block the 64 hexadecimal digits of sha256 of its rows' encodings.
func RowDigest(ctx context.Context, c *Conn, r Rows) (digest.Digest, error) {
	if len(r.Columns) == 0 {
		return digest.Digest{}, errors.New("digest rows: no columns")
	}
	names := make([]string, len(r.Columns))
	for i, name := range r.Columns {
		names[i] = quoteName(name)
	}
	sql := "SELECT " + strings.Join(names, ", ") + " FROM " + r.From
	if r.Order != "" {
		sql += " ORDER BY " + r.Order
	}
	h := newHasher()
	if err := c.run(ctx, sql, sink{h.begin, h.add}); err != nil {
		return digest.Digest{}, fmt.Errorf("digest rows: %w", err)
	}
	return h.sum(), nil
}

// hasher takes the content digest of the chunks it is given. DuckDB orders and
// spills; the values are hashed where they lie, so that a column of any size
// takes the memory of one chunk.
type hasher struct {
	total hash.Hash
	block hash.Hash
	rows  int // in the block
	buf   []byte
}

func newHasher() *hasher { return &hasher{total: sha256.New(), block: sha256.New()} }

func (h *hasher) add(columns []vector, n int) error {
	h.buf = h.buf[:0]
	for r := range n {
		for i := range columns {
			h.buf = columns[i].encode(h.buf, r)
		}
		h.rows++
		if h.rows == digestBlock || len(h.buf) > 1<<16 {
			h.block.Write(h.buf)
			h.buf = h.buf[:0]
		}
		if h.rows == digestBlock {
			h.endBlock()
		}
	}
	h.block.Write(h.buf)
	return nil
}

func (h *hasher) begin(types []*columnType) error {
	names := make([]string, len(types))
	for i, t := range types {
		name, ok := t.name()
		if !ok {
			return fmt.Errorf("column %d has a type without a content digest", i+1)
		}
		names[i] = name
	}
	h.total.Write([]byte(strings.Join(names, ",") + "\n"))
	return nil
}

func (h *hasher) endBlock() {
	h.total.Write([]byte(hex.EncodeToString(h.block.Sum(nil))))
	h.block.Reset()
	h.rows = 0
}

func (h *hasher) sum() digest.Digest {
	if h.rows > 0 {
		h.endBlock()
	}
	return digest.Digest(h.total.Sum(nil))
}

// encode appends the encoding of a value.
func (v *vector) encode(buf []byte, row int) []byte {
	if v.null(row) {
		return append(buf, 'N')
	}
	var scratch [64]byte
	text := v.text(scratch[:0], row)
	buf = append(buf, 'V')
	buf = strconv.AppendInt(buf, int64(len(text)), 10)
	buf = append(buf, ':')
	return append(buf, text...)
}

// text returns the text of a value; buf is room for it.
func (v *vector) text(buf []byte, row int) []byte {
	switch v.t.id {
	case bindings.TypeVarchar, bindings.TypeBlob:
		return v.bytes(row)
	case bindings.TypeBoolean:
		if at[bool](v, row) {
			return append(buf, 't')
		}
		return append(buf, 'f')
	case bindings.TypeDouble:
		f := at[float64](v, row)
		bits := math.Float64bits(f)
		if f != f {
			bits = 0x7ff8000000000000
		}
		return fmt.Appendf(buf, "%016x", bits)
	case bindings.TypeFloat:
		f := at[float32](v, row)
		bits := math.Float32bits(f)
		if f != f {
			bits = 0x7fc00000
		}
		return fmt.Appendf(buf, "%08x", bits)
	case bindings.TypeDecimal:
		return append(buf, v.decimal(row)...)
	case bindings.TypeList, bindings.TypeArray:
		first, n := v.span(row)
		for i := range n {
			buf = v.elem.encode(buf, first+i)
		}
		return buf
	}
	return strconv.AppendInt(buf, v.integer(row), 10)
}
