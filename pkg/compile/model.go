package compile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// evaluationEpoch is raised when the same scores start to give another
// threshold, metric or verdict.
const evaluationEpoch = 1

// DefaultChannel is the channel of models and environments that name none.
const DefaultChannel = "local"

// Model is a compiled model.
type Model struct {
	Name       string
	Spec       *specpb.Model
	Dataset    *Dataset
	FeatureSet *FeatureSet
	// Features are the inputs, in the order in which the model reads them: by
	// key, so that their order in a spec never matters.
	Features []*Field
	Trainer  string // full name of the parameters' message
	Params   []byte // canonical JSON, defaults filled in
	Channel  string
	// MustCatch are the contributions whose attacks must all be flagged.
	MustCatch  []*Contribution
	Key        digest.Digest
	Evaluation digest.Digest // key of the evaluation
}

func (m *Model) name() string { return m.Name }

// ReleaseTo makes a channel that of all models. It changes no key.
func (p *Program) ReleaseTo(channel string) {
	for _, m := range p.Models {
		m.Channel = channel
	}
}

// maxInputs is the most numbers that a model reads.
const maxInputs = 4096

// Width is how many numbers the model reads of a row.
func (m *Model) Width() int {
	n := 0
	for _, f := range m.Features {
		n += f.Width()
	}
	return n
}

// Inputs returns the names of the numbers that the model reads, in their
// order, for people: that of the feature, with an index for each element of a
// vector, as in "grams[17]".
func (m *Model) Inputs() []string {
	var out []string
	for _, f := range m.Features {
		if f.Length == 0 {
			out = append(out, f.Name)
		}
		for i := range f.Length {
			out = append(out, fmt.Sprintf("%s[%d]", f.Name, i))
		}
	}
	return out
}

// Environment is a compiled environment.
type Environment struct {
	Name    string
	Spec    *specpb.Environment
	Channel string
	Models  []string // sorted names
	Key     digest.Digest
}

func (e *Environment) name() string { return e.Name }

func (c *compiler) model(s spec.Spec[*specpb.Model]) {
	m := &Model{Name: s.Spec.GetName(), Spec: s.Spec, Channel: cmp.Or(s.Spec.GetChannel(), DefaultChannel)}
	var ok bool
	if m.Dataset, ok = ByName(c.program.Datasets, s.Spec.GetDataset()); !ok && s.Spec.GetDataset() != "" {
		c.diags.Errorf(s.Doc.Field(s.Spec, "dataset"), "unknown-dataset", "dataset %q does not exist", s.Spec.GetDataset()).
			DidYouMean(s.Spec.GetDataset(), names(c.program.Datasets))
	}
	_, written := c.ws.FeatureSet(s.Spec.GetFeatureSet()) // one without a parser is not compiled
	if m.FeatureSet, ok = ByName(c.program.FeatureSets, s.Spec.GetFeatureSet()); !ok && !written && s.Spec.GetFeatureSet() != "" {
		c.diags.Errorf(s.Doc.Field(s.Spec, "feature_set"), "unknown-feature-set", "feature set %q does not exist", s.Spec.GetFeatureSet()).
			DidYouMean(s.Spec.GetFeatureSet(), names(c.program.FeatureSets))
	}
	trainer, ok := c.trainer(s, m)
	if m.Dataset == nil || m.FeatureSet == nil || !ok {
		return
	}
	c.inputs(s, m)
	c.captures(s, m)
	c.mustCatch(s, m)
	c.program.Models = append(c.program.Models, m)
	c.modelNodes(s, m, trainer)
}

func (c *compiler) trainer(s spec.Spec[*specpb.Model], m *Model) (Trainer, bool) {
	params, err := c.ws.TrainerParams(s.Spec)
	if err != nil {
		return Trainer{}, false // reported by package spec
	}
	m.Trainer = string(params.Descriptor().FullName())
	if m.Params, err = spec.CanonicalJSON(params); err != nil {
		c.diags.Errorf(s.Doc.Field(s.Spec, "trainer"), "bad-params", "parameters cannot be written: %v", err)
		return Trainer{}, false
	}
	directory := strings.TrimPrefix(string(params.Descriptor().ParentFile().Package()), "mlp.trainers.")
	for _, t := range c.trainers {
		if t.Name == directory {
			return t, true
		}
	}
	c.diags.Errorf(s.Doc.Field(s.Spec, "trainer"), "unknown-trainer", "trainer %q has no trainer.json", directory)
	return Trainer{}, false
}

