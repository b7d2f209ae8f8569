package sql

import (
	"slices"
	"strconv"
	"strings"
)

// division is a quotient or remainder whose divisor may be zero for all that
// its term tells.
type division struct{ node, divisor *node }

// divides notes a division, unless its divisor cannot be zero or is a constant
// that is.
func (c *checker) divides(n, divisor *node, by *term) {
	switch {
	case isZero(by):
		c.warnf(divisor, "always-null", "a division by 0 is NULL on every row").Hintf("divide by another number, or write NULL")
	case !signOf(by).nonZero && readsRows(by):
		c.divisions = append(c.divisions, division{n, divisor})
	}
}

// readsRows reports whether a term is more than constants.
func readsRows(t *term) bool {
	found := false
	t.walk(func(x *term) { found = found || x.value == nil && x.fn == nil || x.agg || x.win })
	return found
}

// signum is what is known of a number where it is not NULL.
type signum struct{ nonNegative, nonZero bool }

func (s signum) positive() bool { return s.nonNegative && s.nonZero }

// signOf finds what a term's functions say of its sign. Sums that overflow are
// left out of account.
func signOf(t *term) signum {
	if v, ok := constantNumber(t); ok {
		return signum{v >= 0, v != 0}
	}
	if t.fn == nil || len(t.args) == 0 {
		return signum{}
	}
	switch name := t.fn.canonicalName(); name {
	case "cast":
		return signOfCast(t)
	case "nullif", "nullifzero":
		s := signOf(t.args[0])
		if name == "nullifzero" || isZero(t.args[1]) {
			s.nonZero = true
		}
		return s
	case "abs":
		return signum{true, signOf(t.args[0]).nonZero}
	case "negative":
		return signum{false, signOf(t.args[0]).nonZero}
	case "exp", "row_number", "rank", "dense_rank", "year", "month", "day", "dayofmonth", "dayofweek", "dayofyear", "quarter", "weekofyear":
		return signum{true, true}
	case "count":
		return signum{true, t.args[0].value != nil && !t.distinct && t.filter == nil && (t.over == nil || t.over.frame == nil)}
	case "length", "octet_length", "bit_length", "bit_count", "count_if", "regexp_count", "sqrt":
		return signum{true, false}
	}
	return signOfMany(t)
}

// signOfCast is the sign of what a cast gives: a cast to fewer digits may make
// zero of a fraction, or wrap.
func signOfCast(t *term) signum {
	from, s := t.args[0].typ, signOf(t.args[0])
	if !from.Numeric() || !lossless(from, t.typ) && !(t.typ.floating() && from.Kind != Double) {
		return signum{}
	}
	return s
}

// signOfMany is the sign of what several numbers give together.
func signOfMany(t *term) signum {
	args := t.args
	switch t.fn.canonicalName() {
	case "case":
		args = nil
		for i, a := range t.args {
			if isBranch(i, len(t.args)) {
				args = append(args, a)
			}
		}
	case "coalesce", "+", "*", "/", "greatest", "least":
	default:
		return signum{}
	}
	all, some := signum{true, true}, signum{}
	positive := false
	for _, a := range args {
		s := signOf(a)
		all = signum{all.nonNegative && s.nonNegative, all.nonZero && s.nonZero}
		some = signum{some.nonNegative || s.nonNegative, some.nonZero || s.nonZero}
		positive = positive || s.positive()
	}
	switch t.fn.canonicalName() {
	case "+":
		return signum{all.nonNegative, all.nonNegative && some.nonZero}
	case "greatest":
		return signum{some.nonNegative, positive || all.nonZero}
	case "/":
		return signum{all.nonNegative, t.typ.Kind == Double && all.nonZero}
	}
	return all
}

// constantNumber returns the value of a numeric constant.
func constantNumber(t *term) (float64, bool) {
	if t.value == nil {
		return 0, false
	}
	return t.value.asNumber()
}

// asNumber returns the value of a constant that is a number, as a double.
func (c *constant) asNumber() (float64, bool) {
	switch {
	case c.typ.integral():
		return float64(c.number), true
	case c.typ.floating():
		return c.float, true
	case c.typ.Kind == Decimal:
		v, err := strconv.ParseFloat(c.text, 64)
		return v, err == nil
	}
	return 0, false
}

func isZero(t *term) bool {
	v, ok := constantNumber(t)
	return ok && v == 0
}

