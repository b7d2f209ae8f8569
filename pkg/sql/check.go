package sql

import (
	"maps"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
)

// checker turns a syntax tree into a typed tree. Methods return nil for a part
// that is wrong, after reporting it once; the rest is checked all the same.
type checker struct {
	expr    *Expr
	scope   Scope
	options Options
	diags   diag.List
	inside  *function // the aggregate whose arguments are being checked
	window  *function // the window function whose parts are being checked

	variables   []*variable // of the lambdas around, the innermost last
	lambdaDepth int
	params      map[string]*term // of a definition, by name in lower case
	called      map[string]bool  // functions of one's own
	inlined     *int             // parts of definitions written out so far
	wrong       bool             // a function of one's own that is called is wrong
	divisions   []division       // whose divisor may be zero

	firsts  map[*node]Type    // types of first arguments, where Spark's form of a call depends on it
	columns map[string]string // columns that names stand for, by name in lower case

	functions map[string]*function
	types     func(text string, at Positioner) (Type, diag.List) // reads a type that is a constant
}

// maxSuggestions bounds the search for near names, which is not cheap.
const maxSuggestions = 50

// Check binds the names of an expression, finds its types and makes every
// conversion explicit. It reports all mistakes at once; the result is nil if
// and only if there are errors, or a function of one's own that it calls is
// wrong. Codes: unknown-column, unknown-function,
// wrong-argument-count, wrong-argument-type, type-mismatch, not-constant,
// bad-constant, bad-pattern, non-deterministic, not-supported, may-fail,
// aggregate-not-allowed, nested-aggregate, not-grouped, window-not-allowed,
// generator-not-allowed, bad-over, too-large, too-complex.
func Check(e *Expr, scope Scope, o Options) (*Typed, diag.List) {
	c := newChecker(e, scope, o)
	typed := c.finish(c.check(e.root))
	if c.diags.HasErrors() {
		return nil, c.diags
	}
	c.warnDivisions()
	return typed, c.diags
}

func newChecker(e *Expr, scope Scope, o Options) *checker {
	return &checker{expr: e, scope: scope, options: o, functions: theCatalogue.byName, types: parseSchema, inlined: new(int)}
}

// finish makes the result of what has been checked, unless it is too large.
func (c *checker) finish(root *term) *Typed {
	if root != nil && (root.cost > maxCost || root.levels > maxLevels) {
		c.errorf(c.expr.root, "too-complex", "expression grows too large when its functions are written out").
			Hintf("name its parts as columns of their own")
	}
	if root == nil {
		return nil
	}
	typed := newTyped(root, source{expr: c.expr, own: c.options.Own, types: c.firsts, columns: c.columns})
	typed.called = c.called
	return typed
}

// report adds an error at a place in the expression.
func (c *checker) report(at offsets, code, format string, args ...any) *diag.Diagnostic {
	return c.diags.Errorf(c.expr.at.Span(at.start, at.end), code, format, args...)
}

// warn adds a warning at a place in the expression.
func (c *checker) warn(at offsets, code, format string, args ...any) *diag.Diagnostic {
	return c.diags.Warnf(c.expr.at.Span(at.start, at.end), code, format, args...)
}

func (c *checker) warnf(n *node, code, format string, args ...any) *diag.Diagnostic {
	return c.warn(n.at(), code, format, args...)
}

func (c *checker) errorf(n *node, code, format string, args ...any) *diag.Diagnostic {
	return c.report(n.at(), code, format, args...)
}

func (c *checker) check(n *node) *term {
	switch n.op {
	case opName:
		return c.name(n)
	case opLiteral:
		return literalTerm(n.value, n.at())
	case opLambda:
		c.errorf(n, "wrong-argument-type", "a lambda stands only where a function takes one, as in transform(a, x -> x + 1)")
		return nil
	case opStar:
		c.errorf(n, "not-supported", "* is allowed in count(*) only")
		return nil
	case opCall:
		return c.call(n)
	case opCast:
		return c.cast(n)
	case opField:
		return c.fieldOf(n, c.check(n.args[0]), n.text)
	}
	args := c.checkAll(n.args)
	if args == nil {
		return nil
	}
	return c.operator(n, args)
}

// checkAll checks several parts and returns nil if any is wrong.
func (c *checker) checkAll(nodes []*node) []*term {
	terms := make([]*term, len(nodes))
	ok := true
	for i, n := range nodes {
		terms[i] = c.check(n)
		ok = ok && terms[i] != nil
	}
	if !ok {
		return nil
	}
	return terms
}

