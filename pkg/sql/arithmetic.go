package sql

import (
	"fmt"
	"strconv"
)

// canonicalNumber returns the digits of an integer constant.
func (c constant) canonicalNumber() string { return strconv.FormatInt(c.number, 10) }

// arithmetic types + - * / % and DIV.
func (c *checker) arithmetic(n *node, args []*term) *term {
	a, b := args[0], args[1]
	if t, ok := c.timeArithmetic(n, a, b); ok {
		return t
	}
	common, ok := arithmeticType(literalDecimal(a, b.typ), literalDecimal(b, a.typ))
	if !ok && !(a.typ.Numeric() && b.typ.Numeric()) {
		return c.mismatch(n, a, b)
	}
	switch {
	case ok && common.Kind != Decimal && n.text == "/":
		double := Type{Kind: Double}
		return c.build(n, "/", double, castTerm(a, double), castTerm(b, double))
	case n.text == "div":
		if !a.typ.integral() && a.typ.Kind != Void || !b.typ.integral() && b.typ.Kind != Void {
			return c.mismatch(n, a, b)
		}
		bigint := Type{Kind: BigInt}
		return c.build(n, "div", bigint, castTerm(a, bigint), castTerm(b, bigint))
	case ok && common.Kind != Decimal:
		return c.build(n, n.text, common, castTerm(a, common), castTerm(b, common))
	}
	return c.decimals(n, a, b)
}

// decimals types arithmetic of decimals. The result's type is Spark's; where
// it would take more than 38 digits, Spark drops digits, which is refused.
func (c *checker) decimals(n *node, a, b *term) *term {
	x, y := asDecimal(literalDecimal(a, decimalType(1, 0))), asDecimal(literalDecimal(b, decimalType(1, 0)))
	if x.Kind == Void || y.Kind == Void { // NULL takes the other's type
		x, y = decimalOr(x, y), decimalOr(y, x)
	}
	result, ok := decimalResult(n.text, x, y)
	if !ok {
		c.errorf(n, "not-supported", "%s of %s and %s needs more than %d digits", n.text, x, y, maxPrecision).
			Hintf("cast one of them to double")
		return nil
	}
	if n.text == "%" {
		common, _ := decimalWider(x, y)
		t := c.build(n, "%", common, castTerm(a, common), castTerm(b, common))
		return castTerm(t, result)
	}
	name := n.text
	if name == "/" {
		name = "decimal /"
	}
	return c.build(n, name, result, castTerm(a, x), castTerm(b, y))
}

func decimalOr(t, other Type) Type {
	if t.Kind == Decimal {
		return t
	}
	return other
}

// decimalResult returns the type of an operation on decimals, and whether it
// is exact within 38 digits, intermediate values included.
func decimalResult(operator string, a, b Type) (Type, bool) {
	p1, s1, p2, s2 := a.Precision, a.Scale, b.Precision, b.Scale
	var t Type
	switch operator {
	case "+", "-":
		t = decimalType(max(p1-s1, p2-s2)+max(s1, s2)+1, max(s1, s2))
	case "*":
		t = decimalType(p1+p2+1, s1+s2)
	case "%":
		common, ok := decimalWider(a, b)
		return decimalType(min(p1-s1, p2-s2)+max(s1, s2), max(s1, s2)), ok && common.Precision <= maxPrecision
	default: // quotient: rounded once, so its digits and the divisor's must fit together
		scale := max(6, s1+p2+1)
		t = decimalType(p1-s1+s2+scale, scale)
		return t, t.Precision+p2 <= maxPrecision && p1+s1+1 <= maxPrecision && p2+s2+1 <= maxPrecision &&
			t.Precision+t.Scale <= maxPrecision
	}
	return t, t.Precision <= maxPrecision
}

// wraps returns the macro that wraps an integer to a type, and the type in
// which the operation cannot overflow.
func wraps(t Type) (macro, wide string) {
	switch t.Kind {
	case TinyInt:
		return "s_wrap8", "BIGINT"
	case SmallInt:
		return "s_wrap16", "BIGINT"
	case Int:
		return "s_wrap32", "BIGINT"
	}
	return "s_wrap64", "HUGEINT"
}

func renderArithmetic(r *renderer, t *term) string {
	if t.typ.integral() {
		macro, wide := wraps(t.typ)
		return fmt.Sprintf("%s(%s)", macro, r.wide(t, wide))
	}
	a, b := r.term(t.args[0]), r.term(t.args[1])
	switch {
	case t.typ.interval():
		return fit(t.typ, fmt.Sprintf("%s::HUGEINT %s %s", a, t.fn.Name, b))
	case t.typ.Kind == Interval:
		return fmt.Sprintf("s_ci_add(%s, %s, %s1)", a, b, t.fn.Name)
	case t.typ.Kind == Decimal && t.fn.Name != "*":
		return fmt.Sprintf("(%[1]s::%[4]s %[2]s %[3]s::%[4]s)::%[4]s", a, t.fn.Name, b, t.typ.DuckDB())
	case t.typ.Kind == Decimal:
		return multiplied(a, t.args[0].typ, b, t.args[1].typ) + "::" + t.typ.DuckDB()
	}
	return fmt.Sprintf("(%s %s %s)", a, t.fn.Name, b)
}

