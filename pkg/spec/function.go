package spec

import "github.com/mlpdev/mlp/pkg/specpb"

// MaxParameters is the most parameters of a function.
const MaxParameters = 16

func checkFunction(c *checker, f *specpb.Function) {
	c.name(f, plainName)
	c.require(f, "definition")
	scope := names{}
	for _, p := range f.GetParameters() {
		c.name(p, plainName)
		c.unique(scope, p.GetName(), c.doc.Field(p, "name"))
		c.require(p, "type")
	}
	exampleNames(c, f.GetExamples())
	if n := len(f.GetParameters()); n > MaxParameters {
		c.list.Errorf(c.doc.Field(f, "parameters", MaxParameters), "too-many-values", "a function has at most %d parameters", MaxParameters)
	}
}
