package sql

import (
	"strings"
	"unicode"
)

// operatorFunction returns the entry of an operator.
func operatorFunction(name string) *function { return theOperators[name] }

// theOperators is built once and never changed.
var theOperators = newOperators()

// castFunction is the entry of CAST. TRY_CAST is another one where CAST wraps or
// cuts.
var castFunction = &function{Function: Function{Name: "cast", Epoch: 1}, render: func(r *renderer, t *term) string {
	if x := t.args[0]; convFits(x, t.typ) {
		return r.hexNumber(x.args[0], t.typ)
	}
	return renderCast(t.args[0].typ, t.typ, r.term(t.args[0]))
}}

func newOperators() map[string]*function {
	all := []*function{
		{Function: Function{Name: "+"}, render: renderArithmetic, levels: 3, repeats: sumRepeats},
		{Function: Function{Name: "-"}, render: renderArithmetic, levels: 3, repeats: sumRepeats},
		{Function: Function{Name: "*"}, render: renderArithmetic},
		{Function: Function{Name: "/"}, render: renderQuotient, repeats: divisionRepeats(2)},
		{Function: Function{Name: "decimal /"}, canon: "/", render: renderDivision, copies: 6},
		{Function: Function{Name: "%"}, canon: "mod", render: renderModulo, repeats: divisionRepeats(4)},
		{Function: Function{Name: "div"}, sql: "s_idiv($1, $2)", copies: 4},
		{Function: Function{Name: "negative"}, render: renderNegative, repeats: sumRepeats},
		{Function: Function{Name: "&"}, sql: "($1 & $2)"},
		{Function: Function{Name: "|"}, sql: "($1 | $2)"},
		{Function: Function{Name: "^"}, sql: "xor($1, $2)"},
		{Function: Function{Name: "~"}, sql: "(~$1)"},
		{Function: Function{Name: "="}, sql: "($1 = $2)"},
		{Function: Function{Name: "<>"}, sql: "($1 <> $2)"},
		{Function: Function{Name: "<"}, render: renderCompare, repeats: rankRepeats},
		{Function: Function{Name: ">"}, render: renderCompare, repeats: rankRepeats},
		{Function: Function{Name: "<="}, render: renderCompare, repeats: rankRepeats},
		{Function: Function{Name: ">="}, render: renderCompare, repeats: rankRepeats},
		{Function: Function{Name: "<=>"}, sql: "($1 IS NOT DISTINCT FROM $2)"},
		{Function: Function{Name: "and"}, chained: true, render: func(r *renderer, t *term) string { return r.balanced(t.args, " AND ") }},
		{Function: Function{Name: "or"}, chained: true, render: func(r *renderer, t *term) string { return r.balanced(t.args, " OR ") }},
		{Function: Function{Name: "not"}, sql: "(NOT $1)"},
		{Function: Function{Name: "isnull"}, sql: "($1 IS NULL)"},
		{Function: Function{Name: "isnotnull"}, sql: "($1 IS NOT NULL)"},
		{Function: Function{Name: "istrue"}, sql: "coalesce($1, false)"},
		{Function: Function{Name: "isfalse"}, sql: "coalesce(NOT $1, false)"},
		{Function: Function{Name: "in"}, render: renderIn, repeats: inRepeats},
		{Function: Function{Name: "between"}, render: renderBetween, repeats: betweenRepeats},
		{Function: Function{Name: "like"}, render: renderLike},
		{Function: Function{Name: "case"}, render: renderCase, levels: 3},
		{Function: Function{Name: "switch"}, render: renderSwitch, levels: 3},
		{Function: Function{Name: "to_char"}, sql: "n_to_char($1::VARCHAR, $2)"},
		{Function: Function{Name: "concat arrays"}, canon: "concat", render: renderConcatArrays, copies: 2},
		{Function: Function{Name: "try_cast"}, render: renderTryCast, copies: 4},
		{Function: Function{Name: "parse_time", Epoch: 2}, render: renderParseTime},
		{Function: Function{Name: "struct"}, canon: "named_struct", render: renderStruct, levels: 2},
		{Function: Function{Name: "field"}, render: renderField, levels: 2},
		{Function: Function{Name: "add_interval", Epoch: 2}, render: renderAddInterval, copies: 4},
		{Function: Function{Name: "subtract_times"}, render: renderSubtractTimes, copies: 3},
		{Function: Function{Name: "multiply_interval"}, render: renderMultiplyInterval, repeats: scaleRepeats(12)},
		{Function: Function{Name: "divide_interval"}, render: renderDivideInterval, repeats: scaleRepeats(24)},
		{Function: Function{Name: "try_add"}, render: renderChecked("+"), copies: 4},
		{Function: Function{Name: "try_subtract"}, render: renderChecked("-"), copies: 4},
		{Function: Function{Name: "try_multiply"}, render: renderChecked("*"), copies: 4},
		{Function: Function{Name: "seconds"}, render: renderSeconds60},
		{Function: Function{Name: "dayofweek_iso"}, sql: "isodow($1)::INTEGER"},
		{Function: Function{Name: "yearofweek"}, sql: "s_weekyear($1)", copies: 2},
		{Function: Function{Name: "interval_part"}, render: renderIntervalPart, copies: 6},
		{Function: Function{Name: "convert_zone"}, render: renderConvertZone, copies: 24},
		{Function: Function{Name: "number_of"}, sql: "$1::DOUBLE"},
		{Function: Function{Name: "div_intervals"}, sql: "s_idiv($1::BIGINT, $2::BIGINT)", copies: 4},
	}
	byName := make(map[string]*function, len(all))
	for _, f := range all {
		f.Epoch = max(f.Epoch, 1)
		byName[f.Name] = f
	}
	return byName
}

