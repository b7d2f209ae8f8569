package compile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// relationEpoch is raised when the same feature set starts to give other rows
// or aggregates over other rows: windows, grouping, row ids.
const relationEpoch = 1

// FeatureSet is a compiled feature set.
type FeatureSet struct {
	Name     string
	Spec     *specpb.FeatureSet
	From     *Parser
	Joins    []*Join
	Where    *sql.Typed
	Columns  []*Field // working columns
	Group    *sql.Group
	Features []*Field
	Having   *sql.Typed
	Key      digest.Digest // decides which rows there are
	group    digest.Digest // of key and window alone
}

func (f *FeatureSet) name() string { return f.Name }

// Feature returns the feature of a name.
func (f *FeatureSet) Feature(name string) (*Field, bool) {
	for _, x := range f.Features {
		if x.Name == name {
			return x, true
		}
	}
	return nil, false
}

// Relation returns the relation that gives the named features, and those that
// the having condition reads, from an input of the parser's fields.
func (f *FeatureSet) Relation(input string, names []string) sql.Relation {
	want := f.wanted(names)
	read := f.reads(want)
	out := sql.Relation{Input: input, Where: f.Where, Group: f.Group, Having: f.Having}
	for _, j := range f.Joins {
		if join, ok := j.relation(read); ok {
			out.Joins = append(out.Joins, join)
		}
	}
	for _, c := range f.Columns {
		if read[c.Name] {
			out.Columns = append(out.Columns, sql.Named{Name: c.Name, Expr: c.Expr})
		}
	}
	for _, x := range f.Features {
		if want[x.Name] {
			out.Outputs = append(out.Outputs, sql.Named{Name: x.Name, Expr: x.Expr, Length: x.Length})
		}
	}
	return out
}

// Fields returns the fields and label columns of the parser that the rows, the
// named features and some labels (nil: none) read, in the parser's order.
func (f *FeatureSet) Fields(names []string, labels ...*Label) []*Field {
	read := f.reads(f.wanted(names))
	for _, l := range labels {
		if l != nil {
			for _, n := range l.Expr.Refs() {
				read[n] = true
			}
		}
	}
	var out []*Field
	for _, x := range slices.Concat(f.From.Fields, f.From.Labels) {
		if read[x.Name] {
			out = append(out, x)
		}
	}
	return out
}

// wanted adds to the named features those that the having condition reads.
func (f *FeatureSet) wanted(names []string) map[string]bool {
	want := map[string]bool{}
	for _, n := range names {
		want[n] = true
	}
	if f.Having != nil {
		for _, n := range f.Having.Refs() {
			want[n] = true
		}
	}
	return want
}

// reads returns the fields, joined and working columns that the rows and some
// features read, directly or through other columns.
func (f *FeatureSet) reads(features map[string]bool) map[string]bool {
	read := map[string]bool{}
	note := func(t *sql.Typed) {
		for _, n := range t.Refs() {
			read[n] = true
		}
	}
	for _, x := range f.Features {
		if features[x.Name] {
			note(x.Expr)
		}
	}
	if g := f.Group; g != nil {
		for _, k := range g.Keys {
			read[k.Name] = true
		}
		if g.Window != nil {
			read[g.Window.Time] = true
		}
	}
	// A column reads earlier ones only, so one pass from the last suffices.
	for i := len(f.Columns) - 1; i >= 0; i-- {
		if read[f.Columns[i].Name] {
			note(f.Columns[i].Expr)
		}
	}
	if f.Where != nil {
		note(f.Where)
	}
	for i := len(f.Joins) - 1; i >= 0; i-- {
		if f.Joins[i].isRead(read) {
			note(f.Joins[i].On)
		}
	}
	return read
}

func (c *compiler) featureSet(s spec.Spec[*specpb.FeatureSet]) {
	f := &FeatureSet{Name: s.Spec.GetName(), Spec: s.Spec}
	from, ok := ByName(c.program.Parsers, s.Spec.GetFrom())
	if !ok {
		if s.Spec.GetFrom() != "" {
			c.diags.Errorf(s.Doc.Field(s.Spec, "from"), "unknown-parser", "parser %q does not exist", s.Spec.GetFrom()).
				DidYouMean(s.Spec.GetFrom(), names(c.program.Parsers))
		}
		return
	}
	f.From = from
	c.program.FeatureSets = append(c.program.FeatureSets, f)
	b := &featureSetBuilder{compiler: c, s: s, f: f, scope: from.scope.clone()}
	b.scope.hidden = from.Labels
	for _, j := range s.Spec.GetJoins() {
		b.join(j)
	}
	if s.Spec.GetWhere() != "" {
		f.Where = c.condition(s.Doc.Text(s.Spec, "where"), b.scope, sql.Options{})
	}
	for _, col := range s.Spec.GetColumns() {
		b.column(col)
	}
	b.group()
	b.relation = b.relationKey()
	outputs := newColumns()
	for _, x := range s.Spec.GetFeatures() {
		b.feature(x, outputs)
	}
	if s.Spec.GetHaving() != "" {
		f.Having = c.condition(s.Doc.Text(s.Spec, "having"), outputs, sql.Options{})
	}
	b.node(outputs)
	c.featureExamples(s)
}

