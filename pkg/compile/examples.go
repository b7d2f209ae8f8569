package compile

import (
	"slices"

	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// parserExamples checks the names in the examples of a parser. Names whose
// definition is wrong are known, too.
func (c *compiler) parserExamples(s spec.Spec[*specpb.Parser]) {
	var known []string
	for _, f := range s.Spec.GetFields() {
		known = append(known, f.GetName())
	}
	for _, l := range s.Spec.GetLabels() {
		known = append(known, l.GetName())
	}
	for _, e := range s.Spec.GetExamples() {
		c.expected(s.Doc, e.GetExpect(), known)
	}
}

// featureExamples checks the names in the examples of a feature set.
func (c *compiler) featureExamples(s spec.Spec[*specpb.FeatureSet], f *FeatureSet) {
	known := slices.Clone(s.Spec.GetKey())
	if f.Group != nil {
		for _, k := range f.Group.Keys {
			known = append(known, k.Name)
		}
		known = append(known, sql.WindowStartName, sql.WindowEndName)
	}
	for _, f := range s.Spec.GetFeatures() {
		known = append(known, f.GetName())
	}
	for _, e := range s.Spec.GetExamples() {
		for _, row := range e.GetRows() {
			c.expected(s.Doc, row.GetExpect(), known)
		}
	}
}

func (c *compiler) expected(doc *spec.Document, values []*specpb.ExpectedValue, known []string) {
	for _, v := range values {
		if name := v.GetField(); name != "" && !slices.Contains(known, name) {
			c.diags.Errorf(doc.Field(v, "field"), "unknown-column", "an example expects %q, which the rows do not have", name).DidYouMean(name, known)
		}
	}
}
