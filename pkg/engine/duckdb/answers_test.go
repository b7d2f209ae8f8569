package duckdb_test

import (
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
	"github.com/mlpdev/mlp/pkg/sql"
)

// leastAnswers is how many answers are stored.
const leastAnswers = 5000

var answersFile = flag.String("answers", "", "a file of answers to compare with, instead of the stored one")

// asked is a question that is asked here, too.
type asked struct {
	answers.Answer
	typed *sql.Typed
}

// TestAnswers compares what DuckDB makes of typed random expressions with what
// real Spark has answered. `make answers` asks Spark again.
func TestAnswers(t *testing.T) {
	stored := readAnswers(t)
	over := answers.Table()
	engine := openBare(t)
	fillTable(t, engine, over)
	kinds := map[answers.Kind][]asked{}
	about := map[string]int{}
	var gone []string
	for _, a := range stored {
		typed, err := enginetest.Compile(a.Expr, over)
		if err != nil {
			gone = append(gone, fmt.Sprintf("%s: %v", a.Expr, err))
			continue
		}
		if a.Refused || strings.HasPrefix(a.Error, "DATATYPE") {
			t.Errorf("%s: %s: accepted, but not by Spark: %s", a.Subject, a.Expr, a.Error)
			continue
		}
		if a.Kind != answers.EachRow && a.Error != "" { // of a row, of which nothing is known
			continue
		}
		about[a.Subject]++
		kinds[a.Kind] = append(kinds[a.Kind], asked{a, typed})
	}
	if len(gone) > 0 {
		t.Errorf("%d expressions are no longer accepted, run make answers: %s", len(gone), gone[0])
	}
	wrong := 0
	for kind, all := range kinds {
		for i, got := range evaluateAll(t.Context(), engine, kind, all) {
			if difference := all[i].differs(got, beyond); difference != "" {
				t.Errorf("%s: %s: %s", all[i].Subject, all[i].Expr, difference)
				wrong++
			}
		}
	}
	t.Logf("%d expressions about %d functions and operators, wrong %d", len(stored), len(about), wrong)
	checkCounts(t, len(stored), about)
}

// checkCounts reports functions that were asked about too seldom.
func checkCounts(t *testing.T, total int, about map[string]int) {
	t.Helper()
	var missing []string
	for _, name := range answers.Subjects() {
		if about[name] < answers.Least {
			missing = append(missing, fmt.Sprintf("%s (%d)", name, about[name]))
		}
	}
	if len(missing) > 0 {
		t.Errorf("fewer than %d answers, run make answers: %s", answers.Least, strings.Join(missing, ", "))
	}
	if total < leastAnswers {
		t.Errorf("%d answers, want at least %d, run make answers", total, leastAnswers)
	}
}

// single reports whether a generator that makes a struct makes one column.
func (a asked) single() bool {
	typ := a.typed.Type()
	return a.Kind == answers.Generated && typ.Kind == sql.Struct && len(typ.Fields) == 1 && a.Type == typ.Fields[0].Type.String()
}

// differs says what is answered otherwise. A text may be one that NULL stands for.
func (a asked) differs(got made, none func(string) bool) string {
	if got.err != nil {
		return got.err.Error()
	}
	typ := a.typed.Type()
	if a.single() {
		typ = typ.Fields[0].Type
	}
	if a.Type != typ.String() {
		return fmt.Sprintf("type %s, want %s", typ, a.Type)
	}
	if a.Error != "" && len(a.Values) == 1 { // a window function fails for all rows
		return ""
	}
	if len(a.Values) != len(got.values) {
		return fmt.Sprintf("%d values, want %d", len(got.values), len(a.Values))
	}
	var differences []string
	for row, want := range a.Values {
		v := got.values[row]
		if fields, ok := v.([]any); ok && a.single() {
			v = fields[0]
		}
		if v == nil && !want.Null && a.Kind == answers.Generated && typ.Kind == sql.Struct { // whose fields are columns
			v = make([]any, len(typ.Fields))
		}
		text := enginetest.Print(v, typ)
		switch {
		case v == nil && none(want.Text):
		case want.Failed && (v == nil || a.Depth > 0): // what Spark has no value for is NULL, or what is made of NULL
		case want.Failed || want.Null != (v == nil):
			differences = append(differences, fmt.Sprintf("%d: got %q, want %+v", row, text, want))
		case !want.Null && !answers.Same(want.Text, text, typ, a.tolerance()):
			differences = append(differences, fmt.Sprintf("%d: got %q, want %q", row, text, want.Text))
		}
	}
	return shortened(differences)
}

