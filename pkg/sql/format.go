package sql

import (
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
)

// role is what a token turned out to be for the parser.
type role uint8

const (
	plain   role = iota // a name or a constant
	keyword             // a word of the language, an operator, a bracket
	head                // the name of a function or type
	sign                // an operator of what follows it alone
	angle               // a bracket of a type
)

// Format returns an expression in one spelling: keywords in upper case, names
// of functions and types in lower case, one space around operators and behind
// commas, text in single quotes where it was in double ones, = and <> for ==
// and !=, NOT for !. Comments, parentheses and names stay as they were, and so
// do the breaks of lines and what lines begin with. A tree that is read from
// the result equals the one that is read from the text.
//
// The text is given in parts, and comes back in as many: each begins with the
// token that it began with before, or with the next one. The list has errors,
// and there are no parts, if the text cannot be parsed.
func Format(parts []string, at Positioner) ([]string, *Expr, diag.List) {
	text := strings.Join(parts, "")
	tokens, diags := lex(text, at)
	if diags.HasErrors() {
		return nil, nil, diags
	}
	p := &parser{tokens: tokens, at: at, roles: make([]role, len(tokens))}
	expr, diags := p.parse()
	if expr == nil {
		return nil, nil, diags
	}
	f := formatter{text: text, starts: starts(parts), out: make([]strings.Builder, len(parts))}
	for i, t := range tokens {
		f.gap(t.start)
		if t.kind != tokenEnd {
			f.token(t, p.roles[i])
		}
	}
	out := f.parts()
	again, _ := Parse(strings.Join(out, ""), at)
	if again == nil || !again.root.equal(expr.root) {
		return parts, expr, nil // what is written may be longer than what is allowed
	}
	return out, expr, nil
}

// starts returns the offset of each part in the whole text.
func starts(parts []string) []int {
	out := make([]int, len(parts))
	for i := 1; i < len(parts); i++ {
		out[i] = out[i-1] + len(parts[i-1])
	}
	return out
}

// formatter writes pieces, which are tokens and comments, one by one. What
// stood between a piece and the one before is read from the text.
type formatter struct {
	text   string
	starts []int // of the parts
	out    []strings.Builder
	part   int   // of the last piece
	done   int   // end of the last piece in the text
	last   piece // what was written last
}

// piece is a token or comment as it is written.
type piece struct {
	text    string
	role    role
	comment bool
}

// gap writes the comments up to the token at an offset.
func (f *formatter) gap(end int) {
	for i := f.done; i < end; {
		rest := f.text[i:end]
		n := 0
		switch {
		case strings.HasPrefix(rest, "--"):
			if n = strings.IndexByte(rest, '\n'); n < 0 {
				n = len(rest)
			}
		case strings.HasPrefix(rest, "/*"):
			n = commentLength(rest)
		default:
			i++
			continue
		}
		f.piece(i, i+n, piece{text: strings.TrimRight(rest[:n], " \t\r\v\f"), comment: true})
		i += n
	}
}

func (f *formatter) token(t token, r role) {
	text := f.text[t.start:t.end]
	switch {
	case t.kind == tokenWord && r == keyword:
		text = strings.ToUpper(text)
		if text == "REGEXP" {
			text = "RLIKE"
		}
	case t.kind == tokenWord && r == head:
		text = strings.ToLower(text)
	case t.kind == tokenString:
		text = singleQuoted(text)
	case t.is("=="):
		text = "="
	case t.is("!="):
		text = "<>"
	case t.is("!"):
		text = "NOT"
	}
	f.piece(t.start, t.end, piece{text: text, role: r})
}

// piece writes a piece that stands at a place of the text, and what separates
// it from the one before: line breaks and the white space behind them as they
// were, else a space where there should be one.
func (f *formatter) piece(start, end int, next piece) {
	part := f.part
	for part+1 < len(f.starts) && f.starts[part+1] <= start {
		part++
	}
	between := f.text[f.done:start]
	breaks := strings.Count(between, "\n")
	indent := between[strings.LastIndexByte(between, '\n')+1:]
	if part > f.part && breaks == 0 {
		indent = f.text[max(f.starts[part], f.done):start]
	}
	indent = strings.Trim(indent, "\r\v\f")
	before := &f.out[f.part]
	switch {
	case f.last.text == "":
		indent = ""
	case breaks > 0:
		before.WriteString("\n\n"[:min(breaks, 2)])
	default:
		if spaced(f.last, next) {
			before.WriteByte(' ')
		}
		if part == f.part || len(indent) < 2 { // one space is not an indent
			indent = ""
		}
	}
	f.out[part].WriteString(indent)
	f.out[part].WriteString(next.text)
	f.part, f.done, f.last = part, end, next
}

func (f *formatter) parts() []string {
	out := make([]string, len(f.out))
	for i := range f.out {
		out[i] = f.out[i].String()
	}
	return out
}

// spaced reports whether a space belongs between two pieces.
func spaced(last, next piece) bool {
	switch {
	case last.comment || next.comment:
		return last.text != "(" && last.text != "[" && (next.comment || !strings.Contains(") ] ,", next.text))
	case last.role == sign:
		return last.text == "-" && strings.HasPrefix(next.text, "-") // two of them begin a comment
	case last.text == "(" || last.text == "[" || last.text == "." || next.text == "." || last.text == "::" || next.text == "::":
		return false
	case next.role == angle, last.role == angle && last.text == "<":
		return false
	}
	switch next.text {
	case ")", "]", ",", "[":
		return false
	case "(":
		return last.role != head
	}
	return true
}

// singleQuoted returns a text constant with single quotes for double ones.
func singleQuoted(text string) string {
	prefix, body, _ := strings.Cut(text, `"`)
	if len(prefix) > 1 || strings.Contains(prefix, "'") {
		return text
	}
	body = strings.TrimSuffix(body, `"`)
	if prefix != "" { // r"…" has no escapes
		if strings.Contains(body, "'") {
			return text
		}
		return prefix + "'" + body + "'"
	}
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '\'':
			b.WriteString(`\'`)
		case c == '"': // doubled
			b.WriteByte('"')
			i++
		case c == '\\' && i+1 < len(body):
			i++
			if body[i] != '"' {
				b.WriteByte(c)
			}
			b.WriteByte(body[i])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
