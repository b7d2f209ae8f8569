package spec

import (
	"regexp"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/specpb"
)

var technique = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)

func checkDataset(c *checker, d *specpb.Dataset) {
	c.name(d, plainName)
	if t := d.GetAttackTechnique(); t != "" && !technique.MatchString(t) {
		c.errorf(d, "attack_technique", "bad-technique", "this is not an ATT&CK technique").Hintf("write it as in T1046 or T1071.001")
	}
	scope := names{}
	for _, x := range d.GetContributions() {
		c.contribution(x)
		c.unique(scope, x.GetName(), c.doc.Field(x, "name"))
	}
	tests := d.GetSplit().GetTest()
	if len(tests) > 0 {
		c.uniqueTexts(d.GetSplit(), "test", tests)
	}
	for i, t := range tests {
		if _, ok := scope[strings.ToLower(t)]; !ok && !c.partial {
			known := make([]string, len(d.GetContributions()))
			for j, x := range d.GetContributions() {
				known[j] = x.GetName()
			}
			c.list.Errorf(c.doc.Field(d.GetSplit(), "test", i), "unknown-contribution", "there is no contribution %s", quoted(t)).
				DidYouMean(t, known)
		}
	}
}

func (c *checker) contribution(x *specpb.Contribution) {
	c.name(x, looseName)
	c.require(x, "files", "label")
	if a := x.GetAdded(); a != "" {
		if _, err := time.Parse(time.RFC3339, a); err != nil {
			c.errorf(x, "added", "bad-time", "this is not a time").Hintf("write it as in 2026-01-31T08:00:00Z")
		}
	}
	if l := x.GetLabel(); l != nil {
		c.label(l)
	}
	scope := names{}
	for _, f := range x.GetFiles() {
		c.rawFile(f)
		c.unique(scope, f.GetName(), c.doc.Field(f, "name"))
	}
}

func (c *checker) label(l *specpb.Label) {
	switch l.GetKind().(type) {
	case *specpb.Label_Expression:
		c.require(l, "expression")
	case *specpb.Label_Verdict:
		if l.GetVerdict() == specpb.Verdict_VERDICT_UNSPECIFIED {
			c.errorf(l, "verdict", "missing-field", "a verdict is ATTACK or BENIGN")
		}
	default:
		if !c.partial {
			c.errorf(l, "verdict", "missing-field", "label has neither a verdict nor an expression")
		}
	}
}

func (c *checker) rawFile(f *specpb.RawFile) {
	c.require(f, "name", "parser")
	if n := f.GetName(); n == "." || n == ".." || strings.ContainsAny(n, `/\`) || len(n) > 255 {
		c.errorf(f, "name", "bad-name", "%s is not the base name of a file", quoted(n))
	}
	c.digest(f, "digest", f.GetDigest())
	c.notNegative(f, "size", "lines", "records")
	for _, chunk := range f.GetChunks() {
		c.digest(chunk, "digest", chunk.GetDigest())
		c.notNegative(chunk, "size", "first_record", "records", "first_line")
	}
}
