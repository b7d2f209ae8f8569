package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/preview"
	"github.com/mlpdev/mlp/pkg/sql"
)

type sqlOptions struct {
	*app
	expression string
	rows       string
	schema     string
	typeOnly   bool
	engine     engineFlag
}

func newSQLCmd(a *app) *cobra.Command {
	o := &sqlOptions{app: a}
	cmd := &cobra.Command{
		Use:   "sql EXPRESSION",
		Short: "Try a Spark SQL expression",
		Long: `Check an expression of the specs' language and compute it, over given rows or over
none, with the engine that apply uses, or with --engine spark on Spark, which is
started for it in some ten seconds. Values are printed as Spark prints them, NULL
as NULL: one line for each row, one for all rows where the expression is an
aggregate, one for each row that it makes where it is a generator. No project is
needed.

Rows are JSON objects, one a line; their members are the columns. Whole numbers are
BIGINT, others DOUBLE, arrays ARRAY, objects their JSON text; --schema declares
columns otherwise, and texts and numbers are cast to it. Objects become what it says:
STRUCT<a: INT, b: STRING> or MAP<STRING, INT>.`,
		Args: exactArgs("EXPRESSION"),
		Example: `  mlp sql "split_part('10.0.0.7', '.', 1)"
  mlp sql "hour(ts)" --rows rows.jsonl --schema "ts TIMESTAMP"
  echo '{"x": 1}' | mlp sql "stddev(x)" --rows -
  mlp sql "explode(map_keys(h))" --rows rows.jsonl --schema "h MAP<STRING, STRING>"
  mlp sql "date_format(ts, 'E')" --rows rows.jsonl --schema "ts TIMESTAMP" --engine spark
  mlp sql --type "1 / 2"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.expression = args[0]
			return o.run(cmd.Context())
		},
	}
	a.addFormat(cmd, formatText, formatJSON)
	cmd.Flags().StringVar(&o.rows, "rows", "", "`FILE` of JSON objects, one a line; - is standard input")
	cmd.Flags().StringVar(&o.schema, "schema", "", "declare `COLUMNS` of the rows: \"ts TIMESTAMP, n INT\"")
	o.engine.add(cmd, "compute it with this `ENGINE`: duckdb or spark", engineDuckDB, engineSpark)
	cmd.Flags().BoolVar(&o.typeOnly, "type", false, "print the type of the expression, and compute nothing")
	return cmd
}

// argument places an expression of the command line.
type argument string

// expressionFile is what diagnostics call the command line's expression.
const expressionFile = "EXPRESSION"

// Span implements [sql.Positioner].
func (a argument) Span(start, end int) diag.Span {
	s := diag.Span{File: expressionFile}
	s.Line, s.Col = a.position(start)
	s.EndLine, s.EndCol = a.position(end)
	return s
}

func (a argument) position(offset int) (line, col int) {
	line, col = 1, 1
	for _, r := range string(a[:min(max(offset, 0), len(a))]) {
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	return line, col
}

func (o *sqlOptions) run(ctx context.Context) error {
	if err := o.engine.check(); err != nil {
		return err
	}
	table, err := o.table()
	if err != nil {
		return err
	}
	o.source = func(string) []byte { return []byte(o.expression) }
	if !utf8.ValidString(o.expression) {
		return fmt.Errorf("the expression is not UTF-8")
	}
	e, diags := sql.Parse(o.expression, argument(o.expression))
	if err := diags.Err(); err != nil {
		return err
	}
	typed, more := table.Check(e, nil)
	diags = append(diags, more...)
	if err := diags.Err(); err != nil {
		return err
	}
	if len(diags) > 0 && !o.flags.quiet {
		if err := o.diagnose(diags); err != nil {
			return err
		}
	}
	if o.typeOnly {
		return o.print(typed, nil)
	}
	values := []*string{}
	err = o.evaluate(ctx, table, typed, func(v any) error {
		var value *string
		if s, ok := v.(string); ok {
			value = &s
		}
		values = append(values, value)
		return nil
	})
	if err != nil {
		return err
	}
	return o.print(typed, values)
}

func (o *sqlOptions) evaluate(ctx context.Context, table *preview.Table, e *sql.Typed, each func(any) error) error {
	if o.engine.name == engineSpark {
		return o.withSpark(ctx, nil, "", func(s *spark.Session) error { return table.EvaluateOnSpark(ctx, s, e, each) })
	}
	db, end, err := openScratchEngine(ctx, engineDirs{})
	if err != nil {
		return err
	}
	defer end()
	return table.Evaluate(ctx, db, e, each)
}

// table reads the rows; without any there is one, of no columns.
func (o *sqlOptions) table() (*preview.Table, error) {
	columns, err := preview.ParseSchema(o.schema)
	if err != nil {
		return nil, fmt.Errorf("--schema: %w", err)
	}
	var in io.Reader
	switch o.rows {
	case "":
		if len(columns) > 0 {
			return &preview.Table{Columns: columns}, nil
		}
		return &preview.Table{Rows: [][][]byte{{}}}, nil
	case "-":
		in = o.stdin
	default:
		f, err := os.Open(o.path(o.rows))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	table, err := preview.ReadTable(in, columns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.rows, err)
	}
	return table, nil
}

func (o *sqlOptions) print(e *sql.Typed, values []*string) error {
	if o.format == formatJSON {
		return writeJSON(o.stdout, struct {
			FormatVersion int       `json:"format_version"`
			Type          string    `json:"type"`
			Values        []*string `json:"values,omitzero"`
		}{1, e.Type().String(), values})
	}
	if o.typeOnly {
		return printf(o.stdout, "%s\n", e.Type())
	}
	out := bufio.NewWriter(o.stdout)
	for _, v := range values {
		line := "NULL"
		if v != nil {
			line = printable(*v)
		}
		fmt.Fprintln(out, line)
	}
	return out.Flush()
}