// wide renders integer arithmetic in a type in which it cannot overflow. Sums
// of sums wrap once, at the end, which gives the same: [MaxNodes] of the
// largest integers fit. Factors wrap first.
func (r *renderer) wide(t *term, wide string) string {
	operand := func(a *term) string {
		if t.fn.Name != "*" && a.fn != nil && (a.fn.Name == "+" || a.fn.Name == "-") && a.fn.render != nil && a.typ.Equal(t.typ) {
			return r.wide(a, wide)
		}
		return r.term(a) + "::" + wide
	}
	return fmt.Sprintf("(%s %s %s)", operand(t.args[0]), t.fn.Name, operand(t.args[1]))
}

func renderNegative(r *renderer, t *term) string {
	x := r.term(t.args[0])
	if t.typ.integral() {
		macro, wide := wraps(t.typ)
		return fmt.Sprintf("%s(-(%s::%s))", macro, x, wide)
	}
	switch {
	case t.typ.interval():
		return fit(t.typ, fmt.Sprintf("-(%s::HUGEINT)", x))
	case t.typ.Kind == Interval:
		return fmt.Sprintf("s_ci_add(s_ci(0, 0, 0), %s, -1)", x)
	}
	return fmt.Sprintf("(-(%s))", x)
}

// renderDivision rounds the exact quotient of two decimals once.
func renderDivision(r *renderer, t *term) string {
	a, b := r.term(t.args[0]), r.term(t.args[1])
	x, y := t.args[0].typ, t.args[1].typ
	// Whole numbers a*10^s1 and b*10^s2; the quotient is wanted times 10^scale.
	shift := t.typ.Scale - x.Scale + y.Scale
	quotient := fmt.Sprintf("s_round_div(%s * %s, %s)", unscaled(a, x), powerOfTen(shift), unscaled(b, y))
	return multiplied(quotient, decimalType(1, 0), smallestDecimal(t.typ.Scale), decimalType(t.typ.Scale, t.typ.Scale)) + "::" + t.typ.DuckDB()
}

// multiplied renders the exact product of decimals of together at most 38
// digits. DuckDB multiplies narrow decimals in 64 bits and raises when that is
// too few, so one is made wide.
func multiplied(a string, x Type, b string, y Type) string {
	return fmt.Sprintf("(%s::DECIMAL(%d,%d) * %s)", a, maxPrecision-y.Precision, x.Scale, b)
}

// unscaled renders the digits of a decimal as a whole number.
func unscaled(text string, t Type) string {
	if t.Scale == 0 {
		return text + "::HUGEINT"
	}
	return multiplied(text, t, fmt.Sprintf("1%0*d::DECIMAL(%d,0)", t.Scale, 0, t.Scale+1), decimalType(t.Scale+1, 0)) + "::HUGEINT"
}

func powerOfTen(n int) string {
	if n == 0 {
		return "1::HUGEINT"
	}
	return fmt.Sprintf("1%0*d::HUGEINT", n, 0)
}

func smallestDecimal(scale int) string {
	return fmt.Sprintf("(0.%0*d)::DECIMAL(%d,%d)", scale, 1, scale, scale)
}

// safeDivisor reports whether a term is a constant that every number can be
// divided by.
func safeDivisor(t *term) bool {
	if t.value == nil {
		return false
	}
	switch v := t.value; {
	case v.typ.integral():
		return v.number != 0 && v.number != -1
	case v.typ.floating():
		return v.float != 0
	}
	return false
}

// divisionRepeats counts the copies of an operand where the divisor is looked
// at first.
func divisionRepeats(copies int) func(args []*term) int {
	return func(args []*term) int {
		if safeDivisor(args[1]) {
			return 1
		}
		return copies
	}
}

func renderQuotient(r *renderer, t *term) string {
	if safeDivisor(t.args[1]) {
		return r.expand("($1 / $2)", t)
	}
	return r.expand("s_div($1, $2)", t)
}

func renderModulo(r *renderer, t *term) string {
	a, b := r.term(t.args[0]), r.term(t.args[1])
	switch {
	case safeDivisor(t.args[1]):
		return fmt.Sprintf("(%s %% %s)", a, b)
	case t.typ.integral():
		return fmt.Sprintf("s_mod(%s, %s)::%s", a, b, t.typ.DuckDB())
	case t.typ.Kind == Decimal:
		return fmt.Sprintf("s_fmod(%s, %s)::%s", a, b, t.typ.DuckDB())
	}
	return fmt.Sprintf("s_fmod(%s, %s)", a, b)
}
