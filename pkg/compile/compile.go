// Package compile turns specs into a [Program]: names bound, expressions
// parsed and type-checked, relations built, and the graph of keys computed.
// It is pure: the same specs give the same program and the same diagnostics.
package compile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Trainer is what a program needs to know of a trainer directory: everything
// that enters the keys of models.
type Trainer struct {
	Name string        // directory: "sklearn"
	Key  digest.Digest // of what decides a model beside the request
}

// Program is a project understood. Its slices are sorted by name, but for
// fields, columns and features, which are in the order of their spec.
type Program struct {
	Project      *specpb.Project
	Parsers      []*Parser
	Functions    []*Function
	Lists        []*List
	FeatureSets  []*FeatureSet
	Datasets     []*Dataset
	Models       []*Model
	Environments []*Environment
	Graph        *graph.Graph
	// Places says where each address is declared.
	Places map[string]diag.Span
	// Texts holds the definition of each address that has one, as written.
	Texts map[string]string
}

// Compile binds and checks a workspace. The program is complete only if the
// list holds no error; warnings are given only then.
func Compile(ws *spec.Workspace, trainers []Trainer) (*Program, diag.List) {
	c := &compiler{ws: ws, trainers: trainers, program: &Program{Project: ws.Project.Spec, Graph: graph.New(),
		Places: map[string]diag.Span{}, Texts: map[string]string{}}, read: map[string]bool{}}
	c.functions()
	for _, s := range ws.Parsers {
		c.parser(s)
	}
	for _, s := range ws.Lists {
		c.list(s)
	}
	c.featureSets()
	for _, s := range ws.Datasets {
		c.dataset(s)
	}
	for _, s := range ws.Models {
		c.model(s)
	}
	for _, s := range ws.Environments {
		c.environment(s)
	}
	if !c.diags.HasErrors() {
		c.unread()
		c.leaks()
	}
	c.allowed()
	return c.program, c.diags
}

type compiler struct {
	ws       *spec.Workspace
	trainers []Trainer
	program  *Program
	diags    diag.List
	read     map[string]bool // addresses that something reads
	own      *library
}

// node adds a node and remembers where it is declared. A program with errors
// may lack dependencies; those are left out, and the key is not used.
func (c *compiler) node(n graph.Node, at diag.Span, text string) digest.Digest {
	missing := func(d graph.Dep) bool {
		_, ok := c.program.Graph.Node(d.Address)
		return !ok
	}
	n.Deps, n.Uses = slices.DeleteFunc(n.Deps, missing), slices.DeleteFunc(n.Uses, missing)
	key, err := c.program.Graph.Add(n)
	if err != nil {
		c.diags.Errorf(at, "duplicate-name", "%s is declared twice", n.Address)
		return digest.Digest{}
	}
	c.program.Places[n.Address] = at
	if text != "" {
		c.program.Texts[n.Address] = text
	}
	return key
}

// check parses and checks one expression. It returns nil where that is not
// possible, and the diagnostics are noted, or where it reads what is wrong.
func (c *compiler) check(text spec.Text, scope *columns, o sql.Options) *sql.Typed {
	e, diags := sql.Parse(text.Value, text)
	c.diags = append(c.diags, diags...)
	if e == nil || diags.HasErrors() {
		return nil
	}
	o.Own = c.own
	t, diags := sql.Check(e, scope, o)
	scope.explain(e, diags)
	c.diags = append(c.diags, diags...)
	if t == nil || scope.readsWrong(t) {
		return nil
	}
	c.noteReads(scope, t)
	return t
}

// condition checks an expression that must be a truth value.
func (c *compiler) condition(text spec.Text, scope *columns, o sql.Options) *sql.Typed {
	t := c.check(text, scope, o)
	if t == nil {
		return nil
	}
	if k := t.Type().Kind; k != sql.Boolean && k != sql.Void {
		c.diags.Errorf(text.Span(0, len(text.Value)), "type-mismatch", "a condition is a boolean, this is %s", t.Type())
		return nil
	}
	return t
}

// declared is the type that a spec declares: of a value or, with a length, of
// the elements of a vector.
type declared struct {
	at     diag.Span
	data   specpb.DataType
	length int32
}

func (d declared) String() string {
	if d.length > 0 {
		return fmt.Sprintf("%s with a length", d.data)
	}
	return d.data.String()
}

// typ returns the type of the language, and false where none is declared.
func (d declared) typ() (sql.Type, bool) {
	t, ok := dataTypes[d.data]
	if ok && d.length > 0 {
		return sql.Type{Kind: sql.Array, Elem: &t}, true
	}
	return t, ok
}

// typed checks a definition against its declared data type.
func (c *compiler) typed(text spec.Text, d declared, scope *columns, o sql.Options) *sql.Typed {
	t := c.check(text, scope, o)
	if t == nil {
		return nil
	}
	want, ok := d.typ()
	if !ok {
		return t // the missing data type is reported by package spec
	}
	cast, ok := t.CastTo(want)
	if ok {
		return cast
	}
	x := c.diags.Errorf(d.at, "type-mismatch", "data_type is %s, the definition gives %s", d, t.Type())
	switch isArray := t.Type().Kind == sql.Array; {
	case d.length > 0 && !isArray:
		x.Hintf("the definition of a vector gives an array: array(…)")
	case d.length == 0 && isArray:
		x.Hintf("add the number of its elements, length: …, to make the feature a vector")
	default:
		x.Hintf("declare the type that it gives, or write cast(… as %s)", want)
	}
	return nil
}

var dataTypes = map[specpb.DataType]sql.Type{
	specpb.DataType_BOOLEAN:   {Kind: sql.Boolean},
	specpb.DataType_INT:       {Kind: sql.Int},
	specpb.DataType_BIGINT:    {Kind: sql.BigInt},
	specpb.DataType_DOUBLE:    {Kind: sql.Double},
	specpb.DataType_STRING:    {Kind: sql.String},
	specpb.DataType_DATE:      {Kind: sql.Date},
	specpb.DataType_TIMESTAMP: {Kind: sql.Timestamp},
}

// Epochs returns the functions that the program's parsers and feature sets
// call, with their epochs.
func (p *Program) Epochs() map[string]int {
	out := map[string]int{}
	note := func(t *sql.Typed) {
		if t != nil {
			maps.Copy(out, t.Epochs())
		}
	}
	for _, x := range p.Parsers {
		for _, f := range x.Fields {
			note(f.Expr)
		}
		for _, r := range x.Require {
			note(r.Expr)
		}
	}
	for _, x := range p.FeatureSets {
		for _, f := range slices.Concat(x.Columns, x.Features) {
			note(f.Expr)
		}
		for _, j := range x.Joins {
			note(j.On)
		}
		note(x.Where)
		note(x.Having)
	}
	return out
}

// ByName returns the element whose name is given.
func ByName[T interface{ name() string }](items []T, name string) (T, bool) {
	i, ok := slices.BinarySearchFunc(items, name, func(t T, name string) int { return cmp.Compare(t.name(), name) })
	if !ok {
		var zero T
		return zero, false
	}
	return items[i], true
}

func names[T interface{ name() string }](items []T) []string {
	out := make([]string, len(items))
	for i, t := range items {
		out[i] = t.name()
	}
	return out
}

// keyOf is the key of an expression that may be absent.
func keyOf(t *sql.Typed) digest.Digest {
	if t == nil {
		return digest.Digest{}
	}
	return t.Key()
}
