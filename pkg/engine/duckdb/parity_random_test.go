package duckdb_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
	"github.com/mlpdev/mlp/pkg/sql"
)

// How many random expressions are compared, and pairs of them that have one key.
const (
	sampledExpressions = 2000
	allExpressions     = 20000
	sampledPairs       = 200
	allPairs           = 500
)

// pick returns a number for a sample, or for everything.
func (p *parity) pick(sampled, all int) int {
	if p.full {
		return all
	}
	return sampled
}

// random evaluates typed random expressions on both engines.
func (p *parity) random() {
	count := p.pick(sampledExpressions, allExpressions)
	p.Logf("%d random expressions of -parity-seed=%d", count, *paritySeed)
	questions, err := answers.Random(*paritySeed, count)
	if err != nil {
		p.Fatal(err)
	}
	over, engine := answers.Table(), openBare(p.T)
	fillTable(p.T, engine, over)
	p.fill(over, answers.RowColumn)
	all, texts := make([]asked, count), make([]string, count)
	for i, q := range questions {
		typed, err := enginetest.Compile(q.Expr, over)
		if err != nil {
			p.Fatalf("%s: %v", q.Expr, err)
		}
		all[i], texts[i] = asked{answers.Answer{Question: q}, typed}, typed.Spark(onSparkBy(answers.RowColumn))
	}
	meanwhile := make(chan []made, 1)
	go func() { meanwhile <- evaluateAll(p.Context(), engine, answers.EachRow, all) }()
	onSpark := p.onSpark(answers.EachRow, texts, perStatement)
	onDuckDB := <-meanwhile
	for i, got := range onSpark {
		difference := got.Error
		if difference == "" {
			a := all[i]
			a.Answer.Type, a.Answer.Values = got.Type, got.Values
			difference = a.differs(onDuckDB[i], func(string) bool { return false })
		}
		p.compared(all[i].Subject+": "+all[i].Expr, texts[i], difference)
	}
}

// canonical proves that expressions with one key, as they are written, have the
// same values on Spark.
func (p *parity) canonical() {
	random := rand.New(rand.NewPCG(5, 17))
	over := extremes(random)
	p.fill(numbered(over), numberColumn)
	count := 2 * p.pick(sampledPairs, allPairs)
	var texts []string // each pair side by side
	types := []string{"boolean", "int", "bigint", "double", "string", "decimal", "date"}
	for n := 0; len(texts) < count; n++ {
		root := grow(random, types[n%len(types)], 1+n%4)
		first, again := root.String(), root.respell(random)
		if n%2 == 1 {
			again = root.mutate(random).String()
		}
		a, errA := enginetest.Compile(first, over)
		b, errB := enginetest.Compile(again, over)
		switch {
		case errA != nil || n%2 == 0 && errB != nil:
			p.Fatalf("%s: %v: %s: %v", first, errA, again, errB)
		case errB == nil && first != again && a.Key() == b.Key():
			texts = append(texts, written(p.T, first), written(p.T, again))
		}
	}
	values := p.onSpark(answers.EachRow, texts, perStatement)
	for i := 0; i < len(values); i += 2 {
		a, b, difference := values[i], values[i+1], ""
		if a.Error+b.Error != "" || a.Type != b.Type || !slices.Equal(a.Values, b.Values) {
			difference = "one key, different values:\n" + apart(a, b)
		}
		p.compared(texts[i], texts[i+1], difference)
	}
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
