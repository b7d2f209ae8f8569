package sql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// canonical returns the canonical text of a term. It is a part of the format
// of keys: golden values in the tests pin it.
func canonical(t *term) string { return canonicalIn(t, 0) }

// canonicalIn is canonical inside so many lambdas. A variable is known by the
// number of lambdas between it and its own, and its place there.
func canonicalIn(t *term, depth int) string {
	switch {
	case t.value != nil:
		return t.value.canonical()
	case t.variable != nil:
		return fmt.Sprintf("[%d.%d:%s]", depth-t.variable.depth, t.variable.index, t.typ)
	case t.lambda != nil:
		return "lambda(" + canonicalIn(t.args[0], depth+1) + ")"
	case t.fn == nil:
		return fmt.Sprintf("{%s:%s}", t.key.Hex(), t.typ)
	}
	args := canonicalArguments(t, depth)
	var b strings.Builder
	fmt.Fprintf(&b, "%s#%d:%s(", t.fn.canonicalName(), t.fn.Epoch, t.typ)
	if turned := map[string]string{">": "<", ">=": "<="}[t.fn.canonicalName()]; turned != "" { // a > b is b < a
		b.Reset()
		fmt.Fprintf(&b, "%s#%d:%s(", turned, t.fn.Epoch, t.typ)
	}
	if t.distinct {
		b.WriteString("distinct ")
	}
	b.WriteString(strings.Join(args, ", "))
	if t.filter != nil {
		b.WriteString("; filter " + canonicalIn(t.filter, depth))
	}
	if w := t.within; w != nil {
		fmt.Fprintf(&b, "; within %t", w.desc)
		if w.x != nil {
			fmt.Fprintf(&b, " %t %s", w.nullsLast, canonicalIn(w.x, depth))
		}
	}
	if t.ignore {
		b.WriteString("; ignore nulls")
	}
	b.WriteByte(')')
	if t.over != nil {
		b.WriteString(t.over.canonical())
	}
	return b.String()
}

// canonicalArguments returns the texts of the arguments, in a fixed order
// where their order cannot matter.
func canonicalArguments(t *term, depth int) []string {
	name, operands := t.fn.canonicalName(), t.args
	if name == "and" || name == "or" {
		operands = flatten(t, t.fn, nil)
	}
	args := make([]string, 0, len(operands))
	for _, a := range operands {
		args = append(args, canonicalIn(a, depth))
	}
	switch name {
	case ">", ">=":
		slices.Reverse(args)
	case "in":
		slices.Sort(args[1:])
	}
	if commutes(t) {
		slices.Sort(args)
	}
	return args
}

// flatten returns the operands of nested chains of one operator.
func flatten(t *term, fn *function, out []*term) []*term {
	for _, a := range t.args {
		if a.fn == fn {
			out = flatten(a, fn, out)
		} else {
			out = append(out, a)
		}
	}
	return out
}

// commutes reports whether the order of the operands cannot change the value:
// no row can fail, so order of evaluation does not matter, and arithmetic is
// exact. Floating-point sums are left alone.
func commutes(t *term) bool {
	switch t.fn.canonicalName() {
	case "and", "or", "=", "<>", "<=>", "&", "|", "^":
		return true
	case "+", "*":
		return t.typ.integral() && t.args[0].typ.Equal(t.args[1].typ)
	}
	return false
}

func (c constant) canonical() string {
	value := ""
	switch c.typ.Kind {
	case Boolean:
		value = strconv.FormatBool(c.number != 0)
	case TinyInt, SmallInt, Int, BigInt, Date, Timestamp:
		value = strconv.FormatInt(c.number, 10)
	case Float:
		value = formatFloat(c.float, 32)
	case Double:
		value = formatFloat(c.float, 64)
	case Decimal:
		value = c.text
	case String:
		value = strconv.QuoteToASCII(c.text)
	case Interval:
		value = fmt.Sprintf("%d months %d", c.months, c.number)
	}
	return c.typ.String() + " " + value
}
