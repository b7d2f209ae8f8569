package duckdb

import (
	"errors"
	"unicode/utf8"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// stringRef is DuckDB's form of a text, duckdb_string_t: texts of at most 12
// bytes lie inside it with zeros behind them; of longer ones it has the first
// four bytes and, at offset 8, a pointer. An array of a wrong length below
// would not compile.
type stringRef struct {
	length uint32
	inline [inlineMax]byte
}

const (
	inlineMax = 12
	// segmentMax bounds how much text is copied into DuckDB at a time, and so
	// what a writer holds; a longer value is a segment of its own.
	segmentMax = 8 << 20
	// textMax is what DuckDB can address in one text.
	textMax = 1<<32 - 1
)

var _ [16]byte = [unsafe.Sizeof(stringRef{})]byte{}

var (
	errNotUTF8 = errors.New("a value is not UTF-8")
	errTooLong = errors.New("a value is longer than 4 GiB")
)

func (s *stringRef) bytes() []byte {
	if s.length <= inlineMax {
		return s.inline[:s.length]
	}
	p := *(*unsafe.Pointer)(unsafe.Pointer(&s.inline[4]))
	return unsafe.Slice((*byte)(p), s.length)
}

func (s *stringRef) address() uintptr { return *(*uintptr)(unsafe.Pointer(&s.inline[4])) }

func (s *stringRef) setInline(b []byte) {
	*s = stringRef{length: uint32(len(b))}
	copy(s.inline[:], b)
}

func (s *stringRef) setAddress(b []byte, address uintptr) {
	s.length = uint32(len(b))
	copy(s.inline[:4], b)
	*(*uintptr)(unsafe.Pointer(&s.inline[4])) = address
}

// textWriter fills VARCHAR vectors. A call into C for each value would cost
// more than reading the logs, so the long values of a vector are joined, given
// to DuckDB as one text, and then referred to where they lie in it.
type textWriter struct {
	raw    bool // the vector is of BLOB: any bytes will do
	joined []byte
	rows   []int // of the values in joined
}

// write stores values in the first rows of a vector; nil is NULL.
func (w *textWriter) write(vec bindings.Vector, values [][]byte) error {
	if len(values) == 0 {
		return nil
	}
	refs := unsafe.Slice((*stringRef)(bindings.VectorGetData(vec)), len(values))
	var valid unsafe.Pointer
	w.joined, w.rows = w.joined[:0], w.rows[:0]
	for row, v := range values {
		switch {
		case v == nil:
			if valid == nil {
				bindings.VectorEnsureValidityWritable(vec)
				valid = bindings.VectorGetValidity(vec)
			}
			*(*uint64)(unsafe.Add(valid, row/64*8)) &^= 1 << (row % 64)
			refs[row] = stringRef{}
			continue
		case !w.raw && !utf8.Valid(v):
			return errNotUTF8
		case len(v) <= inlineMax:
			refs[row].setInline(v)
			continue
		case len(v) > textMax:
			return errTooLong
		case len(w.joined)+len(v) > segmentMax:
			w.flush(vec, refs, values)
		}
		w.joined = append(w.joined, v...)
		w.rows = append(w.rows, row)
	}
	w.flush(vec, refs, values)
	return nil
}

// flush gives the joined values to DuckDB, as the text of their first row, and
// points all of their rows into it.
func (w *textWriter) flush(vec bindings.Vector, refs []stringRef, values [][]byte) {
	if len(w.rows) == 0 {
		return
	}
	first := w.rows[0]
	bindings.UnsafeVectorAssignStringElementLen(vec, bindings.IdxT(first), w.joined)
	address := refs[first].address()
	for _, row := range w.rows {
		v := values[row]
		refs[row].setAddress(v, address)
		address += uintptr(len(v))
	}
	if cap(w.joined) > 2*segmentMax {
		w.joined = nil
	}
	w.joined, w.rows = w.joined[:0], w.rows[:0]
}
