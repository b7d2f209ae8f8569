package score

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/sql"
)

// RowVersion is the version of a scored row's JSON form.
const RowVersion = 1

// ScoredRow is any row that a model scored, with its features; null is NULL or
// no finite number.
type ScoredRow struct {
	FormatVersion int              `json:"format_version"`
	Model         string           `json:"model"`
	Row           alert.Row        `json:"row"`
	Score         *float64         `json:"score"` // null where the model gives no number
	Features      map[string]Value `json:"features"`
}

// topFeatures is how many features an alert names.
const topFeatures = 5

// alertBatch is how many alerts are read at a time.
const alertBatch = 1000

type alerter struct {
	*groupRun
	chain  *Chain
	edges  edges
	inputs []float32
	scores []float32
}

// emit sends the alerts of the computed rows and returns their number.
func (a *alerter) emit(ctx context.Context) (int64, error) {
	var flagged []int64
	for i, s := range a.scores {
		if float64(s) >= a.chain.Threshold {
			flagged = append(flagged, int64(i))
		}
	}
	for batch := range slices.Chunk(flagged, alertBatch) {
		if err := a.batch(ctx, batch); err != nil {
			return 0, err
		}
	}
	return int64(len(flagged)), nil
}

func (a *alerter) batch(ctx context.Context, ordinals []int64) error {
	drops, err := a.drops(ctx, ordinals)
	if err != nil {
		return err
	}
	return a.rows(ctx, ordinals, func(i int, r found) error {
		n := ordinals[i]
		out := alert.Alert{FormatVersion: alert.Version, Release: a.Release, Model: a.chain.Model, ModelKey: a.chain.ModelKey,
			Score: a.scores[n], Threshold: a.chain.Threshold, Row: r.row, TopFeatures: a.top(r.values, drops[i]),
			RecordCount: r.count, Headers: r.headers, Records: r.texts}
		out.ID = out.Sum()
		return a.Emit(out)
	})
}

// emitRows sends every computed row.
func (a *alerter) emitRows(ctx context.Context) error {
	all := make([]int64, len(a.scores))
	for i := range all {
		all[i] = int64(i)
	}
	for batch := range slices.Chunk(all, alertBatch) {
		err := a.rows(ctx, batch, func(i int, r found) error {
			out := ScoredRow{FormatVersion: RowVersion, Model: a.chain.Model, Row: r.row, Score: number(a.scores[batch[i]]), Features: valuesOf(a.chain.Features, r.values)}
			return a.EmitRow(out)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rows calls each with computed rows, in their order.
func (a *alerter) rows(ctx context.Context, ordinals []int64, each func(i int, r found) error) error {
	texts := make([]string, len(ordinals))
	for i, n := range ordinals {
		texts[i] = strconv.FormatInt(n, 10)
	}
	// The range lets the engine skip blocks of the table: ordinals ascend.
	where := fmt.Sprintf(" WHERE %[1]s BETWEEN %[2]s AND %[3]s AND %[1]s IN (%[4]s)",
		sql.Quote(ordinalColumn), texts[0], texts[len(texts)-1], strings.Join(texts, ", "))
	values := make(map[int64][]*float64, len(ordinals))
	if err := a.session.values(ctx, a.chain, where, func(ordinal int64, v []*float64) error {
		values[ordinal] = v
		return nil
	}); err != nil {
		return err
	}
	i := 0
	reader := &rowReader{session: a.session, set: a.chain.FeatureSet, names: a.names, edges: a.edges}
	return a.session.conn.Query(ctx, reader.query(where), func(row []any) error {
		r, err := reader.read(row)
		if err != nil {
			return err
		}
		r.values = values[ordinals[i]]
		i++
		return each(i-1, r)
	})
}

// drops returns, for each row and feature, how much the score falls when the
// value is missing; a vector is missing as a whole.
func (a *alerter) drops(ctx context.Context, ordinals []int64) ([][]float32, error) {
	k, width := len(a.chain.Features), a.chain.width()
	rows := max(1, maxBlock/(k*width))
	out := make([][]float32, 0, len(ordinals))
	for part := range slices.Chunk(ordinals, rows) {
		block := make([]float32, 0, len(part)*k*width)
		for _, n := range part {
			row, first := a.inputs[int(n)*width:(int(n)+1)*width], 0
			for _, f := range a.chain.Features {
				start := len(block)
				block = append(block, row...)
				for i := range f.Width() {
					block[start+first+i] = float32(math.NaN())
				}
				first += f.Width()
			}
		}
		scores, err := a.chain.onnx.Score(ctx, block)
		if err != nil {
			return nil, err
		}
		for i, n := range part {
			falls := make([]float32, k)
			for f := range k {
				falls[f] = a.scores[n] - scores[i*k+f]
			}
			out = append(out, falls)
		}
	}
	return out, nil
}

// maxBlock is how many input values are made at once to find top features.
const maxBlock = 1 << 22

func (a *alerter) top(values []*float64, drops []float32) []alert.Feature {
	out := make([]alert.Feature, len(a.chain.Features))
	first := 0
	for i, f := range a.chain.Features {
		out[i] = alert.Feature{Feature: f.Name, Length: f.Length, Drop: number(drops[i])}
		if f.Length == 0 {
			out[i].Value = finite(values[first])
		}
		first += f.Width()
	}
	drop := func(c alert.Feature) float64 {
		if c.Drop == nil {
			return math.Inf(-1)
		}
		return *c.Drop
	}
	slices.SortStableFunc(out, func(x, y alert.Feature) int {
		return cmp.Or(cmp.Compare(drop(y), drop(x)), strings.Compare(x.Feature, y.Feature))
	})
	return out[:min(len(out), topFeatures)]
}

// number returns a score as JSON has it.
func number(v float32) *float64 {
	wide := float64(v)
	return finite(&wide)
}

// finite returns nil for what JSON has no number for.
func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}
