package sql

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFormat(t *testing.T) {
	tests := []struct{ text, want string }{
		{"a+b*2", "a + b * 2"},
		{"a  +\tb", "a + b"},
		{"a", "a"},
		{" a ", "a"},
		{"COUNT( * )", "count(*)"},
		{"Count(Distinct x)", "count(DISTINCT x)"},
		{"a and not b or c is not null", "a AND NOT b OR c IS NOT NULL"},
		{"!a", "NOT a"},
		{"!(a)", "NOT (a)"},
		{"a==b", "a = b"},
		{"a!=b", "a <> b"},
		{"a<=>b", "a <=> b"},
		{"Explode( Collection=>a )", "explode(Collection => a)"},
		{"x NOT in(1,2 , 3)", "x NOT IN (1, 2, 3)"},
		{"x between 1 and 2", "x BETWEEN 1 AND 2"},
		{"x like 'a%' escape '/'", "x LIKE 'a%' ESCAPE '/'"},
		{"x regexp 'a'", "x RLIKE 'a'"},
		{"case when a then 1 else 0 end", "CASE WHEN a THEN 1 ELSE 0 END"},
		{"CAST(x as Decimal( 10,2 ))", "cast(x AS decimal(10, 2))"},
		{"cast(x AS ARRAY < array< INT>>)", "cast(x AS array<array<int>>)"},
		{"x :: BIGINT", "x::bigint"},
		{"- 1", "-1"},
		{"a - -1", "a - -1"},
		{"a-1", "a - 1"},
		{"- - a", "- -a"},
		{"-(-1)", "-(-1)"},
		{"+ ~ a", "+~a"},
		{"- -1", "- -1"},
		{"a [ 0 ]", "a[0]"},
		{"a . b . `c d`", "a.b.`c d`"},
		{"Order_By", "Order_By"},
		{"`and`", "`and`"},
		{"((a))", "((a))"},
		{"true AND False and Null is null", "TRUE AND FALSE AND NULL IS NULL"},
		{"date '2020-01-01'", "DATE '2020-01-01'"},
		{"interval - 5 minutes", "INTERVAL -5 MINUTES"},
		{"interval '1 day 2 hours'", "INTERVAL '1 day 2 hours'"},
		{"extract(Hour from ts)", "extract(Hour FROM ts)"},
		{"TRIM( leading 'x' from a )", "trim(LEADING 'x' FROM a)"},
		{"substring(a from 2 for 3)", "substring(a FROM 2 FOR 3)"},
		{"a div b", "a DIV b"},
		{"sum(x) filter(where y)", "sum(x) FILTER (WHERE y)"},
		{"lag(a,1) ignore nulls over(partition by b order by c desc nulls last rows between 1 preceding and current row)",
			"lag(a, 1) IGNORE NULLS OVER (PARTITION BY b ORDER BY c DESC NULLS LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"},
		{"transform(a,x->x+1)", "transform(a, x -> x + 1)"},
		{"aggregate(a,0,( x , y )->x+y)", "aggregate(a, 0, (x, y) -> x + y)"},
		{"'a' 'b'", "'a' 'b'"},
		{"'a''b'", "'a''b'"},
		{`"it's"`, `'it\'s'`},
		{`"say ""hi"""`, `'say "hi"'`},
		{`"\"\\\n\'"`, `'"\\\n\''`},
		{`r"\d"`, `r'\d'`},
		{`R"it's"`, `R"it's"`},
		{`'say "hi"'`, `'say "hi"'`},
		{`concat('x', r'"')`, `concat('x', r'"')`},
		{"a/*c*/+/* d */b", "a /*c*/ + /* d */ b"},
		{"f(/* c */a/* d */,b/* e */)", "f(/* c */ a /* d */, b /* e */)"},
		{"a -- why  \n + b", "a -- why\n + b"},
		{"a -- end", "a -- end"},
		{"a -- end\n\n", "a -- end"},
		{"-- first\na", "-- first\na"},
		{"/* /* nested */ -- */ a", "/* /* nested */ -- */ a"},
		{"- -- c\n1", "- -- c\n1"},
		{"a\n\n\n  AND\n\tb", "a\n\n  AND\n\tb"},
		{"f(\n  a,\n  b\n)", "f(\n  a,\n  b\n)"},
		{"a\r\n+ b", "a\n+ b"},
		{"'--' || '/*'", "'--' || '/*'"},
	}
	for _, test := range tests {
		got, expr, diags := Format([]string{test.text}, line{})
		if err := diags.Err(); err != nil || expr == nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if got[0] != test.want {
			t.Errorf("%q becomes %q, want %q", test.text, got[0], test.want)
		}
		again, _, _ := Format(got, line{})
		if again[0] != got[0] {
			t.Errorf("%q becomes %q, then %q", test.text, got[0], again[0])
		}
	}
}

