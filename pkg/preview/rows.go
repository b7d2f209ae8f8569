package preview

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/mlpdev/mlp/pkg/sql"
)

// rows computes the rows of a relation and hands them out. m, nil for rows with
// a key, has the rejects that stand between them.
func (r *runner) rows(ctx context.Context, from string, m *merger) error {
	query := r.query(from)
	err := r.conn.Query(ctx, query, func(values []any) error {
		row, err := r.row(values, m)
		if err != nil {
			return err
		}
		if r.stopped() {
			r.account.Stopped = true
			return errStopped
		}
		r.account.Shown++
		return r.Row(row)
	})
	if err == nil && m != nil {
		err = m.before(math.MaxInt64)
	}
	return err
}

// query renders the rows of a relation: what identifies them, then the columns
// to hand out.
func (r *runner) query(from string) string {
	ids := []string{sql.Quote(sql.FileColumn) + "::BIGINT", sql.Quote(sql.RecordColumn)}
	order := sql.Quote(sql.FileColumn) + ", " + sql.Quote(sql.RecordColumn)
	if r.FeatureSet != nil {
		relation := r.FeatureSet.Relation(from, r.names())
		from = "(" + relation.DuckDB() + ")"
		if g := r.FeatureSet.Group; g != nil {
			ids, order = keyIDs(g, sql.Quote, r.value)
		}
	}
	for _, f := range r.columns {
		ids = append(ids, r.value(f.Name, f.Type))
	}
	return fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", strings.Join(ids, ", "), from, order)
}

// keyIDs returns what identifies the rows of a set with a key, and their order
// for people: by window, then by key. An engine quotes names and renders values.
func keyIDs(g *sql.Group, quote func(string) string, value func(string, sql.Type) string) (ids []string, order string) {
	for _, k := range g.Keys {
		ids = append(ids, value(sql.KeyPrefix+k.Name, k.Type))
		order += ", " + quote(sql.KeyPrefix+k.Name) + " NULLS LAST"
	}
	if g.Window != nil {
		timestamp := sql.Type{Kind: sql.Timestamp}
		ids = append(ids, value(sql.WindowStart, timestamp), value(sql.WindowEnd, timestamp), quote(sql.PartialColumn))
		order = ", " + quote(sql.WindowStart) + order
	}
	return ids, strings.TrimPrefix(order, ", ")
}

func (r *runner) value(column string, t sql.Type) string {
	if r.Text {
		return sql.SparkText(column, t)
	}
	return sql.Quote(column)
}

// row makes a row of the values of a query.
func (r *runner) row(values []any, m *merger) (Row, error) {
	if !r.keyed() {
		record, ok := values[1].(int64)
		if !ok {
			return Row{}, fmt.Errorf("row id: want a whole number, got %T", values[1])
		}
		row := Row{ID: ID{m.name, record, m.lines.of(record)}, Values: values[2:]}
		return row, m.before(record)
	}
	return r.keyedRow(values), nil
}

// keyedRow makes a row of what [keyIDs] names, and the columns to hand out.
func (r *runner) keyedRow(values []any) Row {
	g := r.FeatureSet.Group
	row := Row{Key: values[:len(g.Keys)], Values: values[len(g.Keys):]}
	if g.Window != nil {
		row.Start, row.End = row.Values[0], row.Values[1]
		row.Partial = row.Values[2] == true || row.Values[2] == "true"
		row.Values = row.Values[3:]
	}
	return row
}
