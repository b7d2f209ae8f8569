package sql

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/diag"
)

// line is a text of one line; columns are byte offsets plus one.
type line struct{}

func (line) Span(start, end int) diag.Span {
	return diag.Span{File: "x", Line: 1, Col: start + 1, EndLine: 1, EndCol: end + 1}
}

// parsesTo wants a text to be printed as another one, which reads as the same.
func parsesTo(t *testing.T, text, want string) {
	t.Helper()
	e, diags := Parse(text, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, e.String()); diff != "" {
		t.Error(diff)
	}
	again, diags := Parse(e.String(), line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	if !e.root.equal(again.root) {
		t.Errorf("parsing %q again gives %q", e, again)
	}
}

// TestParseTimes reads constants of times and intervals.
func TestParseTimes(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"interval units", "interval '-1 02:03:04.50' day to second", "INTERVAL '-1 02:03:04.5' DAY TO SECOND"},
		{"interval sign", "interval -'-1-11' year to month", "INTERVAL '1-11' YEAR TO MONTH"},
		{"interval signs inside", "interval 1 day - 2 hours + 30.1234567 seconds", "INTERVAL '0 22:00:30.123456' DAY TO SECOND"},
		{"interval and sum", "interval '1' day - interval '2' hour", "INTERVAL '1' DAY - INTERVAL '2' HOUR"},
		{"time without a zone", "timestamp_ntz '2020-1-2 03:04:05.1234567+01:00'", "TIMESTAMP_NTZ '2020-01-02 03:04:05.123456'"},
		{"time with an offset", "timestamp '2020-01-02T03:04:05 GMT+1:30'", "TIMESTAMP '2020-01-02 01:34:05.000000'"},
		{"unit as an argument", "dateadd(month, 1, ts) + datediff(day, 1)", "timestampadd('MONTH', 1, ts) + datediff(day, 1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parsesTo(t, tt.text, tt.want)
		})
	}
}