func TestFormatParts(t *testing.T) {
	tests := []struct{ name, parts, want string }{
		{"space behind the first", "a|+b", "a |+ b"},
		{"space in front of the second", "a| + b", "a |+ b"},
		{"no space", "f(|a)", "f(|a)"},
		{"no space, but there was one", "f( | a)", "f(|a)"},
		{"indented", "case|  when a then b|  end", "CASE |  WHEN a THEN b |  END"},
		{"within a token", "coal|esce(a)", "coalesce|(a)"},
		{"within a token of three", "coal|es|ce(a)", "coalesce||(a)"},
		{"within a comment", "a /* b| c */ + d", "a /* b c */ |+ d"},
		{"lines", "a\n|  + b\n|  + c", "a\n|  + b\n|  + c"},
		{"a line break in front", "a|\n  + b", "a\n|  + b"},
		{"a comment to the end of its line", "a -- why\n|+b", "a -- why\n|+ b"},
		{"empty", "|a||+b|", "|a ||+ b|"},
		{"two symbols that must not meet", "-| -a", "- |-a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, _, diags := Format(strings.Split(test.parts, "|"), line{})
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(test.want, "|"), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormatOfMistakes(t *testing.T) {
	for _, text := range []string{"", "a +", "f(", "'a", "/* a", "select 1", "a -> b"} {
		parts, expr, diags := Format([]string{text}, line{})
		if parts != nil || expr != nil || !diags.HasErrors() {
			t.Errorf("%q: %q, %v, %v", text, parts, expr, diags)
		}
	}
}

func TestFormatLeavesWhatWouldBeTooLong(t *testing.T) {
	text := "'" + strings.Repeat("x", MaxText-4) + "'+a" // two spaces more would be too many
	got, _, diags := Format([]string{text}, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	if got[0] != text {
		t.Errorf("it became %d bytes", len(got[0]))
	}
}

// comments returns the comments of a text in their order, without what stands
// in strings and without white space at their ends.
func comments(t *testing.T, text string) []string {
	t.Helper()
	tokens, diags := lex(text, line{})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	var out []string
	end := 0
	for _, token := range tokens {
		gap := text[end:token.start]
		for gap = strings.TrimSpace(gap); gap != ""; gap = strings.TrimSpace(gap) {
			n := commentLength(gap)
			if strings.HasPrefix(gap, "--") {
				n = strings.IndexByte(gap+"\n", '\n')
			}
			out = append(out, strings.TrimSpace(gap[:n]))
			gap = gap[n:]
		}
		end = token.end
	}
	return out
}

// FuzzFormat holds that what is formatted means the same, has the same
// comments, and is not changed by being formatted again, however it is cut
// into parts.
func FuzzFormat(f *testing.F) {
	for _, seed := range []string{"a+b--c\n*2", "case when a then -1 else b[0]end", `"a"'b'==r"c"`, "x /*1*/ . /*2*/ y", "- - -a::ARRAY<ARRAY<INT>>",
		"lag(a,1,b)ignore nulls over(partition by c order by d desc range between 1 preceding and 2 following)", "interval -1 day", "!a is true",
		"position('a' in b)||trim(both from c)", "a\n\n\n\r\n  and--\nb"} {
		f.Add(seed, uint8(3), uint8(7))
	}
	f.Fuzz(func(t *testing.T, text string, first, second uint8) {
		i, j := min(int(first), len(text)), min(int(first)+int(second), len(text))
		parts := []string{text[:i], text[i:j], text[j:]}
		got, expr, diags := Format(parts, line{})
		if (expr == nil) != diags.HasErrors() {
			t.Fatal("an expression or errors")
		}
		before, wrong := Parse(text, line{})
		if wrong.HasErrors() != diags.HasErrors() {
			t.Fatalf("%q: %v, but parsing says %v", text, diags.Err(), wrong.Err())
		}
		if expr == nil {
			return
		}
		joined := strings.Join(got, "")
		after, wrong := Parse(joined, line{})
		if wrong.HasErrors() || !before.root.equal(after.root) {
			t.Fatalf("%q becomes %q, which means something else", text, joined)
		}
		if a, b := comments(t, text), comments(t, joined); !slices.Equal(a, b) {
			t.Fatalf("%q becomes %q: comments %q and %q", text, joined, a, b)
		}
		again, _, _ := Format(got, line{})
		if !slices.Equal(got, again) {
			t.Fatalf("%q becomes %q, then %q", parts, got, again)
		}
	})
}
