package sql

import (
	"maps"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
)

// maxInlined bounds how many parts the functions of one's own that an
// expression calls have together when they are written out.
const maxInlined = 4 * MaxNodes

// Parameter is a parameter of a function of one's own.
type Parameter struct {
	Name string
	Type Type
}

// Definition is a function of one's own: an expression over parameters. A call
// is the expression with the arguments in their place.
type Definition struct {
	Name   string
	Params []Parameter
	typed  *Typed
	expr   *Expr
	within []bool // whether a parameter stands inside an aggregate
	class  Class
}

// Library holds the functions of one's own that an expression may call.
type Library interface {
	// Function finds a function; case does not matter. It is nil and true for
	// one that is declared and wrong, which calls are not blamed for.
	Function(name string) (*Definition, bool)
	// Names returns every name, for "did you mean".
	Names() []string
}

// Type returns the type of what the function gives.
func (d *Definition) Type() Type { return d.typed.Type() }

// Key returns the digest of the definition's canonical form, in which a
// parameter is known by its place and type.
func (d *Definition) Key() digest.Digest { return d.typed.Key() }

// Functions returns the functions of one's own that the definition calls.
func (d *Definition) Functions() []string { return d.typed.Functions() }

// Signature returns the name with the parameters and their types.
func (d *Definition) Signature() string {
	params := make([]string, len(d.Params))
	for i, p := range d.Params {
		params[i] = p.Name + " " + p.Type.String()
	}
	return d.Name + "(" + strings.Join(params, ", ") + ")"
}

// ParseType reads a type as it stands in CAST: "bigint", "array<string>".
func ParseType(text string, at Positioner) (Type, diag.List) {
	tokens, diags := lex(text, at)
	if diags.HasErrors() {
		return Type{}, diags
	}
	p := &parser{tokens: tokens, at: at}
	t := p.typeName(0)
	if rest := p.peek(); !p.failed && rest.kind != tokenEnd {
		p.unexpected(rest, "the end of the type")
	}
	return t, p.diags
}

// Define checks the definition of a function; d has its name and parameters.
// A result that is not Void is the type that it must give. The result is nil if
// and only if the list has errors, or a function that it calls is wrong. Codes
// are those of [Check].
func Define(d Definition, e *Expr, result Type, own Library) (*Definition, diag.List) {
	c := newChecker(e, noColumns{}, Options{Windows: true, Own: own})
	c.params = map[string]*term{}
	for i, p := range d.Params {
		key := digest.New("parameter").Int("position", int64(i)).Sum()
		t := &term{column: p.Name, key: key, typ: p.Type, cost: 1, growth: 1}
		if p.Type.sized() {
			t.origin = 1
		}
		c.params[strings.ToLower(p.Name)] = t
	}
	d.expr = e
	if c.hasAggregate(e.root) {
		c.options.Mode, c.options.Windows, d.class = Grouped, false, Aggregate
	}
	d.within = c.places(d.Params)
	root := c.check(e.root)
	if root != nil && result.Kind != Void && !root.typ.Equal(result) {
		if !lossless(root.typ, result) {
			c.errorf(e.root, "type-mismatch", "type is %s, the definition gives %s", result, root.typ).
				Hintf("declare the type that it gives, or write cast(… as %s)", result)
		}
		root = castTerm(root, result)
	}
	typed := c.finish(root)
	if typed == nil || c.diags.HasErrors() {
		return nil, c.diags
	}
	c.warnDivisions()
	d.typed = typed
	return &d, c.diags
}

// noColumns is the scope of definitions, which see nothing but parameters.
type noColumns struct{}

// Lookup finds nothing.
func (noColumns) Lookup(string) (Column, bool) { return Column{}, false }

// Names returns nothing.
func (noColumns) Names() []string { return nil }

// places finds which parameters stand inside an aggregate. One that stands
// both inside and outside has no meaning in a group.
func (c *checker) places(params []Parameter) []bool {
	inside, outside := map[string]*node{}, map[string]*node{}
	c.walkPlaces(c.expr.root, false, func(n *node, within bool) {
		if within {
			inside[strings.ToLower(n.text)] = n
		} else {
			outside[strings.ToLower(n.text)] = n
		}
	})
	within := make([]bool, len(params))
	for i, p := range params {
		name := strings.ToLower(p.Name)
		within[i] = inside[name] != nil
		if n := outside[name]; n != nil && within[i] {
			c.errorf(n, "not-supported", "parameter %q stands inside an aggregate and outside", p.Name).Hintf("make it two parameters")
		}
	}
	return within
}

func (c *checker) walkPlaces(n *node, within bool, visit func(n *node, within bool)) {
	if n == nil {
		return
	}
	if n.op == opName {
		visit(n, within)
	}
	c.walkPlaces(n.filter, true, visit)
	c.walkPlaces(n.over, within, visit)
	c.walkPlaces(n.within, true, visit)
	own, isOwn := c.own(n)
	aggregate := n.op == opCall && n.over == nil && !isOwn && c.functions[n.text] != nil && c.functions[n.text].Class == Aggregate
	for i, a := range n.args {
		inner := within || aggregate || isOwn && own != nil && i < len(own.within) && own.within[i]
		c.walkPlaces(a, inner, visit)
	}
}

