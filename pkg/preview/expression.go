package preview

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Lookup implements [sql.Scope].
func (t *Table) Lookup(name string) (sql.Column, bool) {
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return sql.Column{}, false
}

// Names implements [sql.Scope].
func (t *Table) Names() []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Name
	}
	return out
}

// Check checks an expression over the columns of a table: by row, or over all
// rows where it is an aggregate. It may call functions of one's own.
func (t *Table) Check(e *sql.Expr, own sql.Library) (*sql.Typed, diag.List) {
	typed, diags := sql.Check(e, t, sql.Options{Windows: true, Generators: true, Own: own})
	aggregate := func(d *diag.Diagnostic) bool { return d.Code == "aggregate-not-allowed" }
	if !slices.ContainsFunc(diags, aggregate) {
		return typed, diags
	}
	return sql.Check(e, t, sql.Options{Mode: sql.Grouped, Grouping: map[string]bool{}, Own: own})
}

// Evaluate calls each with the values of an expression over the rows of the
// table, in order: one for each row, one for an aggregate, any number of each
// row for a generator. They are strings as Spark prints them, nil for NULL.
func (t *Table) Evaluate(ctx context.Context, db *duckdb.DB, e *sql.Typed, each func(value any) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	reader := &tableReader{table: t}
	err = conn.Scan(ctx, duckdb.Scan{Name: "raw", Columns: len(t.Columns), Open: func() (duckdb.RawReader, error) { return reader, nil }})
	if err != nil {
		return err
	}
	columns := []string{sql.Quote(sql.FileColumn), sql.Quote(sql.RecordColumn)}
	for i, c := range t.Columns {
		columns = append(columns, fromText(fmt.Sprintf("_c%d", i), c.Type)+" AS "+sql.Quote(c.Name))
	}
	if err := conn.Exec(ctx, "CREATE TEMP TABLE given AS SELECT "+strings.Join(columns, ", ")+" FROM raw"); err != nil {
		return err
	}
	order := sql.Quote(sql.RecordColumn)
	value := e.DuckDB(sql.Render{Column: sql.Quote, RowOrder: order})
	query := fmt.Sprintf("SELECT %s, %s AS %s FROM given", order, value, valueColumn)
	switch {
	case e.Aggregate():
		query = fmt.Sprintf("SELECT 0 AS %s, %s AS %s FROM given", order, value, valueColumn)
	case e.Generates():
		query = fmt.Sprintf("SELECT %[1]s, unnest(%[2]s) AS %[2]s, unnest(range(len(%[2]s))) AS %[3]s FROM (%[4]s)", order, valueColumn, sql.MadeColumn, query)
		order += ", " + sql.MadeColumn
	}
	return conn.Query(ctx, fmt.Sprintf("SELECT %s FROM (%s) ORDER BY %s", sql.SparkText(valueColumn, e.Type()), query, order), func(row []any) error { return each(row[0]) })
}

// valueColumn is a name that no column has: it begins with an underscore.
const valueColumn = "_value"

// fromText renders the value of a type that a text of [Table] stands for.
func fromText(column string, t sql.Type) string {
	if t.Kind == sql.Decimal { // the language has no cast of a text to one
		return fmt.Sprintf("TRY_CAST(%s AS %s)", column, t.DuckDB())
	}
	if isNested(t) {
		return fmt.Sprintf("from_json(%s, %s)", column, sql.Text(structure(t)))
	}
	scope := &Table{Columns: []sql.Column{{Name: column, Type: sql.Type{Kind: sql.String}}}}
	e, _ := sql.Parse(fmt.Sprintf("cast(%s AS %s)", column, t), nowhere{})
	cast, _ := sql.Check(e, scope, sql.Options{})
	return cast.DuckDB(sql.Render{Column: sql.Quote})
}

// nowhere places what no user wrote.
type nowhere struct{}

func (nowhere) Span(int, int) diag.Span { return diag.Span{} }

// tableReader hands the rows of a table to the engine.
type tableReader struct {
	table *Table
	next  int
}

// Read implements [duckdb.RawReader].
func (r *tableReader) Read(b *source.Batch) error {
	left := r.table.Rows[min(r.next, len(r.table.Rows)):]
	if len(left) == 0 {
		return io.EOF
	}
	b.N = min(len(left), 2048)
	b.Record, b.Columns = nil, make([][][]byte, len(r.table.Columns))
	for i, row := range left[:b.N] {
		b.Record = append(b.Record, int64(r.next+i))
		for c := range r.table.Columns {
			b.Columns[c] = append(b.Columns[c], row[c])
		}
	}
	r.next += b.N
	return nil
}
