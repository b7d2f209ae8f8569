package duckdb_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
	"github.com/mlpdev/mlp/pkg/sql"
)

var paritySeed = flag.Uint64("parity-seed", 2, "other expressions for another seed")

// perStatement is how many expressions stand in one statement of Spark.
const perStatement = 250

// startSpark starts the session that MLP_TEST_PARITY_PYTHON, a Python with
// PySpark, stands for.
func startSpark(t *testing.T) *answers.Spark {
	t.Helper()
	python := os.Getenv("MLP_TEST_PARITY_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_PARITY_PYTHON is not set; make parity sets it")
	}
	spark, err := answers.StartSpark(python, filepath.Join("..", "enginetest", "answers", "spark", "evaluate.py"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := spark.Close(); err != nil {
			t.Error(err)
		}
	})
	return spark
}

// onSpark evaluates expressions over a table that Spark has.
func onSpark(t *testing.T, spark *answers.Spark, texts []string) []answers.Evaluated {
	t.Helper()
	var out []answers.Evaluated
	for batch := range slices.Chunk(texts, perStatement) {
		values, err := spark.Evaluate(answers.EachRow, batch)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, values...)
	}
	return out
}

// TestParity evaluates random expressions on both engines.
func TestParity(t *testing.T) {
	spark := startSpark(t)
	questions, err := answers.Random(*paritySeed, 1000)
	if err != nil {
		t.Fatal(err)
	}
	over, engine := answers.Table(), openBare(t)
	fillTable(t, engine, over)
	if err := spark.Fill(over, answers.RowColumn); err != nil {
		t.Fatal(err)
	}
	var all []asked
	var texts []string
	render := sql.Render{Column: sql.QuoteSpark, RowOrder: sql.QuoteSpark(answers.RowColumn), Reversed: "-" + sql.QuoteSpark(answers.RowColumn)}
	for _, q := range questions {
		typed, err := enginetest.Compile(q.Expr, over)
		if err != nil {
			t.Fatalf("%s: %v", q.Expr, err)
		}
		if !typed.Windows() {
			all, texts = append(all, asked{answers.Answer{Question: q}, typed}), append(texts, typed.Spark(render))
		}
	}
	if len(all) < 500 {
		t.Errorf("%d expressions show little", len(all))
	}
	wrong := 0
	for i, made := range onSpark(t, spark, texts) {
		a := all[i]
		difference := made.Error
		if difference == "" {
			values, err := evaluate(t.Context(), engine, a.Kind, all[i:i+1])
			if err != nil {
				t.Fatalf("%s: %v", a.Expr, err)
			}
			a.Answer.Type, a.Answer.Values = made.Type, made.Values
			difference = a.differs(values, 0)
		}
		if difference != "" {
			t.Errorf("%s: %s: %s\n\t%s", a.Subject, a.Expr, difference, texts[i])
			wrong++
		}
	}
	t.Logf("%d expressions, wrong %d", len(all), wrong)
}

// TestCanonicalOnSpark proves that expressions with one key, as they are
// written, have the same values on Spark.
func TestCanonicalOnSpark(t *testing.T) {
	spark := startSpark(t)
	random := rand.New(rand.NewPCG(5, 17))
	over := extremes(random)
	row := enginetest.Column{Name: "_n", Type: sql.Type{Kind: sql.Int}}
	for i := range over[0].Values {
		row.Values = append(row.Values, i)
	}
	if err := spark.Fill(append(enginetest.Table{row}, over...), row.Name); err != nil {
		t.Fatal(err)
	}
	var texts []string // each pair side by side
	types := []string{"boolean", "int", "bigint", "double", "string", "decimal", "date"}
	for n := 0; len(texts) < 1000; n++ {
		root := grow(random, types[n%len(types)], 1+n%4)
		first, again := root.String(), root.respell(random)
		if n%2 == 1 {
			again = root.mutate(random).String()
		}
		a, errA := enginetest.Compile(first, over)
		b, errB := enginetest.Compile(again, over)
		switch {
		case errA != nil || n%2 == 0 && errB != nil:
			t.Fatalf("%s: %v: %s: %v", first, errA, again, errB)
		case errB == nil && first != again && a.Key() == b.Key():
			texts = append(texts, written(t, first), written(t, again))
		}
	}
	values := onSpark(t, spark, texts)
	for i := 0; i < len(values); i += 2 {
		a, b := values[i], values[i+1]
		if a.Error+b.Error != "" || a.Type != b.Type || !slices.Equal(a.Values, b.Values) {
			t.Errorf("one key, different values:\n%s\n%s\n%s", texts[i], texts[i+1], apart(a, b))
		}
	}
	t.Logf("%d pairs", len(values)/2)
}

// written returns an expression as it is printed.
func written(t *testing.T, text string) string {
	t.Helper()
	e, diags := sql.Parse(text, place{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return e.String()
}

// apart says where two results differ.
func apart(a, b answers.Evaluated) string {
	out := []string{a.Error, b.Error, a.Type + " and " + b.Type}
	for i := range min(len(a.Values), len(b.Values)) {
		if a.Values[i] != b.Values[i] {
			out = append(out, fmt.Sprintf("%d: %+v and %+v", i, a.Values[i], b.Values[i]))
		}
	}
	return strings.Join(out[:min(len(out), 6)], "\n")
}
