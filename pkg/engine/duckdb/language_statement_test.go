package duckdb_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The documented examples are statements, and the language is expressions. What
// stands here reads as much of a statement as says which relation it is: SELECT
// items FROM VALUES … AS t(a, b) GROUP BY terms.

// word is a token of a statement, with its place.
type word struct {
	text       string
	start, end int
	depth      int  // of brackets around it; a bracket's own is that of what is around it
	literal    bool // a text or a number
}

func (w word) is(text string) bool { return strings.EqualFold(w.text, text) }

// words cuts a text into tokens.
func words(text string) []word {
	var out []word
	depth := 0
	for i := 0; i < len(text); {
		start, c := i, text[i]
		w := word{start: start, depth: depth}
		switch {
		case c == ' ' || c == '\n' || c == '\t':
			i++
			continue
		case c == '\'' || c == '"' || c == '`':
			raw := start > 0 && (text[start-1] == 'r' || text[start-1] == 'R') && len(out) > 0 && out[len(out)-1].end == start
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' && !raw {
					i++
				}
			}
			i, w.literal = i+1, c != '`'
		case isDigit(c) || c == '.' && i+1 < len(text) && isDigit(text[i+1]):
			for i++; i < len(text) && (isName(text[i]) || text[i] == '.' || (text[i] == '-' || text[i] == '+') && text[i-1]|0x20 == 'e' && i+1 < len(text) && isDigit(text[i+1])); i++ {
			}
			w.literal = true
		case isName(c):
			for ; i < len(text) && isName(text[i]); i++ {
			}
		default:
			i++
			if i < len(text) && slices.Contains([]string{"->", "=>", "::", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>"}, text[start:i+1]) {
				i++
			}
		}
		i = min(i, len(text))
		w.text, w.end = text[start:i], i
		switch w.text {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
			w.depth = depth
		}
		out = append(out, w)
	}
	return out
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isName(c byte) bool {
	return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || isDigit(c) || c >= 0x80
}

// literals returns the places of the constants of an expression that can be
// columns: texts, numbers, TRUE and FALSE, and typed ones such as DATE '…' and
// INTERVAL 1 DAY. NULL stays: a column cannot have its type.
func literals(text string) [][2]int {
	var out [][2]int
	tokens := words(text)
	for i := 0; i < len(tokens); i++ {
		first, last := i, i
		switch w := tokens[i]; {
		case w.is("interval"):
			if last = intervalEnd(tokens, i); last == i {
				continue
			}
		case typedLiteral(tokens, i):
			last = i + 1
		case w.is("true"), w.is("false"):
			if i > 0 && tokens[i-1].is("is") || i > 0 && tokens[i-1].is("not") && i > 1 && tokens[i-2].is("is") {
				continue // IS TRUE is an operator
			}
		case w.literal:
			for last+1 < len(tokens) && tokens[last+1].literal && tokens[last].text[0] == '\'' && tokens[last+1].text[0] == '\'' {
				last++ // adjacent texts are one
			}
			if isDigit(w.text[0]) && i > 0 && tokens[i-1].is("-") && (i == 1 || beginsValue(tokens[i-2])) {
				first = i - 1
			}
		default:
			continue
		}
		out = append(out, [2]int{tokens[first].start, tokens[last].end})
		i = last
	}
	return out
}

// structField returns which field of struct(…) or (…, …) a constant is, from 1;
// 0 if it is none, or has a name.
func structField(text string, place [2]int) int {
	tokens := words(text)
	first := slices.IndexFunc(tokens, func(w word) bool { return w.start == place[0] })
	last := slices.IndexFunc(tokens, func(w word) bool { return w.end == place[1] })
	if last+1 >= len(tokens) || !tokens[last+1].is(",") && !tokens[last+1].is(")") {
		return 0
	}
	field, depth := 1, tokens[first].depth
	for i := first - 1; i >= 0; i-- {
		switch {
		case tokens[i].depth == depth && tokens[i].is(","):
			field++
		case tokens[i].depth < depth && i > 0 && (tokens[i-1].is("struct") || tokens[i].is("(") && beginsValue(tokens[i-1]) && !tokens[i-1].is("in") && !tokens[i-1].is("like")):
			return field
		case tokens[i].depth < depth:
			return 0
		}
	}
	return 0
}

