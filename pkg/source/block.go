package source

import (
	"bytes"
	"io"
)

// limits bound what one line may cost. They are the same for every input;
// tests make them small.
type limits struct {
	line    int // bytes of a record, without its end, that a Reader reads
	header  int // bytes of a header; at most line
	columns int // columns of a record
	cut     int // bytes of a record that Cut takes
}

var defaultLimits = limits{line: 1 << 20, header: 64 << 10, columns: 10_000, cut: 64 << 20}

// pieceKind says what a piece of an input is.
type pieceKind int

const (
	wholeLines pieceKind = iota // lines with their ends; the last may lack it
	longHead                    // the first bytes of a line over the limit
	longRest                    // more of that line
)

// piece is what blocks gives: bytes that are valid until the next call.
type piece struct {
	kind pieceKind
	data []byte
}

// maxEmptyReads is how often in a row a reader may give nothing and no error.
const maxEmptyReads = 100

// blocks reads an input in pieces of whole lines through one buffer.
type blocks struct {
	in   io.Reader
	buf  []byte
	have int  // bytes in buf
	used int  // bytes of buf that were given out
	long bool // inside a long line
	err  error
}

// newBlocks returns blocks of in. The buffer holds the longest line that is
// allowed with its end, so that a full one without an end is too long.
func newBlocks(in io.Reader, lim limits) *blocks {
	return &blocks{in: in, buf: make([]byte, lim.line+len("\r\n"))}
}

// next returns the next piece, which is not empty, or the error of the input:
// io.EOF at its end. What an error cuts off within a line is dropped.
func (b *blocks) next() (piece, error) {
	b.have = copy(b.buf, b.buf[b.used:b.have])
	b.used = 0
	b.fill()
	data := b.buf[:b.have]
	if len(data) == 0 {
		return piece{}, b.err
	}
	if b.long {
		return b.rest(data), nil
	}
	end := bytes.LastIndexByte(data, '\n') + 1
	switch {
	case end > 0:
		b.used = end
	case b.have == len(b.buf):
		b.used, b.long = b.have, true
		return piece{longHead, data}, nil
	case b.err == io.EOF:
		b.used = b.have
	default:
		return piece{}, b.err
	}
	return piece{wholeLines, data[:b.used]}, nil
}

// rest returns more of a long line.
func (b *blocks) rest(data []byte) piece {
	b.used = len(data)
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		b.used, b.long = i+1, false
	}
	return piece{longRest, data[:b.used]}
}

// fill reads until the buffer is full or the input gives an error.
func (b *blocks) fill() {
	empty := 0
	for b.have < len(b.buf) && b.err == nil {
		n, err := b.in.Read(b.buf[b.have:])
		b.have += n
		b.err = err
		if n > 0 {
			empty = 0
		} else if empty++; empty > maxEmptyReads && err == nil {
			b.err = io.ErrNoProgress
		}
	}
}

// cutLine splits data behind its first line, which keeps its end.
func cutLine(data []byte) (line, rest []byte) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return data[:i+1], data[i+1:]
	}
	return data, nil
}

const byteOrderMark = "\ufeff"

// content returns a line without its end, and without a byte-order mark if it
// is line 1.
func content(line []byte, number int64) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if number == 1 {
		line = bytes.TrimPrefix(line, []byte(byteOrderMark))
	}
	return line
}
