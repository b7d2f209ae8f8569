package source

import (
	"bytes"
	"io"
	"strings"
	"unicode"
)

// csvState is where a scan of CSV stands within a record.
type csvState int

const (
	beforeValue csvState = iota
	inValue              // without quotes, or behind them
	inQuotes
	afterQuote // the quote may end the value, or be the first of two
	inLine     // in which quotes do not count
)

// csvScan finds the end of a record in pieces of it.
type csvScan struct {
	*CSV
	state csvState
	lines int64 // ends of lines in the record
}

// begin starts with a record of which the first bytes are there.
func (s *csvScan) begin(data []byte) {
	s.lines, s.state = 0, beforeValue
	if s.Comment != "" && hasPrefix(data, s.Comment) {
		s.state = inLine
		return
	}
	// Most lines have no quotes, and end records.
	if end := bytes.IndexByte(data, '\n'); end >= 0 && bytes.IndexByte(data[:end], s.Quote) < 0 {
		s.state = inLine
	}
}

// feed goes on with data and returns how much of it is of the record, and
// whether the record ends there.
func (s *csvScan) feed(data []byte) (n int, done bool) {
	for n < len(data) {
		switch s.state {
		case inQuotes:
			i := bytes.IndexByte(data[n:], s.Quote)
			if i < 0 {
				s.lines += int64(bytes.Count(data[n:], []byte{'\n'}))
				return len(data), false
			}
			s.lines += int64(bytes.Count(data[n:n+i], []byte{'\n'}))
			n += i + 1
			s.state = afterQuote
		case afterQuote:
			s.state = inValue
			if data[n] == s.Quote {
				s.state = inQuotes
				n++
			}
		case beforeValue:
			s.state = inValue
			if data[n] == s.Quote {
				s.state = inQuotes
				n++
			}
		case inValue:
			for n < len(data) && data[n] != s.Separator && data[n] != '\n' {
				n++
			}
			if n == len(data) {
				return n, false
			}
			n++
			s.state = beforeValue
			if data[n-1] == '\n' {
				s.lines++
				return n, true
			}
		case inLine:
			i := bytes.IndexByte(data[n:], '\n')
			if i < 0 {
				return len(data), false
			}
			s.lines++
			return n + i + 1, true
		}
	}
	return n, false
}

// endLines returns the lines of a record that the input ends with.
func (s *csvScan) endLines(data []byte) int64 {
	if len(data) > 0 && data[len(data)-1] == '\n' {
		return s.lines
	}
	return s.lines + 1
}

// csvRecord is a record, header, comment or blank of CSV as it stands in an
// input.
type csvRecord struct {
	data  []byte // with its end; the first bytes of one that is long
	lines int64
	long  bool // it goes on behind data
	open  bool // the input ends between quotes
}

// csvBlocks frames an input of CSV through one buffer.
type csvBlocks struct {
	*blocks
	scan  csvScan
	begun bool // the scan stands within the record at used
	at    int  // where it stands in the buffer
	first bool // the next record begins in line 1
}

// newCSVBlocks returns records of in; first says that it begins with line 1.
func newCSVBlocks(in *blocks, f *CSV, first bool) *csvBlocks {
	return &csvBlocks{blocks: in, scan: csvScan{CSV: f}, first: first}
}

// next returns the next record; false where load must be called before. After
// one that is long, skip must be called.
func (c *csvBlocks) next() (csvRecord, bool) {
	if c.used == c.have || !c.begun && !c.begin() {
		return csvRecord{}, false
	}
	n, done := c.scan.feed(c.buf[c.at:c.have])
	c.at += n
	rec := csvRecord{data: c.buf[c.used:c.at], lines: c.scan.lines}
	switch {
	case done:
	case c.used == 0 && c.have == len(c.buf):
		rec.long = true
		c.used = c.have
		return rec, true
	case c.err == io.EOF:
		rec.open = c.scan.state == inQuotes
		rec.lines = c.scan.endLines(rec.data)
	default:
		return csvRecord{}, false
	}
	c.used, c.begun, c.first = c.at, false, false
	return rec, true
}

// begin starts the scan of a record; false where too little of it is there to
// tell a comment.
func (c *csvBlocks) begin() bool {
	data := c.buf[c.used:c.have]
	if c.err == nil && c.used > 0 && len(data) < len(byteOrderMark)+len(c.scan.Comment) {
		return false
	}
	mark := 0
	if c.first && bytes.HasPrefix(data, []byte(byteOrderMark)) {
		mark = len(byteOrderMark)
	}
	c.scan.begin(data[mark:])
	c.begun, c.at = true, c.used+mark
	return true
}

// load reads more into the buffer; what was given out before is no longer
// valid. At the end of the input it gives its error.
func (c *csvBlocks) load() error {
	c.have = copy(c.buf, c.buf[c.used:c.have])
	c.at -= c.used
	c.used = 0
	if c.err != nil {
		return c.err
	}
	c.fill()
	return nil
}

// skip reads to the end of a long record and returns how it is as a whole. It
// hands what follows the first bytes to rest, if that is not nil.
func (c *csvBlocks) skip(rest func([]byte) error) (csvRecord, error) {
	last := c.buf[c.have-1]
	for done := false; !done; {
		c.used, c.have = 0, 0
		c.fill()
		var n int
		n, done = c.scan.feed(c.buf[:c.have])
		if n > 0 {
			last = c.buf[n-1]
		}
		if rest != nil {
			if err := rest(c.buf[:n]); err != nil {
				return csvRecord{}, err
			}
		}
		c.used = n
		if !done && c.err != nil {
			if c.err != io.EOF {
				return csvRecord{}, c.err
			}
			break
		}
	}
	c.begun, c.first = false, false
	rec := csvRecord{long: true, open: c.scan.state == inQuotes, lines: c.scan.lines}
	if last != '\n' {
		rec.lines++
	}
	return rec, nil
}