func (c *checker) name(n *node) *term {
	if t, ok := c.variable(n); ok {
		return t
	}
	if t, ok := c.parameter(n); ok {
		return t
	}
	column, ok := c.scope.Lookup(n.text)
	if !ok {
		if base, field, ok := c.fieldName(n); ok {
			return c.fieldOf(n, c.name(base), field)
		}
		c.unknownColumn(n)
		return nil
	}
	if c.columns == nil {
		c.columns = map[string]string{}
	}
	c.columns[strings.ToLower(n.text)] = column.Name
	if c.options.Mode == Grouped && c.inside == nil && !c.options.Grouping[strings.ToLower(column.Name)] {
		d := c.errorf(n, "not-grouped", "column %q stands outside an aggregate", column.Name)
		d.Hintf("put it in an aggregate such as max(%s)", column.Name)
		if len(c.options.Grouping) > 0 {
			d.Hintf("put it in an aggregate such as max(%s), or use a key column: %s", column.Name,
				strings.Join(slices.Sorted(maps.Keys(c.options.Grouping)), ", "))
		}
		return nil
	}
	t := &term{column: column.Name, key: column.Key, typ: column.Type, at: n.at(), cost: 1, growth: 1}
	if t.typ.sized() {
		t.origin = 1
	}
	return t
}

func (c *checker) cast(n *node) *term {
	x, to := c.check(n.args[0]), *n.typ
	if x == nil {
		return nil
	}
	if !castable(x.typ, to) {
		c.errorf(n, "type-mismatch", "a %s cannot be cast to %s", x.typ, to)
		return nil
	}
	if x.typ.Equal(to) {
		return x
	}
	if x.typ.interval() || to.interval() {
		c.note(n, []*term{x})
	}
	c.warnText(x, to)
	if n.text == "try_cast" && mayOverflow(x.typ, to) {
		if x.typ.nested() {
			c.errorf(n, "not-supported", "TRY_CAST of %s is not offered", withArticle(x.typ)).Hintf("cast its parts, as in transform(a, x -> try_cast(x AS INT))")
			return nil
		}
		return c.build(n, "try_cast", to, x)
	}
	t := castTerm(x, to)
	t.at = n.at()
	return t
}

// call is a call being checked: the place, the function and its arguments.
type call struct {
	*checker
	node   *node
	fn     *function
	args   []*term
	within *orderTerm // of WITHIN GROUP; without a term where that is an argument
}

func (c *checker) call(n *node) *term {
	fn, ok := c.functions[n.text]
	if d, isOwn := c.own(n); isOwn {
		c.calledOwn(n.text)
		return c.callOwn(n, d)
	}
	if !ok {
		c.unknownFunction(n)
		c.checkInside(n.args)
		return nil
	}
	root := n == c.expr.root
	if n, ok = c.inOrder(n, fn); !ok {
		c.checkInside(n.args)
		return nil
	}
	if n.over != nil || fn.Class == Windowed {
		return c.windowCall(n, fn)
	}
	if fn.Class == Generator && !c.generatorAllowed(n, root) {
		c.checkInside(n.args)
		return nil
	}
	if n.ignore && !c.ignoreNulls(n, fn) || fn.Class == Aggregate && !c.aggregateAllowed(n) {
		return nil
	}
	if fn.Class != Aggregate && (n.distinct || n.filter != nil) {
		c.errorf(n, "aggregate-not-allowed", "%s is not an aggregate: it takes no DISTINCT and no FILTER", n.text)
		return nil
	}
	n, ok = c.withinGroup(n, fn)
	if !ok || !c.countArguments(n, fn) {
		c.checkInside(n.args)
		return nil
	}
	if fn.binds != nil {
		return c.higher(n, fn)
	}
	outer := c.inside
	if fn.Class == Aggregate {
		c.inside = fn
	}
	var filter *term
	if n.filter != nil {
		filter = c.condition(n.filter)
	}
	args, within := c.checkArguments(n, fn), c.withinTerm(n, fn)
	c.inside = outer
	if args == nil || n.filter != nil && filter == nil || n.within != nil && within == nil {
		return nil
	}
	if fn.Name == "mod" || fn.Name == "pmod" {
		c.divides(n, n.args[1], args[1])
	}
	if n.ignore {
		args = append(args[:1], constantTerm(booleanConstant(true), n.at()))
	}
	return c.settle(&call{checker: c, node: n, fn: fn, args: args, within: within}, filter)
}