// operator types an operator whose operands are right in themselves.
func (c *checker) operator(n *node, args []*term) *term {
	switch n.op {
	case opUnary:
		return c.unary(n, args[0])
	case opBinary:
		return c.binary(n, args)
	case opChain:
		return c.chain(n, args)
	case opIs:
		return c.is(n, args[0])
	case opIn:
		return c.in(n, args)
	case opBetween:
		return c.between(n, args)
	case opLike:
		return c.like(n, args)
	case opRlike:
		return c.negate(n, c.settle(&call{checker: c, node: &node{text: "rlike", start: n.start, end: n.end},
			fn: c.functions["regexp_like"], args: args}, nil))
	case opCase, opSwitch:
		return c.caseWhen(n, args)
	case opIndex:
		return c.index(n, args)
	}
	return nil
}

// build makes a term of an operator over arguments.
func (c *checker) build(n *node, name string, typ Type, args ...*term) *term {
	return apply(operatorFunction(name), typ, n.at(), args...)
}

// negate wraps the term if the node says NOT.
func (c *checker) negate(n *node, t *term) *term {
	if t == nil || !n.not {
		return t
	}
	return c.build(n, "not", Type{Kind: Boolean}, t)
}

// condition checks a part that must be a boolean.
func (c *checker) condition(n *node) *term {
	t := c.check(n)
	if t == nil {
		return nil
	}
	return c.boolean(t)
}

// boolean returns a term as a boolean: NULL is one too.
func (c *checker) boolean(t *term) *term {
	if t.typ.Kind != Boolean && t.typ.Kind != Void {
		c.report(t.at, "type-mismatch", "a condition is needed here, not %s", withArticle(t.typ)).
			Hintf("%s", conditionHint(t))
		return nil
	}
	return castTerm(t, Type{Kind: Boolean})
}

func (c *checker) unary(n *node, x *term) *term {
	switch n.text {
	case "not":
		b := c.boolean(x)
		if b == nil {
			return nil
		}
		return c.build(n, "not", b.typ, b)
	case "~":
		if !x.typ.integral() {
			return c.mismatch(n, x)
		}
		return c.build(n, "~", x.typ, x)
	}
	typ, ok := numbers.convert(x.typ)
	if x.typ.anyInterval() && n.text == "-" {
		typ, ok = x.typ, true
		if x.typ.interval() {
			c.note(n, []*term{x})
		}
	}
	if !ok {
		return c.mismatch(n, x)
	}
	x = castTerm(x, typ)
	if n.text == "+" {
		return x
	}
	return (&call{checker: c, node: n, args: []*term{x}}).negative()
}

