package source

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	jsonSpace = " \t\r\n"
	// maxNesting is how often objects and arrays may be nested.
	maxNesting = 128
)

// jsonScan goes once through a line, notes the values that are asked for, and
// checks that all of it is JSON, as RFC 8259 has it.
type jsonScan struct {
	columns *jsonColumns
	text    []byte
	at      int
	arena   []byte // values that do not stand in the text as they are
}

// place is where a scan stands in the addresses; its node is nil where nothing
// is asked for.
type place struct {
	node  *jsonNode
	rank  uint64
	depth int // of nesting
}

// line scans all of the text.
func (s *jsonScan) line(root *jsonNode) (reason string) {
	if s.space(); s.peek() != '{' {
		return ReasonNotObject
	}
	if reason = s.object(place{node: root, depth: 1}); reason != "" {
		return reason
	}
	if s.space(); s.at < len(s.text) {
		return ReasonAfterJSON
	}
	return ""
}

// peek returns the next byte; 0, which begins no token, at the end.
func (s *jsonScan) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *jsonScan) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// object scans an object, whose brace is next.
func (s *jsonScan) object(p place) (reason string) {
	if p.depth > maxNesting {
		return ReasonDeepJSON
	}
	s.at++
	if s.space(); s.peek() == '}' {
		s.at++
		return ""
	}
	for {
		start := s.at
		escaped, ok := s.string()
		if !ok {
			return ReasonBadJSON
		}
		var key *jsonKey
		if p.node != nil {
			text := s.text[start+1 : s.at-1]
			if escaped {
				text = appendUnescaped(nil, text)
			}
			key = p.node.keys[string(text)]
		}
		if s.space(); s.peek() != ':' {
			return ReasonBadJSON
		}
		s.at++
		if reason = s.member(p, key); reason != "" {
			return reason
		}
		switch s.space(); s.peek() {
		case ',':
			s.at++
			s.space()
		case '}':
			s.at++
			return ""
		default:
			return ReasonBadJSON
		}
	}
}

// array scans an array, whose bracket is next.
func (s *jsonScan) array(p place) (reason string) {
	if p.depth > maxNesting {
		return ReasonDeepJSON
	}
	s.at++
	if s.space(); s.peek() == ']' {
		s.at++
		return ""
	}
	for i := 0; ; i++ {
		var key *jsonKey
		if p.node != nil && len(p.node.items) > 0 {
			key = p.node.items[i]
		}
		if reason = s.member(p, key); reason != "" {
			return reason
		}
		switch s.space(); s.peek() {
		case ',':
			s.at++
		case ']':
			s.at++
			return ""
		default:
			return ReasonBadJSON
		}
	}
}

// member scans the value of a key, nil if nothing is asked of it, and notes
// it.
func (s *jsonScan) member(p place, key *jsonKey) (reason string) {
	s.space()
	inner := place{depth: p.depth + 1}
	if key == nil {
		_, reason = s.value(inner)
		return reason
	}
	rank := p.rank<<key.dots | (1<<key.dots - 1)
	s.columns.visit(key, rank)
	inner.node, inner.rank = key.next, rank<<1
	start := s.at
	escaped, reason := s.value(inner)
	if reason != "" || len(key.outputs) == 0 {
		return reason
	}
	value := s.taken(s.text[start:s.at:s.at], escaped)
	for _, output := range key.outputs {
		s.columns.found = append(s.columns.found, jsonFound{output, rank, value})
	}
	return ""
}

// taken returns a value as it goes into a batch.
func (s *jsonScan) taken(value []byte, escaped bool) []byte {
	start := len(s.arena)
	switch value[0] {
	case 'n':
		return nil
	case '"':
		if value = value[1 : len(value)-1 : len(value)-1]; !escaped {
			return value
		}
		s.arena = appendUnescaped(s.arena, value)
	case '{', '[':
		s.arena = compact(s.arena, value)
	default:
		return value
	}
	return s.arena[start:len(s.arena):len(s.arena)]
}

// value scans a value; escaped says that it is a string with a backslash.
func (s *jsonScan) value(p place) (escaped bool, reason string) {
	ok := false
	switch c := s.peek(); c {
	case '{':
		return false, s.object(p)
	case '[':
		return false, s.array(p)
	case '"':
		escaped, ok = s.string()
	case 't':
		ok = s.literal("true")
	case 'f':
		ok = s.literal("false")
	case 'n':
		ok = s.literal("null")
	default:
		ok = s.number()
	}
	if !ok {
		return false, ReasonBadJSON
	}
	return escaped, ""
}

func (s *jsonScan) literal(text string) bool {
	if !hasPrefix(s.text[s.at:], text) {
		return false
	}
	s.at += len(text)
	return true
}

// number scans a number.
func (s *jsonScan) number() bool {
	if s.peek() == '-' {
		s.at++
	}
	if s.peek() == '0' {
		s.at++
	} else if !s.digits() {
		return false
	}
	if s.peek() == '.' {
		s.at++
		if !s.digits() {
			return false
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.at++
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		return s.digits()
	}
	return true
}

// digits scans at least one digit.
func (s *jsonScan) digits() bool {
	start := s.at
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at > start
}

// string scans a string, whose quote is next. Eight bytes are looked at a
// time.
func (s *jsonScan) string() (escaped, ok bool) {
	if s.peek() != '"' {
		return false, false
	}
	s.at++
	for s.at < len(s.text) {
		for s.at+8 <= len(s.text) {
			hits := stringEnds(binary.LittleEndian.Uint64(s.text[s.at:]))
			if hits != 0 {
				s.at += bits.TrailingZeros64(hits) >> 3
				break
			}
			s.at += 8
		}
		if s.at == len(s.text) {
			break
		}
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return escaped, true
		case c == '\\':
			escaped = true
			if !s.escape() {
				return escaped, false
			}
		case c < ' ':
			return escaped, false
		default:
			s.at++
		}
	}
	return escaped, false
}

// stringEnds returns a word with the top bit of each byte, at least up to the
// first one, that is a quote, a backslash or below a space.
func stringEnds(word uint64) uint64 {
	zero := func(w uint64) uint64 { return (w - everyByte) &^ w }
	const top = everyByte << 7
	return (zero(word^'"'*everyByte) | zero(word^'\\'*everyByte) | (word-' '*everyByte)&^word) & top
}

// escape scans an escape, whose backslash is next.
func (s *jsonScan) escape() bool {
	s.at++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at++
		return true
	case 'u':
		s.at++
		_, ok := hex4(s.text[s.at:])
		s.at += 4
		return ok
	}
	return false
}

// hex4 reads four hexadecimal digits.
func hex4(text []byte) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range text[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// appendUnescaped appends the text of a valid string, which stands between
// quotes. Half of a surrogate pair becomes U+FFFD.
func appendUnescaped(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			dst = append(dst, text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(text[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				r = secondHalf(r, text[i+1:])
				if r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// secondHalf completes a surrogate with the escape that a text begins with.
func secondHalf(first rune, text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return utf8.RuneError
	}
	second, _ := hex4(text[2:])
	return utf16.DecodeRune(first, second)
}
