package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/trainer"
)

// MaxParity is the largest difference between a score of the exported model
// and the native model's on the same row.
const MaxParity = 1e-5

// trainStep trains a model and stores its ONNX file and its predictions.
func (r *Runner) trainStep(ctx context.Context, s plan.Step, out *Result) error {
	sides, err := r.sides(ctx, s.Model)
	if err != nil {
		return err
	}
	if sides.Train.Attacks == 0 || sides.Train.Benign == 0 {
		return &OneClassError{Model: s.Model.Name, Sides: sides}
	}
	matrix := r.path(".parquet")
	if err := r.writeMatrix(ctx, s.Model, matrix); err != nil {
		return err
	}
	t, err := r.Trainer(ctx)
	if err != nil {
		return err
	}
	dir := r.path(".model")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	result, err := t.Train(ctx, trainer.Request{ID: s.Model.Name, Trainer: s.Model.Trainer, Params: s.Model.Params,
		Seed: s.Model.Spec.GetSeed(), Matrix: matrix, Features: inputNames(s.Model), Out: dir}, func(trainer.Event) {})
	if err != nil {
		return err
	}
	entry := ModelEntry{FormatVersion: FormatVersion, Key: s.Key, Info: result.Info}
	names := s.Model.Inputs()
	for i := range entry.Info.Features[:min(len(names), len(entry.Info.Features))] {
		entry.Info.Features[i].Name = names[i]
	}
	if entry.Predictions, _, err = r.keep(ctx, result.Predictions); err != nil {
		return err
	}
	if entry.Model, entry.Size, err = r.keep(ctx, result.Model); err != nil {
		return err
	}
	if err := r.Index.put(ctx, "model", s.Key, entry); err != nil {
		return err
	}
	for _, w := range result.Info.Warnings {
		r.Progress.Note(s.Target + ": " + w)
	}
	out.Trained = append(out.Trained, s.Model.Name)
	r.Progress.Step(s.Target)
	return errors.Join(os.Remove(matrix), os.RemoveAll(dir))
}

// inputNames are the names of the model's inputs towards a trainer: by
// position, so that a renamed feature trains the same model.
func inputNames(m *compile.Model) []string {
	out := make([]string, m.Width())
	for i := range out {
		out[i] = "f" + strconv.Itoa(i)
	}
	return out
}

// labelledRows returns a SELECT of the labelled rows that a model learns from
// and is tested on: side, label, its inputs as 32-bit floats, and what orders
// them. The rows come in no order: rowOrder says which one counts.
func (r *Runner) labelledRows(ctx context.Context, m *compile.Model) (string, error) {
	var selects []string
	for i, k := range orderedContributions(m) {
		from, err := r.captureRows(ctx, m, k)
		if err != nil {
			return "", err
		}
		columns := []string{sql.Quote(sql.SideColumn) + " AS side", sql.Quote(sql.LabelColumn) + "::TINYINT AS label",
			strconv.Itoa(i) + " AS " + captureColumn, identifiers(rowID(m)...)}
		inputs := 0
		for i, f := range m.Features {
			for _, input := range sql.ModelInputs("x"+strconv.Itoa(i), f.Type, f.Length) {
				columns = append(columns, input+" AS f"+strconv.Itoa(inputs))
				inputs++
			}
		}
		selects = append(selects, "SELECT "+strings.Join(columns, ", ")+" FROM ("+from+") WHERE "+inModel)
	}
	return strings.Join(selects, " UNION ALL "), nil
}

// captureColumn is the ordinal of a row's capture in its model.
const captureColumn = "_capture"

// rowID returns the columns that identify a row within its capture.
func rowID(m *compile.Model) []string { return m.FeatureSet.Relation("", nil).RowID() }

// rowOrder is the order of a model's rows, in the matrix and in predictions:
// captures by their keys, rows by their ids. It is written out wherever it
// counts, because an engine keeps no order that it was not asked for.
func rowOrder(m *compile.Model) string { return captureColumn + ", " + identifiers(rowID(m)...) }

