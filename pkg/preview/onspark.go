package preview

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Names of views of Spark.
const (
	rawView    = "raw"
	parsedView = "parsed"
	goodView   = "good"
	madeView   = "made"
)

// RunOnSpark is [Run] on Spark, for one input that is small: all of it is handed
// over at once. Values are texts.
func RunOnSpark(ctx context.Context, c Cluster, o Options) (*Account, error) {
	r, err := newRunner(o)
	if err != nil {
		return nil, err
	}
	raw, b, err := r.frame(o.Inputs[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Inputs[0].Name, err)
	}
	result, err := c.Run(ctx, r.job(raw))
	if err != nil {
		return nil, err
	}
	found, err := refusals(result.Answers["rejects"])
	if err != nil {
		return nil, err
	}
	for _, x := range r.refuse(o.Inputs[0].Name, b, found) {
		if err := r.reject(x); err != nil {
			return nil, err
		}
	}
	for _, row := range result.Answers["rows"] {
		made, err := r.rowOfTexts(row, o.Inputs[0].Name, &b.lines)
		if err != nil {
			return nil, err
		}
		r.account.Shown++
		if err := r.Row(made); err != nil {
			return nil, err
		}
	}
	return &r.account, nil
}

// frame reads an input as executors do.
func (r *runner) frame(input Input) (spark.Rows, *batchReader, error) {
	rows := spark.Rows{View: rawView, Fields: []spark.Field{{Name: sql.ChunkColumn, Type: sql.Type{Kind: sql.Int}},
		{Name: sql.FileColumn, Type: sql.Type{Kind: sql.Int}}, {Name: sql.RecordColumn, Type: sql.Type{Kind: sql.BigInt}}}}
	for i := range r.Parser.Raw {
		rows.Fields = append(rows.Fields, spark.Field{Name: "_c" + strconv.Itoa(i), Type: sql.Type{Kind: sql.String}})
	}
	body, err := input.Open()
	if err != nil {
		return rows, nil, err
	}
	defer body.Close()
	b := newBatchReader(body, r.Parser)
	b.begin(maxTable)
	var batch source.Batch
	for {
		err := b.Read(&batch)
		for i := range batch.N {
			row := []any{0, 0, batch.Record[i]}
			for _, values := range batch.Columns {
				row = append(row, textOrNull(values[i]))
			}
			rows.Values = append(rows.Values, row)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return rows, nil, err
		}
	}
	r.account.Counts = b.Counts()
	return rows, b, nil
}

// job is what Spark is asked: the rejects of conditions, and the rows.
func (r *runner) job(raw spark.Rows) spark.Job {
	parsed := r.Parser.Relation(rawView, r.fields).Spark()
	record, reject := sql.QuoteSpark(sql.RecordColumn), sql.QuoteSpark(sql.RejectColumn)
	j := spark.Job{Name: r.Parser.Name, Rows: []spark.Rows{raw}, Views: []spark.View{
		{Name: parsedView, SQL: parsed.SQL, Spans: parsed.Spans},
		{Name: goodView, SQL: "SELECT * FROM " + parsedView + " WHERE " + reject + " IS NULL"}},
		Queries: []spark.Query{{Name: "rejects", SQL: fmt.Sprintf("SELECT %[1]s, %[2]s FROM %[3]s WHERE %[2]s IS NOT NULL ORDER BY %[1]s", record, reject, parsedView)}}}
	ids, order, from := []string{record}, record, goodView
	if r.FeatureSet != nil {
		made := r.FeatureSet.Relation(goodView, r.names()).Spark()
		j.Name, from = r.FeatureSet.Name, madeView
		j.Views = append(j.Views, spark.View{Name: madeView, SQL: made.SQL, Spans: made.Spans})
		if g := r.FeatureSet.Group; g != nil {
			ids, order = keyIDs(g, sql.QuoteSpark, sql.TextOnSpark)
		} else if slices.Contains(r.FeatureSet.Relation(goodView, r.names()).RowID(), sql.MadeColumn) {
			order += ", " + sql.QuoteSpark(sql.MadeColumn)
		}
	}
	for _, f := range r.columns {
		ids = append(ids, sql.TextOnSpark(f.Name, f.Type))
	}
	j.Queries = append(j.Queries, spark.Query{Name: "rows", SQL: fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", strings.Join(ids, ", "), from, order)})
	return j
}

// refusals reads what conditions refuse.
func refusals(rows [][]*string) ([]refusal, error) {
	var out []refusal
	for _, row := range rows {
		record, err := integerAt(row, 0)
		if err != nil {
			return nil, err
		}
		condition, err := integerAt(row, 1)
		if err != nil {
			return nil, err
		}
		out = append(out, refusal{record, condition})
	}
	return out, nil
}

// integerAt reads a whole number of an answer.
func integerAt(row []*string, i int) (int64, error) {
	if i >= len(row) || row[i] == nil {
		return 0, fmt.Errorf("spark answers with a row of %d values, or NULL in place of a number", len(row))
	}
	return strconv.ParseInt(*row[i], 10, 64)
}

// rowOfTexts makes a row of an answer.
func (r *runner) rowOfTexts(texts []*string, name string, l *lines) (Row, error) {
	values := make([]any, len(texts))
	for i, t := range texts {
		if t != nil {
			values[i] = *t
		}
	}
	if !r.keyed() {
		record, err := integerAt(texts, 0)
		if err != nil {
			return Row{}, err
		}
		return Row{ID: ID{name, record, l.of(record)}, Values: values[1:]}, nil
	}
	return r.keyedRow(values), nil
}
