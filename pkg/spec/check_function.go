package spec

import "github.com/mlpdev/mlp/pkg/specpb"

// MaxParameters is how many parameters a function may have.
const MaxParameters = 16

func checkFunction(c *checker, f *specpb.Function) {
	c.name(f, plainName)
	c.require(f, "definition")
	scope := names{}
	for i, p := range f.GetParameters() {
		if i == MaxParameters {
			c.errorf(p, "name", "too-many-values", "a function has at most %d parameters", MaxParameters)
		}
		c.name(p, plainName)
		c.unique(scope, p.GetName(), c.doc.Field(p, "name"))
		c.require(p, "type")
	}
}
