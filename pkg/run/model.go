package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/trainer"
)

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
	dir := r.path(".model")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	result, err := r.Trainer.Train(ctx, trainer.Request{ID: s.Model.Name, Trainer: s.Model.Trainer, Params: s.Model.Params,
		Seed: s.Model.Spec.GetSeed(), Matrix: matrix, Features: inputNames(s.Model), Out: dir}, func(e trainer.Event) { r.Progress.Doing(s.Target + ": " + e.String()) })
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
	if entry.Learned, err = r.writeLearned(ctx, s.Model); err != nil {
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

// inputNames are the names of the model's features towards a trainer: by
// position, so that a renamed feature trains the same model.
func inputNames(m *compile.Model) []string {
	out := make([]string, len(m.Features))
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
		columns = append(columns, modelInputs(m.Features))
		selects = append(selects, "SELECT "+strings.Join(columns, ", ")+" FROM ("+from+") WHERE "+inModel)
	}
	return strings.Join(selects, " UNION ALL "), nil
}

// modelInputs selects the numbers of features of a capture's rows, as f0, f1, ….
func modelInputs(features []*compile.Field) string {
	var columns []string
	for i, f := range features {
		columns = append(columns, sql.ModelInput("x"+strconv.Itoa(i), f.Type, f.Length)+" AS f"+strconv.Itoa(i))
	}
	return strings.Join(columns, ", ")
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
	entry, err := r.storedFrame(ctx, frame)
	if err != nil {
		return "", err
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
		Query: "SELECT side, label, " + captureColumn + " AS capture, " + identifiers(inputNames(m)...) + " FROM (" + query + ") ORDER BY " + rowOrder(m)})
	return err
}