// warnDivisions reports the divisions that may be NULL, unless the text around
// shows that its author knows.
func (c *checker) warnDivisions() {
	if len(c.divisions) > 0 {
		c.walkDivisions(c.expr.root, nil)
	}
}

// walkDivisions walks a part of the text that is read where conditions hold.
func (c *checker) walkDivisions(n *node, conditions []*node) {
	if i := slices.IndexFunc(c.divisions, func(d division) bool { return d.node == n }); i >= 0 {
		c.warnDivision(c.divisions[i], conditions)
	}
	with := func(more ...*node) []*node { return append(slices.Clip(conditions), more...) }
	switch {
	case handlesNull(n):
		if last := n.args[len(n.args)-1]; n.op == opCall && len(n.args) > 1 && n.text != "nvl2" {
			c.walkDivisions(last, conditions)
		}
		return
	case n.op == opChain:
		for i, a := range n.args {
			c.walkDivisions(a, with(slices.Concat(n.args[:i], n.args[i+1:])...))
		}
	case n.op == opCall && n.text == "if" && len(n.args) == 3, n.op == opCase:
		for i, a := range n.args {
			if isBranch(i, len(n.args)) || i == 0 {
				c.walkDivisions(a, with(n.args[:i]...))
			}
		}
	case n.op == opSwitch:
		for _, a := range n.args {
			c.walkDivisions(a, with(n.args[0]))
		}
	default:
		inner := conditions
		if n.filter != nil {
			inner = with(n.filter)
			c.walkDivisions(n.filter, conditions)
		}
		for _, a := range n.args {
			c.walkDivisions(a, inner)
		}
		for _, part := range []*node{n.over, n.within} {
			if part != nil {
				c.walkDivisions(part, conditions)
			}
		}
	}
}

// handlesNull reports whether a part says what becomes of a NULL in it.
func handlesNull(n *node) bool {
	switch n.op {
	case opIs:
		return true
	case opBinary:
		return n.text == "<=>"
	case opCall:
		switch n.text {
		case "coalesce", "nvl", "ifnull", "nvl2", "isnull", "isnotnull", "zeroifnull":
			return len(n.args) > 0
		}
	}
	return false
}

// warnDivision reports a division unless a condition reads what it divides by.
func (c *checker) warnDivision(d division, conditions []*node) {
	about := func(n *node) bool {
		return n.equal(d.divisor) || n.op == opName && mentions(d.divisor, n.text)
	}
	known := func(n *node) bool { return n.op == opName && c.options.Known[strings.ToLower(n.text)] }
	if slices.ContainsFunc(conditions, func(n *node) bool { return n.compares(about) }) || d.divisor.contains(known) {
		return
	}
	by := c.expr.textOf(d.divisor)
	what := by
	if len(by) > 40 {
		by, what = "…", "what it divides by"
	}
	c.warnf(d.node, "division-by-zero", "this is NULL where %s is 0", what).
		Hintf("say that it is meant, with nullif(%s, 0), or what to take instead, with coalesce(…, 0)", by)
}

// mentions reports whether a name stands in a part.
func mentions(n *node, name string) bool {
	return n.contains(func(x *node) bool { return x.op == opName && strings.EqualFold(x.text, name) })
}

// compares reports whether a part holds another one, and asks more of it than
// whether it is NULL.
func (n *node) compares(is func(*node) bool) bool {
	if n == nil || n.op == opIs && n.text == "null" || n.op == opCall && (n.text == "isnull" || n.text == "isnotnull") {
		return false
	}
	return is(n) || n.filter.compares(is) || slices.ContainsFunc(n.args, func(a *node) bool { return a.compares(is) })
}

// Compared returns the names, in lower case, of which a condition asks more
// than whether they are NULL: what [Options] calls known.
func (e *Expr) Compared() map[string]bool {
	out := map[string]bool{}
	e.root.compares(func(n *node) bool {
		if n.op == opName {
			out[strings.ToLower(n.text)] = true
		}
		return false
	})
	return out
}

// contains reports whether a part, or one within it, is what is looked for.
func (n *node) contains(is func(*node) bool) bool {
	if n == nil {
		return false
	}
	if is(n) || n.filter.contains(is) || n.over.contains(is) || n.within.contains(is) {
		return true
	}
	return slices.ContainsFunc(n.args, func(a *node) bool { return a.contains(is) })
}
