package spec

import (
	"strconv"

	"github.com/mlpdev/mlp/pkg/specpb"
)

func checkParser(c *checker, p *specpb.Parser) {
	c.name(p, plainName)
	c.require(p, "source", "fields")
	if s := p.GetSource(); s != nil {
		c.source(p, s)
	}
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
	c.examples(p)
}

func (c *checker) source(p *specpb.Parser, s *specpb.Source) {
	c.require(s, "delimited")
	d := s.GetDelimited()
	if d == nil {
		return
	}
	switch sep := d.GetSeparator(); {
	case sep == "":
		c.require(d, "separator")
	case len(sep) != 1 || sep == "\n" || sep == "\r":
		c.errorf(d, "separator", "bad-separator", "separator must be one byte that does not end a line")
	}
	if d.GetNull() != "" && d.GetNull() == d.GetEmpty() {
		c.errorf(d, "empty", "bad-source", "one text cannot mean both null and empty")
	}
	if d.GetHeaderLine() != "" {
		c.require(p, "raw")
		return
	}
	for i, address := range p.GetRaw() {
		c.position(c.doc.Text(p, "raw", i), address)
	}
	for _, l := range p.GetLabels() {
		for i, address := range l.GetRaw() {
			c.position(c.doc.Text(l, "raw", i), address)
		}
	}
}

// position checks the address of a raw column of a source without a header.
func (c *checker) position(at Text, address string) {
	if n, err := strconv.ParseUint(address, 10, 31); err != nil || strconv.FormatUint(n, 10) != address {
		c.list.Errorf(at.Span(0, len(at.Value)), "bad-address", "without a header_line a raw address is a number counted from 0")
	}
}

func (c *checker) examples(p *specpb.Parser) {
	scope := names{}
	for _, e := range p.GetExamples() {
		c.nameOr(e, "name", e.GetName(), looseName)
		if e.GetName() != "" {
			c.unique(scope, e.GetName(), c.doc.Field(e, "name"))
		}
		c.require(e, "raw", "expect")
		expected := names{}
		for _, v := range e.GetExpect() {
			c.require(v, "field")
			c.unique(expected, v.GetField(), c.doc.Field(v, "field"))
		}
	}
}
