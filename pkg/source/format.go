package source

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Format is the shapes that the records of a log have, in order. Several are
// one log in which lines differ, as where a sensor was switched from tabs to
// JSON. A line has the first shape that recognises it:
//
//   - [Delimited] its headers and comments, and, while a header of it is in
//     force or where it has none, any line that no other shape recognises;
//   - [JSON] a line whose first character that is no space is a brace;
//   - [Regex] its comments, and a line that one of its patterns matches;
//   - [KeyValue] a line that has a key and a value.
//
// A line that no shape recognises has the last one. [CSV] stands alone.
type Format []Shape

// Shape is one form of records: [Delimited], [CSV], [JSON], [Regex] or
// [KeyValue].
type Shape interface {
	// check reports settings that contradict each other.
	check() error
}

// Delimited is text with one record a line, one separator between values and
// no quotes: Zeek TSV, for one. An address is a name of the header, or a
// decimal position from "0" where there is none.
type Delimited struct {
	// Separator is the byte between two values: '\t', ','.
	Separator byte
	// Comment begins a line that is no record; empty: there are no comments.
	Comment string
	// Null is the text of a value that is not set; empty: every value is set.
	Null string
	// Empty is the text of a value that is set and empty; a value without any
	// text is set and empty, too. Where Null and Empty are equal, Null wins.
	Empty string
	// HeaderLine begins a line that names the columns, "#fields" for Zeek; the
	// names follow it, each after one Separator. A header may stand again
	// where the columns change. Empty: columns are known by their position.
	HeaderLine string
}

// CSV is text with quotes, as in RFC 4180: between quotes a value may hold
// separators, line ends and quotes, which are doubled, so that a record may
// have several lines. An address is as that of Delimited.
type CSV struct {
	// Separator is the byte between two values.
	Separator byte
	// Quote is the byte around values. It counts only where a value begins
	// with it; within other values it is a character.
	Quote byte
	// Comment begins a line, where a record may begin, that is none; empty:
	// there are no comments.
	Comment string
	// Null is the text of a value without quotes that is not set; empty: every
	// value is set.
	Null string
	// Headerless says that the first record is no header.
	Headerless bool
}

// JSON is one JSON object a line. An address is a key, or keys joined by dots
// that lead into objects, and positions from 0 that lead into arrays. Where
// keys have dots themselves, the longest key that leads somewhere counts. A
// string gives its text, a number what was written; objects and arrays give
// their JSON without white space. What is null or absent is NULL. Of a key
// that an object repeats, the last one counts.
type JSON struct{}

// Regex is one record a line, taken apart by the first pattern that matches
// it. An address is the name of a group, or its number; 0 is the whole line. A
// group that took no part is NULL.
type Regex struct {
	Patterns []Pattern
	// Null is the text of a value that is not set; empty: every value is set.
	Null string
	// Comment begins a line that is no record; empty: there are no comments.
	Comment string
}

// KeyValue is one record a line of keys and values. What is no pair is passed
// over. An address is a key; the first of a repeated key counts.
type KeyValue struct {
	// Separator stands between pairs, once or more.
	Separator string
	// Assign stands between a key and its value.
	Assign string
	// Quote is the byte around values that hold separators. It ends one where
	// a separator or the end of the line follows, or a comma or semicolon
	// before these. Between quotes a backslash stands before a quote or a
	// backslash that is meant as such.
	Quote byte
	// Null is the text of a value without quotes that is not set; empty: every
	// value is set.
	Null string
}

func (d Delimited) check() error { return checkByte("separator", d.Separator) }

func (c CSV) check() error {
	if c.Separator == c.Quote {
		return fmt.Errorf("separator and quote are both %q", c.Quote)
	}
	return errors.Join(checkByte("separator", c.Separator), checkByte("quote", c.Quote))
}

func (JSON) check() error { return nil }

func (r Regex) check() error {
	if len(r.Patterns) == 0 {
		return errors.New("no pattern")
	}
	return nil
}

func (k KeyValue) check() error {
	if k.Separator == "" || k.Assign == "" || k.Separator == k.Assign {
		return fmt.Errorf("separator %q and assign %q must be two texts", k.Separator, k.Assign)
	}
	return checkByte("quote", k.Quote)
}

// checkByte reports a byte that may be part of a character or ends a line.
func checkByte(what string, b byte) error {
	if b >= utf8.RuneSelf || b == '\n' || b == '\r' {
		return fmt.Errorf("%s %q: not an ASCII character within a line", what, b)
	}
	return nil
}

