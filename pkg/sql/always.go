package sql

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// warnCompared reports a comparison of two values, as they were before they
// were converted, that gives the same on every row.
func (c *checker) warnCompared(n *node, name string, a, b *term) {
	if b.value == nil {
		a, b, name = b, a, turned(name)
	}
	switch {
	case b.value == nil:
		if len(n.args) == 2 && n.args[0].op == opName && n.args[0].equal(n.args[1]) {
			c.warnf(n, "constant-comparison", "%s is compared with itself", n.args[0].text).Hintf("compare it with another value")
		}
	case b.typ.Kind == Void && name != "<=>":
		c.warnf(n, "always-null", "a comparison with NULL is NULL on every row").Hintf("write IS NULL or IS NOT NULL")
	case b.typ.Kind == String:
		c.warnText(b, a.typ)
	case a.value == nil:
		c.warnRange(n, name, a, b)
	}
}

// turned returns the comparison that says the same with its operands swapped.
func turned(name string) string {
	switch name {
	case "<":
		return ">"
	case ">":
		return "<"
	case "<=":
		return ">="
	case ">=":
		return "<="
	}
	return name
}

// warnText reports a constant text that stands for no value of a type.
func (c *checker) warnText(t *term, to Type) {
	if text, ok := t.text(); ok && !mayRead(text, to) {
		d := c.warn(t.at, "always-null", "%s is no %s: this is NULL on every row", stringConstant(text).spark(), to)
		switch to.Kind {
		case Boolean:
			d.Hintf("write TRUE or FALSE; conditions are joined by AND and OR, texts by ||")
		case Date:
			d.Hintf("write it as DATE '2024-01-31'")
		case Timestamp, TimestampNTZ:
			d.Hintf("write it as TIMESTAMP '2024-01-31 23:59:59'")
		default:
			d.Hintf("compare texts with texts: cast(… AS string)")
		}
	}
}

// warnOperands reports a constant text that is no number, beside a number or
// another text.
func (c *checker) warnOperands(operator string, args []*term) {
	for i, a := range args {
		text, ok := a.text()
		if other := args[1-i].typ; !ok || !other.Numeric() && other.Kind != String || mayRead(text, Type{Kind: Double}) {
			continue
		}
		d := c.warn(a.at, "always-null", "%s is no number: this is NULL on every row", stringConstant(text).spark())
		if d.Hintf("write a number"); operator == "+" {
			d.Hintf("+ adds numbers: write concat(a, b) or a || b")
		}
	}
}

// mayRead reports whether a text may be read as a value of a type; what is not
// certain, may.
func mayRead(text string, to Type) bool {
	text = strings.ToLower(strings.TrimFunc(text, func(r rune) bool { return r <= ' ' }))
	digits := strings.ContainsAny(text, "0123456789")
	switch {
	case to.Kind == Boolean:
		return slices.Contains([]string{"t", "true", "y", "yes", "1", "f", "false", "n", "no", "0"}, text)
	case to.integral():
		return digits && strings.Trim(text, "0123456789.+-") == ""
	case to.floating(), to.Kind == Decimal:
		word := strings.TrimLeft(text, "+-")
		return digits && strings.Trim(text, "0123456789.+-edf") == "" || slices.Contains([]string{"nan", "inf", "infinity"}, word)
	case to.timed():
		if m := dayPattern.FindStringSubmatch(text); m != nil {
			_, ok := dateConstant(m[0])
			return ok
		}
		return digits && strings.Trim(text[:1], "0123456789+-t:") == ""
	}
	return true
}

// dayPattern finds the day that a text begins with.
var dayPattern = regexp.MustCompile(`^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}`)

// extent is what a whole number may be, and why.
type extent struct {
	low, high float64
	of        string
}

