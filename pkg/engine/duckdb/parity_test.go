package duckdb_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
	"github.com/mlpdev/mlp/pkg/sql"
)

var (
	paritySeed = flag.Uint64("parity-seed", 2, "other random expressions for another seed")
	parityOf   = flag.String("parity-of", "", "ask only about this function, of the stored answers")
)

// parity compares what both engines make of expressions, in one session of
// Spark. Full, it is about everything that is known; else about a sample.
type parity struct {
	*testing.T
	spark *answers.Spark
	count enginetest.Parity
	full  bool
}

// TestParity proves that what is rendered for Spark has on Spark the values that
// DuckDB computes.
func TestParity(t *testing.T) {
	python := enginetest.ParityPython(t)
	spark, err := answers.StartSpark(python, filepath.Join("..", "enginetest", "answers", "spark", "evaluate.py"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := spark.Close(); err != nil {
			t.Error(err)
		}
	})
	p := &parity{spark: spark, full: enginetest.ParityFull()}
	for _, part := range []struct {
		name string
		run  func(*parity)
	}{{"Functions", (*parity).functions}, {"Cases", (*parity).cases}, {"Depth", (*parity).depth}, {"Random", (*parity).random}, {"Canonical", (*parity).canonical}} {
		before := p.count
		t.Run(part.name, func(t *testing.T) {
			p.T = t
			part.run(p)
			t.Logf("%d compared, %d differ", p.count.Cases-before.Cases, p.count.Differ-before.Differ)
		})
	}
	p.count.Report(t)
}

// fill sets the table that Spark evaluates expressions over.
func (p *parity) fill(over enginetest.Table, row string) {
	p.Helper()
	if err := p.spark.Fill(over, row); err != nil {
		p.Fatal(err)
	}
}

// onSpark evaluates expressions over the table, so many in a statement.
func (p *parity) onSpark(kind answers.Kind, texts []string, perStatement int) []answers.Evaluated {
	p.Helper()
	out, err := p.spark.Evaluate(kind, texts, perStatement)
	if err != nil {
		p.Fatal(err)
	}
	return out
}

// compared counts an expression, of which a difference is said.
func (p *parity) compared(expr, text, difference string) {
	p.Helper()
	p.count.Cases++
	if difference != "" {
		p.count.Differ++
		p.Errorf("%s: %s\n\t%s", expr, difference, text)
	}
}

// onSparkBy says how columns are named, and rows ordered, on Spark.
func onSparkBy(row string) sql.Render {
	return sql.Render{Column: sql.QuoteSpark, RowOrder: sql.QuoteSpark(row), Reversed: "-" + sql.QuoteSpark(row)}
}

// ofFunction is how many of the stored answers about a function a sample has.
const ofFunction = 3

// functions compares every function over rows that are chosen for its types:
// what is rendered for Spark has Spark's stored answers to what was written, as
// DuckDB has by TestAnswers.
func (p *parity) functions() {
	over := answers.Table()
	p.fill(over, answers.RowColumn)
	type batch struct {
		kind    answers.Kind
		windows bool
		nested  bool
	}
	about := map[string]int{}
	batches, texts := map[batch][]asked{}, map[batch][]string{}
	for _, a := range readAnswers(p.T) {
		if a.Kind != answers.EachRow && a.Error != "" || *parityOf != "" && a.Subject != *parityOf { // of a row, of which nothing is known
			continue
		}
		if about[a.Subject]++; !p.full && about[a.Subject] > ofFunction {
			continue
		}
		typed, err := enginetest.Compile(a.Expr, over)
		if err != nil {
			p.Errorf("%s: %v", a.Expr, err)
			continue
		}
		text := typed.Spark(onSparkBy(answers.RowColumn))
		if q := (asked{a, typed}); q.single() {
			text = fmt.Sprintf("transform(%s, _s -> _s.%s)", text, sql.QuoteSpark(typed.Type().Fields[0].Name))
		}
		b := batch{a.Kind, typed.Windows(), strings.HasSuffix(a.Type, ">")}
		batches[b], texts[b] = append(batches[b], asked{a, typed}), append(texts[b], text)
	}
	for b, all := range batches {
		size := perStatement
		if b.kind == answers.AllRows || b.kind == answers.EachGroup || b.windows {
			size = perAggregation
		}
		for i, got := range p.onSpark(b.kind, texts[b], size) {
			p.compared(all[i].Subject+": "+all[i].Expr, texts[b][i], all[i].differsOnSpark(got))
		}
	}
}

