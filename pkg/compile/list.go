package compile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// List is a compiled enrichment list.
type List struct {
	Name    string
	Spec    *specpb.List
	Columns []*ListColumn
	Key     digest.Digest
	key     *ListColumn // what joins look up
}

func (l *List) name() string { return l.Name }

// ListColumn is a typed column of a list.
type ListColumn struct {
	Name    string
	Address string
	Values  sql.Constants // in the order of the file's rows
	Key     digest.Digest // of what each key stands for in this column
}

// list compiles a list. One that cannot be used is left out, and what joins it
// is not blamed.
func (c *compiler) list(s spec.Spec[*specpb.List]) {
	table := c.ws.Table(s.Name)
	if table == nil {
		return // reported by package spec
	}
	b := &listBuilder{compiler: c, s: s, table: table, out: &List{Name: s.Name, Spec: s.Spec}}
	for _, col := range s.Spec.GetColumns() {
		if b.column(col); b.mistakes > spec.MaxMistakes {
			return
		}
	}
	if b.out.key == nil || b.mistakes > 0 || !b.unique() {
		return
	}
	var deps []graph.Dep
	for i, col := range b.out.Columns {
		at := s.Doc.Field(s.Spec.GetColumns()[i], "name")
		col.Key = c.node(graph.Node{Address: col.Address, Own: []graph.Part{
			{Name: "values", Digest: b.values(col)},
			{Name: "type", Digest: digest.New("type").String("name", col.Values.Type.String()).Sum()},
		}}, at, "")
		deps = append(deps, graph.Dep{Role: "column", Address: col.Address})
	}
	b.out.Key = c.node(graph.Node{Address: "list/" + s.Name, Deps: deps}, s.Doc.Field(s.Spec, "name"), "")
	c.program.Lists = append(c.program.Lists, b.out)
}

type listBuilder struct {
	*compiler
	s        spec.Spec[*specpb.List]
	table    *spec.Table
	out      *List
	mistakes int
}

// column reads the values of a column.
func (b *listBuilder) column(col *specpb.ListColumn) {
	t, ok := dataTypes[col.GetDataType()]
	i, found := b.table.Column(spec.ListHeader(col))
	if !ok || !found {
		b.mistakes++
		return // reported by package spec
	}
	out := &ListColumn{Name: col.GetName(), Address: "list/" + b.s.Name + "." + col.GetName(), Values: sql.Constants{Type: t}}
	b.out.Columns = append(b.out.Columns, out)
	isKey := col.GetName() == b.s.Spec.GetKey()
	if isKey {
		b.out.key = out
		if !groupable(t) {
			b.mistakes++
			b.diags.Errorf(b.s.Doc.Field(b.s.Spec, "key"), "bad-key", "%q is %s: a key is text, a whole number, a truth value, a date or a timestamp", col.GetName(), t)
			return
		}
	}
	for _, row := range b.table.Rows {
		cell := row[i]
		text, ok := constant(t, cell.Text)
		switch {
		case cell.Text == "" && isKey:
			b.mistakes++
			b.diags.Errorf(b.table.Span(cell), "empty-key", "the key of a row is empty").Hintf("an empty value is NULL, which nothing is equal to")
		case cell.Text == "":
			out.Values.Texts = append(out.Values.Texts, nil)
			continue
		case !ok:
			b.mistakes++
			b.diags.Errorf(b.table.Span(cell), "bad-value", "this is not %s, the type of column %q", article(t), col.GetName()).
				Notef(b.s.Doc.Field(col, "data_type"), "its type is declared here")
		}
		if b.mistakes > spec.MaxMistakes {
			b.diags.Errorf(b.table.Span(cell), "too-many-errors", "more than %d mistakes; the rest of the list is not looked at", spec.MaxMistakes)
			return
		}
		out.Values.Texts = append(out.Values.Texts, &text)
	}
}

// unique reports the keys that stand twice.
func (b *listBuilder) unique() bool {
	i, _ := b.table.Column(headerOf(b.s.Spec, b.out.key.Name))
	first := map[string]int{}
	for n, text := range b.out.key.Values.Texts {
		at, again := first[*text]
		if !again {
			first[*text] = n
			continue
		}
		b.diags.Errorf(b.table.Span(b.table.Rows[n][i]), "duplicate-key", "the key stands twice").
			Notef(b.table.Span(b.table.Rows[at][i]), "first here")
		if b.mistakes++; b.mistakes >= spec.MaxMistakes {
			return false
		}
	}
	return b.mistakes == 0
}

func headerOf(l *specpb.List, column string) string {
	for _, c := range l.GetColumns() {
		if c.GetName() == column {
			return spec.ListHeader(c)
		}
	}
	return ""
}

// values is the digest of what each key stands for, whatever the order of the
// rows: a key without a value is as good as none.
func (b *listBuilder) values(col *ListColumn) digest.Digest {
	type pair struct{ key, value string }
	var pairs []pair
	for i, key := range b.out.key.Values.Texts {
		if v := col.Values.Texts[i]; v != nil {
			pairs = append(pairs, pair{*key, *v})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.key, b.key) })
	keys, values := make([]string, len(pairs)), make([]string, len(pairs))
	for i, p := range pairs {
		keys[i], values[i] = p.key, p.value
	}
	return digest.New("list-values").String("key_type", b.out.key.Values.Type.String()).Strings("keys", keys).Strings("values", values).Sum()
}

