package source

import (
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Reader reads the rows of one input. It is for one goroutine.
type Reader struct {
	o       Options
	lim     limits
	framing framing
	columns []columns // by shape
	current int       // shape whose header is in force; -1: none
	blocks  *blocks
	csv     *csvBlocks // instead of blocks
	counts  Counts
	header  string // header in force, as [Chunk.Header] has it
	found   []bool // outputs that the input had so far
	line    int64  // number of the next line
	record  int64  // number of the next record
	lines   []byte // lines of the block that are not read yet
	valid   bool   // the block is UTF-8
	arena   []byte // texts of this batch that do not stand in the input as such
	err     error
}

// NewReader returns a Reader of r. It reads r in blocks, beyond what it has
// given out, and does not close it. Options that contradict their format are
// an error of the first Read.
func NewReader(r io.Reader, o Options) *Reader { return newReader(r, o, defaultLimits) }

func newReader(in io.Reader, o Options, lim limits) *Reader {
	if o.Again {
		lim.line *= len("\ufffd") // which may stand for each byte
		o.FirstLine = max(2, o.FirstLine)
	}
	r := &Reader{
		o:       o,
		lim:     lim,
		current: -1,
		blocks:  newBlocks(in, lim),
		found:   make([]bool, len(o.Raw)+len(o.Optional)),
		line:    max(1, o.FirstLine),
		record:  o.FirstRecord,
	}
	r.err = r.prepare()
	return r
}

// prepare makes the format ready, and the header in force before the first
// line.
func (r *Reader) prepare() (err error) {
	if r.framing, err = r.o.Format.framing(); err != nil {
		return err
	}
	if csv := r.framing.csv; csv != nil {
		return r.prepareCSV(csv)
	}
	bare := true
	for _, s := range r.framing.shapes {
		c, err := s.columns(&r.o, r.lim)
		if err != nil {
			return err
		}
		r.columns = append(r.columns, c)
		switch c := c.(type) {
		case *delimitedColumns:
			bare = bare && c.HeaderLine == ""
			r.setLayout(c.layout)
		case *regexColumns:
			bare = false
			for output := range r.found {
				r.found[output] = r.found[output] || c.has(output)
			}
		default:
			bare = false
		}
	}
	if bare {
		if err := r.o.checkPositions(r.lim); err != nil {
			return err
		}
	}
	if r.o.Header == "" {
		return nil
	}
	kind, shape := r.framing.kindOf([]byte(r.o.Header), false)
	if kind != headerLine {
		return fmt.Errorf("header %q: not one of the format", r.o.Header)
	}
	r.setHeader(shape, []byte(r.o.Header))
	return nil
}

func (r *Reader) prepareCSV(f *CSV) error {
	c := &csvColumns{CSV: f}
	r.columns, r.current = []columns{c}, 0
	r.csv = newCSVBlocks(r.blocks, f, r.line == 1)
	switch {
	case f.Headerless && r.o.Header != "":
		return fmt.Errorf("header %q: the format has no headers", r.o.Header)
	case f.Headerless:
		c.layout = r.o.positions(r.lim)
		r.setLayout(c.layout)
		return r.o.checkPositions(r.lim)
	case r.o.Header != "":
		r.setHeader(0, []byte(r.o.Header))
	}
	return nil
}

// setHeader puts a header of a shape in force.
func (r *Reader) setHeader(shape int, line []byte) {
	r.current = shape
	switch c := r.columns[shape].(type) {
	case *delimitedColumns:
		r.header = c.headerText(line, r.lim)
		c.layout = c.Delimited.layout(&r.o, r.header)
		r.setLayout(c.layout)
	case *csvColumns:
		r.header = c.headerText(line, r.lim)
		c.layout = c.CSV.layout(&r.o, r.header)
		r.setLayout(c.layout)
	}
}

// setLayout notes which columns a layout has.
func (r *Reader) setLayout(l layout) {
	for _, p := range l.picks {
		r.found[p.output] = true
	}
}

// Absent returns the addresses of the options that nothing read so far had, in
// their order: no header, no pattern, no object, no pair. They are columns that
// are NULL in every row.
func (r *Reader) Absent() []string {
	var out []string
	for output, address := range r.o.addresses() {
		if !r.found[output] && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	return out
}

// Counts returns the counts of what was read so far. The account balances
// after every Read.
func (r *Reader) Counts() Counts { return Counts{}.Plus(r.counts) }

// Read fills b with the next rows: at least one and at most b.Cap, though
// there may be more. At the end it gives no rows and io.EOF. After an error of
// the input, which it returns wrapped, it gives that error again.
func (r *Reader) Read(b *Batch) error {
	b.prepare(len(r.o.Raw)+len(r.o.Optional), r.o.Text)
	defer b.trim()
	r.arena = r.arena[:0]
	for b.N == 0 {
		if r.err != nil {
			return r.err
		}
		if r.csv != nil {
			r.err = r.readRecords(b)
			continue
		}
		if len(r.lines) == 0 {
			r.err = r.load()
		}
		for len(r.lines) > 0 && !b.full() {
			line, rest := cutLine(r.lines)
			line = content(line, r.line)
			kind, shape := r.framing.kindOf(line, len(line) > r.lim.line)
			if b.N > 0 && kind == headerLine {
				return nil // the rows of a batch have one header
			}
			r.lines = rest
			r.readLine(b, line, kind, shape)
			b.Header = r.header
		}
	}
	return nil
}

// load reads the next block. Rows point into the last one, so it must not be
// called while a batch has any.
func (r *Reader) load() error {
	p, err := r.blocks.next()
	if err != nil {
		return r.inputError(err)
	}
	r.counts.Bytes += int64(len(p.data))
	switch p.kind {
	case wholeLines:
		r.lines, r.valid = p.data, utf8.Valid(p.data)
	case longHead:
		line := content(p.data, r.line)
		kind, shape := r.framing.kindOf(line, true)
		r.readLine(nil, line, kind, shape)
	}
	return nil
}

func (r *Reader) inputError(err error) error {
	if err == io.EOF {
		return io.EOF
	}
	return fmt.Errorf("read line %d: %w", r.line, err)
}

// readLine accounts for one line and adds it to b if it is a row. A line that
// is too long is never a row; it may be cut short, and b may be nil then.
func (r *Reader) readLine(b *Batch, line []byte, kind lineKind, shape int) {
	reason := ""
	switch {
	case kind == headerLine:
		r.setHeader(shape, line)
	case kind == recordLine && len(line) > r.lim.line:
		reason = ReasonTooLong
	case kind == recordLine:
		reason = r.readRecord(b, line)
	}
	r.count(kind, 1, reason)
}

// count accounts for a record, header, comment or blank of some lines.
func (r *Reader) count(kind lineKind, lines int64, reason string) {
	switch kind {
	case blankLine:
		r.counts.Blanks++
	case commentLine:
		r.counts.Comments++
	case headerLine:
		r.counts.Headers++
		r.counts.Continued += lines - 1
	case recordLine:
		r.counts.Records++
		r.counts.Continued += lines - 1
		if reason != "" {
			r.reject(reason)
		}
		r.record++
	}
	r.counts.Lines += lines
	r.line += lines
}

// readRecord adds a record to b, or returns why it is no row.
func (r *Reader) readRecord(b *Batch, line []byte) (reason string) {
	if !r.valid && !utf8.Valid(line) {
		line = r.clean(line)
	}
	shape := 0
	if len(r.columns) > 1 {
		shape = r.framing.shapeOf(line, r.current)
	}
	if reason := r.columns[shape].read(r, b, line); reason != "" {
		return reason
	}
	b.Record[b.N], b.Line[b.N] = r.record, r.line
	if b.Text != nil {
		b.Text[b.N] = line
	}
	b.N++
	r.counts.Rows++
	return ""
}

// clean returns a record with what is not UTF-8 replaced.
func (r *Reader) clean(line []byte) []byte {
	r.counts.Replaced++
	start := len(r.arena)
	r.arena = AppendValid(r.arena, line)
	return r.arena[start:len(r.arena):len(r.arena)]
}

// reject counts the current record as no row.
func (r *Reader) reject(reason string) {
	if r.counts.Rejects == nil {
		r.counts.Rejects = make(map[string]int64)
	}
	r.counts.Rejects[reason]++
	if r.o.Reject != nil {
		r.o.Reject(Reject{Record: r.record, Line: r.line, Reason: reason})
	}
}

// readRecords adds records of CSV to b until it is full or has some and the
// buffer, into which they point, must be loaded.
func (r *Reader) readRecords(b *Batch) error {
	for !b.full() {
		rec, ok := r.csv.next()
		if !ok {
			if b.N > 0 {
				return nil
			}
			if err := r.csv.load(); err != nil {
				return r.inputError(err)
			}
			continue
		}
		line := content(rec.data, r.line)
		kind := r.framing.csv.kindOf(line, r.header == "")
		r.counts.Bytes += int64(len(rec.data))
		if err := r.readCSV(b, rec, line, kind); err != nil {
			return r.inputError(err)
		}
		b.Header = r.header
	}
	return nil
}
