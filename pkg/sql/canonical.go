package sql

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
)

// canonical returns the canonical text of a term. It is a part of the format
// of keys: golden values in the tests pin it.
func canonical(t *term) string { return string(appendCanonical(make([]byte, 0, 512), t, 0)) }

// appendCanonical appends the text of a term inside so many lambdas. A variable
// is known by the number of lambdas between it and its own, and its place there.
func appendCanonical(b []byte, t *term, depth int) []byte {
	switch {
	case t.value != nil:
		return t.value.appendCanonical(b)
	case t.variable != nil:
		b = strconv.AppendInt(append(b, '['), int64(depth-t.variable.depth), 10)
		b = strconv.AppendInt(append(b, '.'), int64(t.variable.index), 10)
		return append(append(append(b, ':'), t.typ.String()...), ']')
	case t.lambda != nil:
		return append(appendCanonical(append(b, "lambda("...), t.args[0], depth+1), ')')
	case t.fn == nil:
		b = hex.AppendEncode(append(b, '{'), t.key[:])
		return append(append(append(b, ':'), t.typ.String()...), '}')
	}
	name := t.fn.canonicalName()
	switch name { // a > b is b < a
	case ">":
		name = "<"
	case ">=":
		name = "<="
	}
	b = strconv.AppendInt(append(append(b, name...), '#'), int64(t.epoch()), 10)
	b = append(append(append(b, ':'), t.typ.String()...), '(')
	if t.distinct {
		b = append(b, "distinct "...)
	}
	b = appendArguments(b, t, depth)
	if t.filter != nil {
		b = appendCanonical(append(b, "; filter "...), t.filter, depth)
	}
	if w := t.within; w != nil {
		b = strconv.AppendBool(append(b, "; within "...), w.desc)
		if w.x != nil {
			b = append(strconv.AppendBool(append(b, ' '), w.nullsLast), ' ')
			b = appendCanonical(b, w.x, depth)
		}
	}
	if t.ignore {
		b = append(b, "; ignore nulls"...)
	}
	b = append(b, ')')
	if t.over != nil {
		b = t.over.appendCanonical(b)
	}
	return b
}

// appendArguments appends the texts of the arguments, in a fixed order where
// their order cannot matter.
func appendArguments(b []byte, t *term, depth int) []byte {
	name, operands := t.fn.canonicalName(), t.args
	switch {
	case name == "and" || name == "or":
		return appendSorted(b, flatten(t, t.fn, make([]*term, 0, 2*len(t.args))), depth)
	case commutes(t):
		return appendSorted(b, operands, depth)
	case name == "in":
		b = append(appendCanonical(b, operands[0], depth), ", "...)
		return appendSorted(b, operands[1:], depth)
	case name == ">" || name == ">=":
		b = append(appendCanonical(b, operands[1], depth), ", "...)
		return appendCanonical(b, operands[0], depth)
	}
	for i, a := range operands {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendCanonical(b, a, depth)
	}
	return b
}

// appendSorted appends the texts of terms in their own order.
func appendSorted(b []byte, terms []*term, depth int) []byte {
	start := len(b)
	var few [8]int
	ends, sorted, last := few[:0], true, start // ends of the texts; where the last one begins
	for i, t := range terms {
		if i > 0 {
			b = append(b, ", "...)
		}
		from := len(b)
		b = appendCanonical(b, t, depth)
		sorted = sorted && (i == 0 || bytes.Compare(b[last:from-2], b[from:]) <= 0)
		ends, last = append(ends, len(b)), from
	}
	if sorted {
		return b
	}
	texts, from := make([]string, len(ends)), start
	for i, end := range ends {
		texts[i], from = string(b[from:end]), end+2
	}
	slices.Sort(texts)
	b = b[:start]
	for i, text := range texts {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, text...)
	}
	return b
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

func (c constant) appendCanonical(b []byte) []byte {
	b = append(append(b, c.typ.String()...), ' ')
	switch c.typ.Kind {
	case Boolean:
		return strconv.AppendBool(b, c.number != 0)
	case TinyInt, SmallInt, Int, BigInt, Date, Timestamp, TimestampNTZ, YearMonth, DayTime:
		return strconv.AppendInt(b, c.number, 10)
	case Float:
		return append(b, formatFloat(c.float, 32)...)
	case Double:
		return append(b, formatFloat(c.float, 64)...)
	case Decimal:
		return append(b, c.text...)
	case String:
		return strconv.AppendQuoteToASCII(b, c.text)
	case Binary:
		return hex.AppendEncode(b, []byte(c.text))
	}
	return b
}
