package source

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// Meaning returns a text that covers what a pattern means for an address: two
// patterns with equal texts match the same lines, and give the address the same
// values. For no address it covers which lines match. Groups that are not the
// address's do not count, so that adding one changes nothing for the others.
func (p Pattern) Meaning(address string) string {
	m := meaning{wanted: 0} // the whole line, whatever groups there are
	if address != "" {
		m.wanted = p.Group(address)
	}
	m.write(p.tree)
	return m.out.String()
}

// meaning writes a pattern in a form of prefixes.
type meaning struct {
	out    strings.Builder
	wanted int // number of the group that counts
}

func (m *meaning) write(t *syntax.Regexp) {
	switch t.Op {
	case syntax.OpConcat:
		m.out.WriteString("(.")
		m.sequence(t)
		m.out.WriteString(")")
	case syntax.OpLiteral:
		// One that is alone reads as one among others.
		m.out.WriteString("(.")
		m.sequence(t)
		m.out.WriteString(")")
	case syntax.OpCapture:
		if t.Cap != m.wanted {
			m.write(t.Sub[0])
			return
		}
		m.list("(group", t)
	case syntax.OpCharClass:
		m.out.WriteString("[")
		for i := 0; i < len(t.Rune); i += 2 {
			fmt.Fprintf(&m.out, " %x-%x", t.Rune[i], t.Rune[i+1])
		}
		m.out.WriteString("]")
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		minimum, maximum := t.Min, t.Max
		switch t.Op {
		case syntax.OpStar:
			minimum, maximum = 0, -1
		case syntax.OpPlus:
			minimum, maximum = 1, -1
		case syntax.OpQuest:
			minimum, maximum = 0, 1
		}
		m.list(fmt.Sprintf("(repeat %d %d %t", minimum, maximum, t.Flags&syntax.NonGreedy == 0), t)
	case syntax.OpAlternate:
		m.list("(|", t)
	default:
		m.out.WriteString("<" + simple(t.Op) + ">")
	}
}

// list writes a form with the parts of a tree.
func (m *meaning) list(form string, t *syntax.Regexp) {
	m.out.WriteString(form)
	for _, sub := range t.Sub {
		m.out.WriteByte(' ')
		m.write(sub)
	}
	m.out.WriteString(")")
}

// sequence writes what follows one after the other, however it is grouped.
func (m *meaning) sequence(t *syntax.Regexp) {
	switch {
	case t.Op == syntax.OpCapture && t.Cap != m.wanted:
		m.sequence(t.Sub[0])
	case t.Op == syntax.OpConcat:
		for _, sub := range t.Sub {
			m.sequence(sub)
		}
	case t.Op == syntax.OpLiteral:
		fold := ""
		if t.Flags&syntax.FoldCase != 0 {
			fold = "i"
		}
		for _, r := range t.Rune {
			fmt.Fprintf(&m.out, " %x%s", r, fold)
		}
	default:
		m.out.WriteByte(' ')
		m.write(t)
	}
}

// simple names what has no parts.
func simple(op syntax.Op) string {
	switch op {
	case syntax.OpEmptyMatch:
		return "empty"
	case syntax.OpAnyCharNotNL:
		return "any but newline"
	case syntax.OpAnyChar:
		return "any"
	case syntax.OpBeginLine:
		return "begin line"
	case syntax.OpEndLine:
		return "end line"
	case syntax.OpBeginText:
		return "begin"
	case syntax.OpEndText:
		return "end"
	case syntax.OpWordBoundary:
		return "word boundary"
	case syntax.OpNoWordBoundary:
		return "no word boundary"
	}
	return "nothing"
}
