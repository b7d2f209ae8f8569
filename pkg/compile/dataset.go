package compile

import (
	"maps"
	"slices"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Dataset is a compiled golden dataset.
type Dataset struct {
	Name          string
	Spec          *specpb.Dataset
	Contributions []*Contribution
	Key           digest.Digest
	doc           *spec.Document
	checked       bool   // by oneClass
	unlabelled    *Label // of rows that a label is not about
}

func (d *Dataset) name() string { return d.Name }

// Contribution is one capture of a golden dataset.
type Contribution struct {
	Name    string
	Address string
	Spec    *specpb.Contribution
	Test    bool // whether models are tested on it; else they train on it, or the split cuts within it
	Key     digest.Digest
	labels  map[string]*Label // by parser
	sides   map[string]*Label // by parser, where the split cuts within contributions
	rowsOf  *FeatureSet       // whose rows the labels are about; nil: all
}

// Label says which rows of a frame are attacks, or which are tested on.
type Label struct {
	Expr *sql.Typed // over fields and label columns: true, false or NULL
	Key  digest.Digest
}

// Label returns what labels the rows that a parser gives. It is nil where the
// label cannot be said of that parser's rows.
func (c *Contribution) Label(parser string) *Label { return c.labels[parser] }

// Side returns what says on which side of the split the rows that a parser
// gives are: true is the test side, false the train side, NULL neither. It is
// nil where all of them are on the side that Test says.
func (c *Contribution) Side(parser string) *Label { return c.sides[parser] }

// About reports whether the label is about the rows of a feature set: of that
// which it names, and of those that have the same key and window.
func (c *Contribution) About(f *FeatureSet) bool {
	return c.rowsOf == nil || f == nil || c.rowsOf.group == f.group
}

// Files returns the raw files that a parser reads, in order.
func (c *Contribution) Files(parser string) []*specpb.RawFile {
	var out []*specpb.RawFile
	for _, f := range c.Spec.GetFiles() {
		if f.GetParser() == parser {
			out = append(out, f)
		}
	}
	return out
}

func (c *compiler) dataset(s spec.Spec[*specpb.Dataset]) {
	d := &Dataset{Name: s.Spec.GetName(), Spec: s.Spec, doc: s.Doc, unlabelled: c.unlabelled()}
	c.program.Datasets = append(c.program.Datasets, d)
	var deps []graph.Dep
	sides := c.sides(s)
	for _, k := range s.Spec.GetContributions() {
		out := c.contribution(s, d, contributionSpec{k, sides})
		d.Contributions = append(d.Contributions, out)
		deps = append(deps, graph.Dep{Role: "contribution", Address: out.Address})
	}
	c.testNames(s, d)
	d.Key = c.node(graph.Node{Address: "dataset/" + d.Name, Deps: deps}, s.Doc.Field(s.Spec, "name"), "")
}

// contributionSpec is a contribution and what decides the side of its rows, by
// parser.
type contributionSpec struct {
	*specpb.Contribution
	sides map[string]*Label
}

func (c *compiler) contribution(s spec.Spec[*specpb.Dataset], d *Dataset, k contributionSpec) *Contribution {
	out := &Contribution{Name: k.GetName(), Spec: k.Contribution, Address: "contribution/" + d.Name + "." + k.GetName(),
		labels: map[string]*Label{}, sides: map[string]*Label{}}
	out.Test = slices.Contains(s.Spec.GetSplit().GetTest(), k.GetName())
	var labels []digest.Digest
	for _, f := range k.GetFiles() {
		p, ok := ByName(c.program.Parsers, f.GetParser())
		if !ok {
			c.diags.Errorf(s.Doc.Field(f, "parser"), "unknown-parser", "parser %q does not exist", f.GetParser()).
				DidYouMean(f.GetParser(), names(c.program.Parsers))
			continue
		}
		if _, done := out.labels[p.Name]; done {
			continue
		}
		if label := c.label(s, k.Contribution, p); label != nil {
			out.labels[p.Name] = label
			labels = append(labels, label.Key)
		}
		if side := k.sides[p.Name]; side != nil {
			out.sides[p.Name] = side
		}
	}
	if name := k.GetLabel().GetRowsOf(); name != "" {
		out.rowsOf = c.rowsOf(s, k.Contribution, name)
	}
	var uses []graph.Dep
	for _, name := range slices.Sorted(maps.Keys(out.labels)) {
		uses = append(uses, c.calls(out.labels[name].Expr)...)
	}
	out.Key = c.node(graph.Node{Address: out.Address, Uses: uses, Own: []graph.Part{
		{Name: "data", Digest: filesKey(k.GetFiles())},
		{Name: "label", Digest: digest.New("labels").DigestSet("by_parser", labels).Sum()},
		{Name: "split", Digest: out.splitKey(d.SplitsRows())},
	}}, s.Doc.Field(k.Contribution, "name"), "")
	return out
}

// sides compiles a split within contributions for each parser that reads a file
// of the dataset. A mistake is reported for the first one only.
func (c *compiler) sides(s spec.Spec[*specpb.Dataset]) map[string]*Label {
	out := map[string]*Label{}
	if splitBy(s.Spec.GetSplit()) == "" {
		return out
	}
	for _, k := range s.Spec.GetContributions() {
		for _, f := range k.GetFiles() {
			p, ok := ByName(c.program.Parsers, f.GetParser())
			if !ok || out[p.Name] != nil {
				continue
			}
			side := c.side(s, p)
			if side == nil {
				return out
			}
			out[p.Name] = side
		}
	}
	return out
}

// rowsOf returns the feature set that a label is about.
func (c *compiler) rowsOf(s spec.Spec[*specpb.Dataset], k *specpb.Contribution, name string) *FeatureSet {
	f, ok := ByName(c.program.FeatureSets, name)
	if _, written := c.ws.FeatureSet(name); !ok && !written { // one without a parser is not compiled
		c.diags.Errorf(s.Doc.Field(k.GetLabel(), "rows_of"), "unknown-feature-set", "feature set %q does not exist", name).
			DidYouMean(name, names(c.program.FeatureSets))
	}
	return f
}

// unlabelled labels the rows that a label is not about.
func (c *compiler) unlabelled() *Label {
	t := c.check(spec.Text{Value: "cast(NULL AS boolean)"}, newColumns(), sql.Options{})
	return &Label{Expr: t, Key: t.Key()}
}

// label compiles the label of a contribution for the rows of one parser.
func (c *compiler) label(s spec.Spec[*specpb.Dataset], k *specpb.Contribution, p *Parser) *Label {
	l := k.GetLabel()
	if l.GetExpression() == "" {
		text := map[specpb.Verdict]string{specpb.Verdict_ATTACK: "true", specpb.Verdict_BENIGN: "false"}[l.GetVerdict()]
		if text == "" {
			return nil // reported by package spec
		}
		t := c.check(spec.Text{Value: text}, newColumns(), sql.Options{})
		return &Label{Expr: t, Key: t.Key()}
	}
	text := s.Doc.Text(l, "expression")
	t := c.condition(text, p.labels, sql.Options{})
	if t == nil {
		return nil
	}
	return &Label{Expr: t, Key: t.Key()}
}

// filesKey covers the bytes of raw files, and how records are numbered in
// them: what rows can depend on. Which parser reads a file is not part of it,
// so that a parser can be renamed: frames have their parser's key, and models
// those of their frames.
func filesKey(files []*specpb.RawFile) digest.Digest {
	c := digest.New("files").Int("count", int64(len(files)))
	for _, f := range files {
		c.Int("chunks", int64(len(f.GetChunks())))
		for _, k := range f.GetChunks() {
			c.String("digest", k.GetDigest()).Int("first_record", k.GetFirstRecord()).String("header", k.GetHeader())
		}
	}
	return c.Sum()
}