// typedLiteral reports whether a word gives the text behind it a type.
func typedLiteral(tokens []word, i int) bool {
	if i+1 == len(tokens) || !tokens[i+1].literal || isDigit(tokens[i+1].text[0]) {
		return false
	}
	kinds := []string{"date", "timestamp", "timestamp_ltz", "timestamp_ntz", "time", "x", "r"}
	return slices.ContainsFunc(kinds, tokens[i].is)
}

// intervalEnd returns the last token of INTERVAL 1 DAY 2 HOURS or INTERVAL
// '1-2' YEAR TO MONTH that begins at a token; that token if there is none.
func intervalEnd(tokens []word, i int) int {
	end := i
	for j := i + 1; j < len(tokens); j = end + 1 {
		if tokens[j].is("-") && j+1 < len(tokens) {
			j++
		}
		if !tokens[j].literal {
			break
		}
		end = j
		unit := func(k int) bool { return k < len(tokens) && intervalUnit(tokens[k].text) }
		if unit(j + 1) {
			end = j + 1
		}
		if end+1 < len(tokens) && tokens[end+1].is("to") && unit(end+2) {
			end += 2
		}
	}
	return end
}

func intervalUnit(text string) bool {
	units := []string{"year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond"}
	return slices.Contains(units, strings.TrimSuffix(strings.ToLower(text), "s"))
}

// beginsValue reports whether a value can follow a token, so that a minus
// behind it is a sign.
func beginsValue(w word) bool {
	if w.literal || w.is(")") || w.is("]") {
		return false
	}
	keywords := []string{"and", "or", "not", "in", "like", "between", "then", "else", "when", "case", "from", "for", "by", "select"}
	return !isName(w.text[0]) || slices.ContainsFunc(keywords, w.is)
}

// item is an expression of a SELECT, with the name that it is given.
type item struct{ text, name string }

// statement is SELECT items FROM … GROUP BY groups.
type statement struct {
	items  []item
	from   string // what stands behind FROM
	groups []string
}

// readStatement cuts a statement into its clauses. Where it has others than the
// known ones, it says so.
func readStatement(text string) (statement, error) {
	text = strings.TrimSuffix(strings.TrimSpace(text), ";")
	tokens := words(text)
	if len(tokens) == 0 || !tokens[0].is("select") {
		return statement{}, fmt.Errorf("statement: not a SELECT")
	}
	clauses, name, start := map[string]string{}, "select", tokens[0].end
	for i, w := range tokens[1:] {
		next := word{}
		if i+2 < len(tokens) {
			next = tokens[i+2]
		}
		lower := strings.ToLower(w.text)
		switch {
		case w.depth > 0 || w.literal:
			continue
		case lower == "group" && next.is("by"), lower == "order" && next.is("by"), lower == "from":
		case slices.Contains([]string{"where", "having", "limit", "lateral", "union", "qualify"}, lower):
			return statement{}, fmt.Errorf("statement: %s", strings.ToUpper(lower))
		default:
			continue
		}
		clauses[name], name, start = text[start:w.start], lower, w.end
		if lower != "from" {
			start = next.end
		}
	}
	clauses[name] = text[start:]
	var s statement
	for _, part := range splitTop(clauses["select"]) {
		s.items = append(s.items, readItem(part))
	}
	if groups, ok := clauses["group"]; ok {
		s.groups = splitTop(groups)
	}
	s.from = strings.TrimSpace(clauses["from"])
	return s, nil
}

// readItem cuts AS name off.
func readItem(text string) item {
	tokens := words(text)
	if n := len(tokens); n > 2 && tokens[n-2].is("as") && tokens[n-2].depth == 0 {
		return item{text: strings.TrimSpace(text[:tokens[n-2].start]), name: tokens[n-1].text}
	}
	return item{text: strings.TrimSpace(text)}
}

// splitTop splits at commas outside of brackets and texts.
func splitTop(text string) []string {
	var out []string
	start := 0
	for _, w := range words(text) {
		if w.depth == 0 && w.text == "," {
			out, start = append(out, strings.TrimSpace(text[start:w.start])), w.end
		}
	}
	return append(out, strings.TrimSpace(text[start:]))
}

// values is VALUES (a, b), (c, d) AS t(x, y), by column.
type values struct {
	names []string
	cells [][]string
}

