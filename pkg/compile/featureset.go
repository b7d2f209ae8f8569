package compile

import (
	"maps"
	"slices"
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

// lookbackEpoch is raised when window functions of the same feature set start
// to see other rows.
const lookbackEpoch = 1

// featureSets compiles the feature sets, each after the one that it reads.
func (c *compiler) featureSets() {
	n := &nesting{compiler: c, done: map[string]*FeatureSet{}, open: map[string]bool{}}
	for _, s := range c.ws.FeatureSets {
		n.featureSet(s)
	}
	slices.SortFunc(c.program.FeatureSets, func(a, b *FeatureSet) int { return strings.Compare(a.Name, b.Name) })
}

// nesting is the order of feature sets that read one another.
type nesting struct {
	*compiler
	done map[string]*FeatureSet // nil: it could not be compiled
	open map[string]bool        // being compiled
	path []spec.Spec[*specpb.FeatureSet]
}

// featureSet compiles a set and returns it, nil where what it reads is not
// there, which was reported.
func (n *nesting) featureSet(s spec.Spec[*specpb.FeatureSet]) *FeatureSet {
	if f, ok := n.done[s.Name]; ok {
		return f
	}
	n.open[s.Name] = true
	n.path = append(n.path, s)
	f := &FeatureSet{Name: s.Spec.GetName(), Spec: s.Spec}
	scope := n.from(s, f)
	n.path = n.path[:len(n.path)-1]
	n.open[s.Name] = false
	if scope == nil {
		f = nil
	} else {
		n.compiler.featureSet(s, f, scope)
	}
	n.done[s.Name] = f
	return f
}

// from finds what a set reads, and returns the columns of its rows.
func (n *nesting) from(s spec.Spec[*specpb.FeatureSet], f *FeatureSet) *columns {
	name, at := s.Spec.GetFrom(), s.Doc.Field(s.Spec, "from")
	parser, isParser := ByName(n.program.Parsers, name)
	set, isSet := n.ws.FeatureSet(name)
	switch {
	case name == "":
		return nil // reported by package spec
	case isParser && isSet && name != s.Name: // itself it cannot mean
		n.diags.Errorf(at, "ambiguous-name", "%q is a parser and a feature set", name).
			Notef(set.Doc.Field(set.Spec, "name"), "the feature set is declared here").Hintf("rename one of them")
		return nil
	case isParser:
		f.From = parser
		scope := parser.scope.clone()
		scope.hidden = parser.Labels
		return scope
	case isSet && n.open[name]:
		n.cycle(s)
		return nil
	case isSet:
		if f.Input = n.featureSet(set); f.Input == nil {
			return nil
		}
		f.From, f.Group = f.Input.From, f.Input.Group
		return n.rowsOf(s, f.Input)
	}
	known := names(n.program.Parsers)
	for _, s := range n.ws.FeatureSets {
		known = append(known, s.Name)
	}
	n.diags.Errorf(at, "unknown-parser", "parser or feature set %q does not exist", name).DidYouMean(name, known)
	return nil
}

// cycle reports feature sets that read one another, once for each circle.
func (n *nesting) cycle(s spec.Spec[*specpb.FeatureSet]) {
	first := slices.IndexFunc(n.path, func(p spec.Spec[*specpb.FeatureSet]) bool { return p.Name == s.Spec.GetFrom() })
	var path []string
	for _, p := range n.path[first:] {
		path = append(path, p.Name)
	}
	n.diags.Errorf(s.Doc.Field(s.Spec, "from"), "cycle", "feature sets read one another: %s", strings.Join(append(path, s.Spec.GetFrom()), " → "))
}

// rowsOf returns the columns of the rows of a set: its features, its key, and
// the bounds of its window.
func (n *nesting) rowsOf(s spec.Spec[*specpb.FeatureSet], f *FeatureSet) *columns {
	out := f.outputs.clone()
	out.hidden = f.From.Labels
	if f.Group == nil {
		return out
	}
	add := func(name string, col sql.Column, address string) {
		if out.has(name) {
			n.diags.Errorf(s.Doc.Field(s.Spec, "from"), "ambiguous-name", "%q is a feature of feature set %s, and its rows are identified by one", name, f.Name).
				Hintf("rename the feature")
			return
		}
		col.Name = name
		out.add(col, address, 1)
	}
	rows := f.grouping()
	for _, k := range rows.keys {
		add(k.Name, k.Column, k.address)
	}
	if w := rows.Group.Window; w != nil {
		for _, name := range []string{sql.WindowStartName, sql.WindowEndName} {
			add(name, sql.Column{Type: sql.Type{Kind: sql.Timestamp}, Key: rows.rowBoundKey(name)}, "")
		}
	}
	return out
}

// featureSet compiles a set over the columns of the rows that it reads.
func (c *compiler) featureSet(s spec.Spec[*specpb.FeatureSet], f *FeatureSet, scope *columns) {
	c.program.FeatureSets = append(c.program.FeatureSets, f)
	b := &featureSetBuilder{compiler: c, s: s, f: f, scope: scope, windowed: map[string]bool{}, made: map[string]bool{}, known: map[string]bool{}}
	for _, j := range s.Spec.GetJoins() {
		b.join(j)
	}
	if f.Input == nil {
		for i := range f.From.Spec.GetRequire() {
			b.knows(f.From.doc.Text(f.From.Spec, "require", i))
		}
	}
	if s.Spec.GetWhere() != "" {
		b.knows(s.Doc.Text(s.Spec, "where"))
		f.Where = c.condition(s.Doc.Text(s.Spec, "where"), b.scope, sql.Options{})
	}
	for _, col := range s.Spec.GetColumns() {
		b.column(col)
	}
	b.group()
	for _, k := range append(slices.Clone(f.keys), f.time) {
		b.read[k.address] = true
	}
	b.relation = b.relationKey()
	f.outputs = newColumns()
	for _, x := range s.Spec.GetFeatures() {
		b.feature(x, f.outputs)
	}
	if s.Spec.GetHaving() != "" {
		f.Having = c.condition(s.Doc.Text(s.Spec, "having"), f.outputs, sql.Options{})
	}
	b.node(f.outputs)
	c.featureExamples(s, f)
}

type featureSetBuilder struct {
	*compiler
	s        spec.Spec[*specpb.FeatureSet]
	f        *FeatureSet
	scope    *columns        // the input's columns, then joined and working columns; then the window's bounds
	windowed map[string]bool // working columns that depend on window functions, in lower case
	made     map[string]bool // working columns that depend on a generator, in lower case
	madeLate bool            // the generator stands behind window functions, which do not see its rows
	known    map[string]bool // columns that a condition on every row is about, in lower case
	relation digest.Digest
}

// knows notes what a condition on every row is about.
func (b *featureSetBuilder) knows(condition spec.Text) {
	if e, _ := sql.Parse(condition.Value, condition); e != nil {
		maps.Copy(b.known, e.Compared())
	}
}

func (b *featureSetBuilder) column(col *specpb.Column) {
	name := col.GetName()
	if b.scope.has(name) {
		b.diags.Errorf(b.s.Doc.Field(col, "name"), "duplicate-name", "column %q has the name of a field", name)
		return
	}
	// The label column would stand in for the working column: labels would
	// become visible to features.
	if b.isLabel(name) {
		b.diags.Errorf(b.s.Doc.Field(col, "name"), "duplicate-name", "column %q has the name of a label column", name)
		return
	}
	b.reserved(name, b.s.Doc.Field(col, "name"))
	text := b.s.Doc.Text(col, "definition")
	t := b.check(text, b.scope, sql.Options{Windows: true, Generators: true, Known: b.known})
	if t != nil && t.Generates() && !b.generator(text) {
		t = nil
	}
	if t != nil && t.Windows() && b.s.Spec.GetWindow() == nil {
		b.diags.Errorf(text.Span(0, len(text.Value)), "unbounded-history", "a window function sees all rows before: a site would have to keep them forever").
			Hintf("give the feature set a key and a window, and a lookback that says how far before its window it sees rows")
		t = nil
	}
	if t == nil || !b.capped(b.scope, t, text.Span(0, len(text.Value))) {
		b.scope.addWrong(name)
		return
	}
	out := &Field{Name: name, Address: "column/" + b.f.Name + "." + name, Type: t.Type(), Expr: t}
	out.Key = b.compiler.node(graph.Node{Address: out.Address, Deps: b.reads(t), Uses: b.calls(t),
		Own: []graph.Part{{Name: "definition", Digest: t.Key()}}}, b.s.Doc.Field(col, "definition"), text.Value)
	b.f.Columns = append(b.f.Columns, out)
	if t.Windows() || b.readsWindows(t) {
		b.windowed[strings.ToLower(name)] = true
	}
	if t.Generates() {
		b.f.generator, b.madeLate = out, len(b.windowed) > 0
	}
	if t.Generates() || b.readsMade(t) {
		b.made[strings.ToLower(name)] = true
	}
	if t.Generates() { // its rows are counted where its values are not read
		b.read[out.Address] = true
	}
	weight := b.scope.expansion(t)
	b.scope.add(sql.Column{Name: name, Type: t.Type(), Key: out.Key}, out.Address, weight)
}

// readsWindows reports whether an expression reads columns that window functions
// gave.
func (b *featureSetBuilder) readsWindows(t *sql.Typed) bool {
	return slices.ContainsFunc(t.Refs(), func(name string) bool { return b.windowed[strings.ToLower(name)] })
}

// generator reports a generator where there is one already, or where the rows
// would have no key.
func (b *featureSetBuilder) generator(text spec.Text) bool {
	at := text.Span(0, len(text.Value))
	switch {
	case len(b.s.Spec.GetKey()) == 0 && b.s.Spec.GetWindow() == nil:
		b.diags.Errorf(at, "generator-not-allowed", "a generator makes rows, and the rows of this feature set are the records").
			Hintf("give the feature set a key and a window: the rows that it makes are grouped by them")
	case b.f.generator != nil:
		b.diags.Errorf(at, "generator-not-allowed", "a feature set has one generator, and %q is one", b.f.generator.Name).
			Hintf("make one array of both: flatten(transform(…))")
	default:
		return true
	}
	return false
}

// readsMade reports whether an expression reads what a generator made.
func (b *featureSetBuilder) readsMade(t *sql.Typed) bool {
	return slices.ContainsFunc(t.Refs(), func(name string) bool { return b.made[strings.ToLower(name)] })
}

// isLabel reports whether a name is that of a label column of the rows read.
func (b *featureSetBuilder) isLabel(name string) bool {
	return b.f.Input == nil && b.f.From.labels.has(name)
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
	return out
}

// relationKey covers what an aggregate is taken over: for rows without a key,
// nothing, as their features depend on the row alone.
func (b *featureSetBuilder) relationKey() digest.Digest {
	if !b.f.grouped {
		return digest.Digest{}
	}
	from := b.f.From.Key
	if b.f.Input != nil {
		from = b.f.Input.Key
	}
	c := digest.New("relation").Int("epoch", relationEpoch).Digest("from", from).Digest("where", keyOf(b.f.Where))
	if g := b.f.generator; g != nil {
		c.Digest("generator", g.Key)
	}
	b.groupKey(c)
	return c.Sum()
}

func (b *featureSetBuilder) groupKey(c *digest.Canon) {
	g := b.f.Group
	if !b.f.grouped {
		return
	}
	keys, windowed := make([]digest.Digest, len(b.f.keys)), false
	for i, k := range b.f.keys {
		keys[i] = k.Key
		windowed = windowed || b.windowed[strings.ToLower(k.Name)]
	}
	c.Digests("key", keys)
	if windowed {
		c.Digest("lookback", lookbackKey(g))
	}
	if g.Window != nil {
		b.f.windowKey(c)
	}
}

// windowKey covers the window that the set groups by.
func (f *FeatureSet) windowKey(c *digest.Canon) {
	w := f.Group.Window
	c.Digest("window_time", f.time.Key)
	if w.Gap > 0 {
		c.Int("session_gap", w.Gap).Int("max_length", w.Micros)
	} else {
		c.Int("window_micros", w.Micros)
	}
}

// lookbackKey covers what window functions see besides the rows of a window. It
// is in the keys of what reads them, and in no other.
func lookbackKey(g *sql.Group) digest.Digest {
	c := digest.New("lookback").Int("epoch", lookbackEpoch)
	if g != nil {
		c.Int("micros", g.Lookback)
	}
	return c.Sum()
}

func (b *featureSetBuilder) feature(x *specpb.Feature, outputs *columns) {
	options := sql.Options{Known: b.known}
	if g := b.f.Group; b.f.grouped {
		options = sql.Options{Mode: sql.Grouped, Grouping: map[string]bool{}, Known: b.known}
		for _, k := range g.Keys {
			options.Grouping[strings.ToLower(k.Name)] = true
		}
		if g.Window != nil {
			options.Grouping[sql.WindowStartName], options.Grouping[sql.WindowEndName] = true, true
		}
	}
	text := b.s.Doc.Text(x, "definition")
	want := declared{at: b.s.Doc.Field(x, "data_type"), data: x.GetDataType(), length: x.GetLength()}
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
	if b.readsWindows(t) {
		own = append(own, graph.Part{Name: "lookback", Digest: lookbackKey(b.f.Group)})
	}
	if b.f.grouped {
		own = append(own, graph.Part{Name: "relation", Digest: b.relation})
	}
	out.Key = b.compiler.node(graph.Node{Address: out.Address, Own: own, Deps: b.reads(t), Uses: b.calls(t)}, b.s.Doc.Field(x, "definition"), text.Value)
	b.f.Features = append(b.f.Features, out)
	outputs.add(sql.Column{Name: out.Name, Type: out.Type, Key: out.Key}, out.Address, 1)
}

// node adds the feature set itself: which rows there are.
func (b *featureSetBuilder) node(outputs *columns) {
	from := "parser/" + b.f.From.Name
	if b.f.Input != nil {
		from = "featureset/" + b.f.Input.Name
	}
	deps := []graph.Dep{{Role: "from", Address: from}}
	read := func(role string, addresses []string) {
		for _, a := range addresses {
			deps = append(deps, graph.Dep{Role: role, Address: a})
		}
	}
	read("where", b.scope.addresses(b.f.Where))
	read("having", outputs.addresses(b.f.Having))
	if g := b.f.generator; g != nil {
		read("generator", []string{g.Address})
	}
	if g := b.f.Group; b.f.grouped {
		for _, k := range b.f.keys {
			read("key", []string{k.address})
		}
		if g.Window != nil {
			read("window", []string{b.f.time.address})
		}
	}
	group := digest.New("group").Int("epoch", relationEpoch).Bool("keyed", b.f.grouped)
	b.groupKey(group)
	if b.f.group = group.Sum(); !b.f.grouped && b.f.Input != nil {
		b.f.group = b.f.Input.group
	}
	b.f.Key = b.compiler.node(graph.Node{Address: "featureset/" + b.f.Name, Deps: deps, Uses: b.calls(b.f.Where, b.f.Having), Own: []graph.Part{
		{Name: "group", Digest: group.Sum()},
		{Name: "having", Digest: keyOf(b.f.Having)},
		{Name: "where", Digest: keyOf(b.f.Where)},
	}}, b.s.Doc.Field(b.s.Spec, "name"), "")
}
