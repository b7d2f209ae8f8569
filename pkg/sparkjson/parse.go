// Package sparkjson reads JSON as Spark does, which takes more than the standard
// has: texts in single quotes, NaN and infinities, and whatever stands behind the
// first value.
package sparkjson

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is the kind of a value.
type Kind uint8

// The kinds of values. Special is a number that is none of JSON: NaN, Infinity.
const (
	Null Kind = iota
	Boolean
	Whole
	Fraction
	Special
	String
	Array
	Object
)

// Value is a JSON value. Text is that of a string, or what a number or truth
// value is written as. Items are the elements of an array, or the values of an
// object, whose names are Names; a name may stand twice.
type Value struct {
	Kind  Kind
	Text  string
	Items []Value
	Names []string
}

// Limits of Spark's parser.
const (
	maxDepth  = 1000
	maxNumber = 1000
)

// Options say what is read. Plain is what get_json_object and the functions
// beside it read: NaN and infinities are malformed, control characters in texts
// are not.
// LeadingZeros takes 007 for a number.
type Options struct{ Plain, LeadingZeros bool }

// Parse reads the first value of a text; it is false where there is none, or
// the value is malformed.
func (o Options) Parse(text string) (Value, bool) {
	p := parser{text: text, Options: o}
	v := p.value(0)
	return v, !p.failed
}

type parser struct {
	Options
	text   string
	pos    int
	failed bool
}

func (p *parser) fail() Value {
	p.failed = true
	return Value{}
}

func (p *parser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// accept takes a character, after white space.
func (p *parser) accept(c byte) bool {
	p.space()
	if p.failed || p.pos >= len(p.text) || p.text[p.pos] != c {
		return false
	}
	p.pos++
	return true
}

func (p *parser) value(depth int) Value {
	p.space()
	if p.failed || depth > maxDepth || p.pos >= len(p.text) {
		return p.fail()
	}
	switch c := p.text[p.pos]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"' || c == '\'':
		return Value{Kind: String, Text: p.string()}
	case c == '-' || c == '+' || c >= '0' && c <= '9':
		return p.number(depth)
	}
	for word, kind := range map[string]Kind{"null": Null, "true": Boolean, "false": Boolean, "NaN": Special, "Infinity": Special} {
		if (kind != Special || !p.Plain) && p.word(word) {
			return Value{Kind: kind, Text: word}
		}
	}
	return p.fail()
}

// word takes a word that no other character of a word follows.
func (p *parser) word(word string) bool {
	rest, ok := strings.CutPrefix(p.text[p.pos:], word)
	if !ok || rest != "" && isWordByte(rest[0]) {
		return false
	}
	p.pos += len(word)
	return true
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func (p *parser) object(depth int) Value {
	p.pos++
	v := Value{Kind: Object}
	if p.accept('}') {
		return v
	}
	for !p.failed {
		p.space()
		if p.pos >= len(p.text) || p.text[p.pos] != '"' && p.text[p.pos] != '\'' {
			return p.fail()
		}
		v.Names = append(v.Names, p.string())
		if !p.accept(':') {
			return p.fail()
		}
		v.Items = append(v.Items, p.value(depth+1))
		if p.accept('}') {
			return v
		}
		if !p.accept(',') {
			return p.fail()
		}
	}
	return v
}

func (p *parser) array(depth int) Value {
	p.pos++
	v := Value{Kind: Array}
	if p.accept(']') {
		return v
	}
	for !p.failed {
		v.Items = append(v.Items, p.value(depth+1))
		if p.accept(']') {
			return v
		}
		if !p.accept(',') {
			return p.fail()
		}
	}
	return v
}

func (p *parser) digits() bool {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > start
}

// number reads a number. Behind one that is the whole value stands a blank.
func (p *parser) number(depth int) Value {
	start := p.pos
	if c := p.text[p.pos]; c == '-' || c == '+' {
		p.pos++
		for _, word := range []string{"Infinity", "INF"} {
			if !p.Plain && p.word(word) {
				return Value{Kind: Special, Text: strings.TrimPrefix(string(c), "+") + "Infinity"}
			}
		}
		if c == '+' {
			return p.fail()
		}
	}
	v := Value{Kind: Whole}
	zero := strings.HasPrefix(p.text[p.pos:], "0")
	whole := p.pos
	if !p.digits() || zero && p.pos > whole+1 && !p.LeadingZeros {
		return p.fail()
	}
	if strings.HasPrefix(p.text[p.pos:], ".") {
		p.pos++
		if v.Kind = Fraction; !p.digits() {
			return p.fail()
		}
	}
	if rest := p.text[p.pos:]; rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		p.pos++
		v.Kind = Fraction
		if rest = p.text[p.pos:]; rest != "" && (rest[0] == '+' || rest[0] == '-') {
			p.pos++
		}
		if !p.digits() {
			return p.fail()
		}
	}
	if v.Text = p.text[start:p.pos]; len(v.Text) > maxNumber || p.pos < len(p.text) && (isWordByte(p.text[p.pos]) || p.text[p.pos] == '.') {
		return p.fail()
	}
	if depth == 0 && p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) < 0 {
		return p.fail()
	}
	return v
}

