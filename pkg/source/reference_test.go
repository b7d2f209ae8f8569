package source

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tsv is the format of Zeek's logs.
var tsv = Format{Delimited{Separator: '\t', Comment: "#", Null: "-", Empty: "(empty)", HeaderLine: "#fields"}}

// row is a row as tests compare it; nil is NULL.
type row struct {
	Record, Line int64
	Text         string
	Values       []*string
}

// result is everything that reading an input gives.
type result struct {
	Rows    []row
	Rejects []Reject
	Counts  Counts
}

// reference reads delimited text by the plainest means: it is what a Reader must
// agree with.
type reference struct {
	o      Options
	shape  Delimited
	lim    limits
	header *string
	got    result
}

func readReference(input string, o Options, lim limits) result {
	r := &reference{o: o, shape: o.Format[0].(Delimited), lim: lim}
	if o.Header != "" {
		r.header = &o.Header
	}
	r.got.Counts.Bytes = int64(len(input))
	lines := strings.Split(input, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	first := max(1, o.FirstLine)
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		if first+int64(i) == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		r.line(line, first+int64(i))
	}
	return r.got
}

func (r *reference) line(line string, number int64) {
	c, f := &r.got.Counts, r.shape
	c.Lines++
	switch {
	case line == "":
		c.Blanks++
	case f.HeaderLine != "" && (line == f.HeaderLine || strings.HasPrefix(line, f.HeaderLine+string(f.Separator))):
		c.Headers++
		r.header = &line
	case f.Comment != "" && strings.HasPrefix(line, f.Comment):
		c.Comments++
	default:
		record := r.o.FirstRecord + c.Records
		c.Records++
		text, values, reason := r.record(line)
		if reason != "" {
			if c.Rejects == nil {
				c.Rejects = map[string]int64{}
			}
			c.Rejects[reason]++
			r.got.Rejects = append(r.got.Rejects, Reject{record, number, reason})
			return
		}
		c.Rows++
		r.got.Rows = append(r.got.Rows, row{record, number, text, values})
	}
}

func (r *reference) record(line string) (text string, values []*string, reason string) {
	if len(line) > r.lim.line {
		return "", nil, ReasonTooLong
	}
	if !utf8.ValidString(line) {
		r.got.Counts.Replaced++
		line = validReference(line)
	}
	names, reason := r.names()
	if reason != "" {
		return "", nil, reason
	}
	cells := strings.Split(line, string(r.shape.Separator))
	var at []int
	for i, address := range slices.Concat(r.o.Raw, r.o.Optional) {
		p, reason := positionOf(names, address)
		switch optional := i >= len(r.o.Raw); {
		case optional && reason != "":
			p, reason = -1, ""
		case !optional && p < 0:
			reason = ReasonMissing + address
		}
		if reason != "" {
			return "", nil, reason
		}
		at = append(at, p)
	}
	if len(cells) > r.lim.columns || names != nil && len(cells) > len(names) {
		return "", nil, ReasonTooMany
	}
	if names != nil && len(cells) < len(names) {
		return "", nil, ReasonTooFew
	}
	for i, p := range at {
		if p >= len(cells) && i < len(r.o.Raw) {
			return "", nil, ReasonTooFew
		}
		values = append(values, r.value(cells, p))
	}
	return line, values, ""
}

// names returns the names of the columns; nil if they have none.
func (r *reference) names() ([]string, string) {
	f := r.shape
	if f.HeaderLine == "" {
		return nil, ""
	}
	if r.header == nil {
		return nil, ReasonNoHeader
	}
	header := validReference(*r.header)
	if len(*r.header) > r.lim.header || len(header) > r.lim.header {
		return nil, ReasonBadHeader
	}
	names := strings.Split(strings.TrimPrefix(header, f.HeaderLine), string(f.Separator))[1:]
	if len(names) == 0 || len(names) > r.lim.columns {
		return nil, ReasonBadHeader
	}
	for _, c := range strings.Join(names, "") {
		if !unicode.IsGraphic(c) {
			return nil, ReasonBadHeader
		}
	}
	return names, ""
}

// positionOf returns where an address stands; below 0 if nowhere.
func positionOf(names []string, address string) (int, string) {
	if names == nil {
		at, _ := strconv.Atoi(address)
		return at, ""
	}
	at := slices.Index(names, address)
	if at >= 0 && slices.Contains(names[at+1:], address) {
		return at, ReasonDuplicate + address
	}
	return at, ""
}

func (r *reference) value(cells []string, at int) *string {
	if at < 0 || at >= len(cells) {
		return nil
	}
	v := cells[at]
	switch {
	case v == "":
	case v == r.shape.Null:
		return nil
	case v == r.shape.Empty:
		v = ""
	}
	return &v
}

// validReference replaces what is not UTF-8 by trying, at each place, the
// longest start of any character.
func validReference(s string) string {
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			for n := 2; n <= 3 && n <= len(s) && beginsCharacter(s[:n]); n++ {
				size = n
			}
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}

// beginsCharacter reports whether s can be continued to one character.
func beginsCharacter(s string) bool {
	for _, x := range []string{"\x80", "\x90", "\xa0", "\xbf"} {
		for _, tail := range []string{x, x + "\x80"} {
			if r, size := utf8.DecodeRuneInString(s + tail); r != utf8.RuneError && size == len(s)+len(tail) {
				return true
			}
		}
	}
	return false
}
