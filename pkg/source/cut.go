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
	// Header is the header in force where it begins, without its end; empty
	// where it begins with a header of its own or none is in force. It is
	// valid UTF-8, can be printed and has at most 64 KiB.
	Header string
}

// ErrTooLong is what Cut gives for a record of more than 64 MiB: no log has
// one, and a chunk holds whole records.
var ErrTooLong = errors.New("record has more than 64 MiB")

// Cut cuts r where records begin into chunks of at most size bytes, or of one
// record if that is longer, and calls emit for each, in order. The Data of all
// chunks together are exactly the input; chunks depend on its bytes only, not
// on how r gives them. An error of emit ends it and is returned as it is.
//
// The counts have no Rows, Rejects and Replaced: which records are rows
// depends on the columns that are read.
func Cut(r io.Reader, f Format, size int64, emit func(Chunk) error) (Counts, error) {
	c := &cutter{lim: defaultLimits, size: size, emit: emit}
	return c.cut(r, f)
}

// Head returns how an input begins, up to and with its first records, behind
// the header in force: a log that gives these records by itself. It ends before
// the record that would be one too many, or make it longer than most bytes. Of
// the options Format, Header and FirstLine count.
func Head(r io.Reader, o Options, records int64, most int) ([]byte, error) {
	var out []byte
	if o.Header != "" {
		out = append(append(out, o.Header...), '\n')
	}
	errEnough := errors.New("enough")
	// Chunks of no size have one record, or a line that is none.
	c := &cutter{lim: defaultLimits, header: o.Header, emit: func(c Chunk) error {
		if c.FirstRecord >= records || len(out)+len(c.Data) > most {
			return errEnough
		}
		out = append(out, c.Data...)
		return nil
	}}
	c.counts.Lines = max(0, o.FirstLine-1)
	if _, err := c.cut(r, o.Format); err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return out, nil
}

// cutter gathers the chunk that is being cut.
type cutter struct {
	framing framing
	lim     limits
	size    int64
	emit    func(Chunk) error
	counts  Counts
	chunk   Chunk
	header  string // in force after the last line
	long    int    // bytes of the long record so far
}

func (c *cutter) cut(r io.Reader, f Format) (_ Counts, err error) {
	if c.framing, err = f.framing(); err != nil {
		return Counts{}, err
	}
	in := newBlocks(r, c.lim)
	if csv := c.framing.csv; csv != nil {
		return c.counts, c.cutRecords(newCSVBlocks(in, csv, c.counts.Lines == 0))
	}
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
		return c.addRest(p.data, c.counts.Lines)
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

// addRest adds more of the long record that begins in a line.
func (c *cutter) addRest(data []byte, line int64) error {
	if c.long += len(data); c.long > c.lim.cut {
		return fmt.Errorf("read line %d: %w", line, ErrTooLong)
	}
	c.chunk.Data = append(c.chunk.Data, data...)
	return nil
}

// addLine adds a line with its end, or the first bytes of a long one.
func (c *cutter) addLine(line []byte) error {
	text := content(line, c.counts.Lines+1)
	kind, shape := c.framing.kindOf(text, len(text) > c.lim.line)
	if err := c.begin(line, kind); err != nil {
		return err
	}
	if kind == headerLine {
		c.header = c.framing.shapes[shape].(*Delimited).headerText(text, c.lim)
	}
	c.count(kind, 1)
	return nil
}

// cutRecords cuts CSV.
func (c *cutter) cutRecords(in *csvBlocks) error {
	csv := c.framing.csv
	for {
		rec, ok := in.next()
		if !ok {
			if err := in.load(); err == io.EOF {
				return c.flush()
			} else if err != nil {
				return fmt.Errorf("read line %d: %w", c.counts.Lines+1, err)
			}
			continue
		}
		c.counts.Bytes += int64(len(rec.data))
		text := content(rec.data, c.counts.Lines+1)
		kind := csv.kindOf(text, c.header == "")
		if rec.long {
			if err := c.flush(); err != nil {
				return err
			}
		}
		if err := c.begin(rec.data, kind); err != nil {
			return err
		}
		if kind == headerLine {
			c.header = csv.headerText(text, c.lim)
		}
		if rec.long {
			if err := c.cutLong(in, &rec); err != nil {
				return err
			}
		}
		c.count(kind, rec.lines)
	}
}

// cutLong adds what follows the first bytes of a long record of CSV.
func (c *cutter) cutLong(in *csvBlocks, rec *csvRecord) error {
	first := c.counts.Lines + 1
	c.long = len(rec.data)
	whole, err := in.skip(func(rest []byte) error {
		c.counts.Bytes += int64(len(rest))
		return c.addRest(rest, first)
	})
	if errors.Is(err, ErrTooLong) {
		return fmt.Errorf("%w; is a quote in it not closed?", err)
	}
	if err != nil {
		return fmt.Errorf("read line %d: %w", first, err)
	}
	rec.lines = whole.lines
	return nil
}

// count accounts for a record, header, comment or blank of some lines.
func (c *cutter) count(kind lineKind, lines int64) {
	c.counts.Lines += lines
	switch kind {
	case blankLine:
		c.counts.Blanks++
	case commentLine:
		c.counts.Comments++
	case headerLine:
		c.counts.Headers++
		c.counts.Continued += lines - 1
	case recordLine:
		c.counts.Records++
		c.counts.Continued += lines - 1
	}
}

// begin adds the bytes of a record, header, comment or blank, in a new chunk
// where the last one is full.
func (c *cutter) begin(data []byte, kind lineKind) error {
	if int64(len(c.chunk.Data)+len(data)) > c.size {
		if err := c.flush(); err != nil {
			return err
		}
	}
	if len(c.chunk.Data) == 0 {
		c.chunk.FirstRecord = c.counts.Records
		c.chunk.FirstLine = c.counts.Lines + 1
		c.chunk.Header = c.header
		if kind == headerLine {
			c.chunk.Header = ""
		}
	}
	c.chunk.Data = append(c.chunk.Data, data...)
	return nil
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