// csvField is where the text of a value stands in a record, without quotes.
type csvField struct {
	start, end int
	quoted     bool
	doubled    bool // it holds quotes, written twice
}

// split appends the values of a record, of those beyond most one.
func (f *CSV) split(fields []csvField, line []byte, most int) (_ []csvField, reason string) {
	for at := 0; ; at++ {
		field := csvField{start: at}
		if at < len(line) && line[at] == f.Quote {
			field.start, field.quoted = at+1, true
			for at++; ; at += 2 {
				i := bytes.IndexByte(line[at:], f.Quote)
				if i < 0 {
					return fields, ReasonUnclosed
				}
				at += i
				if at+1 == len(line) || line[at+1] != f.Quote {
					break
				}
				field.doubled = true
			}
			field.end = at
			at++
			if at < len(line) && line[at] != f.Separator {
				return fields, ReasonAfterQuote
			}
		} else {
			if i := bytes.IndexByte(line[at:], f.Separator); i >= 0 {
				at += i
			} else {
				at = len(line)
			}
			field.end = at
		}
		if len(fields) <= most {
			fields = append(fields, field)
		}
		if at == len(line) {
			return fields, ""
		}
	}
}

// csvColumns are the columns of CSV.
type csvColumns struct {
	*CSV
	layout layout
	ends   []int
	fields []csvField
}

func (c *csvColumns) read(r *Reader, b *Batch, line []byte) (reason string) {
	if c.layout.reason != "" {
		return c.layout.reason
	}
	c.fields = c.fields[:0]
	if bytes.IndexByte(line, c.Quote) >= 0 {
		c.fields, reason = c.split(c.fields, line, c.layout.most)
	} else {
		c.ends = appendEnds(c.ends[:0], line, c.Separator, c.layout.most)
		start := 0
		for _, end := range c.ends {
			c.fields = append(c.fields, csvField{start: start, end: end})
			start = end + 1
		}
	}
	if reason == "" {
		reason = c.layout.fits(len(c.fields))
	}
	if reason != "" {
		return reason
	}
	for _, p := range c.layout.picks {
		b.Columns[p.output][b.N] = nil
		if p.column < len(c.fields) {
			b.Columns[p.output][b.N] = c.value(r, line, c.fields[p.column])
		}
	}
	for _, output := range c.layout.absent {
		b.Columns[output][b.N] = nil
	}
	return ""
}

// value returns a value as it goes into a batch.
func (c *csvColumns) value(r *Reader, line []byte, field csvField) []byte {
	text := line[field.start:field.end:field.end]
	switch {
	case !field.quoted && len(text) > 0 && string(text) == c.Null:
		return nil
	case !field.doubled:
		return text
	}
	start := len(r.arena)
	for i := 0; i < len(text); i++ {
		if text[i] == c.Quote {
			i++
		}
		r.arena = append(r.arena, text[i])
	}
	return r.arena[start:len(r.arena):len(r.arena)]
}

// names returns the values of a header; false where its quotes are wrong.
func (f *CSV) names(line string) ([]string, bool) {
	fields, reason := f.split(nil, []byte(line), len(line))
	quote := string([]byte{f.Quote})
	var names []string
	for _, field := range fields {
		name := line[field.start:field.end]
		if field.doubled {
			name = strings.ReplaceAll(name, quote+quote, quote)
		}
		names = append(names, name)
	}
	return names, reason == ""
}

// unusable is the text of a header that cannot be used: one column, without a
// name.
func (f *CSV) unusable() string { return string([]byte{f.Quote, f.Quote}) }

// headerText is as that of Delimited; a name may have more than one line.
func (f *CSV) headerText(line []byte, lim limits) string {
	text := string(AppendValid(nil, line))
	hidden := func(r rune) bool {
		return r != rune(f.Separator) && !unicode.IsGraphic(r) && !strings.ContainsRune("\r\n\t", r)
	}
	names, ok := f.names(text)
	if len(text) > lim.header || len(line) > lim.header || len(names) > lim.columns || !ok || strings.ContainsFunc(text, hidden) {
		return f.unusable()
	}
	return text
}

// layout returns the layout after a header with this text.
func (f *CSV) layout(o *Options, text string) layout {
	names, ok := f.names(text)
	if !ok || len(names) == 1 && names[0] == "" {
		return layout{reason: ReasonBadHeader}
	}
	return o.named(names)
}

// kindOf says what a record is; first: no header is in force.
func (f *CSV) kindOf(line []byte, first bool) lineKind {
	switch {
	case len(line) == 0:
		return blankLine
	case f.Comment != "" && hasPrefix(line, f.Comment):
		return commentLine
	case first && !f.Headerless:
		return headerLine
	}
	return recordLine
}

// readCSV accounts for one record and adds it to b if it is a row.
func (r *Reader) readCSV(b *Batch, rec csvRecord, line []byte, kind lineKind) error {
	if kind == headerLine {
		r.setHeader(0, line)
	}
	if rec.long {
		whole, err := r.csv.skip(func(rest []byte) error {
			r.counts.Bytes += int64(len(rest))
			return nil
		})
		if err != nil {
			return err
		}
		rec.lines, rec.open = whole.lines, whole.open
	}
	reason := ""
	if kind == recordLine {
		switch {
		case rec.open:
			reason = ReasonUnclosed
		case rec.long || len(line) > r.lim.line:
			reason = ReasonRecordTooLong
		default:
			reason = r.readRecord(b, line)
		}
	}
	r.count(kind, rec.lines, reason)
	return nil
}