// own returns the function of one's own that a node calls.
func (c *checker) own(n *node) (*Definition, bool) {
	if n.op != opCall || c.functions[n.text] != nil || c.options.Own == nil {
		return nil, false
	}
	return c.options.Own.Function(n.text)
}

// callOwn types a call of a function of one's own: the definition with the
// arguments in the place of its parameters.
func (c *checker) callOwn(n *node, d *Definition) *term {
	switch {
	case d == nil:
		c.wrong = true
		c.checkInside(n.args)
		return nil
	case n.over != nil || n.ignore:
		c.errorf(n, "window-not-allowed", "%s is a function of your own: it takes no OVER and no IGNORE NULLS", n.text)
		return nil
	case n.distinct || n.filter != nil || n.within != nil:
		c.errorf(n, "aggregate-not-allowed", "%s is a function of your own: it takes no DISTINCT and no FILTER", n.text)
		return nil
	case d.class == Aggregate && !c.aggregateAllowed(n):
		return nil
	case len(n.args) != len(d.Params):
		c.errorf(n, "wrong-argument-count", "%s takes %s, not %d", n.text, arguments(len(d.Params)), len(n.args)).Hintf("%s", d.Signature())
		c.checkInside(n.args)
		return nil
	}
	args := c.ownArguments(n, d)
	if args == nil {
		return nil
	}
	t := c.inline(n, d, args)
	if t == nil {
		return nil
	}
	root := *t
	root.at = n.at()
	return &root
}

// ownArguments checks the arguments and converts them to the parameters' types.
func (c *checker) ownArguments(n *node, d *Definition) []*term {
	args := make([]*term, len(n.args))
	ok := true
	for i, a := range n.args {
		outer := c.inside
		if d.within[i] && c.inside == nil {
			c.inside = &function{}
		}
		t := c.check(a)
		c.inside = outer
		if t == nil {
			ok = false
			continue
		}
		to := d.Params[i].Type
		if wide, fits := wider(to, t.typ, false); !fits || !wide.Equal(to) {
			c.report(t.at, "wrong-argument-type", "argument %d of %s is %s, not %s", i+1, n.text, withArticle(t.typ), withArticle(to)).
				Hintf("write cast(… as %s)", to)
			ok = false
			continue
		}
		args[i] = castTerm(t, to)
	}
	if !ok {
		return nil
	}
	return args
}

// inline checks the definition anew with the arguments as its parameters. What
// is wrong then is the call's fault.
func (c *checker) inline(n *node, d *Definition, args []*term) *term {
	sub := newChecker(d.expr, noColumns{}, c.options)
	sub.options.Grouping, sub.options.Generators = nil, false
	sub.inside, sub.window, sub.lambdaDepth, sub.inlined = c.inside, c.window, c.lambdaDepth, c.inlined
	sub.params = map[string]*term{}
	for i, p := range d.Params {
		arg := *args[i]
		arg.opaque = true
		sub.params[strings.ToLower(p.Name)] = &arg
	}
	if *c.inlined += d.expr.size; *c.inlined > maxInlined {
		c.errorf(n, "too-complex", "functions written out have more than %d parts", maxInlined).Hintf("name its parts as columns of their own")
		return nil
	}
	t := sub.check(d.expr.root)
	if t != nil {
		t = castTerm(t, d.Type())
	}
	if t == nil && sub.wrong {
		c.wrong = true
		return nil
	}
	for _, x := range sub.diags {
		if x.Severity == diag.Error {
			c.errorf(n, x.Code, "in function %s: %s", d.Name, x.Message).Notef(x.Span, "in the definition, here")
			return nil
		}
	}
	return t
}

// parameter returns the term of a parameter.
func (c *checker) parameter(n *node) (*term, bool) {
	p, ok := c.params[strings.ToLower(n.text)]
	if !ok {
		return nil, false
	}
	t := *p
	t.at = n.at()
	return &t, true
}

// calledOwn notes a call of a function of one's own in the expression's text.
func (c *checker) calledOwn(name string) {
	if c.called == nil {
		c.called = map[string]bool{}
	}
	c.called[name] = true
}

// Functions returns the names of the functions of one's own that the text
// calls, sorted.
func (t *Typed) Functions() []string { return slices.Sorted(maps.Keys(t.called)) }

// Calls returns the names of all functions that the text calls, as written, in
// lower case.
func (e *Expr) Calls() []Name {
	out := make([]Name, len(e.calls))
	for i, n := range e.calls {
		out[i] = Name{Name: n.text, Span: e.at.Span(n.start, n.start+len(n.text))}
	}
	return out
}

// Catalogued reports whether a name is one of the catalogue, of a function of
// Spark that is left out for a reason, or of the language: no function of one's
// own may have it.
func Catalogued(name string) bool {
	name = strings.ToLower(name)
	_, refused := theRefusals[name]
	_, typ := typeNames[name]
	return refused || typ || theCatalogue.byName[name] != nil || reservedWord(name)
}
