package compile

import (
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// leaks warns of features that are the label in other words: what is computed
// from all rows of a capture, where the label is said of whole captures.
func (c *compiler) leaks() {
	for _, s := range c.ws.Models {
		if m, ok := ByName(c.program.Models, s.Spec.GetName()); ok && m.Dataset.labelsCaptures() {
			c.leak(s, m)
		}
	}
}

// labelsCaptures reports whether every label is said of a whole capture.
func (d *Dataset) labelsCaptures() bool {
	return !slices.ContainsFunc(d.Contributions, func(k *Contribution) bool { return k.Spec.GetLabel().GetExpression() != "" })
}

// constantKey reports whether the key is the same for all records.
func (f *FeatureSet) constantKey() bool {
	for _, k := range f.Group.Keys {
		i := slices.IndexFunc(f.Columns, func(col *Field) bool { return strings.EqualFold(col.Name, k.Name) })
		if i < 0 || len(f.Columns[i].Expr.Refs()) > 0 {
			return false
		}
	}
	return true
}

func (c *compiler) leak(s spec.Spec[*specpb.Model], m *Model) {
	want := make([]string, len(m.Features))
	for i, f := range m.Features {
		want[i] = f.Name
	}
	for f := m.FeatureSet; f != nil; f = f.Input {
		if f.grouped && f.constantKey() {
			set, _ := c.ws.FeatureSet(f.Name)
			c.diags.Warnf(s.Doc.Field(s.Spec, "feature_set"), "label-leak",
				"rows of feature set %s are computed from all records of a time, and dataset %s labels whole captures: what tells captures apart is the label", f.Name, m.Dataset.Name).
				Notef(set.Doc.Field(set.Spec, "key", 0), "this key is the same for all records").
				Hintf("give the feature set a key that is a column of the log, or label records by an expression")
			return
		}
		read := f.reads(f.wanted(want))
		for _, col := range f.Columns {
			if read[col.Name] && col.Expr.Unpartitioned() {
				c.diags.Warnf(c.program.Places[col.Address], "label-leak",
					"this is computed from all records of a time, and a model learns from captures that are labelled as a whole: what tells captures apart is the label").
					Notef(s.Doc.Field(s.Spec, "dataset"), "the model that reads it").
					Hintf("add PARTITION BY, or label records by an expression")
			}
		}
		if f.Input != nil {
			want = f.Input.among(read)
		}
	}
}