// perStatement is how many expressions stand in one statement, and how many of
// those that Spark has a state for.
const (
	perStatement   = 250
	perAggregation = 25
)

// differsOnSpark says what Spark answers otherwise than it is stored.
func (a asked) differsOnSpark(got answers.Evaluated) string {
	switch {
	case got.Error != "":
		return got.Error
	case a.Error != "" && len(a.Values) == 1: // a window function fails for all rows
		return ""
	case a.Kind == answers.Generated:
		return differMade(a.Values, got.Values, a.typed.Type())
	case got.Type != a.Type:
		return fmt.Sprintf("type %s, want %s", got.Type, a.Type)
	case len(got.Values) != len(a.Values):
		return fmt.Sprintf("%d values, want %d", len(got.Values), len(a.Values))
	}
	tolerance := 0.0 // Spark computes both
	if a.typed.Aggregate() || a.typed.Windows() {
		tolerance = 1e-9
	}
	var out []string
	for row, want := range a.Values {
		v := got.Values[row]
		switch {
		case v.Null && beyond(want.Text): // which is NULL
		case want.Failed && (v.Null || a.Depth > 0): // what Spark has no value for is NULL, or what is made of NULL
		case want.Failed || v.Failed || v.Null != want.Null || !answers.Same(want.Text, v.Text, a.typed.Type(), tolerance):
			out = append(out, fmt.Sprintf("%d: got %+v, want %+v", row, v, want))
		}
	}
	return shortened(out)
}

// shortened joins differences, a few of them.
func shortened(all []string) string {
	if len(all) > 3 {
		all = append(all[:2], fmt.Sprintf("and %d more", len(all)-2))
	}
	return strings.Join(all, "; ")
}

// differMade compares what a generator made with the lists of each row, as
// elements of a list are printed.
func differMade(want, lists []answers.Value, typ sql.Type) string {
	var a, b []string
	for _, v := range want {
		switch {
		case v.Null:
			v.Text = "null"
		case typ.Kind == sql.String || typ.Kind == sql.Struct && len(typ.Fields) == 1 && typ.Fields[0].Type.Kind == sql.String && !strings.HasPrefix(v.Text, "{"):
			v.Text = `"` + v.Text + `"`
		}
		a = append(a, v.Text)
	}
	for _, v := range lists {
		if elements := strings.TrimSuffix(strings.TrimPrefix(v.Text, "["), "]"); !v.Null && v.Text != "[]" {
			b = append(b, elements)
		}
	}
	empty := make([]any, len(typ.Fields)) // columns that are all NULL are a row of NULL
	plain := func(list []string) string {
		return strings.ReplaceAll(strings.Join(list, ","), enginetest.Print(empty, typ), "null")
	}
	if typ.Kind != sql.Struct {
		plain = func(list []string) string { return strings.Join(list, ",") }
	}
	if x, y := plain(a), plain(b); x != y {
		return fmt.Sprintf("got %s, want %s", y, x)
	}
	return ""
}

