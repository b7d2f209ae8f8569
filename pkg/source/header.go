package source

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// lineKind is what a line is.
type lineKind int

const (
	recordLine lineKind = iota
	headerLine
	commentLine
	blankLine
)

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

// checkPositions reports an address that is no position, for a format in which
// nothing else can be one.
func (o *Options) checkPositions(lim limits) error {
	for _, address := range o.addresses() {
		if _, ok := position(address, lim); !ok {
			return fmt.Errorf("raw column %q: without a header, an address is a position from 0 to %d", address, lim.columns-1)
		}
	}
	return nil
}

// position returns the position that an address is.
func position(address string, lim limits) (int, bool) {
	p, err := strconv.Atoi(address)
	return p, err == nil && p >= 0 && p < lim.columns && strconv.Itoa(p) == address
}

// positions returns the layout of records without a header.
func (o *Options) positions(lim limits) layout {
	l := layout{most: lim.columns}
	for output, address := range o.addresses() {
		p, ok := position(address, lim)
		switch {
		case !ok && output < len(o.Raw):
			return layout{reason: ReasonMissing + address}
		case !ok:
			l.absent = append(l.absent, output)
			continue
		case output < len(o.Raw):
			l.least = max(l.least, p+1)
		}
		l.picks = append(l.picks, pick{p, output})
	}
	return l
}

// named returns the layout after a header that names columns.
func (o *Options) named(columns []string) layout {
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

// headerText returns the text by which a header line is known from then on. A
// header that cannot be used becomes the bare HeaderLine, which names nothing:
// the text goes into specs, so it is short, valid UTF-8 and can be printed.
func (d *Delimited) headerText(line []byte, lim limits) string {
	if len(line) > lim.header {
		return d.HeaderLine
	}
	text := string(AppendValid(nil, line))
	names := text[len(d.HeaderLine):]
	hidden := func(r rune) bool { return r != rune(d.Separator) && !unicode.IsGraphic(r) }
	if len(text) > lim.header || strings.Count(names, string([]byte{d.Separator})) > lim.columns ||
		strings.ContainsFunc(names, hidden) {
		return d.HeaderLine
	}
	return text
}

// layout returns the layout after a header with this text.
func (d *Delimited) layout(o *Options, text string) layout {
	separator := string([]byte{d.Separator})
	names, ok := strings.CutPrefix(text[len(d.HeaderLine):], separator)
	if !ok {
		return layout{reason: ReasonBadHeader}
	}
	return o.named(strings.Split(names, separator))
}

// firstLayout returns the layout in force before the first line and header.
func (d *Delimited) firstLayout(o *Options, lim limits) layout {
	if d.HeaderLine == "" {
		return o.positions(lim)
	}
	return layout{reason: ReasonNoHeader}
}

// value returns a value as it goes into a batch.
func (d *Delimited) value(text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	if string(text) == d.Null {
		return nil
	}
	if string(text) == d.Empty {
		return text[:0]
	}
	return text
}