type featureSetBuilder struct {
	*compiler
	s        spec.Spec[*specpb.FeatureSet]
	f        *FeatureSet
	scope    *columns // fields, then working columns; then the window's bounds
	relation digest.Digest
}

func (b *featureSetBuilder) column(col *specpb.Column) {
	name := col.GetName()
	if b.scope.has(name) {
		b.diags.Errorf(b.s.Doc.Field(col, "name"), "duplicate-name", "column %q has the name of a field", name)
		return
	}
	// The label column would stand in for the working column: labels would
	// become visible to features.
	if b.f.From.labels.has(name) {
		b.diags.Errorf(b.s.Doc.Field(col, "name"), "duplicate-name", "column %q has the name of a label column", name)
		return
	}
	b.reserved(name, b.s.Doc.Field(col, "name"))
	text := b.s.Doc.Text(col, "definition")
	t := b.check(text, b.scope, sql.Options{})
	if t == nil || !b.capped(b.scope, t, text.Span(0, len(text.Value))) {
		b.scope.addWrong(name)
		return
	}
	out := &Field{Name: name, Address: "column/" + b.f.Name + "." + name, Type: t.Type(), Expr: t}
	out.Key = b.compiler.node(graph.Node{Address: out.Address, Deps: b.reads(t),
		Own: []graph.Part{{Name: "definition", Digest: t.Key()}}}, b.s.Doc.Field(col, "definition"), text.Value)
	b.f.Columns = append(b.f.Columns, out)
	weight := b.scope.expansion(t)
	b.scope.add(sql.Column{Name: name, Type: t.Type(), Key: out.Key}, out.Address, weight)
}

func (b *featureSetBuilder) reserved(name string, at diag.Span) {
	if name == sql.WindowStartName || name == sql.WindowEndName {
		b.diags.Errorf(at, "reserved-name", "%s is the name of a bound of the window", name)
	}
}

func (b *featureSetBuilder) reads(t *sql.Typed) []graph.Dep {
	var out []graph.Dep
	for _, a := range b.scope.addresses(t) {
		out = append(out, graph.Dep{Role: "reads", Address: a})
	}
	return append(out, calls(t)...)
}

// group compiles key and window. Features then see the window's bounds too.
func (b *featureSetBuilder) group() {
	if len(b.s.Spec.GetKey()) == 0 && b.s.Spec.GetWindow() == nil {
		return
	}
	if b.s.Spec.GetWindow() == nil {
		b.diags.Errorf(b.s.Doc.Field(b.s.Spec, "key"), "no-window", "a feature set with a key needs a window").
			Hintf("without one a row would never be complete, so a site could not score it; add window { time: … size: … }")
	}
	g := &sql.Group{}
	for i, name := range b.s.Spec.GetKey() {
		at := b.s.Doc.Field(b.s.Spec, "key", i)
		col, ok := b.lookup(name, at)
		if !ok {
			continue
		}
		switch col.Type.Kind {
		case sql.String, sql.Int, sql.BigInt, sql.Boolean, sql.Date, sql.Timestamp:
			g.Keys = append(g.Keys, sql.Key{Name: col.Name, Type: col.Type})
		default:
			b.diags.Errorf(at, "bad-key", "%q is %s: a key is text, a whole number, a truth value, a date or a timestamp", name, col.Type)
		}
	}
	if w := b.s.Spec.GetWindow(); w != nil {
		g.Window = b.window(w)
		timestamp := sql.Type{Kind: sql.Timestamp}
		for _, n := range []string{sql.WindowStartName, sql.WindowEndName} {
			if b.scope.has(n) || b.f.From.labels.has(n) {
				b.diags.Errorf(b.s.Doc.Field(b.s.Spec, "window"), "reserved-name", "field %q has the name of a bound of the window", n)
				continue
			}
			b.scope.add(sql.Column{Name: n, Type: timestamp, Key: boundKey(n)}, "", 1)
		}
	}
	b.f.Group = g
}

func (b *featureSetBuilder) lookup(name string, at diag.Span) (sql.Column, bool) {
	col, ok := b.scope.Lookup(name)
	if !ok {
		b.diags.Errorf(at, "unknown-column", "column %q does not exist in parser %s", name, b.f.From.Name).DidYouMean(name, b.scope.Names())
	}
	return col, ok
}

func (b *featureSetBuilder) window(w *specpb.Window) *sql.Window {
	at := b.s.Doc.Field(w, "time")
	col, ok := b.lookup(w.GetTime(), at)
	if ok && col.Type.Kind != sql.Timestamp && col.Type.Kind != sql.Void {
		b.diags.Errorf(at, "bad-window", "%q is %s: the time of a window is a timestamp", w.GetTime(), col.Type)
	}
	micros, ok := windowSize(w.GetSize())
	if !ok {
		b.diags.Errorf(b.s.Doc.Field(w, "size"), "bad-window", "%q is not the size of a window", w.GetSize()).
			Hintf(`a whole number and a unit from "second" to "week", up to 366 days: "5 minutes"`)
		return nil
	}
	return &sql.Window{Time: col.Name, Micros: micros}
}

