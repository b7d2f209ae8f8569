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
	Name    string
	Address string
	Spec    *specpb.Function
	Own     *sql.OwnFunction
	Key     digest.Digest
}

func (f *Function) name() string { return f.Name }

// functionSpecs compiles the functions, each behind those that it calls.
func (c *compiler) functionSpecs() {
	c.own, c.brokenFn = map[string]*sql.OwnFunction{}, map[string]bool{}
	b := &functionBuilder{compiler: c, state: map[string]visit{}}
	for _, s := range c.ws.Functions {
		b.visit(s)
	}
	slices.SortFunc(c.program.Functions, func(a, b *Function) int { return strings.Compare(a.Name, b.Name) })
}

// visit says how far a function was compiled.
type visit uint8

const (
	unseen visit = iota
	begun
	done
)

// functionBuilder walks the calls between functions.
type functionBuilder struct {
	*compiler
	state map[string]visit
	path  []string // functions that are begun, outermost first
}

func (b *functionBuilder) visit(s spec.Spec[*specpb.Function]) {
	if b.state[s.Name] == done {
		return
	}
	b.state[s.Name] = begun
	b.path = append(b.path, s.Name)
	f := b.function(s)
	b.path = b.path[:len(b.path)-1]
	b.state[s.Name] = done
	switch {
	case f != nil:
		b.own[f.Name] = f.Own
		b.program.Functions = append(b.program.Functions, f)
	case !sql.Catalogued(s.Name): // the language's own still means what it does
		b.brokenFn[s.Name] = true
	}
}

// function compiles one function, or returns nil for one that is wrong.
func (b *functionBuilder) function(s spec.Spec[*specpb.Function]) *Function {
	if sql.Catalogued(s.Name) {
		b.diags.Errorf(s.Doc.Field(s.Spec, "name"), "reserved-name", "%q is a function or word of the language", s.Name).
			Hintf("what stands in other specs would change its meaning: take another name")
		return nil
	}
	params, ok := b.params(s)
	text := s.Doc.Text(s.Spec, "definition")
	e, diags := sql.Parse(text.Value, text)
	b.diags = append(b.diags, diags...)
	if e == nil || !ok || !b.called(s, e) {
		return nil
	}
	own, diags := sql.Define(s.Name, params, e, sql.Options{Functions: b.own})
	b.diags = append(b.diags, diags...)
	if own == nil {
		return nil
	}
	f := &Function{Name: s.Name, Address: "function/" + s.Name, Spec: s.Spec, Own: own}
	types := make([]string, len(params))
	for i, p := range params {
		types[i] = p.Type.String()
	}
	f.Key = b.node(graph.Node{Address: f.Address, Deps: calls(own.Typed), Own: []graph.Part{
		{Name: "definition", Digest: own.Typed.Key()},
		{Name: "parameters", Digest: digest.New("parameters").Strings("types", types).Sum()},
	}}, s.Doc.Field(s.Spec, "definition"), text.Value)
	return f
}

func (b *functionBuilder) params(s spec.Spec[*specpb.Function]) ([]sql.Column, bool) {
	out, ok := make([]sql.Column, len(s.Spec.GetParameters())), true
	for i, p := range s.Spec.GetParameters() {
		t, diags := sql.ParseType(p.GetType(), s.Doc.Text(p, "type"))
		if p.GetType() != "" { // one that is missing is reported by package spec
			b.diags = append(b.diags, diags...)
		}
		ok = ok && !diags.HasErrors()
		out[i] = sql.Column{Name: p.GetName(), Type: t, Key: sql.ParamKey(i)}
	}
	return out, ok
}

// called compiles what a definition calls, and reports whether that can be
// used.
func (b *functionBuilder) called(s spec.Spec[*specpb.Function], e *sql.Expr) bool {
	for _, name := range e.Called() {
		other, ok := b.ws.Function(name)
		if !ok {
			continue
		}
		if b.state[name] == begun {
			circle := append(slices.Clone(b.path[slices.Index(b.path, name):]), name)
			b.diags.Errorf(s.Doc.Field(s.Spec, "definition"), "cycle", "function %s calls itself: %s", name, strings.Join(circle, " → ")).
				Hintf("a function is written out where it is called, so it cannot call itself")
			return false
		}
		b.visit(other)
		if b.brokenFn[name] {
			return false
		}
	}
	return true
}

// calls are the functions of one's own that an expression calls, as what it
// depends on: a plan then names the function that was changed.
func calls(t *sql.Typed) []graph.Dep {
	var out []graph.Dep
	for _, name := range t.Calls() {
		out = append(out, graph.Dep{Role: "calls", Address: "function/" + name})
	}
	return out
}
