package sql

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quotedString reads a string constant whose quote stands at l.pos. Without
// raw, escapes are those of Spark; a doubled quote is one quote.
func (l *lexer) quotedString(start int, raw bool) (token, bool) {
	quote := l.text[l.pos]
	end, ok := l.closingQuote(quote, raw)
	if !ok {
		l.errorf(start, l.pos+1, "syntax", "string is not closed").Hintf("end it with %c; a quote within is written twice", quote)
		return token{}, false
	}
	body := l.text[l.pos+1 : end]
	at := l.pos + 1
	l.pos = end + 1
	if raw {
		return l.token(tokenString, body, start), true
	}
	if i := lostBackslash(body, quote); i >= 0 {
		_, size := utf8.DecodeRuneInString(body[i+1:])
		l.diags.Warnf(l.at.Span(at+i, at+i+1+size), "lost-backslash", "a string drops this backslash: %s is %s", body[i:i+1+size], body[i+1:i+1+size]).
			Hintf(`put r before the string, which keeps backslashes, or write two`)
	}
	value, bad := unescape(body, quote)
	if bad >= 0 {
		l.errorf(at+bad, at+bad+2, "syntax", "escape gives no character that a text may hold")
		return token{}, false
	}
	return l.token(tokenString, value, start), true
}

func (l *lexer) closingQuote(quote byte, raw bool) (int, bool) {
	for i := l.pos + 1; i < len(l.text); i++ {
		switch {
		case l.text[i] == '\\' && !raw:
			i++
		case l.text[i] != quote:
		case !raw && i+1 < len(l.text) && l.text[i+1] == quote:
			i++
		default:
			return i, true
		}
	}
	return 0, false
}

// unescape decodes the body of a string constant as Spark does. It returns the
// offset of an escape that gives NUL or half a surrogate pair, else -1.
func unescape(body string, quote byte) (string, int) {
	if strings.IndexByte(body, '\\') < 0 && strings.IndexByte(body, quote) < 0 {
		return body, -1
	}
	var b strings.Builder
	for i := 0; i < len(body); {
		c := body[i]
		if c == quote { // doubled: the lexer saw to it
			b.WriteByte(c)
			i += 2
			continue
		}
		if c != '\\' || i+1 == len(body) {
			b.WriteByte(c)
			i++
			continue
		}
		text, n, ok := escape(body[i+1:])
		if !ok {
			return "", i
		}
		b.WriteString(text)
		i += 1 + n
	}
	return b.String(), -1
}

// escape decodes what follows a backslash and returns how many bytes it took.
func escape(rest string) (text string, n int, ok bool) {
	switch rest[0] {
	case 'u':
		if r, found := hexRune(rest, 1, 4); found {
			return surrogates(r, rest)
		}
	case 'U':
		if r, found := hexRune(rest, 1, 8); found {
			return string(r), 9, r != 0 && utf8.ValidRune(r)
		}
	case '0', '1':
		if len(rest) >= 3 && isOctal(rest[1]) && isOctal(rest[2]) {
			r := rune(rest[0]-'0')<<6 | rune(rest[1]-'0')<<3 | rune(rest[2]-'0')
			return string(r), 3, r != 0
		}
	}
	if i := strings.IndexByte("0bnrtZ", rest[0]); i >= 0 {
		return "\x00\b\n\r\t\x1a"[i : i+1], 1, rest[0] != '0'
	}
	if rest[0] == '%' || rest[0] == '_' { // kept for LIKE
		return `\` + rest[:1], 1, true
	}
	_, size := utf8.DecodeRuneInString(rest)
	return rest[:size], size, true
}

// lostBackslash returns the offset of the first backslash that stands before
// what needs none, so that decoding drops it, or -1.
func lostBackslash(body string, quote byte) int {
	for i := 0; i+1 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++
		if c := body[i]; c != quote && strings.IndexByte(`\'"bnrtZuU%_0123`, c) < 0 {
			return i - 1
		}
	}
	return -1
}

// surrogates decodes \uXXXX, and the second escape of a surrogate pair.
func surrogates(r rune, rest string) (string, int, bool) {
	if !utf16.IsSurrogate(r) {
		return string(r), 5, r != 0
	}
	if strings.HasPrefix(rest[5:], `\u`) {
		if low, found := hexRune(rest, 7, 4); found {
			pair := utf16.DecodeRune(r, low)
			return string(pair), 11, pair != utf8.RuneError
		}
	}
	return "", 0, false
}

// hexRune reads hexadecimal digits; -1 is a number that is no character.
func hexRune(s string, from, digits int) (rune, bool) {
	if len(s) < from+digits {
		return 0, false
	}
	var r uint32
	for _, c := range []byte(s[from : from+digits]) {
		d := strings.IndexByte("0123456789abcdef0123456789ABCDEF", c)
		if d < 0 {
			return 0, false
		}
		r = r<<4 | uint32(d%16)
	}
	if r > utf8.MaxRune {
		return -1, true
	}
	return rune(r), true
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

// quoteSpark returns a string constant of Spark SQL.
func quoteSpark(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '%' || s[i+1] == '_'):
			b.WriteByte('\\') // the escape keeps its backslash
		case c == '\\':
			b.WriteString(`\\`)
		case c == '\'':
			b.WriteString(`\'`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
