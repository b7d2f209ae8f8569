package sql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// canonical returns the canonical text of a term. It is a part of the format
// of keys: golden values in the tests pin it.
func canonical(t *term) string {
	switch {
	case t.value != nil:
		return t.value.canonical()
	case t.fn == nil:
		return fmt.Sprintf("{%s:%s}", t.key.Hex(), t.typ)
	}
	name := t.fn.canonicalName()
	operands := t.args
	if name == "and" || name == "or" {
		operands = flatten(t, t.fn, nil)
	}
	args := make([]string, 0, len(operands))
	for _, a := range operands {
		args = append(args, canonical(a))
	}
	switch name {
	case ">": // a > b is b < a
		name = "<"
		slices.Reverse(args)
	case ">=":
		name = "<="
		slices.Reverse(args)
	case "in":
		slices.Sort(args[1:])
	}
	if commutes(t) {
		slices.Sort(args)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s#%d:%s(", name, t.fn.Epoch, t.typ)
	if t.distinct {
		b.WriteString("distinct ")
	}
	b.WriteString(strings.Join(args, ", "))
	if t.filter != nil {
		b.WriteString("; filter " + canonical(t.filter))
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