// cases compares the cases that every engine is tested by.
func (p *parity) cases() {
	type asked struct {
		enginetest.Case
		typed *sql.Typed
	}
	var order []string
	groups := map[string][]asked{}
	for _, c := range enginetest.Cases() {
		typed, err := enginetest.Compile(c.Expr, c.Over)
		if err != nil {
			p.Fatalf("%s: %v", c.Expr, err)
		}
		key := fmt.Sprint(c.Over)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], asked{c, typed})
	}
	for _, key := range order {
		group := groups[key]
		p.fill(numbered(group[0].Over), numberColumn)
		texts, places := map[answers.Kind][]string{}, map[answers.Kind][]asked{}
		for _, a := range group {
			kind := answers.EachRow
			if a.typed.Aggregate() {
				kind = answers.AllRows
			}
			texts[kind], places[kind] = append(texts[kind], a.typed.Spark(onSparkBy(numberColumn))), append(places[kind], a)
		}
		for kind, all := range texts {
			size := map[answers.Kind]int{answers.EachRow: perStatement, answers.AllRows: perAggregation}[kind]
			for i, got := range p.onSpark(kind, all, size) {
				a := places[kind][i]
				p.compared(a.Name+": "+a.Expr, all[i], caseDiffers(a.Case, a.typed, got))
			}
		}
	}
}

// numberColumn numbers the rows of a case's table.
const numberColumn = "_n"

// numbered returns a table with a column that numbers its rows, of which there is
// one at least.
func numbered(table enginetest.Table) enginetest.Table {
	row := enginetest.Column{Name: numberColumn, Type: sql.Type{Kind: sql.Int}, Values: []any{0}}
	for i := 1; len(table) > 0 && i < len(table[0].Values); i++ {
		row.Values = append(row.Values, i)
	}
	return append(enginetest.Table{row}, table...)
}

func caseDiffers(c enginetest.Case, typed *sql.Typed, got answers.Evaluated) string {
	if got.Error != "" {
		return got.Error
	}
	if len(got.Values) != len(c.Want) {
		return fmt.Sprintf("%d values, want %d", len(got.Values), len(c.Want))
	}
	var out []string
	for i, v := range got.Values {
		text := v.Text
		if v.Null {
			text = "NULL"
		}
		near := typed.Aggregate() || typed.Windows() // sums
		if !enginetest.Equal(c.Want[i], text, typed.Type()) && !(near && !v.Null && answers.Same(c.Want[i], text, typed.Type(), 1e-9)) {
			out = append(out, fmt.Sprintf("%d: got %s, want %s", i, text, c.Want[i]))
		}
	}
	return shortened(out)
}

// depth compares the longest chains of operands.
func (p *parity) depth() {
	over := enginetest.Table{
		{Name: "b", Type: sql.Type{Kind: sql.Boolean}, Values: []any{true}},
		{Name: "i", Type: sql.Type{Kind: sql.Int}, Values: []any{1}},
		{Name: "s", Type: sql.Type{Kind: sql.String}, Values: []any{"x"}},
	}
	p.fill(numbered(over), numberColumn)
	const operands = 500
	chain := func(x, operator string) string {
		return strings.Repeat(x+operator, operands-1) + x
	}
	for _, tt := range []struct{ text, want string }{
		{chain("b", " AND "), "true"},
		{chain("NOT b", " OR "), "false"},
		{"length(" + chain("s", " || ") + ")", "500"},
		{"coalesce(" + chain("i", ", ") + ")", "1"},
		{chain("(i = 1 AND b)", " OR "), "true"},
	} {
		typed, err := enginetest.Compile(tt.text, over)
		if err != nil {
			p.Fatalf("%.60s…: %v", tt.text, err)
		}
		got := p.onSpark(answers.EachRow, []string{typed.Spark(onSparkBy(numberColumn))}, 1)[0]
		p.compared(tt.text[:20]+"…", "", caseDiffers(enginetest.Case{Want: []string{tt.want}}, typed, got))
	}
}

func readAnswers(t *testing.T) []answers.Answer {
	t.Helper()
	path := cmp.Or(*answersFile, filepath.Join("..", "enginetest", "answers", "testdata", "answers.jsonl.gz"))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := answers.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return stored
}
