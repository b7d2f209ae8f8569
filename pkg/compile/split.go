package compile

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// hashDigits is how many hexadecimal digits of a group's hash decide its side.
// A share is a double: 56 bits of the hash compare with it exactly.
const hashDigits = 14

// SplitsRows reports whether the split cuts within contributions: by groups or
// by time.
func (d *Dataset) SplitsRows() bool { return splitBy(d.Spec.GetSplit()) != "" }

// splitBy names the field with the expression that decides a row's side, "" for
// a split by contributions.
func splitBy(s *specpb.Split) string {
	switch {
	case len(s.GetTest()) > 0: // whatever else there is contradicts it, see package spec
		return ""
	case s.GetGroup() != "":
		return "group"
	case s.GetTime() != "":
		return "time"
	}
	return ""
}

// side compiles the split of a dataset for the rows of one parser: true is the
// test side, false the train side, NULL neither. It is nil where the split goes
// by contributions, or is wrong.
func (c *compiler) side(s spec.Spec[*specpb.Dataset], p *Parser) *Label {
	split := s.Spec.GetSplit()
	field := splitBy(split)
	if field == "" {
		return nil
	}
	text := s.Doc.Text(split, field)
	at := text.Span(0, len(text.Value))
	value := c.check(text, p.labels, sql.Options{})
	if value == nil || !c.capped(p.labels, value, at) {
		return nil
	}
	kinds, want, decide := groupKinds(), "a group is text, a whole number, a truth value or a date", groupSide(split)
	if field == "time" {
		kinds, want, decide = timeKinds(), "the time of a split is a timestamp or a date", timeSide(split)
	}
	if !slices.Contains(kinds, value.Type().Kind) {
		c.diags.Errorf(at, "type-mismatch", "%s, this is %s", want, value.Type()).Hintf("write a cast")
		return nil
	}
	if len(decide) > sql.MaxText {
		c.diags.Errorf(s.Doc.Field(split, "test_groups"), "too-large", "test_groups are longer than an expression may be").
			Hintf("let the group's expression map them to one value")
		return nil
	}
	scope := newColumns()
	scope.add(sql.Column{Name: sideValue, Type: value.Type(), Key: value.Key()}, "", 1)
	t := c.check(spec.Text{Value: decide}, scope, sql.Options{})
	if t == nil {
		return nil
	}
	t = t.Substitute(sideValue, value)
	return &Label{Expr: t, Key: t.Key()}
}

// sideValue stands for the value that decides a row's side.
const sideValue = "g"

func groupKinds() []sql.Kind {
	return []sql.Kind{sql.String, sql.TinyInt, sql.SmallInt, sql.Int, sql.BigInt, sql.Boolean, sql.Date, sql.Void}
}

func timeKinds() []sql.Kind { return []sql.Kind{sql.Timestamp, sql.Date, sql.Void} }

// groupSide is the condition under which a group is tested on: it is listed, or
// the first digits of the hash of seed and text lie below the share.
func groupSide(s *specpb.Split) string {
	var or []string
	if listed := s.GetTestGroups(); len(listed) > 0 {
		texts := make([]string, len(listed))
		for i, g := range listed {
			texts[i] = literal(g)
		}
		or = append(or, fmt.Sprintf("cast(%s AS string) IN (%s)", sideValue, strings.Join(texts, ", ")))
	}
	if s.TestShare != nil {
		below := uint64(math.Ceil(math.Ldexp(s.GetTestShare(), 4*hashDigits)))
		or = append(or, fmt.Sprintf("substring(sha2(concat('%d:', cast(%s AS string)), 256), 1, %d) < '%0*x'",
			s.GetSeed(), sideValue, hashDigits, hashDigits, below))
	}
	if len(or) == 0 {
		return "cast(NULL AS boolean)" // reported by package spec
	}
	return strings.Join(or, " OR ")
}

// timeSide is the condition under which a record is late enough to be tested
// on.
func timeSide(s *specpb.Split) string {
	from, err := time.Parse(time.RFC3339, s.GetTestFrom())
	if err != nil || from.UTC().Year() < 1 || from.UTC().Year() > 9999 {
		return "cast(NULL AS boolean)" // reported by package spec
	}
	return fmt.Sprintf("%s >= timestamp '%s'", sideValue, from.UTC().Format("2006-01-02 15:04:05.000000"))
}

// literal writes a text as a constant of the language.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// splitKey covers on which side rows of a contribution are.
func (k *Contribution) splitKey(byRow bool) digest.Digest {
	if !byRow {
		return digest.New("split").Bool("test", k.Test).Sum()
	}
	var sides []digest.Digest
	for _, side := range k.sides {
		sides = append(sides, side.Key)
	}
	return digest.New("split").DigestSet("by_parser", sides).Sum()
}

// testNames checks the names of a split by contributions.
func (c *compiler) testNames(s spec.Spec[*specpb.Dataset], d *Dataset) {
	for i, name := range s.Spec.GetSplit().GetTest() {
		if !slices.ContainsFunc(d.Contributions, func(k *Contribution) bool { return k.Name == name }) {
			c.diags.Errorf(s.Doc.Field(s.Spec.GetSplit(), "test", i), "unknown-contribution", "contribution %q does not exist", name).
				DidYouMean(name, d.contributionNames())
		}
	}
}

func (d *Dataset) contributionNames() []string {
	out := make([]string, len(d.Contributions))
	for i, k := range d.Contributions {
		out[i] = k.Name
	}
	return out
}

// oneClass reports, once a dataset, a side that verdicts say has one class
// only. What labels of single records give is known when they are read.
func (c *compiler) oneClass(d *Dataset) {
	if d.checked {
		return
	}
	d.checked = true
	sides := map[bool][]*Contribution{}
	for _, k := range d.Contributions {
		sides[k.Test] = append(sides[k.Test], k)
	}
	at := d.doc.MessageSpan(d.Spec.GetSplit())
	if d.SplitsRows() {
		if verdict := onlyVerdict(d.Contributions); verdict != "" {
			c.diags.Errorf(at, "one-class", "both sides of dataset %s have one class only: all of its contributions are %s", d.Name, verdict).
				Hintf("a model learns from and is tested on both; add a contribution of the other class")
		}
		return
	}
	for _, test := range []bool{false, true} {
		verdict := onlyVerdict(sides[test])
		if verdict == "" || len(sides[!test]) == 0 {
			continue
		}
		side := map[bool]string{false: "train", true: "test"}[test]
		c.diags.Errorf(at, "one-class", "the %s side of dataset %s has one class only: all of its contributions are %s", side, d.Name, verdict).
			Hintf("a model learns from and is tested on both; add a contribution of the other class to this side")
	}
}

// onlyVerdict returns the verdict that all contributions have, "" where they
// differ, some have labels of their records, or there are none.
func onlyVerdict(contributions []*Contribution) string {
	verdicts := map[specpb.Verdict]bool{}
	for _, k := range contributions {
		if k.Spec.GetLabel().GetExpression() != "" {
			return ""
		}
		verdicts[k.Spec.GetLabel().GetVerdict()] = true
	}
	switch {
	case len(verdicts) != 1:
		return ""
	case verdicts[specpb.Verdict_ATTACK]:
		return "attacks"
	case verdicts[specpb.Verdict_BENIGN]:
		return "benign"
	}
	return ""
}