// string reads a text in quotes.
func (p *parser) string() string {
	quote := p.text[p.pos]
	p.pos++
	start := p.pos
	for i := p.pos; i < len(p.text); i++ { // most have no escape
		switch c := p.text[i]; {
		case c == quote:
			p.pos = i + 1
			return p.text[start:i]
		case c == '\\':
			return p.escaped(start, i, quote)
		case c < ' ' && !p.Plain:
			p.fail()
			return ""
		}
	}
	p.fail()
	return ""
}

// escaped reads on from the first escape.
func (p *parser) escaped(start, i int, quote byte) string {
	b := []byte(p.text[start:i])
	for i < len(p.text) {
		c := p.text[i]
		i++
		switch {
		case c == quote:
			p.pos = i
			return string(b)
		case c < ' ' && !p.Plain:
			p.fail()
			return ""
		case c != '\\':
			b = append(b, c)
			continue
		}
		if i >= len(p.text) {
			break
		}
		c = p.text[i]
		i++
		if at := strings.IndexByte(`"'\/bfnrt`, c); at >= 0 {
			b = append(b, "\"'\\/\b\f\n\r\t"[at])
			continue
		}
		r, ok := p.unicode(i, c)
		if !ok {
			break
		}
		i += 4
		if utf16.IsSurrogate(r) {
			var n int
			b, n = p.surrogate(b, r, i)
			i += n
			continue
		}
		b = utf8.AppendRune(b, r)
	}
	p.fail()
	return ""
}

// surrogate appends a character of which one half has been read, and returns how
// many bytes the other takes. Half a pair alone is the three bytes that it would
// take as a character.
func (p *parser) surrogate(b []byte, half rune, at int) ([]byte, int) {
	if strings.HasPrefix(p.text[at:], `\u`) {
		if low, ok := p.unicode(at+2, 'u'); ok {
			if r := utf16.DecodeRune(half, low); r != utf8.RuneError {
				return utf8.AppendRune(b, r), 6
			}
		}
	}
	return append(b, 0xe0|byte(half>>12), 0x80|byte(half>>6)&0x3f, 0x80|byte(half)&0x3f), 0
}

// unicode reads four hexadecimal digits.
func (p *parser) unicode(at int, c byte) (rune, bool) {
	if c != 'u' || at+4 > len(p.text) {
		return 0, false
	}
	var r rune
	for _, d := range []byte(p.text[at : at+4]) {
		n := strings.IndexByte("0123456789abcdef0123456789ABCDEF", d)
		if n < 0 {
			return 0, false
		}
		r = r<<4 | rune(n%16)
	}
	return r, true
}
