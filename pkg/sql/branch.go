package sql

import (
	"fmt"
	"strings"
)

// caseWhen types both forms of CASE.
func (c *checker) caseWhen(n *node, args []*term) *term {
	base := 0
	if n.op == opSwitch {
		base = 1
	}
	args, ok := c.caseConditions(n, args, base)
	result := Type{}
	for i := range args {
		if !isBranch(i-base, len(args)-base) {
			continue
		}
		t, fits := wider(result, args[i].typ, true)
		if !fits {
			c.report(args[i].at, "type-mismatch", "this branch of CASE is %s, the ones before are %s", withArticle(args[i].typ), result)
			return nil
		}
		result = t
	}
	if !ok {
		return nil
	}
	for i := range args {
		if isBranch(i-base, len(args)-base) {
			if !castable(args[i].typ, result) {
				c.report(args[i].at, "type-mismatch", "a %s cannot become %s here", args[i].typ, withArticle(result)).Hintf("cast it")
				return nil
			}
			args[i] = castTerm(args[i], result)
		}
	}
	name := "case"
	if base == 1 {
		name = "switch"
	}
	return c.build(n, name, result, args...)
}

// isBranch reports whether part i of n parts WHEN, THEN, …, ELSE is a result.
func isBranch(i, n int) bool { return i >= 0 && (i%2 == 1 || i == n-1) }

// caseConditions makes the conditions booleans, or, after CASE x, gives x and
// the values one type.
func (c *checker) caseConditions(n *node, args []*term, base int) ([]*term, bool) {
	ok := true
	if base == 1 {
		return c.switchValues(n, args)
	}
	for i := 0; i+1 < len(args); i += 2 {
		b := c.boolean(args[i])
		if ok = ok && b != nil; b != nil {
			args[i] = b
		}
	}
	return args, ok
}

func (c *checker) switchValues(n *node, args []*term) ([]*term, bool) {
	x := args[0]
	typ := Type{}
	for i := 1; i+1 < len(args); i += 2 {
		t, fits := comparedAs(literalDecimal(x, args[i].typ), literalDecimal(args[i], x.typ))
		if !fits || !castable(x.typ, t) || !castable(args[i].typ, t) {
			c.report(args[i].at, "type-mismatch", "%s cannot be compared with %s", withArticle(x.typ), withArticle(args[i].typ))
			return args, false
		}
		if typ.Kind != Void && !typ.Equal(t) {
			both, fits := wider(typ, t, false)
			if !fits || !lossless(x.typ, both) || !lossless(typ, both) || !lossless(t, both) {
				c.errorf(n, "not-supported", "the values after WHEN compare in different types").Hintf("write CASE WHEN x = … THEN …")
				return args, false
			}
			t = both
		}
		typ = t
	}
	args[0] = castTerm(x, typ)
	for i := 1; i+1 < len(args); i += 2 {
		args[i] = castTerm(args[i], typ)
	}
	return args, true
}

func renderCase(r *renderer, t *term) string { return "(CASE" + renderBranches(r, t.args) + " END)" }

func renderSwitch(r *renderer, t *term) string {
	return "(CASE " + r.term(t.args[0]) + renderBranches(r, t.args[1:]) + " END)"
}

func renderBranches(r *renderer, args []*term) string {
	var b strings.Builder
	for ; len(args) >= 2; args = args[2:] {
		b.WriteString(" WHEN " + r.term(args[0]) + " THEN " + r.term(args[1]))
	}
	if len(args) == 1 {
		b.WriteString(" ELSE " + r.term(args[0]))
	}
	return b.String()
}

// renderIn leaves values that hold others to a function: DuckDB makes a join of
// a long list, which knows no NULL in a value.
func renderIn(r *renderer, t *term) string {
	if t.args[0].typ.nested() {
		return fmt.Sprintf("s_acontains([%s], %s)", r.list(t.args[1:]), r.term(t.args[0]))
	}
	return "(" + r.term(t.args[0]) + " IN (" + r.list(t.args[1:]) + "))"
}

func inRepeats(args []*term) int {
	if args[0].typ.nested() {
		return 3
	}
	return 1
}

// ranked renders a value as what DuckDB orders as Spark does.
func (r *renderer) ranked(t *term) string { return rank(t.typ, r.term(t)) }

func renderCompare(r *renderer, t *term) string {
	return "(" + r.ranked(t.args[0]) + " " + t.fn.Name + " " + r.ranked(t.args[1]) + ")"
}

func renderBetween(r *renderer, t *term) string {
	return "(" + r.ranked(t.args[0]) + " BETWEEN " + r.ranked(t.args[1]) + " AND " + r.ranked(t.args[2]) + ")"
}

// rankRepeats returns how often a comparison writes a value.
func rankRepeats(args []*term) int { return rankCopies(args[0].typ) }

func betweenRepeats(args []*term) int { return 2 * rankCopies(args[0].typ) }

func renderLike(r *renderer, t *term) string {
	return "(" + r.term(t.args[0]) + " LIKE " + r.term(t.args[1]) + " ESCAPE " + r.term(t.args[2]) + ")"
}
