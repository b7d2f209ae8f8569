package sql

import (
	"fmt"
	"math"
	"strings"
)

// anyInterval reports whether the type is an interval of any kind.
func (t Type) anyInterval() bool { return t.interval() || t.Kind == Interval }

// timeArithmetic types arithmetic on dates, times and intervals. It is false if
// neither operand is one.
func (c *checker) timeArithmetic(n *node, a, b *term) (*term, bool) {
	if a.typ.interval() || b.typ.interval() {
		c.note(n, []*term{a})
	}
	if (n.text == "+" || n.text == "*") && (b.typ.timed() || b.typ.anyInterval() && !a.typ.timed()) {
		a, b = b, a
	}
	if n.text == "-" && a.typ.Kind == String && b.typ.Kind == Date {
		a = castTerm(a, b.typ)
	}
	switch {
	case a.typ.timed():
		return c.fromTime(n, a, b), true
	case a.typ.anyInterval():
		return c.fromInterval(n, a, b), true
	case b.typ.timed() && a.typ.Kind == Void && n.text == "-":
		return c.timesBetween(n, castTerm(a, b.typ), b), true
	case b.typ.anyInterval() && a.typ.Kind == Void && n.text == "-":
		return c.fromInterval(n, castTerm(a, b.typ), b), true
	case b.typ.timed() || b.typ.anyInterval():
		return c.mismatch(n, a, b), true
	}
	return nil, false
}

// fromTime types a date or time plus or minus something.
func (c *checker) fromTime(n *node, a, b *term) *term {
	minus := n.text == "-"
	switch {
	case !minus && n.text != "+":
	case b.typ.anyInterval():
		if minus {
			b = c.negated(n, b)
		}
		return c.addInterval(n, a, b)
	case a.typ.Kind == Date && b.typ.integral() && b.typ.Kind <= Int:
		name := map[bool]string{false: "date_add", true: "date_sub"}[minus]
		return c.settle(&call{checker: c, node: n, fn: c.functions[name], args: []*term{a, b}}, nil)
	case minus && b.typ.timed():
		return c.timesBetween(n, a, b)
	case minus && b.typ.Kind == Void:
		return c.timesBetween(n, a, castTerm(b, a.typ))
	}
	return c.mismatch(n, a, b)
}

// timesBetween types the interval between two dates or times.
func (c *checker) timesBetween(n *node, a, b *term) *term {
	typ, instant := wholeInterval(DayTime), Type{Kind: Timestamp}
	if a.typ.Kind == Date && b.typ.Kind == Date {
		typ, instant = intervalOf(Day, Day), a.typ
	}
	return c.build(n, "subtract_times", typ, castTerm(a, instant), castTerm(b, instant))
}

// negated returns minus an interval; a constant that is not near the end of its
// range stays one.
func (c *checker) negated(n *node, x *term) *term {
	if v := x.value; v != nil && v.number > math.MinInt64 && (v.typ.Kind == DayTime || v.number > math.MinInt32) {
		return constantTerm(constant{typ: v.typ, number: -v.number}, x.at)
	}
	return c.build(n, "negative", x.typ, x)
}

// addInterval types a time plus an interval. A date stays one where the
// interval counts days or longer units.
func (c *checker) addInterval(n *node, t, by *term) *term {
	typ := t.typ
	switch {
	case by.typ.Kind != DayTime:
	case typ.Kind == Date && by.typ.Last == Day:
		return c.build(n, "add_interval", typ, t, by)
	case typ.Kind == Date:
		typ = Type{Kind: Timestamp}
	}
	if by.typ.interval() {
		by = castTerm(by, wholeInterval(by.typ.Kind))
	}
	at := typ
	if typ.Kind == TimestampNTZ {
		at = Type{Kind: Timestamp}
	}
	return castTerm(c.build(n, "add_interval", at, castTerm(t, at), by), typ)
}

func renderAddInterval(r *renderer, t *term) string {
	date := t.typ.Kind == Date
	switch by := t.args[1].typ; {
	case by.Kind == Interval && date:
		return r.once("s_date_ci($1, $2)", t)
	case by.Kind == Interval:
		return r.once("s_ts_ci($1, $2)", t)
	case by.Kind == DayTime && date:
		return r.expand("s_date_add($1, $2 // 86400000000)", t)
	case by.Kind == DayTime:
		return r.expand("s_ts(epoch_us($1)::HUGEINT + $2)", t)
	case date:
		return r.expand("s_months($1, $2)", t)
	}
	return r.expand("s_ts_months($1, $2)", t)
}

