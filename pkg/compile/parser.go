package compile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Parser is a compiled parser.
type Parser struct {
	Name    string
	Spec    *specpb.Parser
	Format  source.Format
	Raw     []string // addresses of raw columns: those of fields, then those of labels
	Fields  []*Field
	Labels  []*Field // label columns; their definitions read the raw columns behind the fields'
	Require []Require
	Key     digest.Digest // decides which records are rows
	doc     *spec.Document
	scope   *columns // fields
	labels  *columns // fields and label columns
}

func (p *Parser) name() string { return p.Name }

// Field is a typed column of a parser, or a column or feature of a feature set.
type Field struct {
	Name    string
	Address string
	Type    sql.Type
	Expr    *sql.Typed
	Key     digest.Digest
	Length  int // elements of a vector; 0: a single value
}

// Width is how many numbers a model reads of a feature.
func (f *Field) Width() int { return max(1, f.Length) }

// Require is a condition that every row meets.
type Require struct {
	Text string // as written
	Expr *sql.Typed
}

// Field returns the field or label column of a name.
func (p *Parser) Field(name string) (*Field, bool) {
	for _, f := range slices.Concat(p.Fields, p.Labels) {
		if f.Name == name {
			return f, true
		}
	}
	return nil, false
}

// Relation returns the relation that gives some fields and label columns, and
// those that conditions read, from an input of raw columns.
func (p *Parser) Relation(input string, fields []*Field) sql.Parsing {
	want := map[string]bool{}
	for _, f := range fields {
		want[f.Name] = true
	}
	out := sql.Parsing{Input: input}
	for _, r := range p.Require {
		out.Require = append(out.Require, r.Expr)
		for _, n := range r.Expr.Refs() {
			want[n] = true
		}
	}
	for _, f := range slices.Concat(p.Fields, p.Labels) {
		if want[f.Name] {
			out.Fields = append(out.Fields, sql.Named{Name: f.Name, Expr: f.Expr})
		}
	}
	return out
}

func (c *compiler) parser(s spec.Spec[*specpb.Parser]) {
	p := &Parser{Name: s.Spec.GetName(), Spec: s.Spec, doc: s.Doc, scope: newColumns(), labels: newColumns(), Raw: slices.Clone(s.Spec.GetRaw())}
	c.program.Parsers = append(c.program.Parsers, p)
	p.Format = c.format(s)
	c.rawAddresses(s, p)
	b := &parserBuilder{compiler: c, doc: s.Doc, p: p, raw: rawScope(p)}
	for _, f := range s.Spec.GetFields() {
		b.field(f)
	}
	for _, l := range s.Spec.GetLabels() {
		b.labelField(l)
	}
	c.parserExamples(s)
	p.labels = p.scope.clone()
	for _, l := range p.Labels {
		p.labels.add(sql.Column{Name: l.Name, Type: l.Type, Key: l.Key}, l.Address, 1)
	}
	var conditions []digest.Digest
	var deps, uses []graph.Dep
	for i, text := range s.Spec.GetRequire() {
		t := c.condition(s.Doc.Text(s.Spec, "require", i), p.scope, sql.Options{})
		if t == nil {
			continue
		}
		p.Require = append(p.Require, Require{Text: text, Expr: t})
		conditions = append(conditions, t.Key())
		uses = append(uses, c.calls(t)...)
		for _, a := range p.scope.addresses(t) {
			deps = append(deps, graph.Dep{Role: "require", Address: a})
		}
	}
	p.Key = c.node(graph.Node{Address: "parser/" + p.Name, Deps: deps, Uses: uses, Own: []graph.Part{
		{Name: "framing", Digest: framingKey(p.Format)},
		{Name: "require", Digest: digest.New("require").DigestSet("conditions", conditions).Sum()},
	}}, s.Doc.Field(s.Spec, "name"), "")
}

// rawScope is the scope of _c0, _c1, ….
func rawScope(p *Parser) *columns {
	out := newColumns()
	for i, a := range p.Raw {
		out.add(sql.Column{Name: rawName(i), Type: sql.Type{Kind: sql.String}, Key: rawKey(p.Format, a)}, "", 1)
	}
	return out
}

// parserBuilder compiles the fields of one parser.
type parserBuilder struct {
	*compiler
	doc *spec.Document
	p   *Parser
	raw *columns // _c0, _c1, … of the fields
}

