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
	c.split(d.GetSplit())
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

// split checks that what a split says goes together.
func (c *checker) split(s *specpb.Split) {
	if s == nil {
		return
	}
	kinds := [][]string{{"test"}, {"group", "test_share", "test_groups", "seed"}, {"time", "test_from"}}
	first := ""
	for _, fields := range kinds {
		for _, f := range fields {
			if !c.stands(s, f) {
				continue
			}
			if first == "" {
				first = f
			} else {
				c.errorf(s, f, "bad-split", "a split by %s cannot stand beside one by %s", fields[0], first).
					Notef(c.doc.FieldName(s, first), "%s is here", first).
					Hintf("a split goes by contributions (test), by groups (group) or by time (time)")
				return
			}
			break
		}
	}
	c.groups(s)
	switch {
	case c.stands(s, "time"):
		c.require(s, "time", "test_from")
	case c.stands(s, "test_from"):
		c.errorf(s, "test_from", "bad-split", "test_from has no time to compare with").Hintf("add time: the timestamp of a record")
	}
	if t := s.GetTestFrom(); t != "" {
		if from, err := time.Parse(time.RFC3339, t); err != nil || from.UTC().Year() < 1 || from.UTC().Year() > 9999 {
			c.errorf(s, "test_from", "bad-time", "this is not a time").Hintf("write it as in 2026-01-31T08:00:00Z")
		}
	}
}

// groups checks a split by groups.
func (c *checker) groups(s *specpb.Split) {
	if !c.stands(s, "group") {
		for _, f := range []string{"test_share", "test_groups", "seed"} {
			if c.stands(s, f) {
				c.errorf(s, f, "bad-split", "%s has no group", f).Hintf("add group: what rows that belong together have in common")
			}
		}
		return
	}
	c.require(s, "group")
	if s.TestShare == nil && len(s.GetTestGroups()) == 0 && !c.partial {
		c.errorf(s, "group", "bad-split", "the split does not say which groups are tested on").Hintf("add test_share: 0.3, or test_groups")
	}
	if s.Seed != nil && s.TestShare == nil {
		c.errorf(s, "seed", "bad-split", "seed without test_share does nothing")
	}
	if share := s.GetTestShare(); s.TestShare != nil && !(share > 0 && share < 1) {
		c.errorf(s, "test_share", "out-of-range", "test_share must be greater than 0 and less than 1")
	}
	seen := map[string]bool{}
	for i, g := range s.GetTestGroups() {
		if seen[g] {
			c.list.Errorf(c.doc.Field(s, "test_groups", i), "duplicate-name", "%s stands twice", quoted(g))
		}
		seen[g] = true
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
	if p := x.GetProvenance(); p != nil {
		c.require(p, "alert", "model")
		for _, field := range []struct{ name, value string }{{"alert", p.GetAlert()}, {"model_key", p.GetModelKey()}} {
			if field.value != "" {
				c.digest(p, field.name, field.value)
			}
		}
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
