package duckdb_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// extremes is a table of values that tell expressions apart: NULL, NaN, both
// zeros, the ends of every type, texts that differ in case or in a blank.
func extremes(random *rand.Rand) enginetest.Table {
	const rows = 60
	pools := []struct {
		names  string
		typ    sql.Type
		values []any
	}{
		{"b c", sql.Type{Kind: sql.Boolean}, []any{nil, true, false}},
		{"i j k", sql.Type{Kind: sql.Int}, []any{nil, int64(0), int64(1), int64(-1), int64(7), int64(math.MaxInt32), int64(math.MinInt32)}},
		{"l m", sql.Type{Kind: sql.BigInt}, []any{nil, int64(0), int64(3), int64(-5), int64(math.MaxInt64), int64(math.MinInt64)}},
		{"x y z", sql.Type{Kind: sql.Double}, []any{nil, 0.0, math.Copysign(0, -1), math.NaN(), 0.1, 0.2, 0.3, 1e16, -1e16, 1.0, 1e308, -1e308, 5e-324, math.Inf(1)}},
		{"p q", sql.Type{Kind: sql.Decimal, Precision: 6, Scale: 2}, []any{nil, "0.00", "-0.01", "9999.99", "1.50"}},
		{"s t", sql.Type{Kind: sql.String}, []any{nil, "", "a", "A", "a ", "b", "ß", "\u00e9", "e\u0301", "10", "1.0"}},
		{"d e", sql.Type{Kind: sql.Date}, []any{nil, "1970-01-01", "2024-02-29", "1600-01-01", "9999-12-31"}},
	}
	var out enginetest.Table
	for _, p := range pools {
		for name := range strings.FieldsSeq(p.names) {
			c := enginetest.Column{Name: name, Type: p.typ}
			if i := strings.Index("xyz", name); i >= 0 { // a row whose sum depends on its order
				c.Values = append(c.Values, []any{0.1, 0.2, 0.3}[i])
			}
			for len(c.Values) < rows {
				c.Values = append(c.Values, p.values[random.IntN(len(p.values))])
			}
			out = append(out, c)
		}
	}
	return out
}

// tree is a random expression; form is how it is written, with %s for each
// argument.
type tree struct {
	form string
	args []*tree
}

// forms are the ways in which a value of a type is computed: a form and the
// types of its arguments.
var forms = map[string][]struct{ form, args string }{
	"boolean": {{"%s AND %s", "boolean boolean"}, {"%s OR %s", "boolean boolean"}, {"NOT %s", "boolean"}, {"%s = %s", "int int"}, {"%s <> %s", "string string"},
		{"%s < %s", "double double"}, {"%s >= %s", "int bigint"}, {"%s <=> %s", "double double"}, {"%s = %s", "double double"}, {"%s > %s", "decimal decimal"}, {"%s IN (%s, %s)", "int int int"}, {"%s IN (%s, %s)", "double double double"},
		{"%s BETWEEN %s AND %s", "double double double"}, {"%s IS NULL", "double"}, {"%s <= %s", "date date"}, {"b", ""}, {"c", ""}, {"TRUE", ""}},
	"int":     {{"%s + %s", "int int"}, {"%s * %s", "int int"}, {"%s - %s", "int int"}, {"%s & %s", "int int"}, {"%s | %s", "int int"}, {"%s ^ %s", "int int"}, {"length(%s)", "string"}, {"coalesce(%s, %s)", "int int"}, {"greatest(%s, %s)", "int int"}, {"i", ""}, {"j", ""}, {"k", ""}, {"0", ""}, {"7", ""}},
	"bigint":  {{"%s + %s", "bigint bigint"}, {"%s * %s", "bigint int"}, {"%s DIV %s", "bigint bigint"}, {"l", ""}, {"m", ""}, {"3L", ""}, {"-1", ""}},
	"double":  {{"%s + %s", "double double"}, {"%s * %s", "double double"}, {"%s - %s", "double double"}, {"%s / %s", "double double"}, {"if(%s, %s, %s)", "boolean double double"}, {"CASE WHEN %s THEN %s ELSE %s END", "boolean double double"}, {"nullif(%s, %s)", "double double"}, {"greatest(%s, %s)", "double double"}, {"x", ""}, {"y", ""}, {"z", ""}, {"0.0D", ""}, {"-0.0D", ""}, {"1e16", ""}},
	"decimal": {{"%s + %s", "decimal decimal"}, {"p", ""}, {"q", ""}, {"1.50", ""}},
	"string":  {{"concat(%s, %s)", "string string"}, {"%s || %s", "string string"}, {"upper(%s)", "string"}, {"substring(%s, 1, 2)", "string"}, {"nvl(%s, %s)", "string string"}, {"s", ""}, {"t", ""}, {"'a'", ""}, {"'A'", ""}},
	"date":    {{"date_add(%s, %s)", "date int"}, {"d", ""}, {"e", ""}, {"DATE '2024-02-29'", ""}},
}