func (c *checker) mismatch(n *node, args ...*term) *term {
	kinds := make([]string, len(args))
	for i, a := range args {
		kinds[i] = withArticle(a.typ)
	}
	d := c.errorf(n, "type-mismatch", "operator %s does not take %s", strings.ToUpper(n.text), strings.Join(kinds, " and "))
	if hint := operandHint(n.text, args); hint != "" {
		d.Hintf("%s", hint)
	}
	return nil
}

func (c *checker) binary(n *node, args []*term) *term {
	switch n.text {
	case "=", "<>", "<", ">", "<=", ">=", "<=>":
		return c.compare(n, n.text, args[0], args[1])
	case "&", "|", "^":
		if !args[0].typ.integral() || !args[1].typ.integral() {
			return c.mismatch(n, args...)
		}
		typ, _ := numericWider(args[0].typ, args[1].typ)
		return c.build(n, n.text, typ, castTerm(args[0], typ), castTerm(args[1], typ))
	case "/", "%", "div":
		c.divides(n, n.args[1], args[1])
		return c.arithmetic(n, args)
	case "+", "-", "*":
		c.warnOperands(n.text, args)
		return c.arithmetic(n, args)
	}
	name := map[string]string{"<<": "shiftleft", ">>": "shiftright", ">>>": "shiftrightunsigned"}[n.text]
	return c.settle(&call{checker: c, node: &node{text: n.text, start: n.start, end: n.end}, fn: c.functions[name], args: args}, nil)
}

// compare types a comparison. name is the operator's.
func (c *checker) compare(n *node, name string, a, b *term) *term {
	typ, ok := comparedAs(literalDecimal(a, b.typ), literalDecimal(b, a.typ))
	if !ok || !castable(a.typ, typ) || !castable(b.typ, typ) {
		c.errorf(n, "type-mismatch", "%s cannot be compared with %s", withArticle(a.typ), withArticle(b.typ)).Hintf("%s", comparisonHint(a.typ, b.typ))
		return nil
	}
	c.warnCompared(n, name, a, b)
	return c.build(n, name, Type{Kind: Boolean}, castTerm(a, typ), castTerm(b, typ))
}

// literalDecimal returns the type that a term has beside a decimal: an integer
// constant is as narrow as its digits.
func literalDecimal(t *term, other Type) Type {
	if n, ok := t.integer(); ok && other.Kind == Decimal && !t.opaque {
		c, _ := decimalConstant(intConstant(n).canonicalNumber())
		return c.typ
	}
	return t.typ
}

func (c *checker) chain(n *node, args []*term) *term {
	if n.text == "||" {
		k := &call{checker: c, node: &node{text: "||", start: n.start, end: n.end}, fn: c.functions["concat"], args: args}
		return c.settle(k, nil)
	}
	ok := true
	for i := range args {
		args[i] = c.boolean(args[i])
		ok = ok && args[i] != nil
	}
	if !ok {
		return nil
	}
	c.warnChain(n, args)
	return c.build(n, n.text, Type{Kind: Boolean}, args...)
}

func (c *checker) is(n *node, x *term) *term {
	boolean := Type{Kind: Boolean}
	if n.text == "null" {
		return c.build(n, map[bool]string{false: "isnull", true: "isnotnull"}[n.not], boolean, x)
	}
	b := c.boolean(x)
	if b == nil {
		return nil
	}
	return c.negate(n, c.build(n, "is"+n.text, boolean, b))
}

func (c *checker) in(n *node, args []*term) *term {
	common := Type{}
	for _, a := range args {
		t, ok := wider(common, a.typ, true)
		if common.sameButNames(a.typ) {
			t, ok = common, true
		}
		if !ok || !t.ordered() || !castable(a.typ, t) || !castable(common, t) {
			c.errorf(n, "type-mismatch", "%s cannot be compared with %s in one list", withArticle(a.typ), withArticle(common)).
				Hintf("cast one of them")
			return nil
		}
		common = t
	}
	c.warnMembers(n, args)
	for i := range args {
		args[i] = castTerm(args[i], common)
	}
	return c.negate(n, c.build(n, "in", Type{Kind: Boolean}, args...))
}

