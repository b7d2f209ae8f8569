package sql

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxTypeLevels bounds how deep types stand in types.
const maxTypeLevels = 8

// typeName reads a type of CAST.
func (p *parser) typeName(level int) Type {
	if p.failed {
		return Type{}
	}
	t := p.takeAs(head)
	kind, ok := typeNames[t.word]
	if t.kind != tokenWord || !ok || level > maxTypeLevels {
		if t.kind != tokenWord {
			p.unexpected(t, "a type")
			return Type{}
		}
		d := p.fail(t.start, t.end, "unknown-type", "%q is not a type of this language", t.text)
		if other := theForeign.types[t.word]; other != "" {
			d.Hintf("write %s", other)
		} else {
			d.DidYouMean(t.text, slices.Sorted(maps.Keys(typeNames)))
		}
		return Type{}
	}
	switch kind {
	case Array:
		p.expectAngle("<")
		elem := p.typeName(level + 1)
		p.closeAngle()
		return arrayOf(elem)
	case Map:
		p.expectAngle("<")
		key := p.typeName(level + 1)
		p.expect(",")
		value := p.typeName(level + 1)
		p.closeAngle()
		if !p.failed && key.hasMap() {
			p.fail(t.start, p.tokens[p.pos-1].end, "not-supported", "a key of a map holds no map")
		}
		return mapOf(key, value)
	case Struct:
		p.expectAngle("<")
		typ := structOf(p.columns(level + 1)...)
		p.closeAngle()
		return typ
	case Decimal:
		return p.decimalArguments(t)
	case Interval:
		return p.intervalUnits()
	}
	return Type{Kind: kind}
}

// intervalUnits reads the units of an interval's type, if it has any.
func (p *parser) intervalUnits() Type {
	from := p.peek()
	first, ok := unitOf(from.text)
	if from.kind != tokenWord || !ok {
		return Type{Kind: Interval}
	}
	p.takeAs(head)
	last := first
	if p.peek().is("to") {
		p.takeAs(head)
		to := p.takeAs(head)
		if first, last, ok = unitRange(from.text, to.text); !ok {
			p.fail(from.start, to.end, "unknown-type", "there are no intervals from %s to %s", strings.ToUpper(from.text), strings.ToUpper(to.text))
		}
	}
	return intervalOf(first, last)
}

// columns reads names with types: a INT, b: STRING NOT NULL. What NOT NULL and
// COMMENT say changes no value.
func (p *parser) columns(level int) []Field {
	var fields []Field
	for first := true; !p.failed && (first || p.accept(",")); first = false {
		t := p.take()
		if t.kind != tokenWord && t.kind != tokenQuoted {
			p.unexpected(t, "the name of a field")
		}
		p.accept(":")
		fields = append(fields, Field{Name: t.text, Type: p.typeName(level)})
		if p.accept("not") {
			p.expect("null")
		}
		if p.accept("comment") && p.peek().kind != tokenString {
			p.unexpected(p.peek(), "a comment in quotes")
		} else if p.peek().kind == tokenString {
			p.take()
		}
	}
	return fields
}

// closeAngle takes one >, which may be the first half of the symbol >>.
func (p *parser) closeAngle() {
	if t := p.peek(); !p.failed && (t.is(">>") || t.is(">>>")) {
		p.tokens = slices.Clone(p.tokens)
		p.tokens[p.pos] = token{kind: tokenSymbol, text: t.text[1:], word: t.text[1:], start: t.start + 1, end: t.end}
		return
	}
	p.expectAngle(">")
}

// expectAngle takes a bracket of a type, which is no operator.
func (p *parser) expectAngle(text string) {
	if p.roles != nil {
		defer func(at int) { p.roles[at] = angle }(p.pos)
	}
	p.expect(text)
}

func (p *parser) decimalArguments(t token) Type {
	typ := decimalType(10, 0)
	if !p.accept("(") {
		return typ
	}
	typ.Precision = p.smallNumber()
	if p.accept(",") {
		typ.Scale = p.smallNumber()
	}
	p.expect(")")
	if typ.Precision < 1 || typ.Precision > maxPrecision || typ.Scale > typ.Precision {
		p.fail(t.start, p.tokens[p.pos-1].end, "bad-constant", "a decimal has 1 to %d digits, at most all of them after the point", maxPrecision)
	}
	return typ
}

func (p *parser) smallNumber() int {
	t := p.take()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokenNumber || err != nil || n > 1000 {
		p.unexpected(t, "a number of digits")
		return 1
	}
	return n
}

// fields reads the arguments of struct(…), of which each may have a name.
func (p *parser) fields() (args []*node, names []string) {
	for first := true; !p.failed && (first || p.accept(",")); first = false {
		args = append(args, p.expression())
		names = append(names, p.alias())
	}
	return args, names
}

// alias reads AS and a name, if it stands there.
func (p *parser) alias() string {
	if !p.accept("as") {
		return ""
	}
	t := p.take()
	if t.kind != tokenWord && t.kind != tokenQuoted {
		p.unexpected(t, "a name")
	}
	return t.text
}

// tuple reads the rest of (a, b AS x), which is struct(a, b AS x).
func (p *parser) tuple(start token, first *node) *node {
	n := node{op: opCall, text: "struct", start: start.start, args: []*node{first}, names: []string{p.alias()}}
	if p.expect(",") {
		args, names := p.fields()
		n.args, n.names = append(n.args, args...), append(n.names, names...)
	}
	p.expect(")")
	call := p.node(n)
	p.calls = append(p.calls, call)
	return call
}