func grow(random *rand.Rand, typ string, depth int) *tree {
	all := forms[typ]
	f := all[random.IntN(len(all))]
	for depth == 0 && f.args != "" {
		f = all[random.IntN(len(all))]
	}
	t := &tree{form: f.form}
	for arg := range strings.FieldsSeq(f.args) {
		t.args = append(t.args, grow(random, arg, depth-1))
	}
	return t
}

func (t *tree) clone() *tree {
	out := &tree{form: t.form}
	for _, a := range t.args {
		out.args = append(out.args, a.clone())
	}
	return out
}

// nodes returns a tree and all within it.
func (t *tree) nodes() []*tree {
	out := []*tree{t}
	for _, a := range t.args {
		out = append(out, a.nodes()...)
	}
	return out
}

// String writes every operand in parentheses.
func (t *tree) String() string {
	args := make([]any, len(t.args))
	for i, a := range t.args {
		if args[i] = a.String(); len(a.args) > 0 {
			args[i] = "(" + a.String() + ")"
		}
	}
	return fmt.Sprintf(t.form, args...)
}

// respell writes the expression otherwise: nothing that a reader would call
// another expression.
func (t *tree) respell(random *rand.Rand) string {
	args := make([]any, len(t.args))
	for i, a := range t.args {
		text := a.respell(random)
		if len(a.args) > 0 || random.IntN(4) == 0 {
			text = "( " + text + ")"
		}
		args[i] = text
	}
	form := t.form
	for _, same := range [][]string{{" <> ", " != "}, {" = ", " == "}, {"substring(", "substr("}, {"nvl(", "ifnull(", "coalesce("}, {"length(", "char_length(", "len("},
		{"1e16", "1E+16", "10000000000000000D"}, {"3L", "+3L", "03L"}, {"1.50", "01.50", "1.50BD"}, {"'a'", `"a"`, `'\u0061'`, "r'a'"}, {"TRUE", "true"}, {"if(%s, %s, %s)", "CASE WHEN %s THEN %s ELSE %s END"}} {
		for _, spelling := range same {
			if strings.Contains(form, spelling) && (strings.HasPrefix(spelling, " ") || strings.HasPrefix(form, spelling)) {
				form = strings.Replace(form, spelling, same[random.IntN(len(same))], 1)
				break
			}
		}
	}
	switch turned := map[string]string{"%s < %s": "%s > %s", "%s >= %s": "%s <= %s", "%s > %s": "%s < %s", "%s <= %s": "%s >= %s"}[form]; {
	case turned != "" && random.IntN(2) == 0:
		form = turned
		slices.Reverse(args)
	case slices.Contains([]string{"%s AND %s", "%s OR %s", "%s & %s", "%s | %s", "%s ^ %s", "%s = %s", "%s == %s", "%s != %s", "%s <=> %s"}, form) && random.IntN(2) == 0:
		slices.Reverse(args)
	case strings.HasPrefix(form, "%s IN (") && random.IntN(2) == 0:
		slices.Reverse(args[1:])
	}
	text := fmt.Sprintf(form, args...)
	if random.IntN(6) == 0 {
		text += " /* as it was */ "
	}
	return text
}

// mutate changes a tree in one place: operands swapped or moved to a neighbour,
// another operand, another operator.
func (t *tree) mutate(random *rand.Rand) *tree {
	out := t.clone()
	all := out.nodes()
	n := all[random.IntN(len(all))]
	switch random.IntN(4) {
	case 0:
		slices.Reverse(n.args)
	case 1: // (a + b) + c to a + (b + c)
		if len(n.args) == 2 && n.args[0].form == n.form {
			left := n.args[0]
			n.args = []*tree{left.args[0], {form: n.form, args: []*tree{left.args[1], n.args[1]}}}
		}
	case 2:
		other := all[random.IntN(len(all))].clone()
		if len(n.args) == 0 && len(other.args) == 0 {
			*n = *other
		}
	case 3:
		for _, pair := range [][2]string{{"AND", "OR"}, {"<", "<="}, {">=", ">"}, {"+", "*"}, {"&", "|"}, {"'a'", "'A'"}, {"0.0D", "-0.0D"}, {"<=>", "="}, {"greatest", "least"}} {
			if strings.Contains(n.form, pair[0]) {
				n.form = strings.Replace(n.form, pair[0], pair[1], 1)
				break
			}
		}
	}
	return out
}

