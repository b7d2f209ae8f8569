package run

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/sql"
)

// MaxParity is the largest difference between a score of the exported model
// and the native model's on the same row.
const MaxParity = 1e-5

// evaluateStep scores the model's rows with the exported model, in the runtime
// that sites use, and judges it.
func (r *Runner) evaluateStep(ctx context.Context, s plan.Step, out *Result) error {
	model, err := r.Index.Model(ctx, s.Model.Key)
	if err != nil {
		return err
	}
	if model == nil {
		return fmt.Errorf("model/%s: %w", s.Model.Name, errNoColumn)
	}
	rows, err := r.scoredRows(ctx, s.Model, model)
	if err != nil {
		return err
	}
	entry := EvaluationEntry{FormatVersion: FormatVersion, Key: s.Key, Model: s.Model.Key, Reasons: []string{}}
	var calibration, test []evaluation.Scored
	for _, row := range rows {
		entry.Parity = math.Max(entry.Parity, row.difference())
		if row.test {
			test = append(test, evaluation.Scored{Score: row.exported, Attack: row.attack})
		} else {
			calibration = append(calibration, evaluation.Scored{Score: row.unseen(), Attack: row.attack})
		}
	}
	if entry.Sides, err = r.sides(ctx, s.Model); err != nil {
		return err
	}
	target := s.Model.Spec.GetTargetFpr()
	entry.Metrics = evaluation.Measure(test, evaluation.Threshold(calibration, target), target)
	if entry.MustCatch, err = r.caught(ctx, s.Model, model, entry.Metrics.Threshold); err != nil {
		return err
	}
	entry.Reasons = append(append(entry.Reasons, GatesOf(s.Model).Check(entry.Metrics, entry.Parity)...), evaluation.CheckCaught(entry.MustCatch)...)
	entry.Passed = len(entry.Reasons) == 0
	if entry.Curve, err = r.putCurve(ctx, evaluation.Trace(test, evaluation.MaxPoints)); err != nil {
		return err
	}
	if err := r.Index.put(ctx, "evaluation", s.Key, entry); err != nil {
		return err
	}
	out.judge(s.Model.Name)
	r.Progress.Step(s.Target)
	return nil
}

// GatesOf returns the gates of a model.
func GatesOf(m *compile.Model) evaluation.Gates {
	g := m.Spec.GetGates()
	if g == nil {
		return evaluation.Gates{MaxParity: MaxParity}
	}
	return evaluation.Gates{MinRecall: g.MinRecall, MaxFPR: g.MaxFpr, MaxRecallDrop: g.MaxRecallDrop, MaxFPRRise: g.MaxFprRise, MaxParity: MaxParity}
}

