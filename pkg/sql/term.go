package sql

import (
	"maps"
	"slices"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
)

// term is a node of the typed tree: a column, a constant, a variable of a
// lambda, a lambda (its body is the argument), or a function (which operators
// and casts are too) of terms. Every conversion is written out.
type term struct {
	fn       *function // nil: none of the last
	variable *variable
	lambda   []*variable
	typ      Type
	column   string
	key      digest.Digest
	value    *constant
	args     []*term
	filter   *term
	over     *window    // of a window function
	within   *orderTerm // of WITHIN GROUP
	at       offsets
	cost     int // size of the rendering with macros written out
	levels   int // depth of the rendering with macros written out, at most
	growth   int // how often the text of one argument may be repeated in the result
	count    int // of an array: how many elements it has at most; 0: as many as there are
	origin   int // what a text or array is taken from: 0 nothing, 1 a column, 1 + d a variable of the d-th lambda
	distinct bool
	ignore   bool // IGNORE NULLS
	agg      bool
	win      bool
	opaque   bool // an argument of a function of one's own: a constant does not count as a literal
}

// Limits on what a rendering may grow to when macros are written out: DuckDB
// refuses expressions of more than 1,000 levels, and takes seconds for large
// ones.
const (
	maxCost   = 20_000
	maxLevels = 900
)

func constantTerm(c constant, at offsets) *term { return literalTerm(&c, at) }

// literalTerm is constantTerm for a constant that never changes.
func literalTerm(c *constant, at offsets) *term {
	return &term{value: c, typ: c.typ, at: at, cost: 1, growth: 1}
}

// apply builds a call and adds up what it costs.
func apply(fn *function, typ Type, at offsets, args ...*term) *term {
	t := &term{fn: fn, typ: typ, args: args, at: at, cost: 1, growth: 1, agg: fn.Class == Aggregate}
	copies, levels := max(fn.copies, 1), 0
	switch {
	case fn == castFunction && args[0].typ.nested(): // the operand is written once, or is a name
		t.cost, t.levels = t.cost+castCopies(args[0].typ, typ), 12*args[0].typ.height()
	case fn == castFunction:
		copies = castCopies(args[0].typ, typ)
		if convFits(args[0], typ) {
			copies = 1
		}
	case fn.repeats != nil:
		copies = fn.repeats(args)
	}
	for _, a := range args {
		t.cost = min(t.cost+copies*a.cost, maxCost+1)
		t.growth = max(t.growth, a.growth)
		t.origin = outermost(t.origin, a.origin)
		levels = max(levels, a.levels)
		t.agg = t.agg || a.agg
		t.win = t.win || a.win
	}
	t.levels += levels + fn.depth(len(args))
	if !typ.sized() {
		t.origin = 0
	}
	return t
}

// castTerm converts a term; constants are converted at once where exact.
func castTerm(t *term, to Type) *term {
	if t.typ.Equal(to) {
		return t
	}
	if t.value != nil {
		if c, ok := t.value.convert(to); ok {
			return constantTerm(c, t.at)
		}
	}
	return apply(castFunction, to, t.at, t)
}

// text returns the value of a string constant.
func (t *term) text() (string, bool) {
	if t.value == nil || t.value.typ.Kind != String {
		return "", false
	}
	return t.value.text, true
}

// integer returns the value of an integer constant.
func (t *term) integer() (int64, bool) {
	if t.value == nil || !t.value.typ.integral() {
		return 0, false
	}
	return t.value.number, true
}

// walk calls visit for every term, parents first.
func (t *term) walk(visit func(*term)) {
	visit(t)
	for _, a := range t.args {
		a.walk(visit)
	}
	if t.filter != nil {
		t.filter.walk(visit)
	}
	if t.within != nil && t.within.x != nil {
		t.within.x.walk(visit)
	}
	if t.over != nil {
		for _, a := range t.over.terms() {
			a.walk(visit)
		}
	}
}

// Typed is a checked expression: names are bound, types known, conversions
// explicit.
type Typed struct {
	root      *term
	source    source
	as        *Type        // of a cast that is not written
	replaced  *replacement // instead of the source
	canonical string
	called    map[string]bool // functions of one's own
}

func newTyped(root *term, s source) *Typed {
	return &Typed{root: root, source: s, canonical: canonical(root)}
}

// Span returns where the expression is written.
func (t *Typed) Span() diag.Span {
	e := t.source.expr
	return e.at.Span(e.root.start, e.root.end)
}

// Type returns the type of the value.
func (t *Typed) Type() Type { return t.root.typ }

// Refs returns the distinct names of the scope that the expression reads,
// sorted, in the scope's spelling.
func (t *Typed) Refs() []string { return slices.Sorted(maps.Keys(t.RefCounts())) }

// RefCounts returns how often the expression reads each name of the scope.
func (t *Typed) RefCounts() map[string]int {
	counts := map[string]int{}
	t.root.walk(func(n *term) {
		if n.column != "" {
			counts[n.column]++
		}
	})
	return counts
}

// Aggregate reports whether the expression holds an aggregate function.
func (t *Typed) Aggregate() bool { return t.root.agg }

// Windows reports whether the expression holds a window function: its value
// depends on other rows than its own.
func (t *Typed) Windows() bool { return t.root.win }

// Unpartitioned reports whether the expression holds an aggregate over the rows
// of all keys: a window function without PARTITION BY.
func (t *Typed) Unpartitioned() bool {
	found := false
	if t.root.win {
		t.root.walk(func(n *term) {
			found = found || n.over != nil && len(n.over.partition) == 0 && n.fn.Class == Aggregate
		})
	}
	return found
}

// Canonical returns the canonical form as text: names replaced by keys, every
// type and conversion written out, functions with their epochs, operands in a
// fixed order where their order cannot matter. Expressions with the same
// canonical form have the same value on every row.
func (t *Typed) Canonical() string { return t.canonical }

// Key returns the digest of the canonical form.
func (t *Typed) Key() digest.Digest {
	return digest.New("sql-expression").String("canonical", t.canonical).Sum()
}

// CastTo returns the expression as a value of the target type: itself if it
// has the type, else with a cast if that loses nothing. NULL is a value of
// every type. It is false where a cast would have to be written.
func (t *Typed) CastTo(target Type) (*Typed, bool) {
	if t.root.typ.Equal(target) {
		return t, true
	}
	if !lossless(t.root.typ, target) {
		return nil, false
	}
	out := newTyped(castTerm(t.root, target), t.source)
	out.called, out.replaced, out.as = t.called, t.replaced, &target
	return out, true
}