// extentOf returns the smallest and largest value of a whole number; false
// where nothing is known.
func extentOf(t *term) (extent, bool) {
	if t.fn == castFunction && t.args[0].typ.integral() && t.typ.Numeric() && lossless(t.args[0].typ, t.typ) {
		return extentOf(t.args[0])
	}
	if t.fn != nil {
		if e, ok := extentOfCall(t); ok {
			e.of = t.fn.Name + "(…)"
			return e, true
		}
	}
	if !t.typ.integral() {
		return extent{}, false
	}
	bits := map[Kind]int{TinyInt: 8, SmallInt: 16, Int: 32, BigInt: 64}[t.typ.Kind]
	return extent{-math.Ldexp(1, bits-1), math.Ldexp(1, bits-1) - 1, withArticle(t.typ)}, true
}

func extentOfCall(t *term) (extent, bool) {
	between := func(low, high float64) (extent, bool) { return extent{low: low, high: high}, true }
	switch t.fn.Name {
	case "hour":
		return between(0, 23)
	case "minute", "second":
		return between(0, 59)
	case "month":
		return between(1, 12)
	case "day", "dayofmonth":
		return between(1, 31)
	case "dayofyear":
		return between(1, 366)
	case "dayofweek":
		return between(1, 7)
	case "weekday":
		return between(0, 6)
	case "weekofyear":
		return between(1, 53)
	case "quarter":
		return between(1, 4)
	case "length", "octet_length", "bit_length", "regexp_count", "instr", "locate", "position", "ascii":
		return between(0, math.MaxInt32)
	case "count", "count_if":
		return between(0, math.MaxInt64)
	case "crc32":
		return between(0, math.MaxUint32)
	case "pmod":
		if n, ok := t.args[1].integer(); ok && n > 0 {
			return between(0, float64(n-1))
		}
	}
	return extent{}, false
}

// warnRange reports the comparison of a whole number with a constant that it
// cannot be, or cannot but be.
func (c *checker) warnRange(n *node, name string, x, constant *term) {
	e, ok := extentOf(x)
	v, isNumber := constantNumber(constant)
	if !ok || !isNumber || math.IsNaN(v) || math.Abs(v) > 1<<62 {
		return
	}
	always, never := false, false
	switch name {
	case "=", "<=>", "<>":
		never = v < e.low || v > e.high || v != math.Trunc(v)
		if name == "<>" {
			always, never = never, false
		}
	case "<":
		always, never = e.high < v, e.low >= v
	case "<=":
		always, never = e.high <= v, e.low > v
	case ">":
		always, never = e.low > v, e.high <= v
	case ">=":
		always, never = e.low >= v, e.high < v
	}
	if always || never {
		c.warnf(n, "constant-comparison", "this is %t wherever it is not NULL: %s is a whole number from %s to %s", always, e.of, shortNumber(e.low), shortNumber(e.high)).
			Hintf("compare it with what it can be, or leave it out")
	}
}

func shortNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// warnMembers reports what no value can be in a list.
func (c *checker) warnMembers(n *node, args []*term) {
	for i, a := range args[1:] {
		switch {
		case a.value == nil:
		case a.typ.Kind == Void:
			hint := "leave it out; a NULL is found by IS NULL"
			if n.not {
				c.warn(a.at, "always-null", "with NULL in its list NOT IN is never true").Hintf("%s", hint)
			} else {
				c.warn(a.at, "always-null", "nothing is equal to NULL: IN does not find it").Hintf("%s", hint)
			}
		case args[0].value == nil && a.typ.Numeric():
			c.warnRange(n.args[i+1], "=", args[0], a)
		}
	}
}

// warnBetween reports bounds that nothing lies between.
func (c *checker) warnBetween(n *node, low, high *term) {
	a, ok1 := constantNumber(low)
	b, ok2 := constantNumber(high)
	if ok1 && ok2 && a > b {
		c.warnf(n, "constant-comparison", "nothing lies between %s and %s", shortNumber(a), shortNumber(b)).Hintf("write the smaller bound first")
	}
}

// fact is what a comparison with constants says of a value: that it is one of
// some, none of them, or lies between two numbers.
type fact struct {
	node      *node // the comparison
	values    []string
	none      bool
	low, high float64 // bounds, both of which count; without values
}