// exact tells values apart that print alike.
func exact(values []any) string {
	var b strings.Builder
	for _, v := range values {
		if f, ok := v.(float64); ok {
			if f != f {
				f = math.NaN()
			}
			v = fmt.Sprintf("%x", math.Float64bits(f))
		}
		fmt.Fprintf(&b, "%T %v\n", v, v)
	}
	return b.String()
}

// TestCanonical proves, on random expressions over values that tell them apart,
// that what is spelled otherwise has the same key, and that expressions of one
// key have the same values, however they came about.
func TestCanonical(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	over, engine := extremes(random), openBare(t)
	values := func(e *sql.Typed) string {
		out, err := engine.Eval(t.Context(), e, over)
		if err != nil {
			t.Fatal(err)
		}
		return exact(out)
	}
	compile := func(text string) *sql.Typed {
		e, err := enginetest.Compile(text, over)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return e
	}
	types := []string{"boolean", "int", "bigint", "double", "string", "boolean"}
	same, other := 0, 0
	for n := range 500 {
		root := grow(random, types[n%len(types)], 1+n%4)
		written := root.String()
		first := compile(written)
		want := values(first)
		again := root.respell(random)
		second := compile(again)
		if first.Key() != second.Key() {
			t.Errorf("different keys:\n%s\n%s\n%s\n%s", written, again, first.Canonical(), second.Canonical())
		} else if got := values(second); got != want {
			t.Errorf("different values: %s and %s:\n%s\n%s", written, again, want, got)
		}
		for range 10 {
			changed := root.mutate(random).String()
			third, err := enginetest.Compile(changed, over)
			switch {
			case err != nil || changed == written:
			case third.Key() != first.Key():
				other++
			default:
				same++
				if got := values(third); got != want {
					t.Errorf("one key, different values: %s and %s:\n%s\n%s", written, changed, want, got)
				}
			}
		}
	}
	if same < 80 || other < 400 {
		t.Errorf("%d changes that keep the key and %d that do not show little", same, other)
	}
}

// TestKeysApart proves of pairs that look alike that their keys differ, and that
// there is a row on which their values or types do.
func TestKeysApart(t *testing.T) {
	over, engine := extremes(rand.New(rand.NewPCG(1, 2))), openBare(t)
	for _, tt := range []struct{ a, b string }{
		{"(x + y) + z", "x + (y + z)"}, {"x + y + z", "z + y + x"}, {"x * y * z", "x * (y * z)"},
		{"x - y", "y - x"}, {"i - j", "j - i"}, {"x / y", "y / x"}, {"i / j", "i DIV j"}, {"i % j", "pmod(i, j)"},
		{"1", "1L"}, {"1", "1.0"}, {"1.0", "1.00"}, {"1.0", "1.0D"}, {"0.0D", "-0.0D"}, {"'a'", "'A'"}, {"'a'", "'a '"}, {`'\u00e9'`, `'e\u0301'`}, {"'1'", "1"},
		{"count(*)", "count(i)"}, {"count(i)", "count(DISTINCT i)"}, {"count(i)", "count(i) FILTER (WHERE b)"}, {"count(i)", "count(i, j)"}, {"stddev(i)", "stddev_pop(i)"},
		{"i = j", "i <=> j"}, {"b", "b IS TRUE"}, {"NOT b", "b IS FALSE"}, {"b AND c", "b OR c"}, {"b OR c AND FALSE", "(b OR c) AND FALSE"},
		{"s || t", "t || s"}, {"coalesce(i, j)", "coalesce(j, i)"}, {"nullif(i, j)", "nullif(j, i)"}, {"if(b, i, j)", "if(b, j, i)"},
		{"i + l", "cast(i + l AS int)"}, {"cast(i + j AS bigint)", "cast(i AS bigint) + cast(j AS bigint)"}, {"s = '10'", "cast(s AS int) = 10"},
		{"greatest(x, y)", "greatest(x, y, z)"}, {"s LIKE 'a'", "s ILIKE 'a'"}, {"upper(s)", "lower(s)"},
		{"lag(i) OVER (ORDER BY l)", "lag(i) OVER (ORDER BY l DESC)"}, {"sum(i) OVER (PARTITION BY b)", "sum(i) OVER (ORDER BY b)"},
	} {
		t.Run(tt.a+" and "+tt.b, func(t *testing.T) {
			var keys, shown [2]string
			for n, text := range []string{tt.a, tt.b} {
				e, err := enginetest.Compile(text, over)
				if err != nil {
					t.Fatal(err)
				}
				values, err := engine.Eval(t.Context(), e, over)
				if err != nil {
					t.Fatal(err)
				}
				keys[n], shown[n] = e.Key().String(), e.Type().String()+"\n"+exact(values)
			}
			if keys[0] == keys[1] {
				t.Error("one key")
			}
			if shown[0] == shown[1] {
				t.Error("nothing tells them apart: is the pair worth a test?")
			}
		})
	}
}
