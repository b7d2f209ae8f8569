package sql

import (
	"testing"
)

func rowOrGroup(t *testing.T, text string) *Typed {
	t.Helper()
	e, diags := Parse(text, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	if typed, diags := Check(e, testScope(), Options{Windows: true, Generators: true}); !diags.HasErrors() {
		return typed
	}
	typed, diags := Check(e, testScope(), Options{Mode: Grouped})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return typed
}

func TestKeysEqual(t *testing.T) {
	tests := []struct{ name, a, b string }{
		{"case of keywords", "s is null and b", "s IS NULL AND b"},
		{"case of names", "Length(SERVICE)", "length(service)"},
		{"white space and comments", "i+1", " i /* one */ + -- more\n 1"},
		{"parentheses", "((i)) + (1)", "i + 1"},
		{"spellings of comparison", "i == 1 or i != 2", "i = 1 OR i <> 2"},
		{"arguments of rank", "rank(s) over (order by i)", "rank() over (order by i)"},
		{"synonyms", "substr(s, 1, 2)", "substring(s, 1, 2)"},
		{"ifnull", "ifnull(i, 1)", "nvl(i, 1)"},
		{"nvl and coalesce", "nvl(i, 1)", "coalesce(i, 1)"},
		{"cast spellings", "i::double", "try_cast(i as double)"},
		{"type as a function", "double(s)", "cast(s as double)"},
		{"string spellings", `s = 'a'`, `s = "\u0061"`},
		{"number spellings", "x = 1.5D", "x = 15e-1"},
		{"backquotes", "`i` + 1", "i + 1"},
		{"commuted equality", "i = j", "j = i"},
		{"commuted sum of integers", "i + j", "j + i"},
		{"commuted product of integers", "i * j", "j * i"},
		{"commuted and", "b and c", "c and b"},
		{"regrouped and", "(b and c) and s = 'x'", "b and (s = 'x' and c)"},
		{"turned comparison", "i < j", "j > i"},
		{"turned comparison or equal", "i <= j", "j >= i"},
		{"order of a list", "i in (1, 2, 3)", "i in (3, 1, 2)"},
		{"implicit and written conversion", "i + l", "cast(i as bigint) + l"},
		{"constant in the column's type", "l + 1", "l + 1L"},
		{"if and case", "if(b, 1, 2)", "case when b then 1 else 2 end"},
		{"rlike and regexp_like", "s rlike 'a'", "regexp_like(s, 'a')"},
		{"concat", "s || t", "concat(s, t)"},
		{"modulo", "i % 2", "mod(i, 2)"},
		{"extract", "extract(HOUR from ts)", "hour(ts)"},
		{"to_date", "to_date(s)", "cast(s as date)"},
		{"isnotnull", "isnotnull(s)", "s is not null"},
		{"not in", "i not in (1)", "not (i in (1))"},
		{"mean", "mean(x)", "avg(x)"},
		{"count", "count(*)", "count(1)"},
		{"interval", "ts + interval 1 hour", "ts - interval '-60' minutes"},
		{"default frame", "sum(i) over (order by j)", "sum(i) over (order by j range between unbounded preceding and current row)"},
		{"short frame", "sum(i) over (order by j rows 1 preceding)", "sum(i) over (order by j rows between 1 preceding and current row)"},
		{"all rows", "sum(i) over (order by j rows between unbounded preceding and unbounded following)", "sum(i) over (order by j range between unbounded preceding and unbounded following)"},
		{"order of parts", "sum(i) over (partition by s, t, s)", "sum(i) over (partition by t, s)"},
		{"default direction", "lag(i) over (order by j)", "lag(i) respect nulls over (order by j asc nulls first)"},
		{"ignore nulls", "first_value(i) ignore nulls over (order by j)", "first(i, true) over (order by j)"},
		{"distance", "sum(i) over (order by ts range interval 1 hour preceding)", "sum(i) over (order by ts range interval 60 minutes preceding)"},
		{"name of a variable", "transform(a, x -> x || i)", "transform(a, e -> e || i)"},
		{"unused variable", "transform(a, x -> length(x))", "transform(a, (x, i) -> length(x))"},
		{"names of nested variables", "transform(a, x -> exists(a, y -> x = y))", "transform(a, y -> exists(a, x -> y = x))"},
		{"variable as a column", "transform(a, s -> s || 'x')", "transform(a, x -> x || 'x')"},
		{"reduce", "reduce(a, 0, (n, x) -> n + length(x))", "aggregate(a, 0, (acc, e) -> acc + length(e))"},
		{"dotted name", "Li.x + 1", "`li.X` + 1"},
		{"cardinality", "cardinality(a)", "size(a)"},
		{"default escape", `s like 'a\%'`, `s like 'a\%' escape '\\'`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := rowOrGroup(t, tt.a), rowOrGroup(t, tt.b)
			if a.Key() != b.Key() {
				t.Errorf("different keys:\n%s\n%s", a.Canonical(), b.Canonical())
			}
		})
	}
}