// warnChain reports operands of AND that exclude each other, and those of OR
// of which one always holds.
func (c *checker) warnChain(n *node, args []*term) {
	var facts []fact
	for i, a := range args {
		f, ok := factOf(n.args[i], a, n.text == "or")
		if !ok {
			continue
		}
		for _, other := range facts {
			if f.subject().equal(other.subject()) && f.excludes(other) {
				c.warnExcluded(n, other, f)
				return
			}
		}
		facts = append(facts, f)
	}
}

func (c *checker) warnExcluded(n *node, a, b fact) {
	first, second := c.expr.textOf(a.node), c.expr.textOf(b.node)
	if n.text == "and" {
		c.warnf(b.node, "constant-comparison", "this is never true together with %s", first).
			Notef(c.expr.span(a.node), "the other condition").Hintf("join them by OR, or change one")
		return
	}
	c.warnf(b.node, "constant-comparison", "one of %s and %s always holds where neither is NULL", first, second).
		Notef(c.expr.span(a.node), "the other condition").Hintf("join them by AND, or write NOT IN (…)")
}

// subject is the part of the text that is compared.
func (f fact) subject() *node { return f.node.args[0] }

// factOf returns what a comparison with constants says, or the contrary.
func factOf(n *node, t *term, contrary bool) (fact, bool) {
	f, not := fact{node: n, low: math.Inf(-1), high: math.Inf(1)}, n.not != contrary
	switch n.op {
	case opIn:
		if n.not {
			t = t.args[0]
		}
		f.none = not
		for _, a := range t.args[1:] {
			if a.value == nil {
				return f, false
			}
			f.values = append(f.values, valueKey(a.value))
		}
		return f, true
	case opBinary:
		return f.compare(t, not)
	}
	return f, false
}

// compare fills in what a comparison says of its left side.
func (f fact) compare(t *term, contrary bool) (fact, bool) {
	if t.fn == nil || len(t.args) != 2 || t.args[1].value == nil || t.args[0].value != nil {
		return f, false
	}
	name, c := t.fn.Name, t.args[1].value
	if contrary {
		name = map[string]string{"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}[name]
	}
	switch name {
	case "=", "<>":
		f.values, f.none = []string{valueKey(c)}, name == "<>"
		return f, c.typ.Kind != Void
	case "<", "<=", ">", ">=":
	default:
		return f, false
	}
	v, ok := c.asNumber()
	if c.typ.Kind == Date || c.typ.Kind == Timestamp {
		v, ok = float64(c.number), true
	}
	if !ok || math.Abs(v) > 1<<53 {
		return f, false
	}
	strict := name == "<" || name == ">"
	whole := !c.typ.floating() && c.typ.Kind != Decimal
	low, high := v, v
	if strict && whole {
		low, high = v+1, v-1
	} else if strict {
		low, high = math.Nextafter(v, math.Inf(1)), math.Nextafter(v, math.Inf(-1))
	}
	if name == ">" || name == ">=" {
		f.low = low
	} else {
		f.high = high
	}
	return f, true
}

// valueKey tells the values of constants of one type apart.
func valueKey(c *constant) string {
	if v, ok := c.asNumber(); ok && math.Abs(v) <= 1<<53 {
		return shortNumber(v + 0)
	}
	return fmt.Sprintf("%q", c.appendCanonical(nil))
}

// excludes reports whether no value meets both.
func (f fact) excludes(o fact) bool {
	switch {
	case len(f.values) == 0 && len(o.values) == 0:
		return max(f.low, o.low) > min(f.high, o.high)
	case f.none || len(f.values) == 0:
		return !o.none && len(o.values) > 0 && o.excludes(f)
	}
	return !slices.ContainsFunc(f.values, o.allows)
}

// allows reports whether a value meets the condition.
func (f fact) allows(value string) bool {
	if len(f.values) > 0 {
		return slices.Contains(f.values, value) != f.none
	}
	v, err := strconv.ParseFloat(value, 64)
	return err != nil || v >= f.low && v <= f.high
}