// windowSize reads "5 minutes" as microseconds.
func windowSize(s string) (int64, bool) {
	number, unit, ok := strings.Cut(strings.TrimSpace(strings.ToLower(s)), " ")
	n, err := strconv.ParseInt(number, 10, 32)
	if !ok || err != nil || n <= 0 {
		return 0, false
	}
	const second = int64(1_000_000)
	size, ok := map[string]int64{"second": second, "minute": 60 * second, "hour": 3600 * second, "day": 86400 * second, "week": 7 * 86400 * second}[strings.TrimSuffix(strings.TrimSpace(unit), "s")]
	if !ok || n*size > 366*86400*second {
		return 0, false
	}
	return n * size, true
}

// relationKey covers what an aggregate is taken over: for rows without a key,
// nothing, as their features depend on the row alone.
func (b *featureSetBuilder) relationKey() digest.Digest {
	if b.f.Group == nil {
		return digest.Digest{}
	}
	c := digest.New("relation").Int("epoch", relationEpoch).Digest("from", b.f.From.Key).Digest("where", keyOf(b.f.Where))
	b.groupKey(c)
	return c.Sum()
}

func (b *featureSetBuilder) groupKey(c *digest.Canon) {
	g := b.f.Group
	if g == nil {
		return
	}
	keys := make([]digest.Digest, len(g.Keys))
	for i, k := range g.Keys {
		col, _ := b.scope.Lookup(k.Name)
		keys[i] = col.Key
	}
	c.Digests("key", keys)
	if g.Window != nil {
		col, _ := b.scope.Lookup(g.Window.Time)
		c.Digest("window_time", col.Key).Int("window_micros", g.Window.Micros)
	}
}

func (b *featureSetBuilder) feature(x *specpb.Feature, outputs *columns) {
	options := sql.Options{}
	if g := b.f.Group; g != nil {
		options = sql.Options{Mode: sql.Grouped, Grouping: map[string]bool{}}
		for _, k := range g.Keys {
			options.Grouping[strings.ToLower(k.Name)] = true
		}
		if g.Window != nil {
			options.Grouping[sql.WindowStartName], options.Grouping[sql.WindowEndName] = true, true
		}
	}
	text := b.s.Doc.Text(x, "definition")
	want := declared{data: x.GetDataType(), length: x.GetLength()}
	t := b.typed(text, want, b.scope, options)
	if t == nil || !b.capped(b.scope, t, text.Span(0, len(text.Value))) {
		wrong, _ := want.typ()
		outputs.add(sql.Column{Name: x.GetName(), Type: wrong}, "", 1)
		return
	}
	out := &Field{Name: x.GetName(), Address: "feature/" + b.f.Name + "." + x.GetName(), Type: t.Type(), Expr: t, Length: int(x.GetLength())}
	own := []graph.Part{
		{Name: "definition", Digest: t.Key()},
		{Name: "type", Digest: digest.New("type").String("name", t.Type().String()).Sum()},
	}
	if out.Length > 0 {
		own = append(own, graph.Part{Name: "length", Digest: digest.New("length").Int("elements", int64(out.Length)).Sum()})
	}
	if b.f.Group != nil {
		own = append(own, graph.Part{Name: "relation", Digest: b.relation})
	}
	out.Key = b.compiler.node(graph.Node{Address: out.Address, Own: own, Deps: b.reads(t)}, b.s.Doc.Field(x, "definition"), text.Value)
	b.f.Features = append(b.f.Features, out)
	outputs.add(sql.Column{Name: out.Name, Type: out.Type, Key: out.Key}, out.Address, 1)
}

// node adds the feature set itself: which rows there are.
func (b *featureSetBuilder) node(outputs *columns) {
	deps := []graph.Dep{{Role: "from", Address: "parser/" + b.f.From.Name}}
	read := func(role string, addresses []string) {
		for _, a := range addresses {
			deps = append(deps, graph.Dep{Role: role, Address: a})
		}
	}
	read("where", b.scope.addresses(b.f.Where))
	read("having", outputs.addresses(b.f.Having))
	if g := b.f.Group; g != nil {
		for _, k := range g.Keys {
			read("key", []string{b.scope.at[strings.ToLower(k.Name)]})
		}
		if g.Window != nil {
			read("window", []string{b.scope.at[strings.ToLower(g.Window.Time)]})
		}
	}
	group := digest.New("group").Int("epoch", relationEpoch).Bool("keyed", b.f.Group != nil)
	b.groupKey(group)
	b.f.group = group.Sum()
	b.f.Key = b.compiler.node(graph.Node{Address: "featureset/" + b.f.Name, Deps: deps, Own: []graph.Part{
		{Name: "group", Digest: b.f.group},
		{Name: "having", Digest: keyOf(b.f.Having)},
		{Name: "where", Digest: keyOf(b.f.Where)},
	}}, b.s.Doc.Field(b.s.Spec, "name"), "")
}