// Check reports a format that nothing can be read by.
func (f Format) Check() error {
	_, err := f.framing()
	return err
}

// framing is what decides which records there are.
type framing struct {
	csv    *CSV // alone; there are no lines then
	shapes []lineShape
	// bare is the first shape that takes any line without a header; -1: none.
	bare int
}

// lineShape is a shape with one record a line.
type lineShape interface {
	// kindOf tells the shape's headers and comments; all else is a record.
	kindOf(line []byte) lineKind
	// claims reports whether the shape recognises a record, which is UTF-8. Of
	// a long line only the first bytes are there.
	claims(line []byte, long bool) bool
	// columns returns what finds the values of the options' addresses.
	columns(o *Options, lim limits) (columns, error)
}

// framing checks a format and makes it ready.
func (f Format) framing() (framing, error) {
	out := framing{bare: -1}
	if len(f) == 0 {
		return out, errors.New("the format has no shape")
	}
	for i, s := range f {
		if err := s.check(); err != nil {
			return out, err
		}
		switch s := s.(type) {
		case CSV:
			if len(f) > 1 {
				return out, errors.New("CSV beside other shapes")
			}
			out.csv = &s
		case Delimited:
			if s.HeaderLine == "" && out.bare < 0 {
				out.bare = i
			}
			out.shapes = append(out.shapes, &s)
		case JSON:
			out.shapes = append(out.shapes, &s)
		case Regex:
			out.shapes = append(out.shapes, &s)
		case KeyValue:
			out.shapes = append(out.shapes, &s)
		}
	}
	return out, nil
}

// kindOf says what a line is, and which shape's if it is a header or comment.
// line is its content, or the first bytes of it if it is long.
func (f *framing) kindOf(line []byte, long bool) (lineKind, int) {
	if len(line) == 0 {
		return blankLine, 0
	}
	for i, s := range f.shapes {
		kind := s.kindOf(line)
		if kind == recordLine {
			continue
		}
		if i > 0 && f.claimed(f.shapes[:i], line, long) {
			return recordLine, 0
		}
		return kind, i
	}
	return recordLine, 0
}

// claimed reports whether one of some shapes recognises a line as a record.
func (f *framing) claimed(shapes []lineShape, line []byte, long bool) bool {
	if !utf8.Valid(line) {
		line = AppendValid(nil, line)
	}
	for _, s := range shapes {
		if s.claims(line, long) {
			return true
		}
	}
	return false
}

// shapeOf returns the shape of a record that is not long. current is the shape
// whose header is in force; -1: none.
func (f *framing) shapeOf(line []byte, current int) int {
	for i, s := range f.shapes {
		if s.claims(line, false) {
			return i
		}
	}
	switch {
	case current >= 0 && (f.bare < 0 || current < f.bare):
		return current
	case f.bare >= 0:
		return f.bare
	}
	return len(f.shapes) - 1
}

func (d *Delimited) kindOf(line []byte) lineKind {
	switch {
	case d.isHeader(line):
		return headerLine
	case d.Comment != "" && hasPrefix(line, d.Comment):
		return commentLine
	}
	return recordLine
}

// claims is false: a delimited shape takes what the others leave.
func (d *Delimited) claims([]byte, bool) bool { return false }

func (d *Delimited) isHeader(line []byte) bool {
	n := len(d.HeaderLine)
	return n > 0 && hasPrefix(line, d.HeaderLine) && (len(line) == n || line[n] == d.Separator)
}

func (j *JSON) kindOf([]byte) lineKind { return recordLine }

func (j *JSON) claims(line []byte, _ bool) bool {
	line = bytes.TrimLeft(line, jsonSpace)
	return len(line) > 0 && line[0] == '{'
}

func (r *Regex) kindOf(line []byte) lineKind {
	if r.Comment != "" && hasPrefix(line, r.Comment) {
		return commentLine
	}
	return recordLine
}

func (r *Regex) claims(line []byte, long bool) bool {
	if long {
		return false
	}
	for _, p := range r.Patterns {
		if p.matches(line) {
			return true
		}
	}
	return false
}

func (k *KeyValue) kindOf([]byte) lineKind { return recordLine }

func hasPrefix(line []byte, prefix string) bool {
	return len(line) >= len(prefix) && string(line[:len(prefix)]) == prefix
}
