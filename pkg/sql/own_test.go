package sql

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/diag"
)

// library is a set of functions of one's own, by name. A definition is
// "name(param type, …) = expression", or with " : type" before the sign.
type library map[string]*Definition

func (l library) Function(name string) (*Definition, bool) {
	d, ok := l[strings.ToLower(name)]
	return d, ok
}

func (l library) Names() []string { return slices.Sorted(maps.Keys(l)) }

// define adds a function and returns what is wrong with it.
func (l library) define(t *testing.T, text string) string {
	t.Helper()
	head, body, _ := strings.Cut(text, " = ")
	head, typ, _ := strings.Cut(head, " : ")
	name, params, _ := strings.Cut(strings.TrimSuffix(head, ")"), "(")
	d := Definition{Name: name}
	for part := range strings.SplitSeq(params, ", ") {
		if param, spelled, ok := strings.Cut(part, " "); ok {
			d.Params = append(d.Params, Parameter{Name: param, Type: mustType(t, spelled)})
		}
	}
	e, diags := Parse(body, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	result := Type{}
	if typ != "" {
		result = mustType(t, typ)
	}
	done, diags := Define(d, e, result, l)
	var out []string
	for _, x := range diags.Sorted() {
		if x.Severity == diag.Error {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", x.Code, place(x.Span), x.Hint)))
		}
	}
	if done != nil && diags.HasErrors() {
		t.Error("a function or errors")
	}
	l[name] = done
	return strings.Join(out, " | ")
}

func mustType(t *testing.T, text string) Type {
	t.Helper()
	typ, diags := ParseType(text, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return typ
}

func testLibrary(t *testing.T) library {
	t.Helper()
	l := library{"broken": nil}
	for _, text := range []string{
		"ratio(a double, b double) = a / nullif(b, 0)",
		"entropy(s string) = aggregate(array_distinct(split(s, '')), 0D, (acc, c) -> acc - ratio(length(s) - length(replace(s, c, '')), length(s)) * log2(ratio(length(s) - length(replace(s, c, '')), length(s))))",
		"grams(s string, n int) : array<string> = transform(sequence(1, length(s) - n + 1), i -> substring(s, i, 3))",
		"cv(x double) = stddev(x) / nullif(avg(x), 0)",
		"share(x double, total bigint) = sum(x) / total",
		"times(i int) = i * 1.5",
		"gap(ts timestamp, who string) = unix_micros(ts) - lag(unix_micros(ts)) over (partition by who order by ts)",
		"pick(a array<string>, i int) = element_at(a, i)",
		"one() = 1",
		"twice(x double) = x + x",
		"four(x double) = twice(twice(x))",
		"all_of(a array<string>) = forall(a, x -> exists(a, y -> x <> y))",
		"big(s string) = repeat(s, 200)",
	} {
		if wrong := l.define(t, text); wrong != "" {
			t.Fatalf("%s: %s", text, wrong)
		}
	}
	return l
}

func TestOwnFunctionsExpand(t *testing.T) {
	l := testLibrary(t)
	tests := []struct{ call, written string }{
		{"ratio(x, y)", "x / nullif(y, 0)"},
		{"ratio(i, 2)", "cast(i as double) / nullif(cast(2 as double), 0)"},
		{"RATIO(x + 1, y) > 2", "(x + 1) / nullif(y, 0) > 2"},
		{"one()", "1"},
		{"four(x)", "(x + x) + (x + x)"},
		{"entropy(lower(s))", "aggregate(array_distinct(split(lower(s), '')), 0D, (a, b) -> a - cast(length(lower(s)) - length(replace(lower(s), b, '')) as double) / nullif(cast(length(lower(s)) as double), 0)" +
			" * log2(cast(length(lower(s)) - length(replace(lower(s), b, '')) as double) / nullif(cast(length(lower(s)) as double), 0)))"},
		{"transform(n, e -> twice(e))", "transform(n, x -> cast(x as double) + cast(x as double))"},
		{"transform(n, x -> size(grams(substring(s, x, 9), x)))", "transform(n, e -> size(transform(sequence(1, length(substring(s, e, 9)) - e + 1), i -> substring(substring(s, e, 9), i, 3))))"},
		{"cv(x * y)", "stddev(x * y) / nullif(avg(x * y), 0)"},
		{"share(x, count(*))", "sum(x) / count(*)"},
		{"gap(ts, s)", "unix_micros(ts) - lag(unix_micros(ts)) over (partition by s order by ts)"},
		{"pick(a, -1)", "element_at(a, -1)"},
		{"ratio(x, x)", "x / nullif(x, 0)"},
	}
	for _, tt := range tests {
		t.Run(tt.call, func(t *testing.T) {
			got, want := ownOrGroup(t, tt.call, l), ownOrGroup(t, tt.written, nil)
			if got.Key() != want.Key() {
				t.Errorf("different keys:\n%s\n%s", got.Canonical(), want.Canonical())
			}
			render := Render{Column: Quote, RowOrder: `"_row"`}
			if diff := cmp.Diff(want.DuckDB(render), got.DuckDB(render)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if diff := cmp.Diff([]string{"entropy", "one"}, ownOrGroup(t, "entropy(s) + one() + one()", l).Functions()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ratio"}, l["entropy"].Functions()); diff != "" {
		t.Error(diff)
	}
}

func ownOrGroup(t *testing.T, text string, l Library) *Typed {
	t.Helper()
	e, diags := Parse(text, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	if typed, diags := Check(e, testScope(), Options{Windows: true, Own: l}); !diags.HasErrors() {
		return typed
	}
	typed, diags := Check(e, testScope(), Options{Mode: Grouped, Own: l})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return typed
}

// TestOwnConstantsAreNoLiterals proves that the type of a call does not depend
// on whether an argument is a constant.
func TestOwnConstantsAreNoLiterals(t *testing.T) {
	l := testLibrary(t)
	for _, text := range []string{"times(2)", "times(i)"} {
		if got := ownOrGroup(t, text, l).Type().String(); got != "decimal(13,1)" {
			t.Errorf("%s is %s", text, got)
		}
	}
}

func TestOwnErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"near name", "ratoi(x, y)", `unknown-function 1-6 did you mean "ratio"?`},
		{"count", "ratio(x)", "wrong-argument-count 1-9 ratio(a double, b double)"},
		{"type", "ratio(s, l)", "wrong-argument-type 7-8 write cast(… as double)"},
		{"argument", "ratio(nope, y)", "unknown-column 7-11"},
		{"over", "ratio(x, y) over ()", "window-not-allowed 1-20"},
		{"filter", "ratio(x, y) filter (where b)", "aggregate-not-allowed 1-29"},
		{"aggregate in a row", "cv(x) > 1", "aggregate-not-allowed 1-6"},
		{"window", "gap(ts, s)", "window-not-allowed 1-11"},
		{"wrong function", "broken(nope) + nope", "unknown-column 8-12 | unknown-column 16-20"},
		{"constant in the definition", "pick(a, 0)", "bad-constant 1-11"},
		{"lambda", "ratio(x, z -> z)", "wrong-argument-type 10-16"},
		{"deep lambdas", "exists(a, x -> exists(a, y -> all_of(a)))", "too-complex 31-40"},
		{"growth", "big(big(s))", "too-large 1-12"},
		{"type beside", "ratio(x, y) and b", "type-mismatch 1-12 compare it with something: x <> 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, checkErrors(t, tt.text, Options{Own: testLibrary(t)})); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("nested aggregate", func(t *testing.T) {
		got := checkErrors(t, "sum(cv(x)) + cv(max(x)) + share(x, i)", Options{Mode: Grouped, Own: testLibrary(t)})
		want := "nested-aggregate 5-10 an aggregate is taken over rows; give it a value of each row | nested-aggregate 17-23 an aggregate is taken over rows; give it a value of each row" +
			" | not-grouped 36-37 put it in an aggregate such as max(i)"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestOwnOfWrong proves that a call of a wrong function is not blamed for it.
func TestOwnOfWrong(t *testing.T) {
	l := testLibrary(t)
	if wrong := l.define(t, "calls(x double) = broken(x) + 1"); wrong != "" {
		t.Errorf("blamed: %s", wrong)
	}
	e, _ := Parse("broken(x) + calls(x)", line{})
	if typed, diags := Check(e, testScope(), Options{Own: l}); typed != nil || len(diags) > 0 {
		t.Errorf("got %v, %v", typed, diags.Err())
	}
}

func TestDefineErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"column", "f(x double) = x + y", `unknown-column 5-6`},
		{"result", "f(x double) : int = x", "type-mismatch 1-2 declare the type that it gives, or write cast(… as int)"},
		{"pattern of a parameter", "f(s string, p string) = s rlike p", "not-constant 9-10 regexp_like(s, pattern)"},
		{"in and out of an aggregate", "f(x double) = sum(x) / x", "not-supported 10-11 make it two parameters"},
		{"in and out through a function", "f(x double) = cv(x) / x", "not-supported 9-10 make it two parameters"},
		{"aggregate and window", "f(x double, y double) = sum(x) + sum(y) over ()", "window-not-allowed 10-24 compute it in a working column of a feature set, and use that"},
		{"text in each element", "f(s string, a array<string>) = transform(a, x -> s)", "too-large 14-20 cut what it takes: substring(s, i, 16)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, testLibrary(t).define(t, tt.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOwnExplosion proves that functions that each call the one before twice
// end early.
func TestOwnExplosion(t *testing.T) {
	l := library{}
	l.define(t, "f0(x double) = x + x")
	for i := 1; i < 60; i++ {
		l.define(t, fmt.Sprintf("f%d(x double) = f%d(x) + f%d(x)", i, i-1, i-1))
		if l[fmt.Sprintf("f%d", i)] == nil {
			if i < 5 {
				t.Errorf("f%d is refused", i)
			}
			return
		}
	}
	t.Error("nothing was refused")
}

func TestDefinitionKeys(t *testing.T) {
	l := library{}
	for _, text := range []string{"a(x double, y double) = x - y", "b(u double, v double) = u - v /* the same */", "c(x double, y double) = y - x", "d(x int, y double) = x - y"} {
		l.define(t, text)
	}
	if l["a"].Key() != l["b"].Key() || l["a"].Key() == l["c"].Key() || l["a"].Key() == l["d"].Key() {
		t.Error("a parameter is not known by its place and type")
	}
	if got := l["a"].Signature(); got != "a(x double, y double)" {
		t.Error(got)
	}
}

func TestParseType(t *testing.T) {
	for text, want := range map[string]string{"bigint": "bigint", " ARRAY<array<STRING>> ": "array<array<string>>", "decimal(10,2)": "decimal(10,2)", "varchar": "", "int x": "", "": "", "array<": ""} {
		typ, diags := ParseType(text, line{})
		got := ""
		if !diags.HasErrors() {
			got = typ.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