// caught counts the attack rows of must-catch contributions that score below
// the threshold, whatever side of the split they are on.
func (r *Runner) caught(ctx context.Context, m *compile.Model, entry *ModelEntry, threshold float64) ([]evaluation.Caught, error) {
	if len(m.MustCatch) == 0 {
		return nil, nil
	}
	model, err := r.load(ctx, m, entry)
	if err != nil {
		return nil, err
	}
	defer model.Close()
	var out []evaluation.Caught
	for _, k := range m.MustCatch {
		from, err := r.captureRows(ctx, m, k)
		if err != nil {
			return nil, err
		}
		c := evaluation.Caught{Contribution: k.Name}
		query := "SELECT " + modelInputs(m.Features) + " FROM (" + from + ") WHERE " + sql.Quote(sql.LabelColumn) + " ORDER BY " + identifiers(rowID(m)...)
		err = r.score(ctx, model, query, func(scores []float32) {
			c.Attacks += len(scores)
			for _, s := range scores {
				if !(float64(s) >= threshold) {
					c.Missed++
				}
			}
		})
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// describe says in a line a model what the run found of it.
func (r *Runner) describe(ctx context.Context, out *Result) error {
	for _, j := range out.judged {
		m, ok := compile.ByName(r.Program.Models, j.model)
		if !ok {
			continue
		}
		e, err := r.Index.Evaluation(ctx, m.Evaluation)
		if err != nil {
			return err
		}
		if e == nil {
			continue
		}
		mark := "✓"
		if !e.Passed || j.comparison != nil && !j.comparison.Passed {
			mark = "✗"
		}
		text := fmt.Sprintf("recall %s · false-positive rate %s at threshold %.4f", e.Metrics.Recall, e.Metrics.FPR, e.Metrics.Threshold)
		if c := j.comparison; c != nil && c.Incomparable == "" {
			text = c.Summary(e.Metrics.TargetFPR)
		} else if c != nil {
			text += " · " + c.Summary(e.Metrics.TargetFPR)
		}
		out.Evaluated = append(out.Evaluated, fmt.Sprintf("%s %s %s", j.model, mark, text))
	}
	return nil
}

// scoredRow is a labelled row with its scores.
type scoredRow struct {
	test, attack     bool
	native, exported float64
	oof              float64 // NaN where no fold was possible
}

// unseen is the score of a training row by a model that did not learn from it,
// as far as there is one.
func (s scoredRow) unseen() float64 {
	if math.IsNaN(s.oof) {
		return s.exported
	}
	return s.oof
}

// difference is how far the exported model's score is from the native model's:
// 1, the most by which probabilities differ, where one of them gives no number.
func (s scoredRow) difference() float64 {
	d := math.Abs(s.exported - s.native)
	if math.IsNaN(d) {
		return 1
	}
	return d
}

func (r *Runner) scoredRows(ctx context.Context, m *compile.Model, entry *ModelEntry) ([]scoredRow, error) {
	query, err := r.labelledRows(ctx, m)
	if err != nil {
		return nil, err
	}
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	from, err := r.beside(ctx, m, query, entry.Predictions)
	if err != nil {
		return nil, err
	}
	var out []scoredRow
	err = conn.Query(ctx, "SELECT l.side = 'test', l.label = 1, p.score::DOUBLE, coalesce(p.oof, 'nan'::DOUBLE)::DOUBLE FROM "+from, func(row []any) error {
		test, ok1 := row[0].(bool)
		attack, ok2 := row[1].(bool)
		native, ok3 := row[2].(float64)
		oof, ok4 := row[3].(float64)
		if !ok1 || !ok2 || !ok3 || !ok4 {
			return fmt.Errorf("predictions %s do not match the model's rows", entry.Predictions.Short())
		}
		out = append(out, scoredRow{test: test, attack: attack, native: native, oof: oof})
		return nil
	})
	if err != nil {
		return nil, err
	}
	exported, err := r.exportedScores(ctx, m, entry, query)
	if err != nil {
		return nil, err
	}
	if len(exported) != len(out) {
		return nil, fmt.Errorf("the model scored %d rows of %d", len(exported), len(out))
	}
	for i, v := range exported {
		out[i].exported = float64(v)
	}
	return out, nil
}

// exportedScores returns the exported model's scores of a query's rows, in
// their order.
func (r *Runner) exportedScores(ctx context.Context, m *compile.Model, entry *ModelEntry, query string) ([]float32, error) {
	model, err := r.load(ctx, m, entry)
	if err != nil {
		return nil, err
	}
	defer model.Close()
	var out []float32
	err = r.score(ctx, model, "SELECT "+identifiers(inputNames(m)...)+" FROM ("+query+") ORDER BY "+rowOrder(m), func(scores []float32) {
		out = append(out, scores...)
	})
	return out, err
}

// load reads a trained model from the store.
func (r *Runner) load(ctx context.Context, m *compile.Model, entry *ModelEntry) (*onnx.Model, error) {
	runtime, err := r.ONNX(ctx)
	if err != nil {
		return nil, err
	}
	body, err := r.Store.Get(ctx, entry.Model)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, entry.Size+1))
	if err != nil {
		return nil, err
	}
	return runtime.Load(data, m.Width())
}

// score calls each with the scores of a query's rows, block by block.
func (r *Runner) score(ctx context.Context, model *onnx.Model, query string, each func(scores []float32)) error {
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.FloatBlocks(ctx, query, score.Blocks(model.Inputs()), func(block []float32) error {
		scores, err := model.Score(ctx, block)
		if err == nil {
			each(scores)
		}
		return err
	})
}

// curveObject is the stored form of a curve.
type curveObject struct {
	FormatVersion int `json:"format_version"`
	evaluation.Curve
}

func (r *Runner) putCurve(ctx context.Context, c evaluation.Curve) (digest.Digest, error) {
	data, err := json.Marshal(curveObject{FormatVersion, c})
	if err != nil {
		return digest.Digest{}, err
	}
	d := digest.Of(data)
	return d, r.Store.Put(ctx, d, bytes.NewReader(data))
}
