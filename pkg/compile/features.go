package compile

import (
	"slices"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// FeatureSet is a compiled feature set.
type FeatureSet struct {
	Name string
	Spec *specpb.FeatureSet
	// From is the parser whose rows it computes from, directly or through other
	// feature sets.
	From    *Parser
	Input   *FeatureSet // whose rows it reads; nil: the parser's
	Joins   []*Join
	Where   *sql.Typed
	Columns []*Field // working columns
	// Group is what identifies its rows: its own key and window or, where it
	// has none, those of Input. It is nil for rows of records.
	Group     *sql.Group
	Features  []*Field
	Having    *sql.Typed
	Key       digest.Digest // decides which rows there are
	group     digest.Digest // of key and window alone
	grouped   bool          // Group is its own
	keys      []rowColumn   // of its own group
	generator *Field        // the working column that makes rows; nil: none does
	time      rowColumn     // of its own window
	outputs   *columns      // the features
}

// rowColumn is a column of the rows that a set groups, with its address.
type rowColumn struct {
	sql.Column
	address string
}

// grouping returns the set that made the rows what they are: this one or the
// nearest one below with a key of its own; nil for rows of records.
func (f *FeatureSet) grouping() *FeatureSet {
	if f == nil || f.grouped {
		return f
	}
	return f.Input.grouping()
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
	out := sql.Relation{Input: input, Where: f.Where, Having: f.Having}
	if f.Input != nil {
		from := f.Input.Relation(input, f.Input.among(read))
		out.Input, out.From = "", &from
	}
	if f.grouped {
		out.Group = f.Group
	}
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
	if f.Input != nil {
		return f.Input.Fields(f.Input.among(read), labels...)
	}
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

// among returns the features that are among names.
func (f *FeatureSet) among(names map[string]bool) []string {
	var out []string
	for _, x := range f.Features {
		if names[x.Name] {
			out = append(out, x.Name)
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

// reads returns the columns of the input, joined and working columns that the rows and some
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
	if g := f.Group; f.grouped {
		for _, k := range g.Keys {
			read[k.Name] = true
		}
		if g.Window != nil {
			read[g.Window.Time] = true
		}
	}
	if f.generator != nil {
		read[f.generator.Name] = true
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