// beside returns a FROM clause in which a model's rows (l) stand beside their
// predictions (p), one to one.
func (r *Runner) beside(ctx context.Context, m *compile.Model, query string, predictions digest.Digest) (string, error) {
	paths, err := r.local(ctx, []digest.Digest{predictions})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("(SELECT *, row_number() OVER (ORDER BY %s) - 1 AS _n FROM (%s)) l FULL JOIN read_parquet(%s, file_row_number = true) p ON l._n = p.file_row_number ORDER BY l._n",
		rowOrder(m), query, sql.Text(paths[0])), nil
}

// orderedContributions returns a model's captures in the order in which their
// rows are trained on: by key, so that their order in a spec never matters.
func orderedContributions(m *compile.Model) []*compile.Contribution {
	out := slices.Clone(m.Dataset.Contributions)
	slices.SortFunc(out, func(a, b *compile.Contribution) int { return a.Key.Compare(b.Key) })
	return out
}

// captureRows returns a SELECT of one capture's rows: identity, label, side and
// the model's features as x0, x1, ….
func (r *Runner) captureRows(ctx context.Context, m *compile.Model, k *compile.Contribution) (string, error) {
	return r.capture(ctx, m, k, m.Features)
}

// capture is captureRows with some features only.
func (r *Runner) capture(ctx context.Context, m *compile.Model, k *compile.Contribution, features []*compile.Field) (string, error) {
	frame := compile.FeatureFrame(m.Dataset, k, m.FeatureSet)
	entry, err := r.Index.Frame(ctx, frame.Key)
	if err != nil {
		return "", err
	}
	if entry == nil {
		return "", fmt.Errorf("rows of %s: %w", frame.Address(), errNoColumn)
	}
	columns := []storedColumn{{address: "label of " + k.Address, as: sql.LabelColumn, key: frame.Column(frame.Label().Key)}}
	side := frame.Side()
	if side != nil {
		columns = append(columns, storedColumn{address: "side of " + k.Address, as: sql.SideColumn, key: frame.Column(side.Key)})
	}
	for i, f := range features {
		columns = append(columns, storedColumn{address: f.Address, as: "x" + strconv.Itoa(i), key: frame.Column(f.Key)})
	}
	from, err := r.joined(ctx, entry, columns)
	if err != nil || side != nil {
		return from, err
	}
	whole := map[bool]string{false: sql.TrainSide, true: sql.TestSide}[k.Test]
	return "SELECT *, " + sql.Text(whole) + " AS " + sql.Quote(sql.SideColumn) + " FROM (" + from + ")", nil
}

func (r *Runner) writeMatrix(ctx context.Context, m *compile.Model, path string) error {
	query, err := r.labelledRows(ctx, m)
	if err != nil {
		return err
	}
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.WriteParquet(ctx, duckdb.WriteOptions{Path: path,
		Query: "SELECT side, label, " + identifiers(inputNames(m)...) + " FROM (" + query + ") ORDER BY " + rowOrder(m)})
	return err
}

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
	gates := evaluation.Gates{MaxParity: MaxParity}
	if g := s.Model.Spec.GetGates(); g != nil {
		gates.MinRecall, gates.MaxFPR = g.MinRecall, g.MaxFpr
	}
	entry.Reasons = append(entry.Reasons, gates.Check(entry.Metrics, entry.Parity)...)
	entry.Passed = len(entry.Reasons) == 0
	if err := r.Index.put(ctx, "evaluation", s.Key, entry); err != nil {
		return err
	}
	out.Evaluated = append(out.Evaluated, describe(s.Model.Name, entry))
	r.Progress.Step(s.Target)
	return nil
}

func describe(model string, e EvaluationEntry) string {
	mark := "✓"
	if !e.Passed {
		mark = "✗"
	}
	return fmt.Sprintf("%s %s recall %s · false-positive rate %s at threshold %.4f", model, mark, e.Metrics.Recall, e.Metrics.FPR, e.Metrics.Threshold)
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

func (r *Runner) exportedScores(ctx context.Context, m *compile.Model, entry *ModelEntry, query string) ([]float32, error) {
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
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
	model, err := runtime.Load(data, m.Width())
	if err != nil {
		return nil, err
	}
	defer model.Close()
	matrix, err := conn.Floats(ctx, "SELECT "+identifiers(inputNames(m)...)+" FROM ("+query+") ORDER BY "+rowOrder(m), m.Width())
	if err != nil {
		return nil, err
	}
	return model.Score(ctx, matrix)
}
