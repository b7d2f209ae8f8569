package spec

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads the tokens of the protobuf text format. It follows the grammar
// of package prototext to the letter, oddities included, so that the two
// accept the same files; protobuf.dev/reference/protobuf/textformat-spec is
// the specification of both.
type scanner struct {
	src string
	pos int
}

// problem is a mistake of form at a stretch of the source.
type problem struct {
	start, end int
	message    string
}

// space skips white space and comments.
func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\n', '\r', '\t':
			s.pos++
		case '#':
			if i := strings.IndexByte(s.src[s.pos:], '\n'); i >= 0 {
				s.pos += i + 1
			} else {
				s.pos = len(s.src)
			}
		default:
			return
		}
	}
}

// peek returns the next byte, or 0 at the end; the source holds no NUL.
func (s *scanner) peek() byte { return s.at(0) }

func (s *scanner) at(i int) byte {
	if s.pos+i < len(s.src) {
		return s.src[s.pos+i]
	}
	return 0
}

// ident returns the length of the identifier at the place, or 0.
func (s *scanner) ident() int {
	if !isLetter(s.peek()) {
		return 0
	}
	n := 1
	for isLetter(s.at(n)) || isDigit(s.at(n)) {
		n++
	}
	if isWord(s.at(n)) {
		return 0
	}
	return n
}

// number is a number as written. Text is what strconv reads: without spaces
// behind the sign and without the f of a float.
type number struct {
	size     int // in the source, 0: none
	text     string
	negative bool
	float    bool
	decimal  bool
}

// number returns the number at the place.
func (s *scanner) number() number {
	t := *s
	n := number{negative: t.peek() == '-', decimal: true}
	if n.negative {
		t.pos++
		t.space()
	}
	digits := t.pos
	switch {
	case t.peek() == '0' && (t.at(1) == 'x' || t.at(1) == 'X'):
		t.pos += 2
		if t.skip(isHex) == 0 {
			return number{}
		}
		n.decimal = false
	case t.peek() == '0' && isOctal(t.at(1)):
		t.skip(isOctal)
		n.decimal = false
	case !t.decimal(&n):
		return number{}
	}
	if isWord(t.peek()) {
		return number{}
	}
	n.size = t.pos - s.pos
	n.text = t.src[digits:t.pos]
	if n.float {
		n.text = strings.TrimRight(n.text, "fF")
	}
	if n.negative {
		n.text = "-" + n.text
	}
	return n
}

// decimal reads digits, a fraction, an exponent and an f, each optional.
func (s *scanner) decimal(n *number) bool {
	switch {
	case s.peek() == '0':
		s.pos++
	case isDigit(s.peek()):
		s.skip(isDigit)
	case s.peek() == '.' && s.pos+1 < len(s.src):
	default:
		return false
	}
	if s.peek() == '.' {
		n.float = true
		s.pos++
		s.skip(isDigit)
	}
	if (s.peek() == 'e' || s.peek() == 'E') && s.pos+1 < len(s.src) {
		n.float = true
		s.pos++
		if s.peek() == '+' || s.peek() == '-' {
			s.pos++
			if s.pos == len(s.src) {
				return false
			}
		}
		s.skip(isDigit)
	}
	if s.peek() == 'f' || s.peek() == 'F' {
		n.float = true
		s.pos++
	}
	return true
}

func (s *scanner) skip(is func(byte) bool) int {
	start := s.pos
	for s.pos < len(s.src) && is(s.src[s.pos]) {
		s.pos++
	}
	return s.pos - start
}

// typeName reads the name of a type or extension in brackets, at the place of
// its opening bracket. White space and comments may stand between any two
// characters of it.
func (s *scanner) typeName() (string, *problem) {
	start := s.pos
	fail := func() (string, *problem) {
		return "", &problem{start, max(s.pos, start+1), "invalid type name in brackets"}
	}
	s.pos++
	s.space()
	var name []byte
	for {
		c := s.peek()
		switch {
		case s.pos >= len(s.src):
			return "", &problem{start, start + 1, "a bracket is not closed"}
		case c == ']':
			s.pos++
			if !validTypeName(name) {
				return fail()
			}
			return string(name), nil
		case c == '%':
			if !isHex(s.at(1)) || !isHex(s.at(2)) {
				return fail()
			}
			name = append(name, s.src[s.pos:s.pos+3]...)
			s.pos += 3
		case c == '/' || isTypeChar(c) || isURLChar(c):
			name = append(name, c)
			s.pos++
		default:
			return fail()
		}
		s.space()
	}
}

// validTypeName checks a prefix, which may be empty, and a full name.
func validTypeName(name []byte) bool {
	if i := bytes.LastIndexByte(name, '/'); i >= 0 {
		if i > 0 && name[0] == '/' {
			return false
		}
		name = name[i+1:]
	}
	for part := range bytes.SplitSeq(name, []byte{'.'}) {
		if len(part) == 0 {
			return false
		}
		for _, c := range part {
			if !isTypeChar(c) {
				return false
			}
		}
	}
	return true
}

