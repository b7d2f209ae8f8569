// Package compression reads logs that may be compressed: by their first bytes,
// whatever their name is, in one pass, with bounded memory.
package compression

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Kind is a compression that can be read.
type Kind string

// The kinds of compression.
const (
	None Kind = ""
	Gzip Kind = "gzip"
	Zstd Kind = "zstd"
)

const (
	// headSize is how many bytes tell a compression.
	headSize = 16
	// maxWindow is the most that zstd may look back, which must be in memory:
	// that of its command.
	maxWindow = 128 << 20
	// From maxPlain bytes on, a stream may expand maxRatio times: no log does.
	maxPlain = 1 << 30
	maxRatio = 10_000
)

// Reader reads the bytes of a log. A compressed stream is read to its end and
// to the end of the input: several members or frames, one after the other, are
// one log, and anything else behind them is an error.
type Reader struct {
	kind   Kind
	in     *counter
	plain  io.Reader
	close  func()
	out    int64
	err    error
	limits struct{ plain, ratio int64 } // smaller in tests
}

// counter counts what was read of an input.
type counter struct {
	io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// NewReader returns a Reader of in. What it cannot read, though it knows what
// it is, is an [UnsupportedError].
func NewReader(in io.Reader) (*Reader, error) {
	r := &Reader{in: &counter{Reader: in}, close: func() {}}
	r.limits.plain, r.limits.ratio = maxPlain, maxRatio
	head := make([]byte, headSize)
	n, err := io.ReadFull(r.in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	head = head[:n]
	if format := unsupported(string(head)); format != "" {
		return nil, &UnsupportedError{Format: format}
	}
	r.kind = kindOf(string(head))
	whole := io.MultiReader(bytes.NewReader(head), r.in)
	switch r.kind {
	case Gzip:
		var z *gzip.Reader
		if z, err = gzip.NewReader(whole); err != nil {
			return nil, r.failed(err)
		}
		r.plain = z
	case Zstd:
		z, err := zstd.NewReader(whole, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, r.failed(err)
		}
		r.plain, r.close = z, z.Close
	default:
		r.plain = whole
	}
	return r, nil
}

// kindOf tells a compression by how a file begins.
func kindOf(head string) Kind {
	switch {
	case strings.HasPrefix(head, "\x1f\x8b\x08"):
		return Gzip
	case strings.HasPrefix(head, "\x28\xb5\x2f\xfd"):
		return Zstd
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && head[1:4] == "\x2a\x4d\x18":
		return Zstd // a frame to be skipped, which tools write in front
	}
	return None
}

// unsupported tells what is no text and cannot be read.
func unsupported(head string) string {
	for _, f := range []struct{ start, name string }{
		{"\xfd7zXZ\x00", "xz"},
		{"PK\x03\x04", "zip"},
		{"\x04\x22\x4d\x18", "lz4"},
		{"7z\xbc\xaf\x27\x1c", "7z"},
		{"\xff\xfe", "UTF-16"},
		{"\xfe\xff", "UTF-16"},
	} {
		if strings.HasPrefix(head, f.start) {
			return f.name
		}
	}
	if strings.HasPrefix(head, "BZh") && len(head) > 10 && head[4:10] == "1AY&SY" {
		return "bzip2"
	}
	return ""
}

// Kind returns how the input is compressed.
func (r *Reader) Kind() Kind { return r.kind }

// In returns how many bytes of the input were read, of a compressed one some
// in advance.
func (r *Reader) In() int64 { return r.in.n }

// Read gives the bytes of the log. What is wrong with a compressed stream is
// an [Error].
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.plain.Read(p)
	r.out += int64(n)
	switch {
	case r.kind == None:
	case err != nil && err != io.EOF:
		err = r.failed(err)
	case r.out > r.limits.plain && r.out/r.limits.ratio > r.in.n:
		err = r.failed(errExpands)
	}
	r.err = err
	return n, err
}

// Close frees what decompression took. It does not close the input.
func (r *Reader) Close() error {
	r.close()
	return nil
}

// errExpands says that a stream is made to fill a disk.
var errExpands = fmt.Errorf("it expands more than %d times", maxRatio)

// failed wraps an error of a compressed stream, unless it is one of the input.
func (r *Reader) failed(err error) error {
	var input *os.PathError
	if errors.As(err, &input) {
		return err
	}
	return &Error{Kind: r.kind, Cut: errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF), Plain: r.out, Err: err}
}

// Error says that a compressed stream is damaged.
type Error struct {
	Kind Kind
	// Cut says that it ends too early, as a file that was not written or
	// copied whole does.
	Cut bool
	// Plain is how many bytes of the log it gave.
	Plain int64
	Err   error
}

// Error says what is wrong and how far the stream could be read.
func (e *Error) Error() string {
	if e.Cut {
		return fmt.Sprintf("%s data is cut short after %d bytes of the log", e.Kind, e.Plain)
	}
	return fmt.Sprintf("%s data is damaged after %d bytes of the log: %v", e.Kind, e.Plain, e.Err)
}

// Unwrap returns what the decompression says.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *Error) Hint() string {
	return fmt.Sprintf("get the file again; `%s -t FILE` tests one", e.Kind)
}

// UnsupportedError says that a file is in a form that is not read.
type UnsupportedError struct {
	// Format is what it is: "xz", "UTF-16".
	Format string
}

// Error names the form.
func (e *UnsupportedError) Error() string {
	if e.Format == "UTF-16" {
		return "is text in UTF-16"
	}
	return "is compressed (" + e.Format + ")"
}

// Hint says what is read instead.
func (e *UnsupportedError) Hint() string {
	if e.Format == "UTF-16" {
		return "convert it to UTF-8: iconv -f UTF-16 -t UTF-8"
	}
	return "decompress it first; gzip and zstd are read as they are"
}

// Open opens a file for reading the bytes of its log.
func Open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := NewReader(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &file{r, f}, nil
}

// file is an open file and its Reader.
type file struct {
	*Reader
	f *os.File
}

func (f *file) Close() error { return errors.Join(f.Reader.Close(), f.f.Close()) }