// once fills a template with variables for the arguments, so that each stands
// once however often macros repeat it.
func (r *renderer) once(template string, t *term) string {
	operands := make([]string, len(t.args))
	for i, a := range t.args {
		operands[i] = r.term(a)
		template = strings.ReplaceAll(template, fmt.Sprintf("$%d", i+1), field("_s_o", i))
	}
	return fmt.Sprintf("list_extract(list_transform([%s], lambda _s_o: %s), 1)", structText(operands...), template)
}

func renderSubtractTimes(r *renderer, t *term) string {
	if t.args[0].typ.Kind == Date {
		return r.expand("s_fit64(($1 - $2)::HUGEINT * 86400000000)", t)
	}
	return r.expand("s_fit64(epoch_us($1)::HUGEINT - epoch_us($2))", t)
}

// fromInterval types arithmetic on an interval: sums of one kind, a multiple, a
// part, and how often one goes into another.
func (c *checker) fromInterval(n *node, a, b *term) *term {
	if b.typ.Kind == Void && (n.text == "+" || n.text == "-") {
		b = castTerm(b, a.typ)
	}
	switch n.text {
	case "+", "-":
		if typ, ok := wider(a.typ, b.typ, false); ok && b.typ.anyInterval() {
			return c.build(n, n.text, typ, castTerm(a, typ), castTerm(b, typ))
		}
	case "*", "/":
		if typ, ok := numbers.convert(b.typ); ok {
			return c.scaleInterval(n, a, castTerm(b, typ))
		}
	case "div":
		if typ, ok := wider(a.typ, b.typ, false); ok && typ.interval() && b.typ.anyInterval() {
			bigint := Type{Kind: BigInt}
			return c.build(n, "div_intervals", bigint, castTerm(a, typ), castTerm(b, typ))
		}
	}
	return c.mismatch(n, a, b)
}

// sumRepeats counts the copies of an operand of a sum: of numbers one, of
// intervals those that see that it is in range.
func sumRepeats(args []*term) int {
	switch args[0].typ.Kind {
	case YearMonth, DayTime:
		return 3
	case Interval:
		return 6
	}
	return 1
}

// maxScaled is the largest number of digits of a decimal by which an interval
// is multiplied or divided exactly.
const maxScaled = 18

// scaleInterval types an interval times or divided by a number.
func (c *checker) scaleInterval(n *node, x, by *term) *term {
	name := map[string]string{"*": "multiply_interval", "/": "divide_interval"}[n.text]
	typ := x.typ
	switch {
	case typ.Kind == Interval || by.typ.Kind == Float:
		by = castTerm(by, Type{Kind: Double})
	case by.typ.Kind == Decimal && by.typ.Precision > maxScaled:
		c.errorf(n, "not-supported", "an interval goes with decimals of at most %d digits", maxScaled).Hintf("cast the number to double")
		return nil
	}
	if typ.interval() {
		typ = wholeInterval(typ.Kind)
	}
	return c.build(n, name, typ, x, by)
}

// scaleRepeats counts the copies of an operand, which stands once where the
// interval is a calendar's.
func scaleRepeats(n int) func(args []*term) int {
	return func(args []*term) int {
		if args[0].typ.Kind == Interval {
			return 1
		}
		return n
	}
}

func renderMultiplyInterval(r *renderer, t *term) string {
	switch by := t.args[1].typ; {
	case t.typ.Kind == Interval:
		return r.once("s_ci_scale($1, $2)", t)
	case by.Kind == Double:
		return fitDouble(t.typ, r.expand("$1::DOUBLE * $2", t))
	case by.Kind == Decimal:
		return fit(t.typ, fmt.Sprintf("s_round_div(%s::HUGEINT * %s, %s)", r.term(t.args[0]), unscaled(r.term(t.args[1]), by), powerOfTen(by.Scale)))
	}
	return fit(t.typ, r.expand("$1::HUGEINT * $2", t))
}

func renderDivideInterval(r *renderer, t *term) string {
	switch by := t.args[1].typ; {
	case t.typ.Kind == Interval:
		return r.once("s_ci_part_of($1, $2)", t)
	case by.Kind == Double:
		return fitDouble(t.typ, r.expand("$1::DOUBLE / s_nonzero($2)", t))
	case by.Kind == Decimal:
		return fit(t.typ, fmt.Sprintf("s_round_div(%s::HUGEINT * %s, %s)", r.term(t.args[0]), powerOfTen(by.Scale), unscaled(r.term(t.args[1]), by)))
	}
	return fit(t.typ, r.expand("s_round_div($1::HUGEINT, $2::HUGEINT)", t))
}

// fitDouble renders a double, rounded, as an interval; what is out of range is
// NULL.
func fitDouble(t Type, x string) string {
	if t.Kind == YearMonth {
		return "s_fitdbl32(round(" + x + "))"
	}
	return "s_fitdbl64(round(" + x + "))"
}
