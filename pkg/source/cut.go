package source

import (
	"errors"
	"fmt"
	"io"
)

// Chunk is a stretch of an input that begins where a record may begin. With
// its numbers and header in its [Options], it reads as it does within the
// whole.
type Chunk struct {
	// Data are its bytes, valid until emit returns.
	Data []byte
	// FirstRecord is the number of its first record, from 0.
	FirstRecord int64
	// Records is how many it has.
	Records int64
	// FirstLine is the number of its first line, from 1.
	FirstLine int64
	// Header is the header line in force where it begins; empty where it
	// begins with a header of its own or none is in force. It is valid UTF-8,
	// can be printed and has at most 64 KiB.
	Header string
}

// ErrLineTooLong is what Cut gives for a line of more than 64 MiB: no log has
// one, and a chunk holds whole lines.
var ErrLineTooLong = errors.New("line has more than 64 MiB")

// Cut cuts r where records begin into chunks of at most size bytes, or of one
// line if that is longer, and calls emit for each, in order. The Data of all
// chunks together are exactly the input; chunks depend on its bytes only, not
// on how r gives them. An error of emit ends it and is returned as it is.
//
// The counts have no Rows, Rejects and Replaced: which records are rows
// depends on the columns that are read.
func Cut(r io.Reader, f Format, size int64, emit func(Chunk) error) (Counts, error) {
	c := &cutter{format: f, lim: defaultLimits, size: size, emit: emit}
	return c.cut(r)
}

// cutter gathers the chunk that is being cut.
type cutter struct {
	format Format
	lim    limits
	size   int64
	emit   func(Chunk) error
	counts Counts
	chunk  Chunk
	header string // in force after the last line
	long   int    // bytes of the long line so far
}

func (c *cutter) cut(r io.Reader) (Counts, error) {
	in := newBlocks(r, c.lim)
	for {
		p, err := in.next()
		if err == io.EOF {
			return c.counts, c.flush()
		}
		if err != nil {
			return c.counts, fmt.Errorf("read line %d: %w", c.counts.Lines+1, err)
		}
		if err := c.take(p); err != nil {
			return c.counts, err
		}
	}
}

// take adds a piece of the input.
func (c *cutter) take(p piece) error {
	c.counts.Bytes += int64(len(p.data))
	switch p.kind {
	case longHead:
		c.long = len(p.data)
		if err := c.flush(); err != nil {
			return err
		}
		return c.addLine(p.data)
	case longRest:
		if c.long += len(p.data); c.long > c.lim.cut {
			return fmt.Errorf("read line %d: %w", c.counts.Lines, ErrLineTooLong)
		}
		c.chunk.Data = append(c.chunk.Data, p.data...)
		return nil
	}
	for lines := p.data; len(lines) > 0; {
		var line []byte
		line, lines = cutLine(lines)
		if err := c.addLine(line); err != nil {
			return err
		}
	}
	return nil
}

// addLine adds a line with its end, or the first bytes of a long one.
func (c *cutter) addLine(line []byte) error {
	if int64(len(c.chunk.Data)+len(line)) > c.size {
		if err := c.flush(); err != nil {
			return err
		}
	}
	text := content(line, c.counts.Lines+1)
	kind := c.format.kindOf(text)
	if len(c.chunk.Data) == 0 {
		c.begin(kind)
	}
	c.chunk.Data = append(c.chunk.Data, line...)
	c.counts.Lines++
	switch kind {
	case blankLine:
		c.counts.Blanks++
	case commentLine:
		c.counts.Comments++
	case headerLine:
		c.counts.Headers++
		c.header = c.format.headerText(text, c.lim)
	case recordLine:
		c.counts.Records++
	}
	return nil
}

// begin starts a chunk with a line of a kind.
func (c *cutter) begin(kind lineKind) {
	c.chunk.FirstRecord = c.counts.Records
	c.chunk.FirstLine = c.counts.Lines + 1
	c.chunk.Header = c.header
	if kind == headerLine {
		c.chunk.Header = ""
	}
}

// flush gives out the chunk, if there is one.
func (c *cutter) flush() error {
	if len(c.chunk.Data) == 0 {
		return nil
	}
	c.chunk.Records = c.counts.Records - c.chunk.FirstRecord
	err := c.emit(c.chunk)
	c.chunk.Data = c.chunk.Data[:0]
	return err
}
