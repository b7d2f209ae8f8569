package sql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/diag"
)

// habits are expressions as people write them who know another language, or
// who slipped: the code and place of the one error, and what its hint says; ""
// is for what is clear from the message alone.
var habits = []struct{ text, at, hint string }{
	// Quotes and parentheses.
	{"s = 'abc", "syntax 5-6", "end it with '"},
	{"s = \"abc", "syntax 5-6", "end it with \""},
	{"s = ‘abc’", "syntax 5-8", "straight quotes"},
	{"`s = 1", "syntax 1-2", ""},
	{"(i + 1", "syntax 7-7", ""},
	{"length(s", "syntax 9-9", ""},
	{"i + 1)", "syntax 6-7", "there is no ( for it"},
	{"length s", "syntax 8-9", "length(…)"},
	{"# note\ni", "syntax 1-2", "--"},
	{"i /* note", "syntax 3-5", ""},
	{"i;", "syntax 2-3", "without a semicolon"},
	// Operators.
	{"i =", "syntax 4-4", ""},
	{"i = = 1", "syntax 5-6", "a = b"},
	{"i === 1", "syntax 5-6", "a = b"},
	{"i := 1", "syntax 3-4", "is written ="},
	{"i => 1", "not-supported 1-5", ">="},
	{"i =! 1", "syntax 4-5", "<>"},
	{"b && c", "syntax 4-5", "write AND"},
	{"(b || c) and b", "type-mismatch 2-8", "write OR"},
	{"s & t", "type-mismatch 1-6", "write AND"},
	{"b | c", "type-mismatch 1-6", "write OR"},
	{"s ~ 'a'", "syntax 3-4", "RLIKE"},
	{"s =~ 'a'", "type-mismatch 4-9", "RLIKE"},
	{"s !~ 'a'", "syntax 3-4", "RLIKE"},
	{"i ** 2", "syntax 4-5", "pow"},
	{"i ^ 2.5", "type-mismatch 1-8", "pow"},
	{"i // 2", "syntax 4-5", "DIV"},
	{"i ? 1 : 2", "syntax 3-4", "if("},
	{"i > 1,000", "syntax 6-7", "1000"},
	{"$i", "syntax 1-2", "no parameters"},
	{"[1, 2]", "syntax 1-2", "array(1, 2)"},
	{"{1: 2}", "syntax 1-2", "map("},
	{"i in [1, 2]", "syntax 6-7", "in parentheses"},
	{"i in 1, 2", "syntax 6-7", "IN (1, 2)"},
	{"i in ()", "syntax 7-8", "at least one"},
	{"i between 1 or 2", "syntax 13-15", "BETWEEN low AND high"},
	{"i between 1", "syntax 12-12", "BETWEEN low AND high"},
	{"i not null", "syntax 7-11", "IS NOT NULL"},
	{"i isnull", "syntax 3-9", "IS NULL"},
	{"i is 1", "syntax 6-7", "compared by ="},
	{"s is empty", "syntax 6-11", "s = ''"},
	{"i is distinct from 2", "syntax 6-14", "<=>"},
	{"s contains 'a'", "syntax 3-11", "contains(s, 'text')"},
	{"s matches 'a'", "syntax 3-10", "RLIKE"},
	{"s->>'a'", "syntax 2-4", "get_json_object"},
	{"s like t", "not-constant 1-9", "contains(s, t)"},
	{"b = 1", "type-mismatch 1-6", "as it is"},
	{"d = 20240101", "type-mismatch 1-13", "DATE '"},
	{"ts > 1700000000", "type-mismatch 1-16", "timestamp_seconds"},
	{"ts - 1", "type-mismatch 1-7", "INTERVAL"},
	{"s and b", "type-mismatch 1-2", "compare it"},
	// CASE and IF.
	{"case when i > 1 then 2", "syntax 23-23", "END"},
	{"case when i > 1 2 end", "syntax 17-18", "THEN"},
	{"case i > 1 then 2 end", "syntax 12-16", "CASE WHEN condition"},
	{"if i > 1 then 2 else 3", "syntax 4-5", "if(condition, a, b)"},
	{"iff(i > 1, 2, 3)", "unknown-function 1-4", "if(condition, a, b)"},
	// Statements.
	{"select length(s) from t", "not-an-expression 1-7", "one value"},
	{"(select max(i) from t)", "not-an-expression 2-8", "one value"},
	{"length(s) as n", "not-an-expression 11-13", "beside the definition"},
	{"i where i > 1", "not-an-expression 3-8", "where of a feature set"},
	{"i group by s", "not-an-expression 3-8", "key and window"},
	{"i order by s", "not-an-expression 3-8", "OVER"},
	{"exists(select 1)", "not-an-expression 1-7", "exists(array"},
	{"distinct s", "syntax 1-9", "count(DISTINCT x)"},
	// Aggregates and windows.
	{"max(i)", "aggregate-not-allowed 1-7", ""},
	{"sum(i) filter (b)", "syntax 16-17", "FILTER (WHERE"},
	{"sum(i) filter where b", "syntax 15-20", "FILTER (WHERE"},
	{"rank()", "window-not-allowed 1-7", "OVER (PARTITION BY"},
	{"lag(i) over (partition by s)", "bad-over 13-29", "ORDER BY"},
	{"sum(i) over (order by ts rows 3)", "syntax 32-33", "PRECEDING"},
	// Types.
	{"cast(s int)", "syntax 8-11", "AS type"},
	{"cast(s as)", "syntax 10-11", ""},
	{"cast(s as varchar(10))", "unknown-type 11-18", "write string"},
	{"s::text", "unknown-type 4-8", "write string"},
	{"i::int8", "unknown-type 4-8", "write bigint"},
	// Functions of other languages.
	{"strftime(ts, '%H')", "unknown-function 1-9", "date_format"},
	{"charindex('a', s)", "unknown-function 1-10", "instr"},
	{"cidrmatch('10.0.0.0/8', s)", "unknown-function 1-10", "LIKE '10.%'"},
	{"mvcount(a)", "unknown-function 1-8", "size(a)"},
	{"convert(int, s)", "unknown-function 1-8", "cast(x AS type)"},
	{"isnull(s, '')", "wrong-argument-count 1-14", "isnull(x)"},
	{"date_part(hour, ts)", "unknown-column 11-15", "'hour'"},
	{"date_trunc(ts, 'hour')", "not-constant 12-14", "date_trunc("},
	{"current_date > d", "non-deterministic 1-13", "time column"},
	{"now() > ts", "non-deterministic 1-6", "time column"},
	{"getdate()", "unknown-function 1-8", "window_end"},
	{"upper", "unknown-column 1-6", "upper(s)"},
	{"extract(hour, ts)", "syntax 13-14", "HOUR FROM"},
	{"filter(a, lambda x: x)", "syntax 18-19", "x ->"},
	// Regular expressions.
	{"s rlike '(?<=a)b'", "bad-pattern 9-18", "take a group"},
	{"s rlike '[[:alpha:]]'", "bad-pattern 9-22", "A-Za-z"},
	{"s rlike '('", "bad-pattern 9-12", "[(]"},
	{`s rlike r'(a)\1'`, "bad-pattern 9-17", "regexp_extract"},
	{`s rlike r'\h'`, "bad-pattern 9-14", `[ \t]`},
	{"split(s, '|')", "bad-pattern 10-13", "[|]"},
}