// readValues reads what stands behind FROM.
func readValues(text string) (values, error) {
	tokens := words(text)
	n := len(tokens)
	if n < 2 || !tokens[0].is("values") || !tokens[n-1].is(")") {
		return values{}, fmt.Errorf("statement: FROM something else than VALUES … AS t(…)")
	}
	open := n - 1
	for open > 0 && !(tokens[open].is("(") && tokens[open].depth == 0) {
		open--
	}
	if open < 2 || !isName(tokens[open-1].text[0]) {
		return values{}, fmt.Errorf("statement: VALUES without names")
	}
	end := tokens[open-1].start
	if tokens[open-2].is("as") {
		end = tokens[open-2].start
	}
	v := values{names: splitTop(text[tokens[open].end:tokens[n-1].start])}
	v.cells = make([][]string, len(v.names))
	for _, tuple := range splitTop(text[tokens[0].end:end]) {
		row := []string{tuple}
		if strings.HasPrefix(tuple, "(") {
			row = splitTop(tuple[1 : len(tuple)-1])
		}
		if len(row) != len(v.names) {
			return values{}, fmt.Errorf("statement: VALUES of another width")
		}
		for i, cell := range row {
			v.cells[i] = append(v.cells[i], cell)
		}
	}
	return v, nil
}

func TestLiterals(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"f(a, 'x', -1, 2.5)", []string{"'x'", "-1", "2.5"}},
		{"a - 1 - -2", []string{"1", "-2"}},
		{"date'2020-01-01' + interval 1 day 2 hours", []string{"date'2020-01-01'", "interval 1 day 2 hours"}},
		{"INTERVAL '1-2' YEAR TO MONTH * 3", []string{"INTERVAL '1-2' YEAR TO MONTH", "3"}},
		{`x'1C' is true and true and r'\d' = 'it\'s'`, []string{"x'1C'", "true", `r'\d'`, `'it\'s'`}},
		{"1e-3 + 5BD + NULL", []string{"1e-3", "5BD"}},
	}
	for _, tt := range tests {
		var got []string
		for _, place := range literals(tt.text) {
			got = append(got, tt.text[place[0]:place[1]])
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestStructField(t *testing.T) {
	for text, want := range map[string]int{"struct(a, 'x')": 2, "array(('x', 1))": 1, "f('x')": 0, "a in ('x', 1)": 0, "struct('x' AS a)": 0, "struct(f('x'), 1)": 0} {
		at := strings.Index(text, "'x'")
		if got := structField(text, [2]int{at, at + 3}); got != want {
			t.Errorf("%s: field %d, want %d", text, got, want)
		}
	}
}

func TestReadStatement(t *testing.T) {
	got, err := readStatement("SELECT a, f(b, (1)) AS n FROM VALUES ('x, y', 1), ('FROM', 2) AS t(a, b) GROUP BY a, window(b, '5 minutes') ORDER BY a")
	want := statement{items: []item{{text: "a"}, {text: "f(b, (1))", name: "n"}}, from: "VALUES ('x, y', 1), ('FROM', 2) AS t(a, b)", groups: []string{"a", "window(b, '5 minutes')"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	rows, err := readValues(got.from)
	if want := (values{names: []string{"a", "b"}, cells: [][]string{{"'x, y'", "'FROM'"}, {"1", "2"}}}); err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("got %+v, %v", rows, err)
	}
}

// TestCompareAnswer proves that another answer is told from Spark's.
func TestCompareAnswer(t *testing.T) {
	engine := openStatements(t)
	e := example{SQL: "SELECT a, sum(b) FROM VALUES ('x', 1), ('y', 2), ('x', 3) AS t(a, b) GROUP BY a", Schema: "struct<a:string,sum(b):bigint>", Answer: []string{"x\t4", "y\t2"}}
	got, err := engine.answer(e.SQL)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.compare(e); err != nil {
		t.Error(err)
	}
	for _, wrong := range []example{
		{Schema: e.Schema, Answer: []string{"x\t4", "y\t3"}},
		{Schema: e.Schema, Answer: []string{"x\t4"}},
		{Schema: e.Schema, Answer: []string{"x\t4", "x\t4"}},
		{Schema: "struct<a:string,sum(b):int>", Answer: e.Answer},
	} {
		if got.compare(wrong) == nil {
			t.Errorf("%v is taken for %v", got, wrong)
		}
	}
}