func TestParsePrints(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"precedence", "a + b * c - d % e", "a + b * c - d % e"},
		{"parentheses kept where they matter", "((a + b)) * (c)", "(a + b) * c"},
		{"right operand", "a - (b - c)", "a - (b - c)"},
		{"and or", "a AND b OR c and not d", "a AND b OR c AND NOT d"},
		{"or in and", "(a OR b) AND c", "(a OR b) AND c"},
		{"chain in chain", "(a AND b) AND c", "(a AND b) AND c"},
		{"bits", "a & b | c ^ ~d", "a & b | c ^ ~d"},
		{"bits in parentheses", "(a | b) & c", "(a | b) & c"},
		{"comparison spellings", "a == b", "a = b"},
		{"not equal", "a != b", "a <> b"},
		{"comparison chain", "a = b <=> c", "a = b <=> c"},
		{"concat chain", "a || b||c", "a || b || c"},
		{"concat and plus", "a + b || c + d", "a + b || c + d"},
		{"div", "a DIV b div c", "a DIV b DIV c"},
		{"negative literal", "-1 - -2", "-1 - -2"},
		{"unary minus", "-a + - - b", "-a + -(-b)"},
		{"minus of literal", "-(1)", "-(1)"},
		{"not not", "not not a", "NOT NOT a"},
		{"bang", "! a = b", "NOT a = b"},
		{"is", "a is not null", "a IS NOT NULL"},
		{"is true", "(a = b) is true", "a = b IS TRUE"},
		{"in", "a not in (1, 'x')", "a NOT IN (1, 'x')"},
		{"between", "a between 1 and 2 and b", "a BETWEEN 1 AND 2 AND b"},
		{"like", "a like 'x%' escape '!'", "a LIKE 'x%' ESCAPE '!'"},
		{"ilike", "a not ilike 'x'", "a NOT ILIKE 'x'"},
		{"overlay", "overlay(a placing 'x' from 1 for 2)", "overlay(a, 'x', 1, 2)"},
		{"rlike", "a regexp r'\\d'", `a RLIKE '\\d'`},
		{"predicate of predicate", "(a is null) is not null", "(a IS NULL) IS NOT NULL"},
		{"case", "case when a then 1 else 2 end", "CASE WHEN a THEN 1 ELSE 2 END"},
		{"switch", "case a when 1 then 'x' when 2 then 'y' end", "CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END"},
		{"cast", "cast(a as INTEGER)", "CAST(a AS int)"},
		{"colons", "a::double::string", "CAST(CAST(a AS double) AS string)"},
		{"negative colons", "-1::string", "CAST(-1 AS string)"},
		{"try cast", "try_cast(a as decimal(10,2))", "TRY_CAST(a AS decimal(10,2))"},
		{"array type", "cast(null as array<array<int>>)", "CAST(NULL AS array<array<int>>)"},
		{"type function", "double(a)", "CAST(a AS double)"},
		{"subscript", "split(a, ',')[0]", "split(a, ',')[0]"},
		{"distinct", "count(distinct a, b)", "count(DISTINCT a, b)"},
		{"star", "COUNT( * )", "count(*)"},
		{"filter", "sum(a) filter (where b > 0)", "sum(a) FILTER (WHERE b > 0)"},
		{"lambda", "transform(a, X -> x + 1)", "transform(a, X -> x + 1)"},
		{"lambda of two", "transform(a, ( x,`i` )->x or i)", "transform(a, (x, i) -> x OR i)"},
		{"lambda of one in parentheses", "filter(a, (x) -> exists(b, `y z` -> `y z` = x))", "filter(a, x -> exists(b, `y z` -> `y z` = x))"},
		{"dotted name", "list.a = `li st`.`from` or list.`b.c` = 1", "list.a = `li st`.`from` OR list.b.c = 1"},
		{"window", "sum(a) over (partition by b, c order by d desc, e nulls last rows between 1 preceding and current row)",
			"sum(a) OVER (PARTITION BY b, c ORDER BY d DESC, e NULLS LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"},
		{"window, words", "lag(a, 1) respect nulls over (distribute by b sort by c asc nulls first, d desc nulls first)",
			"lag(a, 1) OVER (PARTITION BY b ORDER BY c, d DESC NULLS FIRST)"},
		{"within", "mode() within group (order by a desc) filter (where b)", "mode() WITHIN GROUP (ORDER BY a DESC) FILTER (WHERE b)"},
		{"empty window", "count(*) over ()", "count(*) OVER ()"},
		{"short frame", "last(a) ignore nulls over (order by rows range interval 1 day preceding) + 1",
			"last(a) IGNORE NULLS OVER (ORDER BY rows RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) + 1"},
		{"unbounded", "sum(a) over (rows between unbounded preceding and unbounded following)",
			"sum(a) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"},
		{"substring from", "substring(a from 1 for 2)", "substring(a, 1, 2)"},
		{"position in", "position('x' in a)", "position('x', a)"},
		{"trim", "trim(both 'x' from a)", "btrim(a, 'x')"},
		{"trim leading", "trim(leading 'x' from a)", "ltrim('x', a)"},
		{"trim trailing", "trim(trailing from a)", "rtrim(a)"},
		{"extract", "extract(hour from a)", "date_part('hour', a)"},
		{"comments", "a /* x /* y */ z */ + -- b\n c", "a + c"},
		{"backquotes", "`a b` + `a` + `a``b` + `select`", "`a b` + a + `a``b` + `select`"},
		{"adjacent strings", `'a' "b" r'\c'`, `'ab\\c'`},
		{"escapes", `'\n\t\\\'\u00e9\U0001F600\101\%\_\q'`, "'\\n\\t\\\\\\'é😀A\\%\\_q'"},
		{"surrogates", `'\uD83D\uDE00'`, "'😀'"},
		{"doubled quote", `'it''s' "a""b"`, `'it\'sa"b'`},
		{"number types", "1 + 3000000000 + 99999999999999999999 + 1L + 1S + 1Y + 1.50 + .5 + 1e3 + 1D + 1.5F + 2BD",
			"1 + 3000000000L + 99999999999999999999BD + 1L + 1S + 1Y + 1.50BD + 0.5BD + 1e+03D + 1e+00D + 1.5e+00F + 2BD"},
		{"smallest numbers", "-2147483648 + -9223372036854775808", "-2147483648 + -9223372036854775808L"},
		{"date", "DATE '2020-1-2'", "DATE '2020-01-02'"},
		{"timestamp", "timestamp '2020-01-02 03:04:05.6+01:00'", "TIMESTAMP '2020-01-02 02:04:05.600000'"},
		{"interval", "interval 5 minutes", "INTERVAL '5' MINUTE"},
		{"interval text", "interval '1 day 2 hours'", "INTERVAL '1 02' DAY TO HOUR"},
		{"interval parts", "interval 1 hour '-1' second", "INTERVAL '0:59:59' HOUR TO SECOND"},
		{"interval months", "interval '1' year", "INTERVAL '1' YEAR"},
		{"interval zero months", "interval 0 months", "INTERVAL '0' MONTH"},
		{"words as names", "date + interval + timestamp + first", "`date` + `interval` + `timestamp` + first"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parsesTo(t, tt.text, tt.want)
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, text, code, at string }{
		{"empty", "", "syntax", "1-1"},
		{"half", "a +", "syntax", "4-4"},
		{"two values", "a b", "syntax", "3-4"},
		{"select", "(select 1)", "not-an-expression", "2-8"},
		{"from", "a from t", "not-an-expression", "3-7"},
		{"exists", "exists (select 1)", "not-an-expression", "1-7"},
		{"alias", "a as b", "not-an-expression", "3-5"},
		{"named window", "lag(a) over w", "not-supported", "13-14"},
		{"frame without a direction", "sum(a) over (order by b rows 1)", "syntax", "31-32"},
		{"frame without nulls", "sum(a) over (order by b nulls)", "syntax", "30-31"},
		{"open window", "sum(a) over (order by b", "syntax", "24-24"},
		{"lambda alone", "x -> x", "syntax", "3-5"},
		{"lambda in a sum", "1 + (x -> x)", "syntax", "8-10"},
		{"no name of a field", "transform(a, x -> x.(y))", "syntax", "21-22"},
		{"no part", "t.1", "syntax", "2-4"},
		{"no name", "t.(a)", "syntax", "3-4"},
		{"qualified function", "t.f(a)", "not-supported", "1-4"},
		{"named argument", "f(1, x => 1)", "not-supported", "6-10"},
		{"within alone", "mode() within (order by a)", "syntax", "15-16"},
		{"reserved variable", "transform(a, not -> 1)", "syntax", "14-17"},
		{"open lambda", "transform(a, (x, y) -> )", "syntax", "24-25"},
		{"ilike of nothing", "a ilike", "syntax", "8-8"},
		{"name of one value", "(a AS b)", "syntax", "8-9"},
		{"map in a key", "cast(a AS map<map<int, int>, int>)", "not-supported", "11-34"},
		{"struct without fields", "cast(a AS struct<>)", "syntax", "17-19"},
		{"binary", "x'AG'", "bad-constant", "2-6"},
		{"open string", "a = 'x", "syntax", "5-6"},
		{"open comment", "a /* x", "syntax", "3-5"},
		{"open parenthesis", "(a", "syntax", "3-3"},
		{"close parenthesis", "a)", "syntax", "2-3"},
		{"open name", "`a", "syntax", "1-2"},
		{"other letters", "é", "syntax", "1-3"},
		{"semicolon", "a; b", "syntax", "2-3"},
		{"not utf-8", "'\xff'", "syntax", "2-3"},
		{"nul", "'\x00'", "syntax", "2-3"},
		{"nul escape", `'a\u0000'`, "syntax", "3-5"},
		{"half a pair", `'\uD83D'`, "syntax", "2-4"},
		{"not a character", `'\U00110000'`, "syntax", "2-4"},
		{"number", "1a", "bad-constant", "1-3"},
		{"large double", "1e999", "bad-constant", "1-6"},
		{"small suffix", "200Y", "bad-constant", "1-5"},
		{"long decimal", "1234567890123456789012345678901234567890", "bad-constant", "1-41"},
		{"date", "date '2020-02-30'", "bad-constant", "6-18"},
		{"timestamp", "timestamp 'now'", "bad-constant", "11-16"},
		{"mixed interval", "interval 1 month 1 day", "bad-constant", "1-23"},
		{"interval turned", "interval '1' month to year", "bad-constant", "14-27"},
		{"interval out of range", "interval '1 24' day to hour", "bad-constant", "10-16"},
		{"interval too long", "interval '178956970-8' year to month", "bad-constant", "10-23"},
		{"zone", "timestamp '2020-01-02 03:04:05 Europe/Nowhere'", "bad-constant", "11-47"},
		{"hour of the day", "time '12:00:00'", "not-supported", "1-16"},
		{"interval unit", "interval 1 fortnight", "syntax", "12-21"},
		{"interval fraction", "interval 1.5 days", "bad-constant", "10-18"},
		{"type", "cast(a as intt)", "unknown-type", "11-15"},
		{"digits", "cast(a as decimal(40,2))", "bad-constant", "11-24"},
		{"two predicates", "a is null is null", "syntax", "11-13"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, diags := Parse(tt.text, line{})
			if e != nil || len(diags) != 1 {
				t.Fatalf("got %v, %d diagnostics, want one", e, len(diags))
			}
			d := diags[0]
			if diff := cmp.Diff([]string{tt.code, tt.at}, []string{d.Code, place(d.Span)}); diff != "" {
				t.Errorf("%s: %s", d.Message, diff)
			}
		})
	}
}

