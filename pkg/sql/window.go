package sql

import (
	"slices"
	"strings"
)

// Bounds of a frame, in their order along the rows.
const (
	unboundedPreceding = "unbounded preceding"
	preceding          = "preceding"
	currentRow         = "current row"
	following          = "following"
	unboundedFollowing = "unbounded following"
)

// boundOrder is the order of the bounds along the rows.
func boundOrder(bound string) int {
	return slices.Index([]string{unboundedPreceding, preceding, currentRow, following, unboundedFollowing}, bound)
}

// nulls reads IGNORE NULLS and RESPECT NULLS after a call.
func (p *parser) nulls(n *node) {
	if word, ok := p.acceptAny("ignore", "respect"); ok {
		p.expect("nulls")
		n.ignore = word == "ignore"
	}
}

// over reads what follows OVER.
func (p *parser) over() *node {
	start := p.peek()
	if start.kind == tokenWord || start.kind == tokenQuoted {
		p.fail(start.start, start.end, "not-supported", "windows with a name are not supported").Hintf("write OVER (PARTITION BY … ORDER BY …)")
	}
	n := node{op: opOver, start: start.start}
	p.expect("(")
	if _, ok := p.acceptAny("partition", "distribute"); ok {
		p.expect("by")
		n.args = p.list(p.expression)
	}
	if _, ok := p.acceptAny("order", "sort"); ok {
		p.expect("by")
		n.args = append(n.args, p.list(p.orderTerm)...)
	}
	if t := p.peek(); t.is("rows") || t.is("range") {
		n.args = append(n.args, p.frame())
	}
	p.expect(")")
	return p.node(n)
}

// within reads what follows WITHIN.
func (p *parser) within() *node {
	p.expect("group")
	n := node{op: opOver, start: p.peek().start}
	p.expect("(")
	p.expect("order")
	p.expect("by")
	n.args = p.list(p.orderTerm)
	p.expect(")")
	return p.node(n)
}

// list reads parts separated by commas.
func (p *parser) list(part func() *node) []*node {
	args := []*node{part()}
	for p.accept(",") {
		args = append(args, part())
	}
	return args
}

func (p *parser) orderTerm() *node {
	x := p.expression()
	n := node{op: opOrder, text: "first", start: x.start, args: []*node{x}}
	if direction, ok := p.acceptAny("asc", "desc"); ok && direction == "desc" {
		n.not, n.text = true, "last"
	}
	if p.accept("nulls") {
		word, ok := p.acceptAny("first", "last")
		if !ok {
			p.unexpected(p.peek(), "FIRST or LAST")
		}
		n.text = word
	}
	return p.node(n)
}

// frame reads ROWS or RANGE and its bounds; one bound alone is the first.
func (p *parser) frame() *node {
	t := p.takeAs(keyword)
	n := node{op: opFrame, text: t.word, start: t.start}
	if p.accept("between") {
		low := p.bound()
		p.expect("and")
		n.args = []*node{low, p.bound()}
	} else {
		low := p.bound()
		n.args = []*node{low, p.node(node{op: opBound, text: currentRow, start: low.start})}
	}
	return p.node(n)
}

func (p *parser) bound() *node {
	n := node{op: opBound, start: p.peek().start}
	switch {
	case p.accept("unbounded"):
		n.text = "unbounded "
	case p.peek().is("current") && p.peekAt(1).is("row"):
		p.takeAs(keyword)
		p.takeAs(keyword)
		n.text = currentRow
		return p.node(n)
	default:
		n.args = []*node{p.value(0)}
	}
	word, ok := p.acceptAny(preceding, following)
	if !ok {
		p.unexpected(p.peek(), "PRECEDING or FOLLOWING")
	}
	n.text += word
	return p.node(n)
}

// parts cuts an opOver into its terms, its order and its frame, which may be
// nil.
func (n *node) parts() (partition, order []*node, frame *node) {
	rest := n.args
	if last := len(rest) - 1; last >= 0 && rest[last].op == opFrame {
		rest, frame = rest[:last], rest[last]
	}
	i := slices.IndexFunc(rest, func(a *node) bool { return a.op == opOrder })
	if i < 0 {
		i = len(rest)
	}
	return rest[:i], rest[i:], frame
}

func printOver(b *strings.Builder, n *node) {
	b.WriteByte('(')
	partition, order, frame := n.parts()
	separator := ""
	if len(partition) > 0 {
		b.WriteString("PARTITION BY ")
		printList(b, partition)
		separator = " "
	}
	for i, o := range order {
		if i == 0 {
			b.WriteString(separator + "ORDER BY ")
			separator = " "
		} else {
			b.WriteString(", ")
		}
		printNode(b, o.args[0])
		printDirection(b, o)
	}
	if frame != nil {
		b.WriteString(separator + strings.ToUpper(frame.text) + " BETWEEN ")
		printBound(b, frame.args[0])
		b.WriteString(" AND ")
		printBound(b, frame.args[1])
	}
	b.WriteByte(')')
}

// printDirection leaves out what is the rule: ascending with NULLs first,
// descending with NULLs last.
func printDirection(b *strings.Builder, o *node) {
	if o.not {
		b.WriteString(" DESC")
	}
	if o.not != (o.text == "last") {
		b.WriteString(" NULLS " + strings.ToUpper(o.text))
	}
}

func printBound(b *strings.Builder, n *node) {
	if len(n.args) > 0 {
		printAbove(b, n.args[0], loosePredicate+1)
		b.WriteByte(' ')
	}
	b.WriteString(strings.ToUpper(n.text))
}
