package run

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
)

// Curves is what a report shows of an evaluated model.
type Curves struct {
	Evaluation *EvaluationEntry
	// Curve holds, for at most [evaluation.MaxPoints] thresholds, what they flag
	// on the test side; its methods give the ROC and the precision-recall curve.
	Curve evaluation.Curve
	// Operating is the point of the model's own threshold.
	Operating evaluation.Point
}

// Curves returns what a report shows of a model, nil where it was not evaluated
// yet. It reads the store only: neither an engine nor the ONNX runtime is
// needed.
func (r *Runner) Curves(ctx context.Context, m *compile.Model) (*Curves, error) {
	e, err := r.Index.Evaluation(ctx, m.Evaluation)
	if err != nil || e == nil {
		return nil, err
	}
	out := &Curves{Evaluation: e, Operating: evaluation.Point{Threshold: e.Metrics.Threshold, Caught: e.Metrics.Recall.Hits, Flagged: e.Metrics.FPR.Hits}}
	if out.Curve, err = r.curve(ctx, e.Curve); err != nil {
		return nil, fmt.Errorf("curve of model/%s: %w", m.Name, err)
	}
	return out, nil
}

func (r *Runner) curve(ctx context.Context, object digest.Digest) (evaluation.Curve, error) {
	if object.IsZero() {
		return evaluation.Curve{Points: []evaluation.Point{}}, nil
	}
	body, err := r.Store.Get(ctx, object)
	if err != nil {
		return evaluation.Curve{}, err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		return evaluation.Curve{}, err
	}
	var out curveObject
	if err := json.Unmarshal(data, &out); err != nil || out.FormatVersion != FormatVersion {
		return evaluation.Curve{}, fmt.Errorf("object %s is not a curve of format version %d", object.Short(), FormatVersion)
	}
	return out.Curve, nil
}
