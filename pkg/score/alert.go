package score

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// AlertVersion is the version of an alert's JSON form.
const AlertVersion = 1

// Alert is a row that a model flags.
type Alert struct {
	FormatVersion int `json:"format_version"`
	// ID is a digest of the model's name, key, window and raw records: the same
	// records give the same id, whatever file they stand in.
	ID        digest.Digest `json:"id"`
	Release   string        `json:"release"`
	Model     string        `json:"model"`
	ModelKey  digest.Digest `json:"model_key"`
	Score     float32       `json:"score"`
	Threshold float64       `json:"threshold"`
	Row       Row           `json:"row"`
	// TopFeatures are those without which the score falls most.
	TopFeatures []Contribution `json:"top_features"`
	// Records are the first raw records behind the row, of RecordCount.
	RecordCount int64    `json:"record_count"`
	Records     []string `json:"records"`
}

// ScoredRow is any row that a model scored, with its features; null is NULL or
// no finite number.
type ScoredRow struct {
	FormatVersion int              `json:"format_version"`
	Model         string           `json:"model"`
	Row           Row              `json:"row"`
	Score         *float64         `json:"score"` // null where the model gives no number
	Features      map[string]Value `json:"features"`
}

// Row says which row it is: a record of a file, or a key and a window.
type Row struct {
	Parser  string         `json:"parser"`
	File    string         `json:"file,omitempty"`
	Record  *int64         `json:"record,omitempty"` // from 0
	Key     map[string]any `json:"key,omitempty"`
	Start   *time.Time     `json:"window_start,omitempty"`
	End     *time.Time     `json:"window_end,omitempty"`
	Partial bool           `json:"partial,omitempty"` // the window is cut by an edge of the log
}

// Contribution is a feature, its value, and by how much the score falls when
// the value is missing.
type Contribution struct {
	Feature string   `json:"feature"`
	Value   *float64 `json:"value"`            // null for NULL, and for a vector
	Length  int      `json:"length,omitempty"` // elements of a vector
	Drop    *float64 `json:"drop"`             // null where the model gives no number then
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
		alert := Alert{FormatVersion: AlertVersion, ID: r.id, Release: a.Release, Model: a.chain.Model, ModelKey: a.chain.ModelKey,
			Score: a.scores[n], Threshold: a.chain.Threshold, Row: r.row, TopFeatures: a.top(r.values, drops[i]),
			RecordCount: r.records, Records: r.texts}
		return a.Emit(alert)
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
			out := ScoredRow{FormatVersion: AlertVersion, Model: a.chain.Model, Row: r.row, Score: number(a.scores[batch[i]]), Features: valuesOf(a.chain.Features, r.values)}
			return a.EmitRow(out)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// found is what is known of a computed row.
type found struct {
	id      digest.Digest
	row     Row
	records int64
	texts   []string
	values  []*float64
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
	return a.session.conn.Query(ctx, a.rowQuery(where), func(row []any) error {
		r, err := a.found(row)
		if err != nil {
			return err
		}
		r.values = values[ordinals[i]]
		i++
		return each(i-1, r)
	})
}

// rowQuery selects what an alert says of its rows: count of records, texts,
// then the identity.
func (a *alerter) rowQuery(where string) string {
	columns := []string{sql.Quote(sql.RecordsColumn) + "::BIGINT", sql.Quote(sql.TextsColumn)}
	if g := a.chain.FeatureSet.Group; g == nil {
		columns = append(columns, sql.Quote(sql.FileColumn)+"::BIGINT", sql.Quote(sql.RecordColumn)+"::BIGINT")
	} else {
		if g.Window != nil {
			columns = append(columns, sql.Quote(sql.WindowStart), sql.Quote(sql.WindowEnd))
		}
		for _, k := range g.Keys {
			columns = append(columns, sql.Quote(sql.KeyPrefix+k.Name))
		}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + computedTable + where + " ORDER BY " + sql.Quote(ordinalColumn)
}

func (a *alerter) found(row []any) (found, error) {
	c := a.chain
	out := found{row: Row{Parser: c.Parser.Name}, texts: []string{}}
	records, ok := row[0].(int64)
	texts, ok2 := row[1].([]any)
	if !ok || !ok2 {
		return out, fmt.Errorf("rows: got %T and %T", row[0], row[1])
	}
	out.records = records
	for _, t := range texts {
		out.texts = append(out.texts, fmt.Sprint(t))
	}
	id := digest.New("alert").String("model", c.Model).String("parser", c.Parser.Name)
	if g := c.FeatureSet.Group; g == nil {
		file, _ := row[2].(int64)
		record, _ := row[3].(int64)
		out.row.File, out.row.Record = a.names[file], &record
	} else {
		rest := row[2:]
		if g.Window != nil {
			out.row.Start, out.row.End = timeOf(rest[0]), timeOf(rest[1])
			out.row.Partial = out.row.Start.UnixMicro() < a.edges.begin || out.row.End.UnixMicro() > a.edges.end
			id.Int("start", out.row.Start.UnixMicro())
			rest = rest[2:]
		}
		out.row.Key = map[string]any{}
		for i, k := range g.Keys {
			out.row.Key[k.Name] = printableTime(rest[i])
			id.Bool("set", rest[i] != nil).String("key", keyText(rest[i]))
		}
	}
	out.id = id.Int("records", records).Strings("texts", out.texts).Sum()
	return out, nil
}

// printableTime returns a time that JSON has no form for as microseconds since
// 1970-01-01 UTC, and other values as they are.
func printableTime(v any) any {
	if t, ok := v.(time.Time); ok && (t.Year() < 0 || t.Year() > 9999) {
		return t.UnixMicro()
	}
	return v
}

// keyText is the text of a key's value in an alert's id.
func keyText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		return strconv.FormatInt(v.UnixMicro(), 10)
	}
	return fmt.Sprint(v)
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

func (a *alerter) top(values []*float64, drops []float32) []Contribution {
	out := make([]Contribution, len(a.chain.Features))
	first := 0
	for i, f := range a.chain.Features {
		out[i] = Contribution{Feature: f.Name, Length: f.Length, Drop: number(drops[i])}
		if f.Length == 0 {
			out[i].Value = finite(values[first])
		}
		first += f.Width()
	}
	drop := func(c Contribution) float64 {
		if c.Drop == nil {
			return math.Inf(-1)
		}
		return *c.Drop
	}
	slices.SortStableFunc(out, func(x, y Contribution) int {
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
