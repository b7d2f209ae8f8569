package sparkcsv

import (
	"slices"
	"strings"
)

// mark stands before some texts to tell how they are encoded.
const mark = "\ufeff"

// newline parts records. Spark takes what is no character, since a text is one
// record, with the lines that are in it.
const newline = '\uffff'

// maxValues is how many values Spark's reader takes.
const maxValues = 20480

// Parse returns the values of the one record of a text, of which there
// may be none. It is false where Spark's reader fails.
func (o Options) Parse(text string) ([]string, bool) {
	p := parser{Options: o, in: []rune(strings.TrimPrefix(text, mark))}
	if text == mark { // behind which Spark's reader finds a character
		p.in = []rune{0}
	}
	for p.next() {
		if !p.record() {
			p.finish()
		}
		if len(p.values) > 0 {
			break
		}
	}
	return p.values, len(p.values) <= maxValues && !p.failed
}

// parser is at one character; the text before it in the value is kept apart.
// Methods are false when the text has ended, at any place: then ch is still the
// last character that was looked at.
type parser struct {
	Options
	in     []rune
	at     int  // of the next character
	ch     rune // 0 at the end
	prev   rune // the quote or escape before ch, or 0
	loose  bool // a quote stood inside of the value, which now ends at a separator
	trim   bool
	value  []rune
	values []string
	failed bool
}

func (p *parser) next() bool {
	if p.at >= len(p.in) {
		return false
	}
	p.ch = p.in[p.at]
	p.at++
	return true
}

func (p *parser) ends(c rune) bool { return c == p.Separator || c == newline }

// escapes reports whether the escape escapes itself, too.
func (p *parser) escapes() rune {
	if p.Quote == p.Escape {
		return 0
	}
	return p.Escape
}

// take keeps what comes before one of some characters.
func (p *parser) take(stops ...rune) bool {
	for c := p.ch; ; {
		if slices.Contains(stops, c) {
			p.ch = c
			return true
		}
		p.value = append(p.value, c)
		if p.at >= len(p.in) {
			return false
		}
		c = p.in[p.at]
		p.at++
	}
}

// done ends a value.
func (p *parser) done() {
	text := string(p.value)
	if p.trim {
		text = strings.TrimRightFunc(text, blank)
	}
	if text == "" {
		text = p.EmptyValue
	}
	p.values, p.value = append(p.values, text), nil
}

func (p *parser) none() { p.values = append(p.values, p.NullValue) }

func blank(c rune) bool { return c <= ' ' }

func (p *parser) skipBlanks() bool {
	for p.TrimLeft && blank(p.ch) && !p.ends(p.ch) && p.ch != p.Quote {
		if !p.next() {
			return false
		}
	}
	return true
}

func (p *parser) record() bool {
	if !p.skipBlanks() {
		return false
	}
	for p.ch != newline {
		if !p.skipBlanks() {
			return false
		}
		switch {
		case p.ends(p.ch):
			p.none()
		case p.ch == p.Quote:
			p.loose, p.prev, p.trim = false, 0, false
			if !p.plain() && !p.quoted() {
				return false
			}
			p.done()
		default:
			p.loose, p.prev = false, 0
			if !p.unquoted() {
				return false
			}
		}
		if p.failed {
			return false
		}
		if p.ch != newline {
			if !p.next() {
				return false
			}
			if p.ch == newline {
				p.none()
			}
		}
	}
	return true
}

// unquoted reads a value that has no quote in front.
func (p *parser) unquoted() bool {
	p.trim = p.TrimRight
	if !p.take(p.Separator, newline) {
		return false
	}
	p.done()
	return true
}

// plain reads a value in quotes of which each character is itself, in one go.
// What it leaves behind differs from that of [parser.quoted].
func (p *parser) plain() bool {
	for i := p.at; i+1 < len(p.in) && p.in[i] != newline; i++ {
		c, follows := p.in[i], p.in[i+1]
		switch {
		case c == p.Quote && p.in[i-1] != p.Escape && p.ends(follows):
			p.value, p.at = slices.Clone(p.in[p.at:i]), i+1
			return p.next()
		case c == p.Quote || c == p.Escape && (follows == p.Quote || follows == p.escapes()):
			return false
		}
	}
	return false
}

// quoted reads a value from its quote on, or goes on with one in which
// something stands behind the closing quote.
func (p *parser) quoted() bool {
	if p.prev != 0 {
		p.value = slices.Insert(p.value, 0, p.Quote)
		if !p.next() {
			return false
		}
		p.trim = p.TrimRight
		return p.take(p.Separator, newline)
	}
	if !p.next() {
		return false
	}
	for p.prev != p.Quote || !blank(p.ch) && !p.ends(p.ch) {
		switch {
		case p.ch == p.Quote || p.ch == p.Escape:
			if !p.escape() {
				return false
			}
			p.prev = p.ch
			if !p.next() {
				return false
			}
			if p.loose && p.ends(p.ch) {
				return true
			}
			continue
		case p.prev == p.Quote:
			p.loose = true
			p.value = append(p.value, p.Quote, p.ch)
			p.prev = p.ch
			return p.quoted()
		case p.prev == p.Escape && p.Escape != 0:
			p.value = append(p.value, p.Escape)
		}
		if !p.take(p.Quote, p.Escape, p.escapes()) {
			return false
		}
		p.prev = p.ch
		if !p.next() {
			return false
		}
	}
	return p.closed()
}

// closed passes over blanks behind a closing quote; where something else
// follows, it was none.
func (p *parser) closed() bool {
	if p.ends(p.ch) {
		return true
	}
	var blanks []rune
	for blank(p.ch) && p.ch != p.Separator {
		blanks = append(blanks, p.ch)
		if !p.next() {
			return false
		}
		if p.ch == newline {
			return true
		}
	}
	if p.ch == p.Separator {
		return true
	}
	p.value = append(append(append(p.value, p.Quote), blanks...), p.ch)
	p.prev = p.ch
	ok := p.quoted()
	p.failed = ok && !p.ends(p.ch)
	return ok
}

// escape keeps what a quote or an escape stands for, by what is before it.
func (p *parser) escape() bool {
	switch again := p.escapes(); {
	case p.ch == p.Escape && p.prev == again && again != 0:
		p.value = append(p.value, p.Escape)
		p.ch = 0
	case p.prev == p.Escape && p.ch == p.Quote:
		p.value = append(p.value, p.Quote)
		p.ch = 0
	case p.prev == p.Escape:
		p.value = append(p.value, p.prev)
	case p.ch == p.Quote && p.prev == p.Quote:
		p.value = append(p.value, p.Quote)
	case p.prev == p.Quote:
		return p.reopened()
	}
	return true
}

// reopened goes on behind a quote that was not the closing one.
func (p *parser) reopened() bool {
	p.value = append(p.value, p.Quote)
	p.prev = p.ch
	for !p.ends(p.ch) {
		switch {
		case p.ch == p.Quote || p.ch == p.Escape:
			if !p.escape() {
				return false
			}
		case p.prev == p.Quote:
			return p.reopened()
		default:
			p.value = append(p.value, p.ch)
		}
		p.prev = p.ch
		if !p.next() {
			return false
		}
	}
	return true
}

// finish ends the value that the end of the text has cut.
func (p *parser) finish() {
	closes := p.ch == p.Quote && p.prev == p.Quote
	if p.ch == p.Quote && !closes && !p.loose {
		p.value = append(p.value, p.Quote)
	}
	if closes || p.prev != 0 && !p.ends(p.ch) || len(p.value) > 0 {
		p.done()
		return
	}
	p.none()
}
