package run

import (
	"context"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
)

// Judgement is what the store and the releases know of a model of the program.
type Judgement struct {
	Model      *ModelEntry      // nil: not trained
	Evaluation *EvaluationEntry // nil: not evaluated
	// Comparison is with the released version or, once this one is released,
	// with the one whose place it took; nil where there is none.
	Comparison *ComparisonEntry
	// Before is the newest release that has the version compared with:
	// "local#3"; BeforeKey is the key of that model.
	Before    string
	BeforeKey digest.Digest
	// Released is the newest release of the channel, where it has this version.
	Released string
}

// Passed reports whether the model was evaluated and no gate holds it.
func (j *Judgement) Passed() bool {
	return j.Evaluation != nil && j.Evaluation.Passed && (j.Comparison == nil || j.Comparison.Passed)
}

// Reasons say why gates hold the model.
func (j *Judgement) Reasons() []string {
	out := []string{}
	if j.Evaluation != nil {
		out = append(out, j.Evaluation.Reasons...)
	}
	if j.Comparison != nil {
		out = append(out, j.Comparison.Reasons...)
	}
	return out
}

// State is "not trained", "not evaluated", "held" or "passed".
func (j *Judgement) State() string {
	switch {
	case j.Evaluation == nil && j.Model == nil:
		return "not trained"
	case j.Evaluation == nil:
		return "not evaluated"
	case !j.Passed():
		return "held"
	}
	return "passed"
}

// maxBack is how many releases are looked through for the version before.
const maxBack = 100

// Judge looks up what is known of a model. It needs neither an engine nor the
// ONNX runtime.
func (r *Runner) Judge(ctx context.Context, m *compile.Model) (*Judgement, error) {
	out := &Judgement{}
	var err error
	if out.Model, err = r.Index.Model(ctx, m.Key); err != nil {
		return nil, err
	}
	if out.Evaluation, err = r.Index.Evaluation(ctx, m.Evaluation); err != nil {
		return nil, err
	}
	entry, err := r.head(ctx, m.Channel)
	if err != nil || entry == nil {
		return out, err
	}
	if isReleased(m, entry) {
		out.Released = refName(entry)
	}
	for back := 0; isReleased(m, entry) && entry.Record.Number > 1 && back < maxBack; back++ {
		before, err := r.log(m.Channel).Read(ctx, entry.Record.Number-1)
		if err != nil {
			return nil, err
		}
		entry = &before
	}
	old, ok := entry.Record.Model(m.Name)
	if !ok || old.EvaluationKey == m.Evaluation {
		return out, nil
	}
	out.Before, out.BeforeKey = refName(entry), old.ModelKey
	out.Comparison, err = r.Index.Comparison(ctx, plan.ComparisonKey(m.Evaluation, old.EvaluationKey))
	return out, err
}

// isReleased reports whether a release has this version of a model.
func isReleased(m *compile.Model, in *release.Entry) bool {
	x, ok := in.Record.Model(m.Name)
	return ok && x.EvaluationKey == m.Evaluation
}
