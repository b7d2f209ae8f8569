package sql

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
)

// columns is a scope; the key of a column is the digest of its name unless
// another is given after a slash: "a/k".
type columns map[string]Type

func (c columns) Lookup(name string) (Column, bool) {
	for n, t := range c {
		written, key, ok := strings.Cut(n, "/")
		if !ok {
			key = written
		}
		if strings.EqualFold(written, name) {
			return Column{Name: written, Type: t, Key: digest.Of([]byte(key))}, true
		}
	}
	return Column{}, false
}

func (c columns) Names() []string { return slices.Sorted(maps.Keys(c)) }

func testScope() columns {
	return columns{
		"s": {Kind: String}, "t": {Kind: String}, "i": {Kind: Int}, "j": {Kind: Int}, "l": {Kind: BigInt}, "x": {Kind: Double}, "y": {Kind: Double},
		"b": {Kind: Boolean}, "c": {Kind: Boolean}, "d": {Kind: Date}, "ts": {Kind: Timestamp}, "dec": decimalType(10, 2), "wide": decimalType(38, 2),
		"a": arrayOf(Type{Kind: String}), "f": {Kind: Float}, "Service": {Kind: String}, "tiny": {Kind: TinyInt}, "li.x": {Kind: Int}, "n": arrayOf(Type{Kind: Int}),
		"m": mapOf(Type{Kind: String}, Type{Kind: Int}), "st": structOf(Field{"A", Type{Kind: Int}}, Field{"b.c", Type{Kind: String}}, Field{"in", structOf(Field{"x", Type{Kind: Double}})}),
	}
}

func check(t *testing.T, text string, o Options) *Typed {
	t.Helper()
	e, diags := Parse(text, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	typed, diags := Check(e, testScope(), o)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return typed
}

func TestCheckTypes(t *testing.T) {
	tests := []struct{ text, want string }{
		{"1", "int"}, {"i + l", "bigint"}, {"i / 2", "double"}, {"i * 1.5", "decimal(13,1)"}, {"i div 2", "bigint"}, {"x + 1", "double"},
		{"f + l", "float"}, {"f / 2", "double"}, {"tiny + tiny", "tinyint"}, {"dec * dec", "decimal(21,4)"}, {"dec / 2", "decimal(14,6)"}, {"2 % 1.8", "decimal(2,1)"},
		{"s + 1", "double"}, {"NULL", "void"}, {"NULL + 1", "int"}, {"case when b then 1 else 2.0 end", "decimal(11,1)"},
		{"case when b then 1 else 's' end", "string"}, {"if(b, d, ts)", "timestamp"}, {"coalesce(NULL, i, l)", "bigint"}, {"array(1, 2L)", "array<bigint>"},
		{"a[0]", "string"}, {"d + 1", "date"}, {"ts - interval 1 day", "timestamp"}, {"d + interval 1 hour", "timestamp"}, {"d + interval 1 month", "date"},
		{"ceil(dec)", "decimal(9,0)"}, {"floor(x)", "bigint"}, {"round(dec, 1)", "decimal(10,1)"}, {"s || i", "string"}, {"s rlike 'x'", "boolean"},
		{"split(s, ',')", "array<string>"}, {"cast(s as array<string>) is null", ""}, {"abs(NULL)", "double"}, {"service", "string"},
		{"date_part('hour', ts)", "int"}, {"LI.X", "int"}, {"transform(a, x -> length(x) + 1L)", "array<bigint>"},
		{"transform(transform(sequence(1, i), x -> cast(x as double)), (x, n) -> x / n)", "array<double>"}, {"aggregate(n, 0L, (acc, x) -> acc + x, acc -> acc > 3)", "boolean"},
		{"aggregate(n, 0D, (acc, x) -> acc + x)", "double"}, {"zip_with(a, n, (x, y) -> x || y)", "array<string>"}, {"exists(a, i -> i = 'x')", "boolean"},
		{"sequence(tiny, i)", "array<int>"}, {"sequence(1, l)", "array<bigint>"}, {"sequence(1L, 2)", "array<bigint>"}, {"concat(a, array('x'))", "array<string>"}, {"reverse(n)", "array<int>"}, {"flatten(array(n))", "array<int>"},
		{"transform(sequence(0, 255), b -> size(filter(n, x -> x = b)))", "array<int>"}, {"transform(sequence(1, length(s)), k -> substring(s, k, 3))", "array<string>"}, {"transform(split(s, ','), p -> upper(p))", "array<string>"},
		{"transform(a, p -> substring(s, length(p), 3))", "array<string>"}, {"array_repeat(s, i)", "array<string>"}, {"array_join(n, ',')", "string"}, {"zeroifnull(NULL)", "int"}, {"greatest(1, 2.5)", "decimal(11,1)"}, {"-tiny", "tinyint"}, {"i between 1 and 2.5", "boolean"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			e, diags := Parse(tt.text, line{})
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			typed, diags := Check(e, testScope(), Options{})
			got := ""
			if !diags.HasErrors() {
				got = typed.Type().String()
			}
			if got != tt.want {
				t.Errorf("got %s, want %s: %v", got, tt.want, diags.Err())
			}
		})
	}
}

func TestCheckErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown column", "servce = 'x'", `unknown-column 1-7 did you mean "Service"?`},
		{"unknown function", "lenght(s)", `unknown-function 1-7 did you mean "length"?`},
		{"all at once", "nope + length(1, 2) + (s rlike '(')", "unknown-column 1-5 | wrong-argument-count 8-20 length(s) | bad-pattern 32-35 a sign that stands for itself is written in brackets: [(]"},
		{"inside a wrong call", "lenght(nope)", `unknown-function 1-7 did you mean "length"? | unknown-column 8-12`},
		{"too few arguments", "substring(s)", "wrong-argument-count 1-13 substring(s, pos[, len])"},
		{"argument type", "length(a)", "wrong-argument-type 8-9"},
		{"argument type of several", "date_add(i, x)", "wrong-argument-type 10-11 | wrong-argument-type 13-14"},
		{"condition", "i and b", "type-mismatch 1-2 compare it with something: x <> 0"},
		{"when", "case when i then 1 end", "type-mismatch 11-12 compare it with something: x <> 0"},
		{"branches", "case when b then 1 else b end", "type-mismatch 25-26"},
		{"comparison", "b = 1", "type-mismatch 1-6 a boolean is a condition as it is: write it alone, or NOT before it"},
		{"arithmetic", "b + 1", "type-mismatch 1-6 write if(condition, 1, 0) for a number"},
		{"bits", "x & 1", "type-mismatch 1-6"},
		{"cast", "cast(d as int)", "type-mismatch 1-15"},
		{"float to string", "cast(f as string)", "type-mismatch 1-18"},
		{"shift", "x << 1", "wrong-argument-type 1-2"},
		{"product of intervals", "(ts - ts) * (ts - ts)", "type-mismatch 2-22"},
		{"kinds of intervals", "interval 1 day < interval 1 month", "type-mismatch 1-34 cast one of them"},
		{"interval and text", "interval 1 day = '1'", "type-mismatch 1-21 cast one of them"},
		{"constant pattern", "s rlike t", "not-constant 9-10 regexp_like(s, pattern)"},
		{"constant count", "repeat(s, i)", "not-constant 11-12 repeat(s, n)"},
		{"large count", "repeat(s, 10001)", "too-large 11-16"},
		{"nested repeat", "repeat(repeat(s, 1000), 1000)", "too-large 1-30"},
		{"nested replace", "replace(replace(s, 'a', '" + strings.Repeat("x", 200) + "'), 'x', '" + strings.Repeat("y", 200) + "')", "too-large 1-438"},
		{"random", "rand() < 0.5", "non-deterministic 1-7 derive the value from columns, for example by md5(…)"},
		{"now", "now() > ts", "non-deterministic 1-6 use a time column of the log, or window_end"},
		{"approximate", "approx_count_distinct(s)", "non-deterministic 1-25 write count(DISTINCT x)"},
		{"reflection", "java_method('a', 'b')", "not-supported 1-22 write it as an expression, or add a column to the log"},
		{"may fail", "raise_error('x')", "may-fail 1-17 write a require condition in the parser"},
		{"generator", "explode(a)", "generator-not-allowed 1-11 make it a working column of a feature set, and use that; for one value look into the array: exists(…), aggregate(…)"},
		{"named argument", "size(x => a)", "not-supported 1-13 size(x)"},
		{"lambda elsewhere", "length(x -> x)", "wrong-argument-type 8-14"},
		{"no lambda", "transform(a, 1)", "wrong-argument-type 14-15"},
		{"too many variables", "exists(a, (x, i) -> true)", "wrong-argument-count 11-25 exists(array, f)"},
		{"too few variables", "zip_with(a, a, x -> x)", "wrong-argument-count 16-22 zip_with(array, other, f)"},
		{"variables of one name", "transform(a, (x, X) -> x)", "duplicate-name 18-19"},
		{"not an array", "transform(s, x -> x)", "wrong-argument-type 11-12"},
		{"body of a lambda", "transform(a, x -> y + nope)", "unknown-column 23-27"},
		{"type in a lambda", "transform(a, x -> x and b)", "type-mismatch 19-20 compare it with something"},
		{"condition of a lambda", "filter(a, x -> length(x))", "type-mismatch 16-25 compare it with something: x <> 0"},
		{"start", "aggregate(n, 0, (acc, x) -> acc + 0.5D)", "type-mismatch 17-39 cast the start: cast(0 AS double)"},
		{"text carried on", "aggregate(a, '', (acc, x) -> acc || x)", "not-supported 14-16 carry on numbers, or write transform, filter and array_join"},
		{"aggregate in a lambda", "transform(a, x -> max(i))", "nested-aggregate 19-25"},
		{"comparator", "array_sort(a, (x, y) -> true)", "wrong-argument-type 15-29 write CASE WHEN … THEN -1 WHEN … THEN 1 ELSE 0 END"},
		{"deep lambdas", "exists(a, x -> exists(a, y -> exists(a, z -> exists(a, w -> w = x))))", "too-complex 56-66 name a part as a column of its own"},
		{"text in each element", "transform(a, x -> s)", "too-large 14-20 cut what it takes: substring(s, i, 16)"},
		{"text in each number", "transform(sequence(1, i), j -> transform(sequence(1, i), k -> s))", "too-large 1-66"},
		{"text repeated", "transform(sequence(1, 200), j -> repeat(s, 100))", "too-large 1-49"},
		{"repeated element", "array_repeat(repeat(s, 2), i)", "too-large 1-30"},
		{"type of an element", "array_contains(n, 'x')", "type-mismatch 19-22 cast it to the type of the elements"},
		{"arrays of two types", "array_union(a, n)", "type-mismatch 16-17 cast one of them"},
		{"flat", "flatten(a)", "wrong-argument-type 9-10"},
		{"step", "sequence(1, i, 0)", "bad-constant 16-17"},
		{"sequence of texts", "sequence('a', 'b')", "wrong-argument-type 10-13"},
		{"near dotted name", "lo.x", `unknown-column 1-5 did you mean "li.x"?`},
		{"no window", "row_number()", "window-not-allowed 1-13 row_number() OVER (PARTITION BY … ORDER BY …)"},
		{"window function", "sum(nope) over (order by i)", "window-not-allowed 1-28 compute it in a working column of a feature set, and use that | unknown-column 5-9"},
		{"size of a window", "window(ts, '1 month')", "bad-constant 12-21 write \"5 minutes\", \"1 day 12 hours\"; months are of different lengths"},
		{"empty window", "window(ts, '0 minutes')", "bad-constant 12-23"},
		{"long slide", "window(ts, '1 hour', '2 hours')", "bad-constant 22-31"},
		{"late start", "window(ts, '1 hour', '1 hour', '-1 hour')", "bad-constant 32-41"},
		{"sliding window", "window(ts, '1 hour', '1 minute').start", "generator-not-allowed 1-33 make it a working column of a feature set, and use that; for one value look into the array: exists(…), aggregate(…)"},
		{"time of no window", "window_time(ts)", "wrong-argument-type 13-15"},
		{"aggregate in a row", "sum(i) > 1", "aggregate-not-allowed 1-7"},
		{"distinct of a scalar", "length(distinct s)", "aggregate-not-allowed 1-19"},
		{"star", "length(*)", "not-supported 8-9"},
		{"time pattern", "to_timestamp(s, 'yyyy-ww')", "bad-pattern 17-26"},
		{"time pattern open", "to_date(s, '[dd')", "bad-pattern 12-17"},
		{"time pattern of weeks", "to_date(s, 'yyyy-ww')", "bad-pattern 12-21"},
		{"time pattern of a column", "to_date(s, s)", "not-constant 12-13 to_date(x[, pattern])"},
		{"look-ahead", "s rlike 'a(?=b)'", "bad-pattern 9-17 match more and take a group, or combine two conditions"},
		{"back-reference", `s rlike r'(a)\1'`, "bad-pattern 9-17 take groups out by regexp_extract and compare them"},
		{"possessive", "s rlike 'a++'", "bad-pattern 9-14 leave the second sign out"},
		{"nested repeats", "s rlike '(a+)+'", "bad-pattern 9-16 give one of them a limit: {1,64}"},
		{"word boundary", `s rlike r'\bx'`, "bad-pattern 9-15 write (?:^|[^A-Za-z0-9_]) before a word"},
		{"class in class", "s rlike '[a-c&&[b]]'", `bad-pattern 9-21 write letters as A-Za-z and digits as 0-9, and \[ for a bracket`},
		{"posix class", "s rlike '[[:alpha:]]'", `bad-pattern 9-22 write letters as A-Za-z and digits as 0-9, and \[ for a bracket`},
		{"empty matches", "split(s, 'a*')", "bad-pattern 10-14 use + instead of *; a sign that stands for itself is written in brackets: [|]"},
		{"dollar inside", "regexp_replace(s, 'a$|b', 'x')", `bad-pattern 19-25 write \z for the end of the text`},
		{"group", "regexp_extract(s, 'a', 1)", "bad-pattern 19-22 put parentheses around what is wanted, or ask for group 0"},
		{"replacement", "regexp_replace(s, 'a', '$1')", `bad-pattern 24-28 write \$ for a dollar sign`},
		{"like escape", `s like r'a\b'`, "bad-pattern 8-14"},
		{"unit", "date_trunc('fortnight', ts)", "bad-constant 12-23 YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND or MICROSECOND"},
		{"digits", "dec * wide", "not-supported 1-11 cast one of them to double"},
		{"nullif", "nullif(i, 0.5)", "type-mismatch 11-14 cast an argument so that both are of one type"},
		{"position zero", "element_at(a, 0)", "bad-constant 15-16"},
		{"too complex", "cast(" + strings.Repeat("cast(cast(", 8) + "s" + strings.Repeat(" as timestamp) as string)", 8) + " as timestamp)", "too-complex 1-301 name its parts as columns of their own"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, checkErrors(t, tt.text, Options{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckSessionsAndRefusals(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"gap of a session", "session_window(ts, '0 seconds')", "bad-constant 20-31"},
		{"gap of months", "session_window(ts, '1 month')", "bad-constant 20-29 write \"5 minutes\", \"1 day 12 hours\"; months are of different lengths"},
		{"gap of each row", "session_window(ts, s)", "not-constant 20-21 session_window(ts, gap)"},
		{"calendar interval", "try_divide(make_interval(1), 2)", "not-supported 1-32 write the operator /, which has a value for all of them"},
		{"key of a map", "map(make_interval(1), 1)", "wrong-argument-type 1-25 write the interval as a text: cast(… as string)"},
		{"picture", "to_number(s, '.99')", "not-supported 14-19 write '0.99' or '9.99'"},
		{"session of no time", "session_window(b, '1 hour')", "wrong-argument-type 16-17"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, checkErrors(t, tt.text, Options{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckWindows(t *testing.T) {
	const frameHint = "with RANGE the order is one number, date or timestamp, and the distance a constant of its kind: 10, INTERVAL 5 MINUTES"
	tests := []struct{ name, text, want string }{
		{"aggregate", "x - sum(x) over (partition by s order by ts, i desc)", ""},
		{"ranking", "row_number() over (partition by s, t order by x desc nulls first)", ""},
		{"times", "avg(x) over (partition by s order by ts range between interval 5 minutes preceding and current row)", ""},
		{"dates", "count(*) over (order by d range interval 7 days preceding) + count(*) over (order by d range 7 preceding)", ""},
		{"numbers", "sum(i) over (order by x range between 1 preceding and 0.5 following)", ""},
		{"ignore nulls", "last_value(s) ignore nulls over (order by ts) || lag(t, 2, 'x') ignore nulls over (order by ts)", ""},
		{"scalar", "length(s) over (order by i)", "window-not-allowed 1-28"},
		{"nested", "sum(row_number() over (order by i)) over (order by j)", "window-not-allowed 5-35 name it as a working column of its own"},
		{"nested in the order", "rank() over (order by lag(i) over (order by j))", "window-not-allowed 23-47 name it as a working column of its own"},
		{"aggregate inside", "sum(max(i)) over (order by j)", "aggregate-not-allowed 5-11"},
		{"aggregate alone", "sum(i)", "aggregate-not-allowed 1-7"},
		{"distinct", "count(distinct s) over (order by i)", "not-supported 1-36 write count_if(…), or an aggregate of CASE WHEN … END"},
		{"filter", "sum(i) filter (where b) over (order by i)", "not-supported 1-42 write count_if(…), or an aggregate of CASE WHEN … END"},
		{"no order", "row_number() over (partition by s)", "bad-over 19-35 write OVER (PARTITION BY … ORDER BY …)"},
		{"frame of a rank", "rank() over (order by i rows 1 preceding)", "bad-over 25-41"},
		{"order by a map", "rank() over (order by m)", "type-mismatch 23-24"},
		{"part by a map", "count(*) over (partition by m)", "type-mismatch 29-30"},
		{"all parts", "lag(nope) over (partition by nope2 order by never)", "unknown-column 5-9 | unknown-column 30-35 | unknown-column 45-50"},
		{"empty frame", "sum(i) over (order by i rows between 1 following and 1 preceding)", "bad-over 25-65 "},
		{"two kinds of distance", "count(*) over (order by d range between 1 preceding and interval 1 day following)", "bad-over 27-81 write both as numbers, or both as intervals in the same units: INTERVAL '10 00' DAY TO HOUR"},
		{"order of a median", "median(x) over (order by i)", "bad-over 16-28 write OVER (PARTITION BY …)"},
		{"turned frame", "sum(i) over (order by i rows between 1 preceding and 2 preceding)", "bad-over 25-65"},
		{"nothing", "sum(i) over (order by i rows between unbounded following and unbounded following)", "bad-over 25-81"},
		{"negative", "sum(i) over (order by i rows -1 preceding)", "bad-over 30-42 a whole number of rows that is not negative"},
		{"column as distance", "sum(i) over (order by i rows j preceding)", "bad-over 30-41 a whole number of rows that is not negative"},
		{"interval of rows", "sum(i) over (order by ts rows interval 1 day preceding)", "bad-over 31-55 a whole number of rows that is not negative"},
		{"number of a time", "sum(i) over (order by ts range 1 preceding)", "bad-over 32-43 " + frameHint},
		{"months", "sum(i) over (order by ts range interval 1 month preceding)", "bad-over 32-58 " + frameHint},
		{"fraction of an integer", "sum(i) over (order by i range 1.5 preceding)", "bad-over 31-44 " + frameHint},
		{"two terms", "sum(i) over (order by i, j range 1 preceding)", "bad-over 34-45 " + frameHint},
		{"text", "sum(i) over (order by s range 1 preceding)", "bad-over 31-42 " + frameHint},
		{"range without order", "sum(i) over (range current row)", "bad-over 14-31 add ORDER BY, or write ROWS"},
		{"ignore nulls of a sum", "sum(i) ignore nulls over (order by i)", "not-supported 1-38"},
		{"ignore nulls twice", "first(i, true) ignore nulls over (order by i)", "not-supported 1-46"},
		{"ntile", "ntile(0) over (order by i)", "bad-constant 7-8"},
		{"nth", "nth_value(s, i) over (order by i)", "not-constant 14-15 nth_value(x, n)"},
		{"default", "lag(i, 1, s) over (order by j)", "type-mismatch 11-12 cast one of them"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := checkErrors(t, tt.text, Options{Windows: true})
			if diff := cmp.Diff(strings.TrimSpace(tt.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if diff := cmp.Diff("window-not-allowed 1-27 compute it in a working column of a feature set, and use that",
		checkErrors(t, "count(*) over (order by i)", Options{Mode: Grouped, Windows: true})); diff != "" {
		t.Error(diff)
	}
	if got := check(t, "1 + rank() over (order by i)", Options{Windows: true}); !got.Windows() || got.Aggregate() || check(t, "i", Options{}).Windows() {
		t.Error("window functions are not found")
	}
}

func TestWindowRefs(t *testing.T) {
	got := check(t, "sum(x) over (partition by s order by ts)", Options{Windows: true}).Refs()
	if diff := cmp.Diff([]string{"s", "ts", "x"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestRenderPartition proves that the terms of the caller stand in every OVER.
func TestRenderPartition(t *testing.T) {
	typed := check(t, "first_value(s) over (order by ts) || cast(row_number() over (partition by s order by x) as string)", Options{Windows: true})
	got := typed.DuckDB(Render{Column: Quote, RowOrder: `"_row"`, Partition: `"_copy"`})
	want := `(first_value("s" ORDER BY "ts" ASC NULLS FIRST, "_row") OVER (PARTITION BY "_copy" ORDER BY "ts" ASC NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)` +
		` || (row_number() OVER (PARTITION BY "_copy", "s" ORDER BY ("x" + 0) ASC NULLS FIRST, "_row"))::INTEGER::VARCHAR)`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheckGrouped(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"aggregate", "sum(i) / count(*)", ""},
		{"grouping column", "s || count(*)", ""},
		{"grouping column in another case", "S", ""},
		{"outside", "sum(i) + i", "not-grouped 10-11 put it in an aggregate such as max(i), or use a key column: s"},
		{"nested", "sum(count(*))", "nested-aggregate 5-13 an aggregate is taken over rows; give it a value of each row"},
		{"nested in filter", "count(*) filter (where max(i) > 1)", "nested-aggregate 24-30 an aggregate is taken over rows; give it a value of each row"},
		{"distinct where order matters", "sum(distinct x)", "not-supported 14-15 cast to a decimal"},
		{"no distinct", "stddev(distinct x)", "not-supported 1-19"},
		{"percentile of a column", "percentile(x, y)", "not-constant 15-16"},
		{"percentile out of range", "percentile(x, 1.5)", "bad-constant 15-18"},
		{"mode of any", "mode(i, false)", "non-deterministic 9-14 write mode(x), which picks the smallest"},
		{"avg of a wide decimal", "avg(cast(l as decimal(30,2)))", "not-supported 5-29 cast it to double"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := checkErrors(t, tt.text, Options{Mode: Grouped, Grouping: map[string]bool{"s": true}})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// checkErrors returns code, place and hint of what is wrong.
func checkErrors(t *testing.T, text string, o Options) string {
	t.Helper()
	e, diags := Parse(text, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	typed, diags := Check(e, testScope(), o)
	if (typed == nil) != diags.HasErrors() {
		t.Error("an expression or errors")
	}
	var out []string
	for _, d := range diags.Sorted() {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", d.Code, place(d.Span), d.Hint)))
	}
	return strings.Join(out, " | ")
}

func TestRefs(t *testing.T) {
	typed := check(t, "S = 'x' and service || s = t", Options{})
	if diff := cmp.Diff([]string{"Service", "s", "t"}, typed.Refs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"Service": 1, "s": 2, "t": 1}, typed.RefCounts()); diff != "" {
		t.Error(diff)
	}
	filtered := check(t, "count(*) filter (where i = 1)", Options{Mode: Grouped})
	if diff := cmp.Diff([]string{"i"}, filtered.Refs()); diff != "" || !filtered.Aggregate() {
		t.Error(diff, filtered.Aggregate())
	}
}

func TestCastTo(t *testing.T) {
	tests := []struct {
		text   string
		target Type
		want   bool
	}{
		{"i", Type{Kind: BigInt}, true}, {"i", Type{Kind: Double}, true}, {"l", Type{Kind: Double}, false}, {"l", Type{Kind: Int}, false},
		{"d", Type{Kind: Timestamp}, true}, {"ts", Type{Kind: Date}, false}, {"dec", Type{Kind: Double}, true}, {"wide", Type{Kind: Double}, false},
		{"f", Type{Kind: Double}, true}, {"NULL", Type{Kind: String}, true}, {"s", Type{Kind: Double}, false}, {"i", Type{Kind: String}, false},
		{"array(i)", arrayOf(Type{Kind: BigInt}), true}, {"i", Type{Kind: Int}, true}, {"b", Type{Kind: Int}, false},
	}
	for _, tt := range tests {
		t.Run(tt.text+" to "+tt.target.String(), func(t *testing.T) {
			got, ok := check(t, tt.text, Options{}).CastTo(tt.target)
			if ok != tt.want {
				t.Fatalf("got %v", ok)
			}
			if ok && !got.Type().Equal(tt.target) {
				t.Errorf("type is %s", got.Type())
			}
		})
	}
	plain, _ := check(t, "i", Options{}).CastTo(Type{Kind: BigInt})
	if written := check(t, "cast(i as bigint)", Options{}); plain.Key() != written.Key() {
		t.Error("a cast that is not written has another key than a written one")
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"sum(i) filter (where b) / count(distinct s)", "case s when 'a' then x else dec end", "round(dec % 1.5, 1) between i and l",
		"regexp_extract(s, '(?i)^(a|b{2,3})$', 1)", "split(s, ',')[i] like 'a%'", "ts + interval 1 day > d", "substr(s, -1, i) || cast(x as string)",
		"regexp_replace(s, r'[^a-z.]$', '$0')", "date_trunc('week', timestamp_seconds(x / 1000.0))", "a in (array(s), NULL)", "percentile(l, 0.5) <=> max_by(x, y)", "transform(a, (x, i) -> x || i || s)", "aggregate(n, 0D, (acc, x) -> acc + x / li.x, acc -> -acc)",
		"zip_with(a, split(s, ','), (x, y) -> exists(n, x -> x = length(y)))",
		"lag(s, 1, t) ignore nulls over (partition by b order by ts desc) || max_by(s, x) over (order by d range 7 preceding)"} {
		f.Add(seed)
	}
	render := Render{Column: func(name string) string { return `"` + name + `"` }, RowOrder: `"_rec"`}
	f.Fuzz(func(t *testing.T, text string) {
		e, diags := Parse(text, line{})
		if diags.HasErrors() {
			return
		}
		for _, o := range []Options{{}, {Windows: true}, {Mode: Grouped, Grouping: map[string]bool{"s": true}}} {
			typed, diags := Check(e, testScope(), o)
			if (typed == nil) != diags.HasErrors() {
				t.Fatal("an expression or errors")
			}
			if typed == nil || len(e.String()) > MaxText {
				continue
			}
			if typed.DuckDB(render) == "" {
				t.Fatal("nothing rendered")
			}
			again, diags := Parse(e.String(), line{})
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			second, diags := Check(again, testScope(), o)
			if err := diags.Err(); err != nil {
				t.Fatalf("%q is right, %q is not: %v", text, e, err)
			}
			if second.Key() != typed.Key() {
				t.Fatalf("%q and %q have different keys:\n%s\n%s", text, e, typed.Canonical(), second.Canonical())
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	const text = "CASE WHEN service = 'http' AND i BETWEEN 80 AND 8080 THEN coalesce(x / nullif(y, 0), 0.0) ELSE log1p(cast(substr(s, 3) AS double)) END"
	scope := testScope()
	for b.Loop() {
		e, _ := Parse(text, line{})
		typed, diags := Check(e, scope, Options{})
		if diags.HasErrors() {
			b.Fatal(diags.Err())
		}
		_ = typed.Key()
	}
}
