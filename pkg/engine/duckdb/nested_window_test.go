package duckdb_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
	"github.com/mlpdev/mlp/pkg/sql"
)

// TestListsOfWindows puts a window function, whose argument holds a lambda, in
// the place of each array and map of the stored answers: of one row a
// partition, its value is that of the column. DuckDB fails on a lambda that
// looks at such a one.
func TestListsOfWindows(t *testing.T) {
	over := answers.Table()
	var lists []string
	for _, c := range over {
		if c.Type.Kind == sql.Array || c.Type.Kind == sql.Map {
			lists = append(lists, c.Name)
		}
	}
	column := regexp.MustCompile(`[(, ](` + strings.Join(lists, "|") + `)[,) ]`)
	engine := openBare(t)
	fillTable(t, engine, over)
	done := map[string]int{}
	for _, a := range readAnswers(t) {
		if a.Depth > 0 || a.Kind != answers.EachRow || a.Refused || len(a.Values) == 1 || !column.MatchString(a.Expr) || done[a.Subject] > 3 {
			continue
		}
		a.Expr = column.ReplaceAllStringFunc(a.Expr, func(text string) string {
			name := text[1 : len(text)-1]
			same := "filter(" + name + ", _v -> true)"
			if c, _ := over.Lookup(name); c.Type.Kind == sql.Map {
				same = "map_filter(" + name + ", (_k, _v) -> true)"
			}
			return fmt.Sprintf("%cfirst(%s) OVER (PARTITION BY n ORDER BY n)%c", text[0], same, text[len(text)-1])
		})
		typed, err := enginetest.Compile(a.Expr, over)
		if err != nil { // a window function in a lambda, or in another one
			continue
		}
		done[a.Subject]++
		got := evaluateAll(t.Context(), engine, a.Kind, []asked{{a, typed}})[0]
		if got.err != nil {
			first, _, _ := strings.Cut(got.err.Error(), "\n")
			t.Errorf("%s: %s", a.Expr, first)
			engine = openBare(t) // which is of no use after such an error
			fillTable(t, engine, over)
			continue
		}
		if a.Type != typed.Type().String() { // of which the names of fields are not those of columns
			continue
		}
		if difference := (asked{a, typed}).differs(got, beyond); difference != "" {
			t.Errorf("%s: %s", a.Expr, difference)
		}
	}
	array := sql.Type{Kind: sql.Array, Elem: &sql.Type{Kind: sql.Int}}
	for _, f := range sql.Functions() {
		takes := slices.ContainsFunc(f.Arguments, func(a sql.Argument) bool {
			return a.Takes(array) && !a.Takes(sql.Type{Kind: sql.Int}) && !a.Constant
		})
		if takes && f.Class == sql.Scalar && done[f.Name] == 0 {
			t.Errorf("no answer about %s has an array", f.Name)
		}
	}
}
