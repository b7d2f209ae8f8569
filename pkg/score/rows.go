package score

import (
	"context"
	"fmt"
	"strings"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// computed is the table of the rows that a chain scores, in order; its column
// _n counts them from 0.
const (
	computedTable = "computed"
	ordinalColumn = "_n"
)

// compute makes the table of rows of a chain. filter is a condition over the
// parsed rows, keep one over the computed ones; empty means all.
func (s *session) compute(ctx context.Context, c *Chain, filter, keep string) error {
	relation := c.FeatureSet.Relation(chosen(filter), c.featureNames())
	relation.Texts = alert.MaxRecords
	return s.tabulate(ctx, relation, keep)
}

// chosen renders the parsed rows that meet a condition; empty means all.
func chosen(filter string) string {
	if filter == "" {
		return parsedTable
	}
	return "(SELECT * FROM " + parsedTable + " WHERE " + filter + ")"
}

// tabulate makes the table of the rows of a relation.
func (s *session) tabulate(ctx context.Context, relation sql.Relation, keep string) error {
	query := relation.DuckDB()
	if keep != "" {
		query = "SELECT * FROM (" + query + ") WHERE " + keep
	}
	order := make([]string, 0, 2)
	for _, id := range relation.RowID() {
		order = append(order, sql.Quote(id))
	}
	return s.conn.Exec(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s AS SELECT *, row_number() OVER (ORDER BY %s) - 1 AS %s FROM (%s)",
		computedTable, strings.Join(order, ", "), sql.Quote(ordinalColumn), query))
}

// inputColumns renders the numbers that the model reads of a computed row, those
// of a vector as one array.
func (c *Chain) inputColumns() []string {
	var columns []string
	for _, f := range c.Features {
		columns = append(columns, sql.ModelInput(f.Name, f.Type, f.Length))
	}
	return columns
}

// scores runs the model on the computed rows, in their order.
func (s *session) scores(ctx context.Context, c *Chain) (inputs, scores []float32, err error) {
	columns := c.inputColumns()
	inputs, err = s.conn.Floats(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+computedTable+" ORDER BY "+sql.Quote(ordinalColumn), c.width())
	if err != nil {
		return nil, nil, err
	}
	scores, err = c.onnx.Score(ctx, inputs)
	return inputs, scores, err
}

// values calls each with what the model reads of computed rows, as doubles,
// NULL as nil, in order.
func (s *session) values(ctx context.Context, c *Chain, where string, each func(ordinal int64, values []*float64) error) error {
	columns := []string{sql.Quote(ordinalColumn) + "::BIGINT"}
	for _, f := range c.Features {
		columns = append(columns, sql.AsDouble(f.Name, f.Type, f.Length))
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + computedTable + where + " ORDER BY " + sql.Quote(ordinalColumn)
	return s.conn.Query(ctx, query, func(row []any) error {
		ordinal, ok := row[0].(int64)
		if !ok {
			return fmt.Errorf("row number: want a whole number, got %T", row[0])
		}
		return each(ordinal, duckdb.Doubles(row[1:]))
	})
}