// groupable reports whether values of a type can be compared exactly, as a key
// must be.
func groupable(t sql.Type) bool {
	switch t.Kind {
	case sql.String, sql.Int, sql.BigInt, sql.Boolean, sql.Date, sql.Timestamp:
		return true
	}
	return false
}

// constant reads a value of a list in the form of [sql.Constants].
func constant(t sql.Type, text string) (string, bool) {
	if t.Kind == sql.String {
		return text, true
	}
	text = strings.TrimSpace(text)
	switch t.Kind {
	case sql.Int, sql.BigInt:
		n, err := strconv.ParseInt(text, 10, map[sql.Kind]int{sql.Int: 32, sql.BigInt: 64}[t.Kind])
		return strconv.FormatInt(n, 10), err == nil
	case sql.Double:
		v, err := strconv.ParseFloat(text, 64)
		return strconv.FormatFloat(v, 'g', -1, 64), err == nil && strings.Trim(text, "+-.0123456789eE") == ""
	case sql.Boolean:
		v := strings.ToLower(text)
		return v, v == "true" || v == "false"
	case sql.Date:
		d, err := time.Parse(time.DateOnly, text)
		return strconv.FormatInt(d.Unix()/86400, 10), err == nil
	case sql.Timestamp:
		at, err := time.Parse(time.RFC3339Nano, text)
		return strconv.FormatInt(at.UnixMicro(), 10), err == nil && at.Nanosecond()%1000 == 0
	}
	return "", false
}

// article names a type with its article.
func article(t sql.Type) string {
	if t.Kind == sql.Int {
		return "an " + t.String()
	}
	return "a " + t.String()
}

// Join is a compiled join of a feature set with a list.
type Join struct {
	Name    string // before the dot in the names of its columns
	List    *List
	On      *sql.Typed
	Columns []*Field // of the list, in its order
}

// isRead reports whether a column of the join is among names.
func (j *Join) isRead(names map[string]bool) bool {
	return slices.ContainsFunc(j.Columns, func(f *Field) bool { return names[f.Name] })
}

// relation returns the join with the columns that are read, and false where
// there are none.
func (j *Join) relation(read map[string]bool) (sql.Join, bool) {
	out := sql.Join{On: j.On, Key: j.List.key.Values}
	for i, f := range j.Columns {
		if read[f.Name] {
			out.Columns = append(out.Columns, sql.JoinColumn{Name: f.Name, Values: j.List.Columns[i].Values})
		}
	}
	return out, len(out.Columns) > 0
}

// join compiles a join. Its columns are nodes of the feature set: what a
// column of the list gives for the value that is looked up.
func (b *featureSetBuilder) join(spec *specpb.Join) {
	list, ok := ByName(b.program.Lists, spec.GetList())
	name := cmp.Or(spec.GetName(), spec.GetList())
	text := b.s.Doc.Text(spec, "on")
	on := b.check(text, b.scope, sql.Options{})
	if !ok {
		b.unknownList(spec, name)
		return
	}
	if slices.ContainsFunc(b.f.Joins, func(j *Join) bool { return j.Name == name }) {
		b.diags.Errorf(b.s.Doc.Field(spec, "list"), "duplicate-name", "join %q has the name of an earlier one", name).Hintf("give it a name of its own: name: …")
		return
	}
	join := &Join{Name: name, List: list}
	if on != nil {
		if join.On, ok = on.CastTo(list.key.Values.Type); !ok {
			b.diags.Errorf(text.Span(0, len(text.Value)), "type-mismatch", "the key of list %s is %s, this is %s", list.Name, list.key.Values.Type, on.Type()).
				Hintf("write cast(… as %s)", list.key.Values.Type)
		}
	}
	if join.On == nil || !b.capped(b.scope, join.On, text.Span(0, len(text.Value))) {
		for _, col := range list.Columns {
			b.scope.addWrong(name + "." + col.Name)
		}
		return
	}
	weight, reads := b.scope.expansion(join.On), b.reads(join.On)
	for _, col := range list.Columns {
		full := name + "." + col.Name
		f := &Field{Name: full, Type: col.Values.Type, Address: "column/" + b.f.Name + "." + full}
		join.Columns = append(join.Columns, f)
		b.scope.addLater(full, func() {
			f.Key = b.compiler.node(graph.Node{Address: f.Address, Deps: append([]graph.Dep{{Role: "list", Address: col.Address}}, reads...),
				Uses: b.calls(join.On), Own: []graph.Part{{Name: "on", Digest: join.On.Key()}}}, b.s.Doc.Field(spec, "on"), text.Value)
			b.scope.add(sql.Column{Name: full, Type: f.Type, Key: f.Key}, f.Address, weight)
		})
	}
	b.f.Joins = append(b.f.Joins, join)
}

// unknownList reports a list that does not exist. The columns of one that is
// there and could not be used are known, so that what reads them is not blamed.
func (b *featureSetBuilder) unknownList(join *specpb.Join, name string) {
	s, written := b.ws.List(join.GetList())
	for _, col := range s.Spec.GetColumns() {
		b.scope.addWrong(name + "." + col.GetName())
	}
	if !written && join.GetList() != "" {
		b.diags.Errorf(b.s.Doc.Field(join, "list"), "unknown-list", "list %q does not exist", join.GetList()).
			DidYouMean(join.GetList(), names(b.program.Lists))
	}
}