func (b *parserBuilder) field(f *specpb.Field) {
	text := b.doc.Text(f, "definition")
	t := b.typed(text, declared{at: b.doc.Field(f, "data_type"), data: f.GetDataType()}, b.raw, sql.Options{})
	if t == nil {
		// The name still exists, so that what reads it is not blamed.
		b.p.scope.add(sql.Column{Name: f.GetName(), Type: dataTypes[f.GetDataType()]}, "", 1)
		return
	}
	b.checkIndex(f, t)
	b.capped(b.raw, t, text.Span(0, len(text.Value)))
	out := b.add("field/"+b.p.Name+"."+f.GetName(), t, text)
	b.p.Fields = append(b.p.Fields, out)
	b.p.scope.add(sql.Column{Name: out.Name, Type: out.Type, Key: out.Key}, out.Address, 1)
}

// add adds the node of a field or label column.
func (b *parserBuilder) add(address string, t *sql.Typed, definition spec.Text) *Field {
	_, name, _ := strings.Cut(address, ".")
	f := &Field{Name: name, Address: address, Type: t.Type(), Expr: t}
	f.Key = b.node(graph.Node{Address: address, Uses: b.calls(t), Own: []graph.Part{
		{Name: "definition", Digest: t.Key()},
		{Name: "type", Digest: digest.New("type").String("name", t.Type().String()).Sum()},
	}}, definition.Span(0, len(definition.Value)), definition.Value)
	return f
}

// checkIndex compares the declared raw positions with those that the
// definition reads.
func (b *parserBuilder) checkIndex(f *specpb.Field, t *sql.Typed) {
	reads := map[int]bool{}
	for _, name := range t.Refs() {
		n, _ := strconv.Atoi(strings.TrimPrefix(strings.ToLower(name), "_c"))
		reads[n] = true
	}
	declared := map[int]bool{}
	for i, n := range f.GetIndex() {
		at := b.doc.Field(f, "index", i)
		switch {
		case declared[int(n)]:
			b.diags.Errorf(at, "index-mismatch", "index %d is listed twice", n)
		case !reads[int(n)] && !b.names(f, rawName(int(n))):
			b.diags.Errorf(at, "index-mismatch", "index %d is listed, but the definition does not read %s", n, rawName(int(n))).
				Notef(b.doc.Field(f, "definition"), "the definition is here")
		}
		declared[int(n)] = true
	}
	var missing []int
	for n := range reads {
		if !declared[n] {
			missing = append(missing, n)
		}
	}
	slices.Sort(missing)
	for _, n := range missing {
		b.diags.Errorf(b.doc.Field(f, "definition"), "index-mismatch", "the definition reads %s, but index does not list %d", rawName(n), n).
			Hintf("add index: %d", n)
	}
}

// names reports whether a definition names a raw column, if only as an argument
// that a function of one's own makes nothing of.
func (b *parserBuilder) names(f *specpb.Field, raw string) bool {
	text := b.doc.Text(f, "definition")
	expr, _ := sql.Parse(text.Value, text)
	return expr != nil && slices.ContainsFunc(expr.Names(), func(n sql.Name) bool { return strings.EqualFold(n.Name, raw) })
}

// labelField compiles a label column. In its definition _c0 is its own first
// raw column; the reader delivers it behind the raw columns of the fields.
func (b *parserBuilder) labelField(l *specpb.LabelField) {
	p, offset := b.p, len(b.p.Raw)
	for i, a := range l.GetRaw() {
		b.rawAddress(p, a, b.doc.Field(l, "raw", i))
	}
	local := newColumns()
	for i, a := range l.GetRaw() {
		local.addAs(rawName(i), sql.Column{Name: rawName(offset + i), Type: sql.Type{Kind: sql.String}, Key: rawKey(p.Format, a)})
	}
	if p.scope.has(l.GetName()) {
		b.diags.Errorf(b.doc.Field(l, "name"), "duplicate-name", "label column %q has the name of a field", l.GetName())
	}
	text := b.doc.Text(l, "definition")
	t := b.typed(text, declared{at: b.doc.Field(l, "data_type"), data: l.GetDataType()}, local, sql.Options{})
	if t == nil {
		return
	}
	p.Raw = append(p.Raw, l.GetRaw()...)
	p.Labels = append(p.Labels, b.add("label/"+p.Name+"."+l.GetName(), t, text))
}

// RejectReason names a reject of the i-th require condition.
func (p *Parser) RejectReason(i int) string {
	if i < 0 || i >= len(p.Require) {
		return fmt.Sprintf("require %d", i)
	}
	return "require: " + p.Require[i].Text
}
