package sql

import (
	"slices"
	"strings"
)

func (p *parser) primary() *node { return p.postfix(p.primaryHead()) }

// postfix reads subscripts, fields and casts with ::.
func (p *parser) postfix(x *node) *node {
	for !p.failed {
		switch {
		case p.accept("["):
			index := p.expression()
			p.expect("]")
			x = p.node(node{op: opIndex, start: x.start, args: []*node{x, index}})
		case p.accept("."):
			t := p.take()
			if t.kind != tokenWord && t.kind != tokenQuoted {
				p.unexpected(t, "the name of a field")
			}
			x = p.node(node{op: opField, text: t.text, start: x.start, args: []*node{x}})
		case p.accept("::"):
			typ := p.typeName(0)
			x = p.node(node{op: opCast, text: "cast", typ: &typ, start: x.start, args: []*node{x}})
		default:
			return x
		}
	}
	return x
}

func (p *parser) primaryHead() *node {
	if p.failed {
		return &node{}
	}
	t := p.peek()
	switch t.kind {
	case tokenString:
		return p.stringLiteral(t.start)
	case tokenNumber:
		p.take()
		return p.number(t, t.start, false)
	case tokenQuoted:
		p.take()
		return p.name(t)
	case tokenWord:
		return p.word(t)
	}
	switch {
	case p.accept("("):
		inner := p.expression()
		if next := p.peek(); next.is(",") || next.is("as") {
			return p.tuple(t, inner)
		}
		p.expect(")")
		return inner
	case t.is("-") && p.peekAt(1).kind == tokenNumber:
		p.takeAs(sign)
		return p.number(p.take(), t.start, true)
	}
	p.unexpected(t, "a value")
	return &node{}
}

// word reads what begins with a word: a constant, CASE, a call or a name.
func (p *parser) word(t token) *node {
	next := p.peekAt(1)
	switch word := t.word; {
	case word == "null":
		p.takeAs(keyword)
		return p.literal(t.start, constant{})
	case word == "true" || word == "false":
		p.takeAs(keyword)
		return p.literal(t.start, booleanConstant(word == "true"))
	case word == "case":
		return p.caseWhen(t)
	case word == "interval" && (next.kind == tokenString || next.kind == tokenNumber || next.is("-")):
		return p.interval(t)
	case next.kind == tokenString:
		return p.typedLiteral(t, word)
	case word == "exists" && next.is("(") && !p.peekAt(2).is("select"), (word == "rlike" || word == "regexp" || word == "like" || word == "ilike") && next.is("("):
		return p.call(t, word)
	case reservedWord(word):
		p.unexpected(t, "a value")
		return &node{}
	case next.is("("):
		return p.call(t, word)
	case next.is("=>"):
		p.fail(t.start, next.end, "not-supported", "an argument with a name cannot follow one without").
			Hintf("give names to all, or to none; a lambda is written x -> …, a comparison >=")
		return &node{}
	}
	p.take()
	return p.name(t)
}

// name reads the rest of a name: further parts after points. It is a column
// unless a lambda around has a variable of its first part; what stands after
// the point is a field then.
func (p *parser) name(t token) *node {
	text := t.text
	variable := slices.Contains(p.scoped, strings.ToLower(text))
	for !variable && p.accept(".") {
		part := p.take()
		if part.kind != tokenWord && part.kind != tokenQuoted {
			p.unexpected(part, "a name")
		}
		text += "." + part.text
	}
	if p.peek().is("(") {
		p.fail(t.start, p.peek().start, "not-supported", "a function has no qualified name")
	}
	n := p.node(node{op: opName, text: text, start: t.start})
	if !variable {
		p.names = append(p.names, n)
	}
	return n
}

// literal finishes the node of a constant; one without a type is NULL.
func (p *parser) literal(start int, c constant) *node {
	return p.node(node{op: opLiteral, start: start, value: &c})
}

// stringLiteral reads adjacent strings as one.
func (p *parser) stringLiteral(start int) *node {
	text := p.take().text
	if p.peek().kind == tokenString {
		var b strings.Builder
		for b.WriteString(text); p.peek().kind == tokenString; {
			b.WriteString(p.take().text)
		}
		text = b.String()
	}
	return p.literal(start, stringConstant(text))
}

func (p *parser) typedLiteral(t token, word string) *node {
	p.takeAs(keyword)
	s := p.take()
	var value constant
	var ok bool
	switch word {
	case "date":
		value, ok = dateConstant(s.text)
	case "timestamp", "timestamp_ltz":
		if m := zonePattern.FindStringSubmatch(strings.TrimSpace(s.text)); m != nil && isZone(m[2]) {
			if _, ok = timestampConstant(m[1]); ok { // what a region's clocks showed, the engine knows
				return p.node(node{op: opCast, text: "cast", typ: &Type{Kind: Timestamp}, start: t.start, args: []*node{p.literal(s.start, stringConstant(s.text))}})
			}
		}
		value, ok = timestampConstant(s.text)
	case "x":
		if value, ok = binaryConstant(s.text); !ok {
			p.fail(s.start, s.end, "bad-constant", "text is not in hexadecimal digits").Hintf("write two digits a byte: x'1CFF'")
			return &node{}
		}
	case "timestamp_ntz":
		if value, ok = timestampConstant(noZone(s.text)); ok {
			value.typ.Kind = TimestampNTZ
		}
	default:
		p.fail(t.start, s.end, "not-supported", "%s constants are not supported", strings.ToUpper(word)).
			Hintf("the known ones are DATE, TIMESTAMP, TIMESTAMP_NTZ, INTERVAL and X")
		return &node{}
	}
	if !ok {
		p.fail(s.start, s.end, "bad-constant", "text is not a %s", strings.ToUpper(word)).
			Hintf("write yyyy-MM-dd, and for a time yyyy-MM-dd HH:mm:ss with an optional fraction and offset +00:00")
	}
	return p.literal(t.start, value)
}

