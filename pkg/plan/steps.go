package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// StepKind says what a step does.
type StepKind string

// The kinds, in the order in which they run.
const (
	Parse    StepKind = "parse"    // raw chunks → fields of a parser's frame
	Features StepKind = "features" // fields → features of a feature set's frame
	TrainOn  StepKind = "train"    // columns → a model
	Evaluate StepKind = "evaluate" // model and test rows → metrics, gates
	Compare  StepKind = "compare"  // model and the released one → what they decide differently
	Release  StepKind = "release"  // models → the next release of a channel
)

// Step is one piece of work. What it needs exists already or is made by an
// earlier step.
type Step struct {
	Kind   StepKind      `json:"kind"`
	Target string        `json:"target"` // for people: "contribution/c2.day1 × beacon", "model/m", "local"
	Key    digest.Digest `json:"key,omitzero"`
	Reason string        `json:"reason"`
	// Columns are the addresses that a parse or features step computes.
	Columns []string `json:"columns,omitempty"`

	Frame   compile.Frame    `json:"-"`
	Fields  []ColumnTask     `json:"-"`
	Model   *compile.Model   `json:"-"`
	Channel string           `json:"-"`
	Models  []*compile.Model `json:"-"` // of a release
}

// ColumnTask is one column of a frame to compute.
type ColumnTask struct {
	Name    string
	Address string
	Expr    *sql.Typed
	Key     digest.Digest // column key
	Label   bool          // the label of the contribution
	Side    bool          // the side of the split
}

// steps lists what is missing in the store for head's models.
func (p *Plan) steps(in Input) {
	head, exists := in.Head, in.Exists
	b := &stepBuilder{exists: exists, index: map[stepID]int{}, planned: map[digest.Digest]bool{}}
	for _, m := range head.Models {
		for _, k := range m.Dataset.Contributions {
			b.features(m, k)
			if m.FeatureSet.Group != nil && !exists.Model(m.Key) {
				// Training records which records are behind the rows.
				b.fields(m, k, m.FeatureSet.Fields(nil))
			}
		}
	}
	p.Steps = append(p.Steps, b.parse...)
	p.Steps = append(p.Steps, b.feature...)
	for _, m := range head.Models {
		if !exists.Model(m.Key) {
			p.Steps = append(p.Steps, Step{Kind: TrainOn, Target: "model/" + m.Name, Key: m.Key, Model: m, Reason: "no model of key " + m.Key.Short()})
		}
	}
	for _, m := range head.Models {
		if _, ok := exists.Evaluation(m.Evaluation); !ok {
			p.Steps = append(p.Steps, Step{Kind: Evaluate, Target: "evaluation/" + m.Name, Key: m.Evaluation, Model: m, Reason: "no evaluation of key " + m.Evaluation.Short()})
		}
	}
	p.comparisons(head, exists)
	p.releases(in)
}

// comparisons adds a step for each model of which its channel has another
// version, if the two were not compared yet.
func (p *Plan) comparisons(head *compile.Program, exists Exists) {
	for _, m := range head.Models {
		released, ok := exists.Released(m.Channel)[m.Name]
		if !ok || released == m.Evaluation {
			continue
		}
		key := ComparisonKey(m.Evaluation, released)
		if _, ok := exists.Comparison(key); !ok {
			p.Steps = append(p.Steps, Step{Kind: Compare, Target: "comparison/" + m.Name, Key: key, Model: m, Reason: "channel " + m.Channel + " has the version of key " + released.Short()})
		}
	}
}

// comparisonEpoch is raised when two models start to be compared otherwise.
const comparisonEpoch = 1

// ComparisonKey is the key of the comparison of a model with a released
// version, by the keys of their evaluations.
func ComparisonKey(evaluation, released digest.Digest) digest.Digest {
	return digest.New("comparison").Int("epoch", comparisonEpoch).Digest("evaluation", evaluation).Digest("released", released).Sum()
}

type stepBuilder struct {
	exists         Exists
	parse, feature []Step
	index          map[stepID]int         // place in parse or feature
	planned        map[digest.Digest]bool // keys of frames and columns that some step makes
}

// stepID says what is computed together. Frames of one key may be those of
// several parsers or feature sets, which have other columns under the same
// names, and of several datasets, which label and split the same rows in other
// ways: each is a step of its own.
type stepID struct {
	frame digest.Digest
	rows  string // of the parser or feature set
	of    string // contribution that labels the rows; "" for fields
}

// missing reports whether a column is neither there nor made by a step so far.
func (b *stepBuilder) missing(key digest.Digest) bool {
	return !b.planned[key] && !b.exists.Column(key)
}

// missingFrame reports the same of the rows of a frame.
func (b *stepBuilder) missingFrame(key digest.Digest) bool {
	return !b.planned[key] && !b.exists.Frame(key)
}

