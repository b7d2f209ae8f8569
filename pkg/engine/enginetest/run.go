package enginetest

import (
	"context"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Column is a column of a table that an expression is evaluated over. Values
// are nil, bool, int64, float64 or string; a string in a column of another
// type is the constant that Spark reads: a decimal's digits, a date, a
// timestamp in UTC.
type Column struct {
	Name   string
	Type   sql.Type
	Values []any
}

// Table is a set of columns of one length. It is the scope of expressions
// over it.
type Table []Column

// Lookup finds a column; case does not matter.
func (t Table) Lookup(name string) (sql.Column, bool) {
	for _, c := range t {
		if strings.EqualFold(c.Name, name) {
			return sql.Column{Name: c.Name, Type: c.Type, Key: digest.Of([]byte(c.Name))}, true
		}
	}
	return sql.Column{}, false
}

// Names returns the names of the columns.
func (t Table) Names() []string {
	names := make([]string, len(t))
	for i, c := range t {
		names[i] = c.Name
	}
	return names
}

// Engine evaluates a checked expression over a table, in the order of its
// rows. The result has one value a row, or one value if the expression is an
// aggregate, each as [Print] takes it.
type Engine interface {
	Eval(ctx context.Context, e *sql.Typed, over Table) ([]any, error)
}

// Case is an expression, the rows it is evaluated over and what Spark answers
// with ANSI mode off, in UTC, one answer a row.
type Case struct {
	Name string
	Expr string
	Over Table
	Want []string
}

// Run evaluates every case on an engine.
func Run(t *testing.T, e Engine) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.Name+": "+c.Expr, func(t *testing.T) {
			typed, err := Compile(c.Expr, c.Over)
			if err != nil {
				t.Fatal(err)
			}
			values, err := e.Eval(t.Context(), typed, c.Over)
			if err != nil {
				t.Fatalf("%v\n%s", err, typed.Canonical())
			}
			if len(values) != len(c.Want) {
				t.Fatalf("%d values, want %d", len(values), len(c.Want))
			}
			for i, v := range values {
				if got := Print(v, typed.Type()); !Equal(c.Want[i], got, typed.Type()) {
					t.Errorf("row %d: got %s, want %s", i, got, c.Want[i])
				}
			}
		})
	}
}

// Compile reads and checks an expression over a table, as an aggregate if it
// is one. Window functions and generators are allowed.
func Compile(text string, over Table) (*sql.Typed, error) {
	e, diags := sql.Parse(text, oneLine{})
	if err := diags.Err(); err != nil {
		return nil, err
	}
	typed, rowDiags := sql.Check(e, over, sql.Options{Windows: true, Generators: true})
	if !rowDiags.HasErrors() {
		return typed, nil
	}
	typed, diags = sql.Check(e, over, sql.Options{Mode: sql.Grouped})
	if diags.HasErrors() {
		return nil, rowDiags.Err()
	}
	return typed, nil
}

// oneLine places an expression in a file of its own.
type oneLine struct{}

// Span returns the place of a part of the expression.
func (oneLine) Span(start, end int) diag.Span {
	return diag.Span{File: "expression", Line: 1, Col: start + 1, EndLine: 1, EndCol: end + 1}
}