// note keeps the type of a first argument, where how Spark reads a part depends on
// it.
func (c *checker) note(n *node, args []*term) {
	if len(args) == 0 {
		return
	}
	if c.firsts == nil {
		c.firsts = map[*node]Type{}
	}
	c.firsts[n] = args[0].typ
}

// settle finds the result's type and builds the term.
func (c *checker) settle(k *call, filter *term) *term {
	if !k.convertArguments() {
		return nil
	}
	if sparkTypedGuards[k.fn.Name] != nil || k.fn.Class == Generator || len(k.args) > 0 && k.args[0].typ.interval() {
		c.note(k.node, k.args)
	}
	if k.fn.rewrite != nil {
		t := k.fn.rewrite(k)
		if t != nil && t.fn == castFunction {
			t.at = k.node.at()
		}
		return t
	}
	typ := k.fn.result
	if k.fn.settle != nil {
		var ok bool
		if typ, ok = k.fn.settle(k); !ok {
			return nil
		}
	}
	t := apply(k.fn, typ, k.node.at(), k.args...)
	t.distinct, t.filter, t.within = k.node.distinct, filter, k.within
	if w := k.within; w != nil && w.x != nil {
		t.cost, t.levels = t.cost+w.x.cost, max(t.levels, w.x.levels+2)
	}
	if filter != nil {
		t.cost += 2 * filter.cost
		t.levels = max(t.levels, filter.levels+2)
	}
	if !k.size(t) {
		return nil
	}
	return t
}

// checkInside checks the arguments of a call that is wrong, for their own
// mistakes; columns are not asked to be grouped.
func (c *checker) checkInside(args []*node) {
	outer := c.options.Mode
	c.options.Mode = Row
	if outer == Grouped && c.inside == nil {
		c.inside = &function{}
		defer func() { c.inside = nil }()
	}
	defer func() { c.options.Mode = outer }()
	for _, a := range args {
		if a.op != opStar && a.op != opLambda && !c.hasAggregate(a) && !c.isBareUnit(a) {
			c.check(a)
		}
	}
}

// isBareUnit reports whether a part is a unit without quotes, as functions of
// other languages take them.
func (c *checker) isBareUnit(n *node) bool {
	if n.op != opName || !isUnit(n.text) {
		return false
	}
	_, known := c.scope.Lookup(n.text)
	return !known
}

func (c *checker) hasAggregate(n *node) bool {
	if f, ok := c.functions[n.text]; n.op == opCall && ok && f.Class == Aggregate && n.over == nil {
		return true
	}
	if d, ok := c.own(n); ok && d != nil && d.class == Aggregate {
		return true
	}
	return slices.ContainsFunc(n.args, c.hasAggregate)
}

func (c *checker) aggregateAllowed(n *node) bool {
	switch {
	case c.lambdaDepth > 0:
		c.errorf(n, "nested-aggregate", "aggregate %s stands inside a lambda, which is computed for each element", n.text)
		return false
	case c.inside != nil:
		c.errorf(n, "nested-aggregate", "aggregate %s stands inside an aggregate", n.text).
			Hintf("an aggregate is taken over rows; give it a value of each row")
		return false
	case c.options.Mode == Row:
		c.errorf(n, "aggregate-not-allowed", "aggregate %s is not allowed here: the expression is computed row by row", n.text)
		return false
	}
	return true
}

func (c *checker) countArguments(n *node, fn *function) bool {
	least, most := fn.minimum(), len(fn.params)
	if got := len(n.args); got >= least && (got <= most || fn.variadic) {
		return true
	}
	c.errorf(n, "wrong-argument-count", "%s takes %s, not %d", n.text, plural(least, most, fn.variadic), len(n.args)).
		Hintf("%s", fn.Signature)
	return false
}

func (c *checker) checkArguments(n *node, fn *function) []*term {
	if fn.Name == "count" && len(n.args) == 1 && n.args[0].op == opStar {
		if n.distinct {
			c.errorf(n, "not-supported", "count(DISTINCT *) is not supported").Hintf("name the columns")
			return nil
		}
		return []*term{constantTerm(intConstant(1), n.args[0].at())}
	}
	if n.distinct && !fn.distinct {
		c.errorf(n, "not-supported", "%s takes no DISTINCT", n.text)
		return nil
	}
	return c.checkAll(n.args)
}