// between types x BETWEEN low AND high, which compares x twice: it must be in
// one type both times, since x is written once.
func (c *checker) between(n *node, args []*term) *term {
	x, low, high := args[0], args[1], args[2]
	one, ok1 := comparedAs(literalDecimal(x, low.typ), literalDecimal(low, x.typ))
	two, ok2 := comparedAs(literalDecimal(x, high.typ), literalDecimal(high, x.typ))
	if !ok1 || !ok2 || !castable(x.typ, one) || !castable(low.typ, one) || !castable(high.typ, two) {
		c.errorf(n, "type-mismatch", "%s is not comparable with %s and %s", withArticle(x.typ), withArticle(low.typ), withArticle(high.typ)).
			Hintf("cast one of them")
		return nil
	}
	typ := one
	if !one.Equal(two) {
		both, ok := wider(one, two, false)
		if !ok || !lossless(x.typ, both) || !lossless(one, both) || !lossless(two, both) {
			c.errorf(n, "not-supported", "the bounds %s and %s compare in different types", low.typ, high.typ).
				Hintf("write two comparisons joined by AND")
			return nil
		}
		typ = both
	}
	c.warnBetween(n, low, high)
	t := c.build(n, "between", Type{Kind: Boolean}, castTerm(x, typ), castTerm(low, typ), castTerm(high, typ))
	return c.negate(n, t)
}

// like types LIKE, whose pattern is a constant so that its escapes are known
// to be right.
func (c *checker) like(n *node, args []*term) *term {
	typ, ok := texts.convert(args[0].typ)
	if ok && args[1].null() {
		return castTerm(args[1], Type{Kind: Boolean})
	}
	if !ok {
		c.errorf(n, "type-mismatch", "LIKE does not take %s", withArticle(args[0].typ))
		return nil
	}
	pattern, ok := args[1].text()
	escape := `\`
	if len(args) == 3 && ok {
		escape, ok = args[2].text()
	}
	if !ok {
		c.errorf(n, "not-constant", "the pattern of LIKE and its escape must be constant strings").
			Hintf("contains(s, t), startswith(s, t) and endswith(s, t) take columns")
		return nil
	}
	if len(escape) != 1 {
		c.report(args[2].at, "bad-pattern", "the escape of LIKE is one ASCII character")
		return nil
	}
	if !likeEscapes(pattern, escape) {
		c.report(args[1].at, "bad-pattern", "in a LIKE pattern %q stands before %%, _ or itself only", escape)
		return nil
	}
	if escape == "%" || escape == "_" {
		c.report(args[2].at, "bad-pattern", "the escape of LIKE cannot be a wildcard")
		return nil
	}
	rest := []*term{castTerm(args[0], typ), args[1], constantTerm(stringConstant(escape), args[1].at)}
	if n.text == "ilike" {
		if strings.ContainsFunc(pattern, func(r rune) bool { return r > unicode.MaxASCII }) {
			c.report(args[1].at, "not-supported", "a pattern of ILIKE has ASCII characters only").Hintf("write lower(x) LIKE 'pattern'")
			return nil
		}
		rest[0] = apply(c.functions["lower"], typ, n.at(), rest[0])
		rest[1] = constantTerm(stringConstant(strings.ToLower(pattern)), args[1].at)
	}
	return c.negate(n, c.build(n, "like", Type{Kind: Boolean}, rest...))
}

// likeEscapes reports whether every escape stands before a wildcard or itself.
func likeEscapes(pattern, escape string) bool {
	for pattern != "" {
		rest, ok := strings.CutPrefix(pattern, escape)
		if !ok {
			pattern = pattern[1:]
			continue
		}
		next, ok := strings.CutPrefix(rest, escape)
		if !ok && !strings.HasPrefix(rest, "%") && !strings.HasPrefix(rest, "_") {
			return false
		}
		if !ok {
			next = rest[1:]
		}
		pattern = next
	}
	return true
}

func (c *checker) index(n *node, args []*term) *term {
	name := "get"
	switch x := args[0]; x.typ.Kind {
	case Struct:
		if field, ok := args[1].text(); ok {
			return c.fieldOf(n, x, field)
		}
		c.errorf(n.args[1], "not-constant", "the name of a field is a constant string")
		return nil
	case Map:
		name, args[1] = "element_at", asKey(x, args[1])
	}
	k := &call{checker: c, node: &node{text: "[ ]", start: n.start, end: n.end}, fn: c.functions[name], args: args}
	return c.settle(k, nil)
}