// beyond reports whether Spark ends at the last or first time of 64 bits or day
// of 32, which DuckDB has no value for.
func beyond(text string) bool {
	return strings.Contains(text, "+294247-01-10 04:00:54.775807") || strings.Contains(text, "-290308-12-21 19:59:05.224") ||
		strings.Contains(text, "-5877641-06-2") || strings.Contains(text, "+5881580-07-11")
}

// tolerance is by what part doubles may differ: the order in which an
// aggregate adds up decides about the last digits.
func (a asked) tolerance() float64 {
	if a.typed.Aggregate() || a.typed.Windows() {
		return 1e-9
	}
	return 1e-12
}

// made is what an expression has for each row, group, table, or row that it
// generates.
type made struct {
	values []any
	err    error
}

// evaluateAll evaluates expressions in few statements; one that fails does so
// alone.
func evaluateAll(ctx context.Context, engine *bareEngine, kind answers.Kind, all []asked) []made {
	size := 50
	if kind == answers.Generated { // each makes a number of rows of its own
		size = 1
	}
	var out []made
	for batch := range slices.Chunk(all, size) {
		rows, err := evaluate(ctx, engine, kind, batch)
		if err != nil && len(batch) > 1 {
			for i := range batch {
				out = append(out, evaluateAll(ctx, engine, kind, batch[i:i+1])...)
			}
			continue
		}
		for i := range batch {
			column := made{err: err}
			for _, row := range rows {
				column.values = append(column.values, row[i])
			}
			out = append(out, column)
		}
	}
	return out
}

// evaluate returns the values of several expressions, by row.
func evaluate(ctx context.Context, engine *bareEngine, kind answers.Kind, batch []asked) ([][]any, error) {
	render := sql.Render{Column: func(name string) string { return `"` + name + `"` }, RowOrder: `"` + answers.RowColumn + `"`}
	items := make([]string, len(batch))
	for i, a := range batch {
		items[i] = fmt.Sprintf("%s AS v%d", a.typed.DuckDB(render), i)
	}
	query := "SELECT " + strings.Join(items, ", ") + " FROM answers"
	switch kind {
	case answers.EachRow, answers.Generated:
		query += ` ORDER BY "` + answers.RowColumn + `"`
	case answers.EachGroup:
		query += ` GROUP BY "` + answers.GroupColumn + `" ORDER BY "` + answers.GroupColumn + `" NULLS FIRST`
	}
	rows, err := engine.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out [][]any
	for rows.Next() {
		values, into := make([]any, len(batch)), make([]any, len(batch))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i := range values {
			values[i] = digits(values[i])
		}
		if kind != answers.Generated {
			out = append(out, values)
			continue
		}
		made, _ := values[0].([]any)
		for _, v := range made {
			out = append(out, []any{v})
		}
	}
	return out, rows.Err()
}

func fillTable(t *testing.T, engine *bareEngine, over enginetest.Table) {
	t.Helper()
	var columns, rows []string
	for _, c := range over {
		columns = append(columns, fmt.Sprintf("%q %s", c.Name, c.Type.DuckDB()))
	}
	for i := range over[0].Values {
		var row []string
		for _, c := range over {
			row = append(row, constant(c.Values[i], c.Type))
		}
		rows = append(rows, "("+strings.Join(row, ", ")+")")
	}
	for _, statement := range []string{"CREATE TABLE answers (" + strings.Join(columns, ", ") + ")", "INSERT INTO answers VALUES " + strings.Join(rows, ", ")} {
		if _, err := engine.db.Exec(statement); err != nil {
			t.Fatalf("%v: %s", err, statement)
		}
	}
}

// constant writes a value as DuckDB reads it.
func constant(v any, t sql.Type) string {
	typ := t.DuckDB()
	switch x := v.(type) {
	case nil:
		return "NULL::" + typ
	case []byte:
		return "unhex('" + hex.EncodeToString(x) + "')"
	case string:
		text := strings.ReplaceAll(sql.Text(x), "\x00", "' || chr(0) || '")
		if t.Kind == sql.Timestamp {
			text = "'" + x + "+00'"
		}
		return "(" + text + ")::" + typ
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			switch t.Kind {
			case sql.Struct:
				parts[i] = fmt.Sprintf("'f%d': %s", i, constant(e, t.Fields[i].Type))
			case sql.Map:
				entry := e.([]any)
				parts[i] = fmt.Sprintf("{'f0': %s, 'f1': %s}", constant(entry[0], *t.Key), constant(entry[1], *t.Elem))
			default:
				parts[i] = constant(e, *t.Elem)
			}
		}
		if t.Kind == sql.Struct {
			return "{" + strings.Join(parts, ", ") + "}::" + typ
		}
		return "[" + strings.Join(parts, ", ") + "]::" + typ
	}
	return fmt.Sprintf("'%v'::%s", v, typ)
}
