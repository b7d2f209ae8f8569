package source

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// Reader reads the rows of one input. It is for one goroutine.
type Reader struct {
	o       Options
	lim     limits
	blocks  *blocks
	counts  Counts
	layout  layout
	header  string // header in force, as [Chunk.Header] has it
	found   []bool // outputs that some header had
	line    int64  // number of the next line
	record  int64  // number of the next record
	lines   []byte // lines of the block that are not read yet
	valid   bool   // the block is UTF-8
	cleaned []byte // records of this batch in which bytes were replaced
	ends    []int  // ends of the columns of a record
	err     error
}

// NewReader returns a Reader of r. It reads r in blocks, beyond what it has
// given out, and does not close it. Options that contradict their format are
// an error of the first Read.
func NewReader(r io.Reader, o Options) *Reader { return newReader(r, o, defaultLimits) }

func newReader(in io.Reader, o Options, lim limits) *Reader {
	r := &Reader{
		o:      o,
		lim:    lim,
		blocks: newBlocks(in, lim),
		line:   max(1, o.FirstLine),
		record: o.FirstRecord,
	}
	first, err := o.firstLayout(lim)
	r.found, r.err = make([]bool, len(o.Raw)+len(o.Optional)), err
	if o.Header != "" && err == nil {
		r.header = o.Format.headerText([]byte(o.Header), lim)
	}
	r.setLayout(first)
	return r
}

func (r *Reader) setLayout(l layout) {
	r.layout = l
	for _, p := range l.picks {
		r.found[p.output] = true
	}
}

// Absent returns the addresses of the options that no header so far had, in
// their order: columns that are NULL in every row.
func (r *Reader) Absent() []string {
	var out []string
	for output, address := range r.o.addresses() {
		if !r.found[output] {
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
	r.cleaned = r.cleaned[:0]
	for b.N == 0 {
		if r.err != nil {
			return r.err
		}
		if len(r.lines) == 0 {
			r.err = r.load()
		}
		for len(r.lines) > 0 && !b.full() {
			line, rest := cutLine(r.lines)
			line = content(line, r.line)
			if b.N > 0 && r.o.Format.isHeader(line) {
				return nil // the rows of a batch have one header
			}
			r.lines = rest
			r.readLine(b, line)
			b.Header = r.header
		}
	}
	return nil
}

// load reads the next block. Rows point into the last one, so it must not be
// called while a batch has any.
func (r *Reader) load() error {
	p, err := r.blocks.next()
	if err == io.EOF {
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("read line %d: %w", r.line, err)
	}
	r.counts.Bytes += int64(len(p.data))
	switch p.kind {
	case wholeLines:
		r.lines, r.valid = p.data, utf8.Valid(p.data)
	case longHead:
		r.readLine(nil, content(p.data, r.line))
	}
	return nil
}

// readLine accounts for one line and adds it to b if it is a row. A line that
// is too long is never a row; it may be cut short, and b may be nil then.
func (r *Reader) readLine(b *Batch, line []byte) {
	switch r.o.Format.kindOf(line) {
	case blankLine:
		r.counts.Blanks++
	case commentLine:
		r.counts.Comments++
	case headerLine:
		r.counts.Headers++
		r.header = r.o.Format.headerText(line, r.lim)
		r.setLayout(r.o.named(r.header))
	case recordLine:
		r.counts.Records++
		if reason := r.readRecord(b, line); reason != "" {
			r.reject(reason)
		}
		r.record++
	}
	r.counts.Lines++
	r.line++
}

// readRecord adds a record to b, or returns why it is no row.
func (r *Reader) readRecord(b *Batch, line []byte) (reason string) {
	if b == nil || len(line) > r.lim.line {
		return ReasonTooLong
	}
	if !r.valid && !utf8.Valid(line) {
		line = r.clean(line)
	}
	if r.layout.reason != "" {
		return r.layout.reason
	}
	r.ends = appendEnds(r.ends[:0], line, r.o.Format.Separator, r.layout.most)
	switch n := len(r.ends); {
	case n < r.layout.least:
		return ReasonTooFew
	case n > r.layout.most:
		return ReasonTooMany
	}
	r.addRow(b, line)
	return ""
}

// clean returns a record with what is not UTF-8 replaced.
func (r *Reader) clean(line []byte) []byte {
	r.counts.Replaced++
	start := len(r.cleaned)
	r.cleaned = appendValid(r.cleaned, line)
	return r.cleaned[start:len(r.cleaned):len(r.cleaned)]
}

// addRow adds a record whose columns were found to b.
func (r *Reader) addRow(b *Batch, line []byte) {
	row := b.N
	for _, p := range r.layout.picks {
		if p.column >= len(r.ends) {
			b.Columns[p.output][row] = nil
			continue
		}
		start := 0
		if p.column > 0 {
			start = r.ends[p.column-1] + 1
		}
		end := r.ends[p.column]
		b.Columns[p.output][row] = r.o.Format.value(line[start:end:end])
	}
	for _, output := range r.layout.absent {
		b.Columns[output][row] = nil
	}
	b.Record[row], b.Line[row] = r.record, r.line
	if b.Text != nil {
		b.Text[row] = line
	}
	b.N++
	r.counts.Rows++
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