// number reads a number; its suffix says the type: L, S, Y, D, F, BD.
func (p *parser) number(t token, start int, negative bool) *node {
	text := t.text
	if negative {
		text = "-" + text
	}
	value, ok := numberConstant(text)
	if !ok {
		p.fail(start, t.end, "bad-constant", "%s is not a number, or out of range", text)
	}
	return p.literal(start, value)
}

func (p *parser) caseWhen(t token) *node {
	p.takeAs(keyword)
	n := node{op: opCase, start: t.start, args: make([]*node, 0, 5)}
	if !p.peek().is("when") {
		n.op = opSwitch
		n.args = append(n.args, p.expression())
	}
	for first := true; first || p.peek().is("when"); first = false {
		p.expect("when")
		n.args = append(n.args, p.expression())
		p.expect("then")
		n.args = append(n.args, p.expression())
		if p.failed {
			return &n
		}
	}
	if p.accept("else") {
		n.args = append(n.args, p.expression())
	}
	p.expect("end")
	return p.node(n)
}

// call reads a function call, and the forms with words between the arguments.
func (p *parser) call(t token, name string) *node {
	p.takeAs(head)
	p.take()
	switch name {
	case "cast", "try_cast":
		return p.cast(t)
	case "extract":
		return p.extract(t)
	case "trim":
		return p.trim(t)
	}
	n := node{op: opCall, text: name, start: t.start}
	if p.accept("distinct") {
		n.distinct = true
	} else {
		p.accept("all")
	}
	switch star := p.peek(); {
	case p.accept("*"):
		n.args = []*node{p.node(node{op: opStar, start: star.start})}
	case name == "struct" && !star.is(")"):
		n.args, n.names = p.fields()
	case p.peekAt(1).is("=>"):
		n.args, n.names = p.named()
	case !star.is(")"):
		n.args = p.arguments(name)
	}
	p.expect(")")
	p.unitArgument(&n)
	if p.accept("within") {
		n.within = p.within()
	}
	if p.accept("filter") {
		p.expect("(")
		p.expect("where")
		n.filter = p.expression()
		p.expect(")")
	}
	if p.nulls(&n); p.accept("over") {
		n.over = p.over()
	}
	if kind, ok := typeNames[name]; ok && !(Type{Kind: kind}).nested() && kind != Interval && kind != TimestampNTZ && len(n.args) == 1 && !n.distinct && n.filter == nil && n.over == nil && n.within == nil && !n.ignore {
		typ := Type{Kind: kind}
		if kind == Decimal {
			typ = decimalType(10, 0)
		}
		return p.node(node{op: opCast, text: "cast", typ: &typ, start: t.start, args: n.args})
	}
	call := p.node(n)
	p.calls = append(p.calls, call)
	return call
}

// arguments reads arguments; SUBSTRING(a FROM b FOR c), POSITION(a IN b) and
// OVERLAY(a PLACING b FROM c FOR d) have words in the place of commas.
func (p *parser) arguments(name string) []*node {
	position := name == "position"
	args := make([]*node, 0, 3)
	if position {
		args = append(args, p.value(0))
	} else {
		args = append(args, p.argument())
	}
	if name == "overlay" && p.accept("placing") {
		args = append(args, p.value(0))
		p.expect("from")
		args = append(args, p.value(0))
		if p.accept("for") {
			args = append(args, p.value(0))
		}
		return args
	}
	substring := name == "substring" || name == "substr"
	if position && p.accept("in") || substring && p.accept("from") {
		args = append(args, p.value(0))
		if substring && p.accept("for") {
			args = append(args, p.value(0))
		}
		return args
	}
	for p.accept(",") {
		args = append(args, p.argument())
	}
	return args
}

func (p *parser) cast(t token) *node {
	x := p.expression()
	if t := p.peek(); !p.accept("as") {
		p.unexpected(t, `"AS"`)
	}
	typ := p.typeName(0)
	p.expect(")")
	text := t.word
	return p.node(node{op: opCast, text: text, typ: &typ, start: t.start, args: []*node{x}})
}

// extract reads EXTRACT(field FROM x), which is date_part('field', x).
func (p *parser) extract(t token) *node {
	field := p.take()
	if field.kind != tokenWord && field.kind != tokenString {
		p.unexpected(field, "a field such as HOUR")
	}
	name := p.literal(field.start, stringConstant(field.text))
	p.expect("from")
	x := p.expression()
	p.expect(")")
	return p.node(node{op: opCall, text: "date_part", start: t.start, args: []*node{name, x}})
}

// trim reads TRIM([BOTH|LEADING|TRAILING] [chars] FROM s) and TRIM(s).
func (p *parser) trim(t token) *node {
	side, sided := p.acceptAny("both", "leading", "trailing")
	n := node{op: opCall, text: "trim", start: t.start}
	if sided && p.accept("from") {
		n.args = []*node{p.value(0)}
	} else {
		n.args = []*node{p.expression()}
		if p.accept("from") {
			n.args = append([]*node{p.value(0)}, n.args...)
			n.text = "btrim"
		} else if sided {
			p.unexpected(p.peek(), `"FROM"`)
		}
	}
	p.expect(")")
	if side == "leading" || side == "trailing" {
		n.text = map[string]string{"leading": "ltrim", "trailing": "rtrim"}[side]
		slices.Reverse(n.args) // ltrim and rtrim take the characters first
	}
	return p.node(n)
}
