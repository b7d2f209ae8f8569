package answers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
	"github.com/mlpdev/mlp/pkg/sql"
)

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

// TestSparkCases evaluates what every engine is tested against on Spark: all
// cases over one table in one statement.
func TestSparkCases(t *testing.T) {
	spark := startSpark(t)
	render := sql.Render{Column: sql.QuoteSpark, RowOrder: sql.QuoteSpark(numberColumn), Reversed: "-" + sql.QuoteSpark(numberColumn)}
	type asked struct {
		enginetest.Case
		typed *sql.Typed
	}
	var order []string
	groups := map[string][]asked{}
	for _, c := range enginetest.Cases() {
		typed, err := enginetest.Compile(c.Expr, c.Over)
		if err != nil {
			t.Fatalf("%s: %v", c.Expr, err)
		}
		key := fmt.Sprint(c.Over)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], asked{c, typed})
	}
	count, wrong := 0, 0
	for _, key := range order {
		group := groups[key]
		if err := spark.Fill(numbered(group[0].Over), numberColumn); err != nil {
			t.Fatal(err)
		}
		texts, places := map[answers.Kind][]string{}, map[answers.Kind][]asked{}
		for _, a := range group {
			kind := answers.EachRow
			switch {
			case a.typed.Generates():
				kind = answers.Generated
			case a.typed.Aggregate():
				kind = answers.AllRows
			}
			texts[kind], places[kind] = append(texts[kind], a.typed.Spark(render)), append(places[kind], a)
		}
		for kind, all := range texts {
			size := map[answers.Kind]int{answers.EachRow: 100, answers.AllRows: 10, answers.Generated: 1}[kind]
			for from := 0; from < len(all); from += size {
				got, err := spark.Evaluate(kind, all[from:min(from+size, len(all))])
				if err != nil {
					t.Fatal(err)
				}
				for i, e := range got {
					a := places[kind][from+i]
					count++
					if difference := caseDiffers(a.Case, a.typed.Type(), e); difference != "" {
						t.Errorf("%s: %s: %s\n\t%s", a.Name, a.Expr, difference, all[from+i])
						wrong++
					}
				}
			}
		}
	}
	t.Logf("%d cases over %d tables, wrong %d", count, len(order), wrong)
}

func caseDiffers(c enginetest.Case, typ sql.Type, got answers.Evaluated) string {
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
		if !enginetest.Equal(c.Want[i], text, typ) {
			out = append(out, fmt.Sprintf("%d: got %s, want %s", i, text, c.Want[i]))
		}
	}
	return strings.Join(out, "; ")
}

// TestSparkDepth evaluates the longest chains of operands on Spark.
func TestSparkDepth(t *testing.T) {
	spark := startSpark(t)
	over := enginetest.Table{
		{Name: "b", Type: sql.Type{Kind: sql.Boolean}, Values: []any{true}},
		{Name: "i", Type: sql.Type{Kind: sql.Int}, Values: []any{1}},
		{Name: "s", Type: sql.Type{Kind: sql.String}, Values: []any{"x"}},
	}
	if err := spark.Fill(numbered(over), numberColumn); err != nil {
		t.Fatal(err)
	}
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
			t.Fatalf("%.60s…: %v", tt.text, err)
		}
		got, err := spark.Evaluate(answers.EachRow, []string{typed.Spark(sql.Render{Column: sql.QuoteSpark})})
		if err != nil {
			t.Fatal(err)
		}
		if e := got[0]; e.Error != "" || len(e.Values) != 1 || e.Values[0].Text != tt.want {
			t.Errorf("%.60s…: %+v, want %s", tt.text, e, tt.want)
		}
	}
}