func TestKeysDiffer(t *testing.T) {
	tests := []struct{ name, a, b string }{
		{"column", "s", "t"},
		{"type of a column", "i = 1", "l = 1"},
		{"constant", "i + 1", "i + 2"},
		{"case of a text", "s = 'a'", "s = 'A'"},
		{"blank in a text", "s = 'a'", "s = 'a '"},
		{"type of a constant", "1", "1L"},
		{"scale of a constant", "1.5", "1.50"},
		{"sign of zero", "0.0D", "-0.0D"},
		{"sum of doubles regrouped", "(x + y) + 1", "x + (y + 1)"},
		{"sum of doubles commuted", "x + y", "y + x"},
		{"integers regrouped", "(i + j) + 1", "i + (j + 1)"},
		{"difference commuted", "i - j", "j - i"},
		{"comparison", "i < j", "j < i"},
		{"strict comparison", "i < j", "i <= j"},
		{"null-safe", "i = j", "i <=> j"},
		{"and, or", "b and c", "b or c"},
		{"mixed and, or", "b and c or b", "b and (c or b)"},
		{"order of concat", "s || t", "t || s"},
		{"order of coalesce", "coalesce(i, j)", "coalesce(j, i)"},
		{"order of greatest", "greatest(x, y)", "greatest(y, x)"},
		{"cast in or out", "cast(i + j as bigint)", "cast(i as bigint) + cast(j as bigint)"},
		{"division", "i / 2", "i div 2"},
		{"distinct", "count(i)", "count(distinct i)"},
		{"filter", "count(i)", "count(i) filter (where b)"},
		{"condition of a filter", "count(i) filter (where b)", "count(i) filter (where c)"},
		{"not", "s is null", "s is not null"},
		{"quotes cannot imitate", `concat('a', 'b')`, `concat('a, string "b"')`},
		{"escape", `s like 'a!%' escape '!'`, `s like 'a!%'`},
		{"default group", "regexp_extract(s, '(a)')", "regexp_extract(s, '(a)', 0)"},
		{"order of branches", "case when b then 1 when c then 2 end", "case when c then 2 when b then 1 end"},
		{"branch without else", "case when b then 1 end", "case when b then 1 else 0 end"},
		{"list and value", "i in (1, 2)", "1 in (i, 2)"},
		{"months and days", "ts + interval 1 month", "ts + interval 30 days"},
		{"variables", "aggregate(a, 0, (x, y) -> length(y) - x)", "aggregate(a, 0, (y, x) -> y - length(x))"},
		{"variable and column", "transform(a, x -> length(s))", "transform(a, s -> length(s))"},
		{"outer and inner variable", "transform(a, x -> exists(a, y -> x = 'a'))", "transform(a, x -> exists(a, y -> y = 'a'))"},
		{"element and index", "transform(array(1), (x, i) -> x)", "transform(array(1), (x, i) -> i)"},
		{"exists and forall", "exists(a, x -> x = s)", "forall(a, x -> x = s)"},
		{"order of arrays", "array_union(a, split(s, ','))", "array_union(split(s, ','), a)"},
		{"group and window", "sum(i)", "sum(i) over ()"},
		{"parts", "sum(i) over (partition by s)", "sum(i) over (partition by t)"},
		{"part and order", "sum(i) over (partition by s)", "sum(i) over (order by s)"},
		{"order of the order", "rank() over (order by i, j)", "rank() over (order by j, i)"},
		{"direction", "rank() over (order by i)", "rank() over (order by i desc)"},
		{"place of nulls", "rank() over (order by i)", "rank() over (order by i nulls last)"},
		{"frame", "sum(i) over (order by j)", "sum(i) over (order by j rows unbounded preceding)"},
		{"bound", "sum(i) over (order by j rows 1 preceding)", "sum(i) over (order by j rows 2 preceding)"},
		{"other bound", "sum(i) over (order by j rows between 1 preceding and 1 following)", "sum(i) over (order by j rows between 1 preceding and current row)"},
		{"nulls ignored", "lag(i) over (order by j)", "lag(i) ignore nulls over (order by j)"},
		{"default of lag", "lag(i) over (order by j)", "lag(i, 1, 0) over (order by j)"},
		{"stddev", "stddev(x)", "stddev_pop(x)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := rowOrGroup(t, tt.a), rowOrGroup(t, tt.b)
			if a.Key() == b.Key() {
				t.Errorf("the same key: %s", a.Canonical())
			}
		})
	}
}

// TestKeyFollowsColumnKey proves that the key speaks of the column's content,
// not of its name.
func TestKeyFollowsColumnKey(t *testing.T) {
	key := func(scope columns, text string) string {
		e, diags := Parse(text, line{})
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		typed, diags := Check(e, scope, Options{})
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		return typed.Key().String()
	}
	integer := Type{Kind: Int}
	before := key(columns{"a/content": integer}, "a + 1")
	if renamed := key(columns{"b/content": integer}, "b + 1"); renamed != before {
		t.Error("a rename changes the key")
	}
	if changed := key(columns{"a/other": integer}, "a + 1"); changed == before {
		t.Error("another content has the same key")
	}
	if retyped := key(columns{"a/content": {Kind: BigInt}}, "a + 1"); retyped == before {
		t.Error("another type has the same key")
	}
}

// TestGoldenKeys pins the canonical form: a change here makes every stored
// column stale.
func TestGoldenKeys(t *testing.T) {
	tests := []struct{ text, key string }{
		{"i + 1", "67d8adce5a01c5ea"},
		{"case when service = 'http' then x / 2 else NULL end", "2d990ee0fb57fe06"},
		{"count(distinct s) filter (where b and i in (3, 1))", "396a9e61bd57d929"},
		{"regexp_extract(s, r'(\\d+)', 1)::int", "4d8bdfd9123cc2a3"},
		{"stddev(x) / nullif(avg(x), 0)", "74fd1e25b5ddef03"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			typed := rowOrGroup(t, tt.text)
			if got := typed.Key().Hex()[:16]; got != tt.key {
				t.Errorf("got %s, want %s: %s", got, tt.key, typed.Canonical())
			}
		})
	}
}