// TestHabits proves that each gives one error, at its place, that says what to
// write.
func TestHabits(t *testing.T) {
	for _, tt := range habits {
		t.Run(tt.text, func(t *testing.T) {
			e, diags := Parse(tt.text, line{})
			if e != nil {
				_, diags = Check(e, testScope(), Options{Windows: true})
			}
			var got diag.List
			for _, d := range diags {
				if d.Severity == diag.Error {
					got = append(got, d)
				}
			}
			if len(got) != 1 {
				t.Fatalf("%d errors: %v", len(got), got.Err())
			}
			d := got[0]
			if at := fmt.Sprintf("%s %s", d.Code, place(d.Span)); at != tt.at {
				t.Errorf("got %s, want %s: %s", at, tt.at, d.Message)
			}
			if !strings.Contains(d.Hint, tt.hint) || tt.hint != "" && d.Hint == "" {
				t.Errorf("%s: the hint is %q, want %q in it", d.Message, d.Hint, tt.hint)
			}
		})
	}
}

// TestForeign proves that what is written instead of another language's type is
// one of this language, and the other is not.
func TestForeign(t *testing.T) {
	for name, instead := range theForeign.types {
		if _, ok := typeNames[name]; ok {
			t.Errorf("%s is a type: %s", name, instead)
		}
		if _, diags := ParseType(instead, line{}); diags.HasErrors() {
			t.Errorf("%s: %s is no type", name, instead)
		}
	}
}