// inputs resolves the features that the model reads.
func (c *compiler) inputs(s spec.Spec[*specpb.Model], m *Model) {
	m.Features = slices.Clone(m.FeatureSet.Features)
	if listed := s.Spec.GetFeatures(); len(listed) > 0 {
		m.Features = nil
		for i, name := range listed {
			at := s.Doc.Field(s.Spec, "features", i)
			f, ok := m.FeatureSet.Feature(name)
			switch {
			case !ok && !slices.ContainsFunc(m.FeatureSet.Spec.GetFeatures(), func(x *specpb.Feature) bool { return x.GetName() == name }):
				var known []string
				for _, x := range m.FeatureSet.Features {
					known = append(known, x.Name)
				}
				c.diags.Errorf(at, "unknown-feature", "feature %q does not exist in feature set %s", name, m.FeatureSet.Name).DidYouMean(name, known)
			case ok && slices.Contains(m.Features, f):
				c.diags.Errorf(at, "duplicate-feature", "feature %q is listed twice", name)
			case ok:
				m.Features = append(m.Features, f)
			}
		}
	}
	for _, f := range m.Features {
		t := f.Type
		if f.Length > 0 {
			t = *t.Elem
		}
		switch t.Kind {
		case sql.Boolean, sql.Int, sql.BigInt, sql.Double:
		default:
			c.diags.Errorf(c.program.Places[f.Address], "not-a-number", "feature %q is %s, and model %s reads it: no text or time enters a model", f.Name, f.Type, m.Name).
				Hintf("list the model's features, or make this one a number")
		}
	}
	if n := m.Width(); n > maxInputs {
		at := s.Doc.Field(s.Spec, "feature_set")
		if len(s.Spec.GetFeatures()) > 0 {
			at = s.Doc.Field(s.Spec, "features", 0)
		}
		c.diags.Errorf(at, "too-many-inputs", "model %s reads %d numbers, more than %d", m.Name, n, maxInputs).
			Hintf("list fewer features, or shorten vectors")
	}
	slices.SortStableFunc(m.Features, func(a, b *Field) int {
		return cmp.Or(a.Key.Compare(b.Key), strings.Compare(a.Name, b.Name))
	})
}

// captures checks that each contribution has rows for the model to read, and
// that there are rows on both sides.
func (c *compiler) captures(s spec.Spec[*specpb.Model], m *Model) {
	sides := map[bool]int{}
	for _, k := range m.Dataset.Contributions {
		if len(k.Files(m.FeatureSet.From.Name)) == 0 {
			c.diags.Errorf(m.Dataset.doc.Field(k.Spec, "name"), "no-capture", "contribution %q has no file of parser %s, which model %s reads", k.Name, m.FeatureSet.From.Name, m.Name)
		}
		sides[k.Test]++
	}
	for _, test := range []bool{false, true} {
		if sides[test] == 0 && !m.Dataset.SplitsRows() {
			side := map[bool]string{false: "train", true: "test"}[test]
			c.diags.Errorf(s.Doc.Field(s.Spec, "dataset"), "empty-side", "the %s side of dataset %s has no contribution", side, m.Dataset.Name).
				Hintf("`split { test: \"NAME\" }` names the contributions to test on; all others train")
		}
	}
	c.oneClass(m.Dataset)
}