func (b *stepBuilder) features(m *compile.Model, k *compile.Contribution) {
	frame := compile.FeatureFrame(m.Dataset, k, m.FeatureSet)
	var tasks []ColumnTask
	for _, f := range m.Features {
		if key := frame.Column(f.Key); b.missing(key) {
			tasks = append(tasks, ColumnTask{Name: f.Name, Address: f.Address, Expr: f.Expr, Key: key})
		}
	}
	label := frame.Label()
	if key := frame.Column(label.Key); b.missing(key) {
		tasks = append(tasks, ColumnTask{Name: sql.LabelColumn, Address: "label of " + k.Address, Expr: label.Expr, Key: key, Label: true})
	}
	side := frame.Side()
	if side != nil {
		if key := frame.Column(side.Key); b.missing(key) {
			tasks = append(tasks, ColumnTask{Name: sql.SideColumn, Address: "side of " + k.Address, Expr: side.Expr, Key: key, Side: true})
		}
	}
	if len(tasks) == 0 && !b.missingFrame(frame.Key) {
		return
	}
	var names []string
	var labels []*compile.Label
	for _, t := range tasks {
		switch {
		case t.Label:
			labels = append(labels, label)
		case t.Side:
			labels = append(labels, side)
		default:
			names = append(names, t.Name)
		}
	}
	b.fields(m, k, m.FeatureSet.Fields(names, labels...))
	id := stepID{frame.Key, m.FeatureSet.Name, k.Address}
	b.feature = b.add(b.feature, id, Step{Kind: Features, Frame: frame}, tasks)
}

func (b *stepBuilder) fields(m *compile.Model, k *compile.Contribution, fields []*compile.Field) {
	frame := compile.ParserFrame(m.Dataset, k, m.FeatureSet.From)
	var tasks []ColumnTask
	for _, f := range fields {
		if key := frame.Column(f.Key); b.missing(key) {
			tasks = append(tasks, ColumnTask{Name: f.Name, Address: f.Address, Expr: f.Expr, Key: key})
		}
	}
	if len(tasks) > 0 || b.missingFrame(frame.Key) {
		b.parse = b.add(b.parse, stepID{frame: frame.Key, rows: frame.Parser.Name}, Step{Kind: Parse, Frame: frame}, tasks)
	}
}

// add appends a step, or adds the columns to the one that is there.
func (b *stepBuilder) add(steps []Step, id stepID, step Step, tasks []ColumnTask) []Step {
	i, ok := b.index[id]
	if !ok {
		i = len(steps)
		b.index[id] = i
		step.Target, step.Key, step.Reason = step.Frame.Address(), id.frame, "columns missing"
		if !b.exists.Frame(id.frame) {
			step.Reason = "no rows of key " + id.frame.Short()
		}
		steps = append(steps, step)
	}
	b.planned[id.frame] = true
	s := &steps[i]
	for _, t := range tasks {
		if b.planned[t.Key] {
			continue // two features of one definition
		}
		b.planned[t.Key] = true
		s.Fields = append(s.Fields, t)
		s.Columns = append(s.Columns, t.Address)
	}
	return steps
}

// releases adds a step for each channel whose newest release holds other
// models than head's, as far as gates let them through.
func (p *Plan) releases(in Input) {
	base, head, exists := in.Base, in.Head, in.Exists
	// A channel that has no model any more may still have releases to retire.
	byChannel := map[string][]*compile.Model{}
	for _, e := range head.Environments {
		byChannel[e.Channel] = nil
	}
	if base != nil {
		for _, m := range base.Models {
			byChannel[m.Channel] = nil
		}
	}
	for _, m := range head.Models {
		byChannel[m.Channel] = append(byChannel[m.Channel], m)
	}
	if len(byChannel) == 0 { // where others are in use, this one is for trying things out
		byChannel[compile.DefaultChannel] = nil
	}
	for _, channel := range slices.Sorted(maps.Keys(byChannel)) {
		if in.May != nil && !in.May(channel) {
			continue
		}
		released := exists.Released(channel)
		differ := 0
		for _, m := range byChannel[channel] {
			if released[m.Name] == m.Evaluation {
				continue
			}
			if held(exists, m.Evaluation, released[m.Name]) {
				continue // it does not change the release
			}
			differ++
		}
		retired := 0
		for name := range released {
			if !slices.ContainsFunc(byChannel[channel], func(m *compile.Model) bool { return m.Name == name }) {
				retired++
			}
		}
		if differ+retired > 0 {
			p.Steps = append(p.Steps, Step{Kind: Release, Target: channel, Channel: channel, Models: byChannel[channel],
				Reason: fmt.Sprintf("%d of %d models differ from the newest release, %d retired", differ, len(byChannel[channel]), retired)})
		}
	}
}

// held reports whether gates hold a model: by what was measured, or in
// comparison with the version that is released, zero for none.
func held(exists Exists, evaluation, released digest.Digest) bool {
	if passed, ok := exists.Evaluation(evaluation); ok && !passed {
		return true
	}
	if released == (digest.Digest{}) {
		return false
	}
	passed, ok := exists.Comparison(ComparisonKey(evaluation, released))
	return ok && !passed
}
