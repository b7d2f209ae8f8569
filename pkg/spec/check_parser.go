package spec

import "github.com/mlpdev/mlp/pkg/specpb"

func checkParser(c *checker, p *specpb.Parser) {
	c.name(p, plainName)
	c.require(p, "source", "fields")
	c.sources(p)
	c.notBlank(p, "raw", p.GetRaw())
	c.uniqueTexts(p, "raw", p.GetRaw())
	c.notBlank(p, "require", p.GetRequire())
	scope := names{}
	for _, f := range p.GetFields() {
		c.name(f, plainName)
		c.unique(scope, f.GetName(), c.doc.Field(f, "name"))
		c.require(f, "data_type", "definition")
		for i, n := range f.GetIndex() {
			if n < 0 {
				c.list.Errorf(c.doc.Field(f, "index", i), "out-of-range", "index is negative")
			}
		}
	}
	for _, f := range p.GetLabels() {
		c.name(f, plainName)
		c.unique(scope, f.GetName(), c.doc.Field(f, "name"))
		c.require(f, "raw", "data_type", "definition")
		c.notBlank(f, "raw", f.GetRaw())
		c.uniqueTexts(f, "raw", f.GetRaw())
	}
	c.parserExamples(p)
}
