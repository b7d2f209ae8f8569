package preview

import (
	"context"
	"fmt"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Cluster runs jobs of Spark; a *spark.Session is one.
type Cluster interface {
	Run(ctx context.Context, j spark.Job) (*spark.Result, error)
}

// EvaluateOnSpark is [Table.Evaluate] on Spark.
func (t *Table) EvaluateOnSpark(ctx context.Context, c Cluster, e *sql.Typed, each func(value any) error) error {
	const raw, given, computed = "raw", "given", "computed"
	order := sql.QuoteSpark(sql.RecordColumn)
	fields, columns := []spark.Field{{Name: sql.RecordColumn, Type: sql.Type{Kind: sql.BigInt}}}, []string{order}
	for i, column := range t.Columns {
		name := fmt.Sprintf("_c%d", i)
		fields = append(fields, spark.Field{Name: name, Type: sql.Type{Kind: sql.String}})
		columns = append(columns, fromTextOnSpark(name, column.Type)+" AS "+sql.QuoteSpark(column.Name))
	}
	values := make([][]any, len(t.Rows))
	for i, row := range t.Rows {
		values[i] = append(values[i], int64(i))
		for n := range t.Columns {
			values[i] = append(values[i], textOrNull(row[n]))
		}
	}
	value := "/*@0*/ " + e.Spark(sql.Render{Column: sql.QuoteSpark, RowOrder: order, Reversed: "-" + order})
	made := fmt.Sprintf("SELECT %s, %s AS %s FROM %s", order, value, valueColumn, given)
	switch {
	case e.Aggregate():
		made = fmt.Sprintf("SELECT 0 AS %s, %s AS %s FROM %s", order, value, valueColumn, given)
	case e.Generates():
		made = fmt.Sprintf("SELECT %[1]s, posexplode(%[2]s) AS (%[3]s, %[2]s) FROM (%[4]s)", order, valueColumn, sql.MadeColumn, made)
		order += ", " + sql.MadeColumn
	}
	result, err := c.Run(ctx, spark.Job{
		Name: "expression",
		Rows: []spark.Rows{{View: raw, Fields: fields, Values: values}},
		Views: []spark.View{{Name: given, SQL: "SELECT " + strings.Join(columns, ", ") + " FROM " + raw},
			{Name: computed, SQL: made, Spans: []diag.Span{e.Span()}}},
		Queries: []spark.Query{{Name: "values", SQL: fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", sql.TextOnSpark(valueColumn, e.Type()), computed, order)}},
	})
	if err != nil {
		return err
	}
	for _, row := range result.Answers["values"] {
		var value any
		if len(row) > 0 && row[0] != nil {
			value = *row[0]
		}
		if err := each(value); err != nil {
			return err
		}
	}
	return nil
}

// textOrNull is a text as a value of a row of Spark.
func textOrNull(text []byte) any {
	if text == nil {
		return nil
	}
	return string(text)
}

// fromTextOnSpark is fromText for Spark.
func fromTextOnSpark(column string, t sql.Type) string {
	if isNested(t) {
		schema, value := formOnSpark(t)
		return strings.ReplaceAll(value, "$", fmt.Sprintf("from_json(%s, '%s')", column, schema))
	}
	return fmt.Sprintf("CAST(%s AS %s)", column, t)
}

// formOnSpark returns the type of Spark that reads the form of [structure], and
// how a value of it, $, becomes one of the type that is meant.
func formOnSpark(t sql.Type) (schema, value string) {
	switch t.Kind {
	case sql.Array:
		elem, of := formOnSpark(*t.Elem)
		if of != "$" {
			return "ARRAY<" + elem + ">", "transform($, _e -> " + strings.ReplaceAll(of, "$", "_e") + ")"
		}
		return "ARRAY<" + elem + ">", "$"
	case sql.Map:
		key, ofKey := formOnSpark(*t.Key)
		elem, ofElem := formOnSpark(*t.Elem)
		return "ARRAY<STRUCT<f0: " + key + ", f1: " + elem + ">>", fmt.Sprintf("map_from_entries(transform($, _e -> struct(%s, %s)))",
			strings.ReplaceAll(ofKey, "$", "_e.f0"), strings.ReplaceAll(ofElem, "$", "_e.f1"))
	case sql.Struct:
		fields, values := make([]string, len(t.Fields)), make([]string, len(t.Fields))
		for i, f := range t.Fields {
			inner, of := formOnSpark(f.Type)
			fields[i] = fmt.Sprintf("f%d: %s", i, inner)
			values[i] = strings.ReplaceAll(of, "$", fmt.Sprintf("$.f%d", i))
		}
		return "STRUCT<" + strings.Join(fields, ", ") + ">", fmt.Sprintf("CAST(CASE WHEN $ IS NOT NULL THEN struct(%s) END AS %s)", strings.Join(values, ", "), t)
	}
	return t.String(), "$"
}
