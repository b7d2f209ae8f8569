package sql

import (
	"strings"
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/diag"
)

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted // `name`
	tokenString
	tokenNumber
	tokenSymbol
)

// token is one word of an expression. Text is the decoded value of a string
// or quoted name, the symbol, or the word as written.
type token struct {
	kind       tokenKind
	text       string
	word       string // a word in lower case, or a symbol; "" for the rest
	start, end int
}

// is reports whether the token is a symbol, or a word in any case; text is in
// lower case.
func (t token) is(text string) bool { return t.word == text }

// symbolAt returns the length of the symbol that a text begins with, the
// longest that there is, or 0.
func symbolAt(text string) int {
	second := byte(0)
	if len(text) > 1 {
		second = text[1]
	}
	two := false
	switch text[0] {
	case '<':
		if strings.HasPrefix(text, "<=>") {
			return 3
		}
		two = second == '>' || second == '=' || second == '<'
	case '>':
		if strings.HasPrefix(text, ">>>") {
			return 3
		}
		two = second == '=' || second == '>'
	case '=':
		two = second == '=' || second == '>'
	case '!':
		two = second == '='
	case '|', ':':
		two = second == text[0]
	case '-':
		two = second == '>'
	case '+', '*', '/', '%', '&', '^', '~', '(', ')', '[', ']', ',', '.', '?', '{', '}', ';':
	default:
		return 0
	}
	if two {
		return 2
	}
	return 1
}

// lowerCase returns a text with its ASCII letters in lower case.
func lowerCase(text string) string {
	for i := range len(text) {
		if c := text[i]; c >= 'A' && c <= 'Z' {
			b := []byte(text)
			for j := i; j < len(b); j++ {
				if b[j] >= 'A' && b[j] <= 'Z' {
					b[j] |= 0x20
				}
			}
			return string(b)
		}
	}
	return text
}

// lexer cuts a text into tokens. It stops at the first mistake.
type lexer struct {
	text  string
	lower string // in lower case
	at    Positioner
	pos   int
	diags diag.List
}

// lex returns the tokens of a text, the last of kind tokenEnd, or what is
// wrong with it.
func lex(text string, at Positioner) ([]token, diag.List) {
	l := &lexer{text: text, lower: lowerCase(text), at: at}
	if len(text) > MaxText {
		l.errorf(0, 0, "too-long", "expression of %d bytes is longer than %d", len(text), MaxText)
		return nil, l.diags
	}
	if i := invalidAt(text); i >= 0 {
		l.errorf(i, i+1, "syntax", "text is not valid UTF-8, or holds NUL")
		return nil, l.diags
	}
	tokens := make([]token, 0, len(text)/3+2)
	for {
		t, ok := l.next()
		if !ok {
			return nil, l.diags
		}
		tokens = append(tokens, t)
		if t.kind == tokenEnd {
			return tokens, l.diags
		}
	}
}

func invalidAt(text string) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func (l *lexer) errorf(start, end int, code, format string, args ...any) *diag.Diagnostic {
	return l.diags.Errorf(l.at.Span(start, end), code, format, args...)
}

func (l *lexer) next() (token, bool) {
	if !l.skipSpace() {
		return token{}, false
	}
	start := l.pos
	if start == len(l.text) {
		return token{kind: tokenEnd, start: start, end: start}, true
	}
	c := l.text[start]
	switch {
	case c == '\'' || c == '"':
		return l.quotedString(start, false)
	case (c == 'r' || c == 'R') && start+1 < len(l.text) && (l.text[start+1] == '\'' || l.text[start+1] == '"'):
		l.pos++
		return l.quotedString(start, true)
	case c == '`':
		return l.quotedName(start)
	case isDigit(c) || c == '.' && start+1 < len(l.text) && isDigit(l.text[start+1]):
		return l.number(start)
	case isWordByte(c):
		for l.pos < len(l.text) && isWordByte(l.text[l.pos]) {
			l.pos++
		}
		t := l.token(tokenWord, l.text[start:l.pos], start)
		t.word = l.lower[start:l.pos]
		return t, true
	}
	if n := symbolAt(l.text[start:]); n > 0 {
		l.pos += n
		t := l.token(tokenSymbol, l.text[start:l.pos], start)
		t.word = t.text
		return t, true
	}
	r, n := utf8.DecodeRuneInString(l.text[start:])
	d := l.errorf(start, start+n, "syntax", "unexpected character %q", r)
	switch {
	case strings.ContainsRune("‘’“”„«»´", r):
		d.Hintf("a string stands in straight quotes: 'text'")
	case r == '#':
		d.Hintf("a comment begins with --")
	case r == '$' || r == '@':
		d.Hintf("there are no parameters; names with other characters are written in backquotes")
	default:
		d.Hintf("names with other characters are written in backquotes")
	}
	return token{}, false
}

func (l *lexer) token(kind tokenKind, text string, start int) token {
	return token{kind: kind, text: text, start: start, end: l.pos}
}

// skipSpace skips blanks and comments: -- to the end of the line and nested
// /* */.
func (l *lexer) skipSpace() bool {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		switch {
		case strings.IndexByte(" \t\n\r\v\f", rest[0]) >= 0:
			l.pos++
		case strings.HasPrefix(rest, "--"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			l.pos += n
		case strings.HasPrefix(rest, "/*"):
			n := commentLength(rest)
			if n == 0 {
				l.errorf(l.pos, l.pos+2, "syntax", "comment is not closed")
				return false
			}
			l.pos += n
		default:
			return true
		}
	}
	return true
}

// commentLength returns the length of the bracketed comment that text begins
// with, or 0 if it does not end.
func commentLength(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

func (l *lexer) quotedName(start int) (token, bool) {
	var b strings.Builder
	for i := start + 1; i < len(l.text); i++ {
		if l.text[i] != '`' {
			b.WriteByte(l.text[i])
			continue
		}
		if i+1 < len(l.text) && l.text[i+1] == '`' {
			b.WriteByte('`')
			i++
			continue
		}
		l.pos = i + 1
		if b.Len() == 0 {
			l.errorf(start, l.pos, "syntax", "name is empty")
			return token{}, false
		}
		return l.token(tokenQuoted, b.String(), start), true
	}
	l.errorf(start, start+1, "syntax", "backquote is not closed")
	return token{}, false
}

// number reads a number with its suffix; whether the suffix is known is
// decided by the parser.
func (l *lexer) number(start int) (token, bool) {
	digits := func() {
		for l.pos < len(l.text) && isDigit(l.text[l.pos]) {
			l.pos++
		}
	}
	digits()
	if l.pos < len(l.text) && l.text[l.pos] == '.' {
		l.pos++
		digits()
	}
	if rest := l.text[l.pos:]; len(rest) > 1 && (rest[0] == 'e' || rest[0] == 'E') {
		sign := 0
		if rest[1] == '+' || rest[1] == '-' {
			sign = 1
		}
		if len(rest) > 1+sign && isDigit(rest[1+sign]) {
			l.pos += 1 + sign
			digits()
		}
	}
	for l.pos < len(l.text) && isWordByte(l.text[l.pos]) {
		l.pos++
	}
	return l.token(tokenNumber, l.text[start:l.pos], start), true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return c == '_' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