func (c *compiler) modelNodes(s spec.Spec[*specpb.Model], m *Model, t Trainer) {
	deps := []graph.Dep{{Role: "data", Address: "dataset/" + m.Dataset.Name}, {Role: "rows", Address: "featureset/" + m.FeatureSet.Name}}
	for _, f := range m.Features {
		deps = append(deps, graph.Dep{Role: "input", Address: f.Address})
	}
	at := s.Doc.Field(s.Spec, "name")
	var frames, unlabelled []digest.Digest
	for _, k := range m.Dataset.Contributions {
		frames = append(frames, FeatureFrame(m.Dataset, k, m.FeatureSet).Key)
		if !k.About(m.FeatureSet) {
			unlabelled = append(unlabelled, k.Key)
		}
	}
	own := []graph.Part{
		{Name: "frames", Digest: digest.New("frames").DigestSet("keys", frames).Sum()},
		{Name: "trainer", Digest: t.Key},
		{Name: "params", Digest: digest.New("params").String("message", m.Trainer).Bytes("json", m.Params).Sum()},
		{Name: "seed", Digest: digest.New("seed").Int("seed", s.Spec.GetSeed()).Sum()},
	}
	if len(unlabelled) > 0 {
		own = append(own, graph.Part{Name: "unlabelled", Digest: digest.New("unlabelled").DigestSet("contributions", unlabelled).Sum()})
	}
	m.Key = c.node(graph.Node{Address: "model/" + m.Name, Deps: deps, Own: own}, at, "")
	deps = []graph.Dep{{Role: "model", Address: "model/" + m.Name}}
	for _, k := range m.MustCatch {
		deps = append(deps, graph.Dep{Role: "must_catch", Address: k.Address})
	}
	m.Evaluation = c.node(graph.Node{Address: "evaluation/" + m.Name, Deps: deps, Own: []graph.Part{
		{Name: "epoch", Digest: digest.New("epoch").Int("evaluation", evaluationEpoch).Sum()},
		{Name: "target", Digest: digest.New("target").Float("fpr", s.Spec.GetTargetFpr()).Sum()},
		{Name: "gates", Digest: gatesKey(s.Spec.GetGates())},
	}}, at, "")
}

// gatesKey covers the gates that are set. Which contributions must be caught
// are dependencies: they can be renamed.
func gatesKey(g *specpb.Gates) digest.Digest {
	gates := digest.New("gates")
	number := func(name string, v *float64) {
		if v != nil {
			gates.Float(name, *v)
		}
	}
	if g != nil {
		number("min_recall", g.MinRecall)
		number("max_fpr", g.MaxFpr)
		number("max_recall_drop", g.MaxRecallDrop)
		number("max_fpr_rise", g.MaxFprRise)
	}
	return gates.Sum()
}

// mustCatch resolves the contributions whose attacks must all be flagged.
func (c *compiler) mustCatch(s spec.Spec[*specpb.Model], m *Model) {
	gates := s.Spec.GetGates()
	for i, name := range gates.GetMustCatch() {
		at := s.Doc.Field(gates, "must_catch", i)
		j := slices.IndexFunc(m.Dataset.Contributions, func(k *Contribution) bool { return k.Name == name })
		if j < 0 {
			c.diags.Errorf(at, "unknown-contribution", "contribution %q does not exist in dataset %s", name, m.Dataset.Name).
				DidYouMean(name, m.Dataset.contributionNames())
			continue
		}
		k := m.Dataset.Contributions[j]
		if k.Spec.GetLabel().GetVerdict() == specpb.Verdict_BENIGN {
			c.diags.Errorf(at, "nothing-to-catch", "contribution %q is benign: there is no attack to catch", name)
			continue
		}
		if !k.About(m.FeatureSet) {
			c.diags.Errorf(at, "nothing-to-catch", "the label of contribution %q is about other rows than model %s scores", name, m.Name)
			continue
		}
		m.MustCatch = append(m.MustCatch, k)
	}
}

func (c *compiler) environment(s spec.Spec[*specpb.Environment]) {
	e := &Environment{Name: s.Spec.GetName(), Spec: s.Spec, Channel: cmp.Or(s.Spec.GetChannel(), DefaultChannel)}
	selectors := s.Spec.GetModels()
	all := len(selectors) == 0 || slices.Contains(selectors, "*")
	for _, m := range c.program.Models {
		if m.Channel == e.Channel && (all || slices.Contains(selectors, m.Name)) {
			e.Models = append(e.Models, m.Name)
		}
	}
	for i, name := range selectors {
		m, ok := ByName(c.program.Models, name)
		at := s.Doc.Field(s.Spec, "models", i)
		if !ok && name != "*" {
			c.diags.Errorf(at, "unknown-model", "model %q does not exist", name).DidYouMean(name, names(c.program.Models))
		} else if ok && m.Channel != e.Channel {
			c.diags.Errorf(at, "other-channel", "model %q is released to channel %s, this environment follows %s", name, m.Channel, e.Channel)
		}
	}
	c.program.Environments = append(c.program.Environments, e)
	deps := make([]graph.Dep, len(e.Models))
	for i, m := range e.Models {
		deps[i] = graph.Dep{Role: "runs", Address: "evaluation/" + m}
	}
	e.Key = c.node(graph.Node{Address: "env/" + e.Name, Deps: deps, Own: []graph.Part{
		{Name: "channel", Digest: digest.New("channel").String("name", e.Channel).Sum()},
	}}, s.Doc.Field(s.Spec, "name"), "")
}
