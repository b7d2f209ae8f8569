package sql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/diag"
)

// warnings returns code, place and message of what an expression that is right
// is warned of.
func warnings(t *testing.T, text string, o Options) string {
	t.Helper()
	e, parsing := Parse(text, line{})
	if err := parsing.Err(); err != nil {
		t.Fatal(err)
	}
	_, diags := Check(e, testScope(), o)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range append(parsing, diags...).Sorted() {
		if d.Severity != diag.Warning || d.Hint == "" {
			t.Errorf("%s %s: want a warning with a hint", d.Severity, d.Message)
		}
		out = append(out, fmt.Sprintf("%s %s %s", d.Code, place(d.Span), d.Message))
	}
	return strings.Join(out, " | ")
}

func TestWarnings(t *testing.T) {
	tests := []struct{ text, want string }{
		// Casts and comparisons that are always NULL.
		{"cast('abc' as int)", "always-null 6-11 'abc' is no int: this is NULL on every row"},
		{"cast('12 ' as int) + cast('-1.5' as bigint) + cast('1e3' as double) + cast('inf' as double)", ""},
		{"cast('1e3' as int)", "always-null 6-11 '1e3' is no int: this is NULL on every row"},
		{"try_cast('maybe' as boolean)", "always-null 10-17 'maybe' is no boolean: this is NULL on every row"},
		{"cast(' TRUE' as boolean)", ""},
		{"date('yesterday')", "always-null 6-17 'yesterday' is no date: this is NULL on every row"},
		{"cast('2024-01' as date) < timestamp('2024-01-01T10:00')", ""},
		{"i = 'http'", "always-null 5-11 'http' is no int: this is NULL on every row"},
		{"'80' = i", ""},
		{"ts > 'last week'", "always-null 6-17 'last week' is no timestamp: this is NULL on every row"},
		{"ts > '2024-13-01' or d = '2024-02-30'", "always-null 6-18 '2024-13-01' is no timestamp: this is NULL on every row | always-null 26-38 '2024-02-30' is no date: this is NULL on every row"},
		{"ts > '2024-12-31 23:59' or d = '2024-02-29T00:00:00Z' or ts < '2024'", ""},
		{"b = 'no' or b = 'never'", "always-null 17-24 'never' is no boolean: this is NULL on every row"},
		{"s = NULL", "always-null 1-9 a comparison with NULL is NULL on every row"},
		{"NULL <> s", "always-null 1-10 a comparison with NULL is NULL on every row"},
		{"s <=> NULL", ""},
		{"s in ('a', NULL)", "always-null 12-16 nothing is equal to NULL: IN does not find it"},
		{"s not in ('a', NULL)", "always-null 16-20 with NULL in its list NOT IN is never true"},
		{"s + ' ' + t", "always-null 5-8 ' ' is no number: this is NULL on every row"},
		{"s + '1' - '2.5e3' * t", ""},
		{"x / 0", "always-null 5-6 a division by 0 is NULL on every row"},
		// Comparisons that are always the same.
		{"tiny = 1000", "constant-comparison 1-12 this is false wherever it is not NULL: a tinyint is a whole number from -128 to 127"},
		{"1000 > tiny", "constant-comparison 1-12 this is true wherever it is not NULL: a tinyint is a whole number from -128 to 127"},
		{"tiny = 127 and i = 1000", ""},
		{"i = 1.5", "constant-comparison 1-8 this is false wherever it is not NULL: an int is a whole number from -2147483648 to 2147483647"},
		{"hour(ts) > 24", "constant-comparison 1-14 this is false wherever it is not NULL: hour(…) is a whole number from 0 to 23"},
		{"hour(ts) >= 22 or hour(ts) < 6", ""},
		{"dayofweek(ts) in (0, 6)", "constant-comparison 19-20 this is false wherever it is not NULL: dayofweek(…) is a whole number from 1 to 7"},
		{"length(s) >= 0", "constant-comparison 1-15 this is true wherever it is not NULL: length(…) is a whole number from 0 to 2147483647"},
		{"l = 9223372036854775807L", ""},
		{"x > 5 and x < 3", "constant-comparison 11-16 this is never true together with x > 5"},
		{"x > 3 and s = 'a' and x < 5", ""},
		{"i > 5 and i < 6", "constant-comparison 11-16 this is never true together with i > 5"},
		{"x > 5 and x < 6", ""},
		{"x >= 5 and x <= 5", ""},
		{"s = 'a' and s = 'b'", "constant-comparison 13-20 this is never true together with s = 'a'"},
		{"s = 'a' and s = 'A' and t = 'b'", "constant-comparison 13-20 this is never true together with s = 'a'"},
		{"s = 'a' and t = 'b'", ""},
		{"lower(s) in ('a', 'b') and lower(s) in ('c', 'd')", "constant-comparison 28-50 this is never true together with lower(s) in ('a', 'b')"},
		{"s in ('a', 'b') and s in ('b', 'c')", ""},
		{"s = 'a' and s <> 'a'", "constant-comparison 13-21 this is never true together with s = 'a'"},
		{"s <> 'a' and s <> 'b'", ""},
		{"i = 5 and i > 7", "constant-comparison 11-16 this is never true together with i = 5"},
		{"s <> 'a' or s <> 'b'", "constant-comparison 13-21 one of s <> 'a' and s <> 'b' always holds where neither is NULL"},
		{"s not in ('a', 'b') or s <> 'c'", "constant-comparison 24-32 one of s not in ('a', 'b') and s <> 'c' always holds where neither is NULL"},
		{"s = 'a' or s = 'b'", ""},
		{"x > 3 or x < 5", "constant-comparison 10-15 one of x > 3 and x < 5 always holds where neither is NULL"},
		{"x < 3 or x > 5", ""},
		{"d > date '2024-01-02' and d < date '2024-01-01'", "constant-comparison 27-48 this is never true together with d > date '2024-01-02'"},
		{"i between 10 and 1", "constant-comparison 1-19 nothing lies between 10 and 1"},
		{"i between 1 and 10", ""},
		{"s = S", ""},
		{"s = s", "constant-comparison 1-6 s is compared with itself"},
		{"1 = 1", ""},
		// Backslashes that a text does not keep.
		{`s rlike '\d+\.'`, `lost-backslash 10-12 a string drops this backslash: \d is d`},
		{`s rlike '\bword'`, `lost-backslash 9-17 in a string \b is a backspace, which no log holds`},
		{`s rlike r'\d+' and s rlike '\\d+' and t like '10\%' or t = 'a\'b\n\u0041'`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, warnings(t, tt.text, Options{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDivisions holds which divisions are warned of: those that may be NULL
// where nothing around shows that the author knows.
func TestDivisions(t *testing.T) {
	tests := []struct {
		text string
		by   string // what may be zero; "" for no warning
	}{
		{"x / y", "y"}, {"i % j", "j"}, {"mod(i, j)", "j"}, {"pmod(i, j)", "j"}, {"i div j", "j"}, {"x / (y - 1)", "y - 1"},
		{"x / 2", ""}, {"x / -1.5", ""}, {"x / ln(2)", ""}, {"1 / exp(x)", ""}, {"x / (length(s) + 1)", ""}, {"x / length(s)", "length(s)"},
		{"x / greatest(y, 1)", ""}, {"x / greatest(y, 0)", "greatest(y, 0)"}, {"x / greatest(length(s), 1)", ""}, {"x / (1 + abs(y))", ""},
		{"x / nullif(y, 0)", ""}, {"x / nullif(y, 1)", "nullif(y, 1)"}, {"x / cast(nullif(i, 0) as double)", ""}, {"x / (nullif(y, 0) * 2)", ""}, {"try_divide(x, y)", ""},
		{"coalesce(x / y, 0)", ""}, {"nvl(round(x / y, 2), 0)", ""}, {"coalesce(x, x / y)", "y"}, {"(x / y) is null", ""}, {"x / y <=> 1", ""},
		{"if(y > 0, x / y, 0)", ""}, {"if(i > 0, x / y, 0)", "y"}, {"case when y = 0 then 0 else x / y end", ""},
		{"case when i = 0 then x / y when y = 0 then 0 else x / y end", "y"}, {"case y when 0 then 0 else x / y end", ""},
		{"y <> 0 and x / y > 1", ""}, {"y is not null and x / y > 1", "y"}, {"if(isnull(y), 0, x / y)", "y"}, {"x / y > 1 and y <> 0", ""}, {"i > 0 and x / y > 1", "y"}, {"y = 0 or x / y > 1", ""},
		{"x / year(d)", ""}, {"x / levenshtein(s, t, 2)", "levenshtein(s, t, 2)"}, {"x / hour(ts)", "hour(ts)"}, {"transform(n, e -> 1 / e)", "e"}, {"transform(n, e -> if(e = 0, 0, 1 / e))", ""},
		{"x / case when b then 1 else 2 end", ""}, {"x / case when b then y else 2 end", "case when b then y else 2 end"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			checkDivision(t, tt.text, tt.by, Options{})
		})
	}
	for _, tt := range []struct{ text, by string }{
		{"sum(x) / count(*)", ""}, {"sum(x) / count(1)", ""}, {"sum(x) / count(y)", "count(y)"}, {"sum(x) / count(*) filter (where b)", "count(*) filter (where b)"},
		{"sum(x) / sum(y)", "sum(y)"}, {"sum(x / y) filter (where y > 0)", ""}, {"sum(x / y)", "y"}, {"stddev(x) / avg(x)", "avg(x)"}, {"case when sum(y) > 0 then sum(x) / sum(y) end", ""},
	} {
		t.Run(tt.text, func(t *testing.T) {
			checkDivision(t, tt.text, tt.by, Options{Mode: Grouped})
		})
	}
	t.Run("known", func(t *testing.T) {
		checkDivision(t, "x / Y", "", Options{Known: map[string]bool{"y": true}})
	})
}

func checkDivision(t *testing.T, text, by string, o Options) {
	t.Helper()
	got := warnings(t, text, o)
	if by != "" {
		by = "this is NULL where " + by + " is 0"
	}
	if by == "" && got != "" || !strings.HasPrefix(got, "division-by-zero") && by != "" || !strings.HasSuffix(got, by) {
		t.Errorf("got %q, want %q", got, by)
	}
}

// TestOwnDivision proves that a division in a function of one's own is warned
// of where it stands, not where the function is called.
func TestOwnDivision(t *testing.T) {
	l := testLibrary(t)
	if got := warnings(t, "share(x, 1L)", Options{Mode: Grouped, Own: l}); got != "" {
		t.Errorf("the call is warned of: %s", got)
	}
	e, _ := Parse("sum(x) / total", line{})
	_, diags := Define(Definition{Name: "share", Params: []Parameter{{"x", Type{Kind: Double}}, {"total", Type{Kind: Double}}}}, e, Type{}, l)
	if len(diags) != 1 || diags[0].Code != "division-by-zero" || place(diags[0].Span) != "1-15" {
		t.Errorf("got %v", diags)
	}
}
