package spec

import (
	"github.com/mlpdev/mlp/pkg/specpb"
)

// exampleNames checks the names of examples; those without one are known by
// their number.
func exampleNames[T named](c *checker, examples []T) {
	scope := names{}
	for _, e := range examples {
		c.nameOr(e, "name", e.GetName(), looseName)
		if e.GetName() != "" {
			c.unique(scope, e.GetName(), c.doc.Field(e, "name"))
		}
	}
}

// parserExamples checks the examples of a parser. One that expects nothing yet
// is for `mlp test` to report, which can fill it in.
func (c *checker) parserExamples(p *specpb.Parser) {
	exampleNames(c, p.GetExamples())
	for _, e := range p.GetExamples() {
		c.require(e, "raw")
		if e.GetReject() != "" && len(e.GetExpect()) > 0 {
			c.errorf(e, "reject", "bad-example", "an example expects fields or a reject, not both").
				Notef(c.doc.Field(e, "expect"), "fields are expected here")
		}
		c.expected(e.GetExpect())
	}
}

// featureExamples checks the examples of a feature set.
func (c *checker) featureExamples(f *specpb.FeatureSet) {
	exampleNames(c, f.GetExamples())
	for _, e := range f.GetExamples() {
		c.require(e, "raw")
		if e.GetNoRows() && len(e.GetRows()) > 0 {
			c.errorf(e, "no_rows", "bad-example", "an example expects rows or none, not both").
				Notef(c.doc.Field(e, "rows"), "rows are expected here")
		}
		for _, row := range e.GetRows() {
			c.require(row, "expect")
			c.expected(row.GetExpect())
		}
	}
}

func (c *checker) expected(values []*specpb.ExpectedValue) {
	scope := names{}
	for _, v := range values {
		c.require(v, "field")
		c.unique(scope, v.GetField(), c.doc.Field(v, "field"))
	}
}
