package run

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Row is a labelled row as the training side knows it.
type Row struct {
	Contribution string
	// Record is the number of the record, for rows without a key.
	Record int64
	// Key holds the key columns' values as text, and Start the beginning of
	// the window in microseconds since 1970-01-01 UTC.
	Key   []string
	Start int64
	// Inputs are the numbers that the model reads, in its order, those of a
	// vector one by one; nil is NULL.
	Inputs []*float64
	// Score is the native model's, before it was exported.
	Score float64
}

// Rows calls each with the labelled rows of a model, in the order in which it
// was trained on them.
func (r *Runner) Rows(ctx context.Context, m *compile.Model, each func(Row) error) error {
	entry, err := r.Index.Model(ctx, m.Key)
	if err != nil {
		return err
	}
	if entry == nil {
		return fmt.Errorf("model/%s: %w", m.Name, errNoColumn)
	}
	query, err := r.identifiedRows(ctx, m)
	if err != nil {
		return err
	}
	from, err := r.beside(ctx, m, query, entry.Predictions)
	if err != nil {
		return err
	}
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	columns := make([]string, 3+keyCount(m)+len(m.Features))
	for i := range columns {
		columns[i] = "l.v" + strconv.Itoa(i)
	}
	return conn.Query(ctx, "SELECT "+strings.Join(columns, ", ")+", p.score::DOUBLE FROM "+from, func(values []any) error {
		row, err := rowOf(m, values)
		if err != nil {
			return err
		}
		return each(row)
	})
}

// identifiedRows selects contribution, record, start, keys, then features, as
// v0, v1, …, and what orders the rows.
func (r *Runner) identifiedRows(ctx context.Context, m *compile.Model) (string, error) {
	var selects []string
	for ordinal, k := range orderedContributions(m) {
		from, err := r.captureRows(ctx, m, k)
		if err != nil {
			return "", err
		}
		columns := []string{sql.Text(k.Name)}
		record, start := "0::BIGINT", "0::BIGINT"
		var keys []string
		if g := m.FeatureSet.Group; g == nil {
			record = sql.Quote(sql.RecordColumn) + "::BIGINT"
		} else {
			if g.Window != nil {
				start = "epoch_us(" + sql.Quote(sql.WindowStart) + ")"
			}
			for _, key := range g.Keys {
				keys = append(keys, sql.Quote(sql.KeyPrefix+key.Name)+"::VARCHAR")
			}
		}
		columns = append(append(columns, record, start), keys...)
		for i, f := range m.Features {
			columns = append(columns, sql.AsDouble("x"+strconv.Itoa(i), f.Type, f.Length))
		}
		for i := range columns {
			columns[i] += " AS v" + strconv.Itoa(i)
		}
		columns = append(columns, strconv.Itoa(ordinal)+" AS "+captureColumn, identifiers(rowID(m)...))
		selects = append(selects, "SELECT "+strings.Join(columns, ", ")+" FROM ("+from+") WHERE "+inModel)
	}
	return strings.Join(selects, " UNION ALL "), nil
}

// keyCount is how many columns the rows' key has.
func keyCount(m *compile.Model) int {
	if m.FeatureSet.Group == nil {
		return 0
	}
	return len(m.FeatureSet.Group.Keys)
}

func rowOf(m *compile.Model, values []any) (Row, error) {
	var row Row
	var ok [4]bool
	row.Contribution, ok[0] = values[0].(string)
	row.Record, ok[1] = values[1].(int64)
	row.Start, ok[2] = values[2].(int64)
	row.Score, ok[3] = values[len(values)-1].(float64)
	if ok != [4]bool{true, true, true, true} {
		return row, fmt.Errorf("rows of model/%s: unexpected types", m.Name)
	}
	keys := keyCount(m)
	for _, v := range values[3 : 3+keys] {
		row.Key = append(row.Key, fmt.Sprint(v))
	}
	row.Inputs = duckdb.Doubles(values[3+keys : len(values)-1])
	return row, nil
}
