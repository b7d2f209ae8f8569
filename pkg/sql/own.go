package sql

import (
	"maps"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
)

// maxExpanded is how many calls of functions of one's own an expression may
// stand for, those in their definitions included.
const maxExpanded = 1000

// OwnFunction is a function that a project defines: a call means the
// definition with the arguments in place of the parameters.
type OwnFunction struct {
	Name   string
	Params []Column // keys by position, so that a renamed parameter changes nothing
	Typed  *Typed   // the definition over the parameters
	body   *Expr
}

// ParamKey is the key of a parameter by its position, from 0.
func ParamKey(position int) digest.Digest {
	return digest.New("parameter").Int("position", int64(position)).Sum()
}

// ParseType reads a type as Spark writes it: "double", "array<string>".
func ParseType(text string, at Positioner) (Type, diag.List) {
	tokens, diags := lex(text, at)
	if diags.HasErrors() {
		return Type{}, diags
	}
	p := &parser{tokens: tokens, at: at}
	t := p.typeName(0)
	if end := p.peek(); !p.failed && end.kind != tokenEnd {
		p.unexpected(end, "the end of the type")
	}
	return t, p.diags
}

// Catalogued reports whether a name is one of the catalogue, or of what is
// refused by name: no function of one's own may have it.
func Catalogued(name string) bool {
	name = strings.ToLower(name)
	_, refused := theRefusals[name]
	_, typ := typeNames[name]
	return theCatalogue.byName[name] != nil || refused || typ || reservedWord(name)
}

// Define checks the definition of a function over its parameters. The result
// is nil if and only if there are errors.
func Define(name string, params []Column, body *Expr, o Options) (*OwnFunction, diag.List) {
	t, diags := Check(body, parameters(params), Options{Functions: o.Functions})
	if t == nil {
		return nil, diags
	}
	return &OwnFunction{Name: name, Params: params, Typed: t, body: body}, diags
}

// parameters is the scope of a definition.
type parameters []Column

// Lookup finds a parameter; case does not matter.
func (p parameters) Lookup(name string) (Column, bool) {
	i := slices.IndexFunc(p, func(c Column) bool { return strings.EqualFold(c.Name, name) })
	if i < 0 {
		return Column{}, false
	}
	return p[i], true
}

// Names returns the names of the parameters.
func (p parameters) Names() []string {
	names := make([]string, len(p))
	for i, c := range p {
		names[i] = c.Name
	}
	return names
}

// calls returns the functions of one's own that the expression calls as
// written, by name, sorted. What their definitions call is not among them.
func (e *Expr) calls(functions map[string]*OwnFunction) []string {
	found := map[string]bool{}
	e.root.walk(func(n *node) {
		if f, ok := functions[n.text]; ok && n.op == opCall {
			found[f.Name] = true
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// Called returns the names of all functions that the expression calls, in
// lower case, whether they exist or not.
func (e *Expr) Called() []string {
	found := map[string]bool{}
	e.root.walk(func(n *node) {
		if n.op == opCall {
			found[n.text] = true
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// walk calls visit with the node and all below it.
func (n *node) walk(visit func(*node)) {
	if n == nil {
		return
	}
	visit(n)
	n.filter.walk(visit)
	n.over.walk(visit)
	for _, a := range n.args {
		a.walk(visit)
	}
}

// own checks a call of a function of one's own: the arguments as they stand,
// then the definition with them in place of the parameters.
func (c *checker) own(n *node, f *OwnFunction) *term {
	if n.distinct || n.filter != nil || n.over != nil || n.ignore {
		c.errorf(n, "aggregate-not-allowed", "%s is not an aggregate: it takes no DISTINCT, FILTER or OVER", f.Name)
		return nil
	}
	if len(n.args) != len(f.Params) {
		c.errorf(n, "wrong-argument-count", "%s takes %s, not %d", f.Name, arguments(len(f.Params)), len(n.args)).
			Hintf("%s(%s)", f.Name, strings.Join(parameters(f.Params).Names(), ", "))
		c.checkInside(n.args)
		return nil
	}
	args := c.checkAll(n.args)
	if args == nil {
		return nil
	}
	for i, a := range args {
		to, ok := wider(f.Params[i].Type, a.typ, false)
		if !ok || !to.Equal(f.Params[i].Type) {
			c.report(a.at, "wrong-argument-type", "argument %d of %s is %s, not %s", i+1, f.Name, withArticle(a.typ), withArticle(f.Params[i].Type)).
				Hintf("cast it")
			return nil
		}
		args[i] = castTerm(a, to)
	}
	return c.expand(n, f, args)
}

// expand gives the definition of a function with arguments in place of its
// parameters. The definition was found right before: what may be wrong now is
// its size.
func (c *checker) expand(n *node, f *OwnFunction, args []*term) *term {
	if *c.expanded++; *c.expanded > maxExpanded {
		if *c.expanded == maxExpanded+1 {
			c.errorf(n, "too-complex", "the expression stands for more than %d calls of own functions", maxExpanded).
				Hintf("name its parts as columns of their own")
		}
		return nil
	}
	inside := &checker{expr: f.body, scope: parameters(f.Params), options: Options{Functions: c.options.Functions}, functions: c.functions,
		expanded: c.expanded, arguments: map[string]*term{}, lambdaDepth: c.lambdaDepth}
	for i, p := range f.Params {
		inside.arguments[strings.ToLower(p.Name)] = args[i]
	}
	t := inside.check(f.body.root)
	if t == nil {
		for _, d := range inside.diags {
			c.errorf(n, d.Code, "%s here: %s", f.Name, d.Message).Notef(d.Span, "in its definition")
		}
		if len(inside.diags) == 0 && !c.diags.HasErrors() {
			c.errorf(n, "too-complex", "%s stands for too much here", f.Name)
		}
		return nil
	}
	out := *t
	out.at = n.at()
	return &out
}