// text reads adjacent string literals, at the place of the first quote, and
// leaves the place behind the last one.
func (s *scanner) text() (string, *problem) {
	if value, ok := s.plainText(); ok {
		return value, nil
	}
	var out []byte
	for {
		start, quote := s.pos, s.src[s.pos]
		s.pos++
		for s.pos < len(s.src) && s.src[s.pos] != quote {
			var bad *problem
			if out, bad = s.piece(out, quote); bad != nil {
				return "", bad
			}
		}
		if s.pos >= len(s.src) {
			return "", &problem{start, start + 1, "a string is not closed"}
		}
		s.pos++
		end := s.pos
		s.space()
		if c := s.peek(); c != '"' && c != '\'' {
			s.pos = end
			return string(out), nil
		}
	}
}

// plainText reads a string of one part without escapes, if it is one.
func (s *scanner) plainText() (string, bool) {
	t := *s
	quote := t.src[t.pos]
	t.pos++
	for start := t.pos; t.pos < len(t.src); t.pos++ {
		switch c := t.src[t.pos]; c {
		case '\\', '\n':
			return "", false
		case quote:
			value, end := t.src[start:t.pos], t.pos+1
			t.pos = end
			t.space()
			if c := t.peek(); c == '"' || c == '\'' {
				return "", false
			}
			s.pos = end
			return value, true
		}
	}
	return "", false
}

// piece appends the next piece of a string literal, which is a run of plain
// text or one escape.
func (s *scanner) piece(out []byte, quote byte) ([]byte, *problem) {
	if s.src[s.pos] == '\\' {
		return s.escape(out)
	}
	start := s.pos
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; c {
		case quote, '\\':
			return append(out, s.src[start:s.pos]...), nil
		case '\n':
			return out, &problem{s.pos, s.pos, "a string ends with its line"}
		default:
			s.pos++
		}
	}
	return append(out, s.src[start:s.pos]...), nil
}

// escape appends what an escape means.
func (s *scanner) escape(out []byte) ([]byte, *problem) {
	start := s.pos
	fail := func(n int) ([]byte, *problem) {
		return out, &problem{start, min(start+n, len(s.src)), "invalid escape in a string"}
	}
	c := s.at(1)
	if i := strings.IndexByte(`"'\?abnrtvf`, c); i >= 0 {
		s.pos += 2
		return append(out, "\"'\\?\a\b\n\r\t\v\f"[i]), nil
	}
	switch {
	case isOctal(c):
		n := s.run(1, 3, isOctal)
		v, err := strconv.ParseUint(s.src[s.pos+1:s.pos+1+n], 8, 8)
		if err != nil {
			return fail(1 + n)
		}
		s.pos += 1 + n
		return append(out, byte(v)), nil
	case c == 'x':
		n := s.run(2, 2, isHex)
		v, err := strconv.ParseUint(s.src[s.pos+2:s.pos+2+n], 16, 8)
		if err != nil {
			return fail(2)
		}
		s.pos += 2 + n
		return append(out, byte(v)), nil
	case c == 'u' || c == 'U':
		r, ok := s.unicode()
		if !ok {
			return fail(2)
		}
		return utf8.AppendRune(out, r), nil
	}
	return fail(2)
}

// unicode reads \uXXXX or \UXXXXXXXX and, after the first half of a surrogate
// pair, the \uXXXX of the other.
func (s *scanner) unicode() (rune, bool) {
	n := 4
	if s.at(1) == 'U' {
		n = 8
	}
	r, ok := s.hexRune(n)
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok && r <= utf8.MaxRune
	}
	if s.peek() != '\\' || s.at(1) != 'u' {
		return 0, false
	}
	low, ok := s.hexRune(4)
	r = utf16.DecodeRune(r, low)
	return r, ok && r != unicode.ReplacementChar
}

// hexRune reads the n digits of an escape of two characters and the escape.
func (s *scanner) hexRune(n int) (rune, bool) {
	if s.run(2, n, isHex) != n {
		return 0, false
	}
	v, err := strconv.ParseUint(s.src[s.pos+2:s.pos+2+n], 16, 32)
	s.pos += 2 + n
	return rune(min(v, utf8.MaxRune+1)), err == nil
}

// run counts the bytes from an offset on that are of one kind, up to limit.
func (s *scanner) run(offset, limit int, is func(byte) bool) int {
	n := 0
	for n < limit && s.pos+offset+n < len(s.src) && is(s.src[s.pos+offset+n]) {
		n++
	}
	return n
}

func isLetter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isOctal(c byte) bool  { return '0' <= c && c <= '7' }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// isWord reports whether c could continue a name or number, so that what stood
// before it was none.
func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '+' || c == '.' }

func isTypeChar(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' }
func isURLChar(c byte) bool  { return c != 0 && strings.IndexByte(".~!$&()*+,;=", c) >= 0 }
