package source

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lineKind is what a line is.
type lineKind int

const (
	recordLine lineKind = iota
	headerLine
	commentLine
	blankLine
)

// kindOf classifies the content of a line, or its first bytes if it is long.
func (f *Format) kindOf(line []byte) lineKind {
	switch {
	case len(line) == 0:
		return blankLine
	case f.isHeader(line):
		return headerLine
	case f.Comment != "" && hasPrefix(line, f.Comment):
		return commentLine
	}
	return recordLine
}

func (f *Format) isHeader(line []byte) bool {
	n := len(f.HeaderLine)
	return n > 0 && hasPrefix(line, f.HeaderLine) && (len(line) == n || line[n] == f.Separator)
}

func hasPrefix(line []byte, prefix string) bool {
	return len(line) >= len(prefix) && string(line[:len(prefix)]) == prefix
}

// headerText returns the text by which a header line is known from then on. A
// header that cannot be used becomes the bare HeaderLine, which names nothing:
// the text goes into specs, so it is short, valid UTF-8 and can be printed.
func (f *Format) headerText(line []byte, lim limits) string {
	if len(line) > lim.header {
		return f.HeaderLine
	}
	text := string(appendValid(nil, line))
	names := text[len(f.HeaderLine):]
	hidden := func(r rune) bool { return r != rune(f.Separator) && !unicode.IsGraphic(r) }
	if len(text) > lim.header || strings.Count(names, string([]byte{f.Separator})) > lim.columns ||
		strings.ContainsFunc(names, hidden) {
		return f.HeaderLine
	}
	return text
}

// layout says where the raw columns stand in the records after a header.
type layout struct {
	reason string // why no record is a row; empty: they may be
	least  int    // columns that a record must have
	most   int    // columns that a record may have
	picks  []pick // columns that are read
	absent []int  // outputs that are NULL
}

// pick takes one column of a record into one output of a batch.
type pick struct{ column, output int }

// addresses returns the addresses of the outputs of a batch.
func (o *Options) addresses() []string { return slices.Concat(o.Raw, o.Optional) }

// firstLayout returns the layout in force before the first line, or an error
// where the options contradict their format.
func (o *Options) firstLayout(lim limits) (layout, error) {
	switch f := &o.Format; {
	case f.Separator >= utf8.RuneSelf || f.Separator == '\n' || f.Separator == '\r':
		return layout{}, fmt.Errorf("separator %q: not an ASCII character within a line", f.Separator)
	case f.HeaderLine == "" && o.Header != "":
		return layout{}, fmt.Errorf("header %q: the format has no headers", o.Header)
	case f.HeaderLine == "":
		return o.positions(lim)
	case o.Header == "":
		return layout{reason: ReasonNoHeader}, nil
	case !f.isHeader([]byte(o.Header)):
		return layout{}, fmt.Errorf("header %q: does not begin with %q and a separator", o.Header, f.HeaderLine)
	}
	return o.named(o.Format.headerText([]byte(o.Header), lim)), nil
}

// positions returns the layout of a format without headers.
func (o *Options) positions(lim limits) (layout, error) {
	l := layout{most: lim.columns}
	for output, address := range o.addresses() {
		p, err := strconv.Atoi(address)
		if err != nil || p < 0 || p >= lim.columns || strconv.Itoa(p) != address {
			return layout{}, fmt.Errorf("raw column %q: without a header, an address is a position from 0 to %d", address, lim.columns-1)
		}
		if output < len(o.Raw) {
			l.least = max(l.least, p+1)
		}
		l.picks = append(l.picks, pick{p, output})
	}
	return l, nil
}

// named returns the layout after a header with this text.
func (o *Options) named(text string) layout {
	names, ok := strings.CutPrefix(text[len(o.Format.HeaderLine):], string([]byte{o.Format.Separator}))
	if !ok {
		return layout{reason: ReasonBadHeader}
	}
	columns := strings.Split(names, string([]byte{o.Format.Separator}))
	where := o.find(columns)
	l := layout{least: len(columns), most: len(columns)}
	for output, address := range o.addresses() {
		switch at := where[address]; {
		case len(at) > 1 && output < len(o.Raw):
			return layout{reason: ReasonDuplicate + address}
		case len(at) == 1:
			l.picks = append(l.picks, pick{at[0], output})
		case output < len(o.Raw):
			return layout{reason: ReasonMissing + address}
		default:
			l.absent = append(l.absent, output)
		}
	}
	slices.SortFunc(l.picks, func(a, b pick) int { return cmp.Compare(a.column, b.column) })
	return l
}

// find returns where each address stands among the columns of a header.
func (o *Options) find(columns []string) map[string][]int {
	where := make(map[string][]int)
	for _, address := range o.addresses() {
		where[address] = nil
	}
	for i, name := range columns {
		if at, asked := where[name]; asked && len(at) < 2 {
			where[name] = append(at, i)
		}
	}
	return where
}

// value returns a value as it goes into a batch.
func (f *Format) value(text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	if string(text) == f.Null {
		return nil
	}
	if string(text) == f.Empty {
		return text[:0]
	}
	return text
}