func TestParseNames(t *testing.T) {
	e, diags := Parse("a + f(B, `c d`) + a + transform(l.b, (x, I) -> x + i + y) + x", line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range e.Names() {
		got = append(got, n.Name+" "+place(n.Span))
	}
	if diff := cmp.Diff([]string{"a 1-2", "B 7-8", "c d 10-15", "a 19-20", "l.b 33-36", "y 56-57", "x 61-62"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseHostile(t *testing.T) {
	const n = 100_000
	repeat := strings.Repeat
	tests := []struct{ name, text, code string }{
		{"100,000 parentheses", repeat("(", n) + "a" + repeat(")", n), "too-long"},
		{"parentheses", repeat("(", 8000) + "a" + repeat(")", 8000), "too-deep"},
		{"open parentheses", repeat("(", 16000), "too-deep"},
		{"minuses", repeat("- ", 8000) + "a", "too-deep"},
		{"tildes", repeat("~", 16000) + "a", "too-deep"},
		{"nots", repeat("not ", 4000) + "a", "too-deep"},
		{"bangs", repeat("!", 16000) + "a", "too-deep"},
		{"pluses", repeat("a+", 8000) + "a", "too-deep"},
		{"comparisons", repeat("a=", 8000) + "a", "too-deep"},
		{"ands", repeat("a AND ", 2700) + "a", ""},
		{"concats", repeat("a||", 4090) + "a", ""},
		{"many concats", repeat("a||", 5000) + "a", "too-long"},
		{"cases", repeat("case when ", 1600), "too-deep"},
		{"elses", repeat("case when a then b else ", 500) + "c" + repeat(" end", 500), "too-deep"},
		{"calls", repeat("f(", 8000), "too-deep"},
		{"subscripts", "a" + repeat("[0]", 5000), "too-deep"},
		{"casts", "a" + repeat("::int", 3000), "too-deep"},
		{"types", "cast(a as " + repeat("array<", 2000), "unknown-type"},
		{"arguments", "f(" + repeat("1,", 8000) + "1)", "too-long"},
		{"quotes", repeat("'", 16001), "syntax"},
		{"comments", repeat("/*", 8000), "syntax"},
		{"64 kB", repeat("a", 64<<10), "too-long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			_, diags := Parse(tt.text, line{})
			if took := time.Since(start); took > 500*time.Millisecond {
				t.Errorf("took %v", took)
			}
			code := ""
			if len(diags) > 0 {
				code = diags[0].Code
			}
			if code != tt.code {
				t.Errorf("got %q, want %q", code, tt.code)
			}
		})
	}
}

func place(s diag.Span) string {
	return strings.TrimPrefix(s.String(), "x:1:") + "-" + diag.Span{File: "x", Line: 1, Col: s.EndCol}.String()[4:]
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a + b * 2", "case when a then -1 else b[0] end", "x not in ('a', 'b') and y is null",
		"cast(a as decimal(10,2)) || '\\u00e9' || r'\\d'", "interval '1' day + timestamp '2020-01-01'", "- -a::int", "(a||b)||c",
		"sum(distinct a) filter (where b) <=> 1.5", "transform(a, (x, i) -> filter(b, y -> y > x.z))", "a.b[c . d]", "lag(a, 1, b) ignore nulls over (partition by c order by d desc range between 1 preceding and 2 following)", "trim(leading 'x' from a)", "((a and b) and c) or (d or e)", "~-+ 1", "!a is true", "explode(collection => split(a, ','))"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, diags := Parse(text, line{})
		if (e == nil) != diags.HasErrors() {
			t.Fatal("an expression or errors")
		}
		if e == nil {
			return
		}
		printed := e.String()
		if len(printed) > MaxText {
			return
		}
		again, diags := Parse(printed, line{})
		if err := diags.Err(); err != nil {
			t.Fatalf("%q prints as %q: %v", text, printed, err)
		}
		if !e.root.equal(again.root) {
			t.Fatalf("%q prints as %q, which prints as %q", text, printed, again)
		}
	})
}

func FuzzLexer(f *testing.F) {
	for _, seed := range []string{"a 'b' `c` 1.5e3L -- x", `"\U0001F600"`, "/* /* */", "<=>>>>::"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, diags := lex(text, line{})
		if diags.HasErrors() {
			return
		}
		end := 0
		for _, tok := range tokens {
			if tok.start < end || tok.end < tok.start || tok.end > len(text) {
				t.Fatalf("token %+v after %d", tok, end)
			}
			end = tok.end
			if tok.kind == tokenString {
				again, diags := lex(quoteSpark(tok.text), line{})
				if diags.HasErrors() || len(again) != 2 || again[0].text != tok.text {
					t.Fatalf("%q does not survive quoting", tok.text)
				}
			}
		}
	})
}
