package compile

import (
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Function is a compiled function of one's own.
type Function struct {
	*sql.Definition
	Name string
	Spec *specpb.Function
	Key  digest.Digest // of what a call means
}

func (f *Function) name() string { return f.Name }

// library compiles functions when they are first called, so that their order
// does not matter.
type library struct {
	*compiler
	specs map[string]spec.Spec[*specpb.Function] // by name
	done  map[string]*Function                   // nil: wrong
	stack []string                               // being compiled
}

// functions compiles all functions.
func (c *compiler) functions() {
	c.own = &library{compiler: c, specs: map[string]spec.Spec[*specpb.Function]{}, done: map[string]*Function{}}
	for _, s := range c.ws.Functions {
		c.own.specs[s.Name] = s
	}
	for _, s := range c.ws.Functions {
		if f := c.own.function(s.Name); f != nil {
			c.program.Functions = append(c.program.Functions, f)
		}
	}
}

// Function finds a function for a call of it.
func (l *library) Function(name string) (*sql.Definition, bool) {
	name = strings.ToLower(name)
	if _, ok := l.specs[name]; !ok {
		return nil, false
	}
	if f := l.function(name); f != nil {
		return f.Definition, true
	}
	return nil, true
}

// Names returns the names of all functions.
func (l *library) Names() []string {
	out := make([]string, len(l.ws.Functions))
	for i, s := range l.ws.Functions {
		out[i] = s.Name
	}
	return out
}

// function returns a function, nil where it is wrong, which is reported once.
func (l *library) function(name string) *Function {
	f, ok := l.done[name]
	if ok || slices.Contains(l.stack, name) {
		return f
	}
	l.stack = append(l.stack, name)
	f = l.compile(l.specs[name])
	l.stack = l.stack[:len(l.stack)-1]
	l.done[name] = f
	return f
}

func (l *library) compile(s spec.Spec[*specpb.Function]) *Function {
	if sql.Catalogued(s.Name) {
		l.diags.Errorf(s.Doc.Field(s.Spec, "name"), "reserved-name", "%q is a function or word of the language", s.Name).
			Hintf("what stands in other specs would change its meaning: take another name")
		return nil
	}
	d := sql.Definition{Name: s.Name}
	ok := len(s.Spec.GetParameters()) <= spec.MaxParameters
	for _, p := range s.Spec.GetParameters() {
		typ, fine := l.typeOf(s.Doc.Text(p, "type"))
		d.Params = append(d.Params, sql.Parameter{Name: p.GetName(), Type: typ})
		ok = ok && fine
	}
	var result sql.Type
	if s.Spec.GetType() != "" {
		var fine bool
		result, fine = l.typeOf(s.Doc.Text(s.Spec, "type"))
		ok = ok && fine
	}
	text := s.Doc.Text(s.Spec, "definition")
	e, diags := sql.Parse(text.Value, text)
	l.diags = append(l.diags, diags...)
	if e == nil || !l.acyclic(e) || !ok {
		return nil
	}
	done, diags := sql.Define(d, e, result, l)
	l.diags = append(l.diags, diags...)
	if done == nil {
		return nil
	}
	f := &Function{Definition: done, Name: s.Name, Spec: s.Spec}
	f.Key = l.node(graph.Node{Address: "function/" + s.Name, Uses: l.uses(done.Functions()), Own: []graph.Part{
		{Name: "definition", Digest: done.Key()},
		{Name: "parameters", Digest: parametersKey(done)},
	}}, s.Doc.Field(s.Spec, "definition"), text.Value)
	return f
}

// typeOf reads the type of a parameter or result.
func (l *library) typeOf(text spec.Text) (sql.Type, bool) {
	t, diags := sql.ParseType(text.Value, text)
	if text.Value == "" {
		return t, false // reported by package spec
	}
	l.diags = append(l.diags, diags...)
	return t, !diags.HasErrors()
}

// acyclic reports calls that lead back to a function that is being compiled.
func (l *library) acyclic(e *sql.Expr) bool {
	ok := true
	for _, call := range e.Calls() {
		name := strings.ToLower(call.Name)
		i := slices.Index(l.stack, name)
		if i < 0 {
			if _, own := l.specs[name]; own {
				l.function(name)
			}
			continue
		}
		ok = false
		cycle := strings.Join(append(slices.Clone(l.stack[i:]), name), " → ")
		l.diags.Errorf(call.Span, "cycle", "function %s calls itself: %s", name, cycle).
			Hintf("a function is written out where it is called, so it cannot call itself; transform, filter and aggregate go through arrays")
	}
	return ok
}

// uses returns what the graph says of the functions that an expression calls.
func (c *compiler) uses(names []string) []graph.Dep {
	var out []graph.Dep
	for _, n := range names {
		out = append(out, graph.Dep{Role: "calls", Address: "function/" + n})
	}
	return out
}

// calls returns uses of the functions that expressions call; nil ones call
// none.
func (c *compiler) calls(exprs ...*sql.Typed) []graph.Dep {
	var names []string
	for _, t := range exprs {
		if t != nil {
			names = append(names, t.Functions()...)
		}
	}
	slices.Sort(names)
	return c.uses(slices.Compact(names))
}

func parametersKey(d *sql.Definition) digest.Digest {
	types := make([]string, len(d.Params))
	for i, p := range d.Params {
		types[i] = p.Type.String()
	}
	return digest.New("parameters").Strings("types", types).Sum()
}
