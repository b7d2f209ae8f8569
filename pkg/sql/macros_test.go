package sql

import (
	"maps"
	"regexp"
	"strings"
	"testing"
)

// macro is a parsed CREATE MACRO statement.
type macro struct {
	params []string
	body   string
}

func readMacros(t *testing.T) map[string]macro {
	t.Helper()
	pattern := regexp.MustCompile(`(?s)^CREATE OR REPLACE MACRO (\w+)\(([^)]*)\) AS (.*)$`)
	out := map[string]macro{}
	for _, statement := range DuckDBMacros() {
		m := pattern.FindStringSubmatch(statement)
		if m == nil {
			t.Fatalf("not a macro: %s", statement)
		}
		var params []string
		for p := range strings.SplitSeq(m[2], ",") {
			params = append(params, strings.TrimSpace(p))
		}
		for _, used := range regexp.MustCompile(`\bs_\w+\(`).FindAllString(m[3], -1) {
			if _, ok := out[strings.TrimSuffix(used, "(")]; !ok {
				t.Errorf("%s uses %s, which is not loaded before", m[1], used)
			}
		}
		for _, lambda := range regexp.MustCompile(`lambda (\w+)`).FindAllStringSubmatch(m[3], -1) {
			if !strings.HasPrefix(lambda[1], "_s_") {
				t.Errorf("%s has a lambda parameter %s that a column could be called", m[1], lambda[1])
			}
		}
		out[m[1]] = macro{params, m[3]}
	}
	return out
}

var words = regexp.MustCompile(`'(?:[^']|'')*'|"[^"]*"|\w+|[^\w\s]`)

// occurrences counts a word in a text with all macros written out.
func occurrences(macros map[string]macro, text, word string) int {
	return countTokens(macros, words.FindAllString(text, -1), word)
}

func countTokens(macros map[string]macro, tokens []string, word string) int {
	n := 0
	for i := 0; i < len(tokens); i++ {
		m, isMacro := macros[tokens[i]]
		switch {
		case tokens[i] == word:
			n++
		case isMacro && i+1 < len(tokens) && tokens[i+1] == "(":
			args, length := callArguments(tokens[i+2:])
			for k, arg := range args {
				inside := countTokens(macros, arg, word)
				if inside > 0 {
					n += inside * occurrences(macros, m.body, m.params[k])
				}
			}
			i += 1 + length
		}
	}
	return n
}

// callArguments splits the tokens after an opening parenthesis and returns how
// many belong to the call.
func callArguments(tokens []string) (args [][]string, length int) {
	depth, start := 0, 0
	for i, t := range tokens {
		switch {
		case t == "(" || t == "[":
			depth++
		case t == ")" && depth == 0:
			return append(args, tokens[start:i]), i + 1
		case t == ")" || t == "]":
			depth--
		case t == "," && depth == 0:
			args = append(args, tokens[start:i])
			start = i + 1
		}
	}
	return args, len(tokens)
}

// sampleCalls returns calls of a function over columns, for every number of
// arguments.
func sampleCalls(f *function) []string {
	out, ok := specialCalls()[f.Name]
	for n := max(f.minimum(), 1); n <= len(f.params) && !ok; n++ {
		var args []string
		for i := range n {
			p := f.params[i]
			arg := [...]string{"s", "b", "s", "i", "l", "x", "x", "d", "ts", "a", "s", "", "s", "m", "a", "(ts - ts)", "(ts - ts)"}[p.accept]
			if p.constant {
				arg = map[accept]string{texts: "'a+'", smalls: "1", booleans: "true", doubles: "0.5"}[p.accept]
			}
			args = append(args, arg)
		}
		out = append(out, f.Name+"("+strings.Join(args, ", ")+")")
	}
	const over = " over (partition by t order by ts desc)"
	for i := range out {
		switch f.Class {
		case Windowed:
			out[i] += over
		case Aggregate:
			if !f.whole && !strings.Contains(out[i], "within") {
				out = append(out, out[i]+over)
			}
		}
	}
	return out
}

// specialCalls are those that the kinds of parameters do not give.
func specialCalls() map[string][]string {
	out := otherCalls()
	maps.Copy(out, timeCalls())
	return out
}

// timeCalls are those of functions of dates and times.
func timeCalls() map[string][]string {
	return map[string][]string{
		"date_format":        {"date_format(ts, 'y-MM-dd SSS ''x'' E')", "date_format(ts, 'Q KK kk F')", "date_format(d, '')"},
		"from_unixtime":      {"from_unixtime(l)", "from_unixtime(i, 'HH')"},
		"next_day":           {"next_day(d, 'MO')"},
		"trunc":              {"trunc(d, 'YEAR')"},
		"date_part":          {"date_part('hour', ts)", "extract(second from ts)", "extract(yearofweek from d)", "extract(dow_iso from ts)", "extract(hour from ts - ts)", "extract(second from ts - ts)", "extract(day from make_interval(i, j))", "extract(month from make_interval(i, j))"},
		"make_timestamp":     {"make_timestamp(d)", "make_timestamp(i, i, i, i, i, x)", "make_timestamp(i, i, i, i, i, x, 'Europe/Berlin')", "make_timestamp(i, i, i, i, i, x, '+01:00')"},
		"from_utc_timestamp": {"from_utc_timestamp(ts, 'Europe/Berlin')", "from_utc_timestamp(ts, '+01:00')"},
		"to_utc_timestamp":   {"to_utc_timestamp(ts, 'Europe/Berlin')", "to_utc_timestamp(ts, '+01:00')"},
		"convert_timezone":   {"convert_timezone('Europe/Berlin', ts)", "convert_timezone('Asia/Seoul', 'Europe/Berlin', ts)"},
		"timestampadd":       {"timestampadd(month, i, ts)", "timestampadd(hour, l, d)"},
		"timestampdiff":      {"timestampdiff(month, ts, ts)", "timestampdiff(hour, ts, d)"},
		"date_trunc":         {"date_trunc('hour', ts)"},
		"to_date":            {"to_date(ts)"},
		"to_timestamp":       {"to_timestamp(d)"},
		"to_timestamp_ntz":   {"to_timestamp_ntz(d)", "to_timestamp_ntz(s)", "to_timestamp_ntz(s, 'yyyy')"},
		"unix_timestamp":     {"unix_timestamp(ts)"},
	}
}

func otherCalls() map[string][]string {
	out := map[string][]string{
		"map_filter":               {"map_filter(m, (k, v) -> v > i)"},
		"transform_keys":           {"transform_keys(m, (k, v) -> length(k) + i)"},
		"transform_values":         {"transform_values(m, (k, v) -> v + i)"},
		"map_zip_with":             {"map_zip_with(m, map(s, i), (k, v, w) -> v + w)"},
		"map_from_entries":         {"map_from_entries(array((s, i)))"},
		"array_sort":               {"array_sort(a)", "array_sort(a, (e, f) -> length(e) - length(f) + i)"},
		"from_json":                {"from_json(s, 'a INT, b DATE, c STRUCT<d: TIMESTAMP, e: STRING>')", "from_json(s, 'ARRAY<INT>')", "from_json(s, 'a ARRAY<DATE>, b MAP<STRING, ARRAY<TIMESTAMP>>')", "from_json(s, 'a TIMESTAMP', map('timestampFormat', 'dd/MM/yyyy'))"},
		"to_json":                  {"to_json(m)", "to_json(struct(s, ts, x, i AS k))", "to_json(struct(ts, d), map('timestampFormat', 'dd/MM/yyyy HH:mm', 'dateFormat', 'MMM'))"},
		"schema_of_json":           {},
		"from_csv":                 {"from_csv(s, 'a INT, b DATE, c TIMESTAMP')", "from_csv(s, 'a DATE, b TIMESTAMP', map('timestampFormat', 'dd/MM/yyyy', 'dateFormat', 'dd/MM/yyyy'))"},
		"to_csv":                   {"to_csv(struct(s, ts, x, i AS k, d))", "to_csv(struct(ts, d), map('timestampFormat', 'dd/MM/yyyy HH:mm', 'dateFormat', 'MMM'))"},
		"schema_of_csv":            {},
		"vector_avg":               {"vector_avg(array(f))"},
		"vector_sum":               {"vector_sum(array(f))"},
		"vector_cosine_similarity": {"vector_cosine_similarity(array(f), array(i::float))"},
		"vector_inner_product":     {"vector_inner_product(array(f), array(i::float))"},
		"vector_l2_distance":       {"vector_l2_distance(array(f), array(i::float))"},
		"vector_norm":              {"vector_norm(array(f), i::float)"},
		"vector_normalize":         {"vector_normalize(array(f), i::float)"},

		"explode":            {"explode(a)", "explode(m)"},
		"posexplode":         {"posexplode(a)", "posexplode(m)"},
		"inline":             {"inline(array(struct(s, i)))"},
		"inline_outer":       {"inline_outer(array(struct(s, i)))"},
		"window":             {"window(ts, '5 minutes')", "window(ts, '5 minutes', '2 minutes', '1 minute')"},
		"window_time":        {"window_time(window(ts, '5 minutes'))"},
		"session_window":     {"session_window(ts, '5 minutes')"},
		"stack":              {"stack(2, s, i, t)"},
		"json_tuple":         {"json_tuple(s, 'a', 'b')"},
		"named_struct":       {"named_struct('a', s, 'b', i)"},
		"struct":             {"struct(s, i)"},
		"map":                {"map(s, i, t, j)", "map(x, i)"},
		"map_contains_key":   {"map_contains_key(m, s)"},
		"element_at":         {"element_at(m, s)", "element_at(a, i)"},
		"aggregate":          {"aggregate(a, x, (acc, e) -> acc + y + length(e || s))", "aggregate(a, x, (acc, e) -> y - acc, acc -> acc / x)"},
		"mode":               {"mode(x, true)", "mode() within group (order by s desc)"},
		"percentile":         {"percentile(x, 0.5)", "percentile(x, array(0, 1))", "percentile(x, 0.5, i)", "percentile(x, array(0, 0.5), i)", "percentile(ts - ts, 0.3)", "percentile(ts - ts, array(0, 1))"},
		"percentile_cont":    {"percentile_cont(0.5) within group (order by x desc)", "percentile_cont(array(0.5, 0.1)) within group (order by x desc)"},
		"percentile_disc":    {"percentile_disc(0.5) within group (order by x)", "percentile_disc(0.5) within group (order by x desc)", "percentile_disc(array(0.5, 0.1)) within group (order by x desc)", "percentile_disc(array(0.5, 0.1)) within group (order by ts - ts)", "percentile_disc(0.5) within group (order by ts - ts)"},
		"listagg":            {"listagg(s)", "listagg(s, ',') within group (order by x)"},
		"get_json_object":    {"get_json_object(s, '$.a[0]')"},
		"mask":               {"mask(s)", "mask(s, 'A', NULL, '0', '?')"},
		"parse_url":          {"parse_url(s, 'HOST')", "parse_url(s, 'QUERY', 'k.v')"},
		"regexp_extract_all": {"regexp_extract_all(s, '(a)')", "regexp_extract_all(s, '(a)', 0)"},
		"try_add":            {"try_add(i, j)", "try_add(l, l)", "try_add(x, y)", "try_add(d, i)"},
		"try_subtract":       {"try_subtract(i, j)"},
		"try_multiply":       {"try_multiply(l, l)"},
		"try_divide":         {"try_divide(i, j)"},
		"try_mod":            {"try_mod(i, j)"},
		"space":              {"space(3)"},
		"array_except":       {"array_except(a, split(s, ','))"},
		"array_intersect":    {"array_intersect(a, split(s, ','))"},
		"array_union":        {"array_union(a, split(s, ','))"},
		"arrays_overlap":     {"arrays_overlap(a, split(s, ','))"},
		"decode":             {"decode(i, j, x, l, y)", "decode(s, 'UTF-8')", "decode(s, 'utf-16le')"},
		"encode":             {"encode(s, 'UTF-8')"},
		"bit_get":            {"bit_get(i, j)"},
		"conv":               {"conv(s, 10, 7)", "conv(s, 2, 10)", "conv(s, 16, 2)"},
		"hash":               {"hash(s, i)", "hash(ts, d)", "hash(l, b, a)", "hash(struct(x, s))", "hash(ts - ts)"},
		"shiftleft":          {"shiftleft(i, j)", "shiftleft(l, j)"},
		"shiftright":         {"shiftright(i, j)", "shiftright(l, j)"},
		"shiftrightunsigned": {"shiftrightunsigned(i, j)", "shiftrightunsigned(l, j)"},
		"bit_and":            {"bit_and(i)"},
		"bit_or":             {"bit_or(i)"},
		"bit_xor":            {"bit_xor(i)"},
		"concat":             {"concat(s, t)", "concat(a, split(s, ','))"},
		"abs":                {"abs(i)", "abs(x)", "abs(ts - ts)"},
		"avg":                {"avg(dec)", "avg(x)", "avg(ts - ts)", "avg(cast(i as interval month))"},
		"median":             {"median(x)", "median(ts - ts)"},
		"sign":               {"sign(x)", "sign(ts - ts)"},
		"sum":                {"sum(i)", "sum(x)", "sum(cast(i as decimal(9,1)))", "sum(ts - ts)"},
		"width_bucket":       {"width_bucket(x, y, x, i)", "width_bucket(ts - ts, d - d, ts - d, i)"},
		"exists":             {"exists(a, e -> e = s)"},
		"filter":             {"filter(a, (e, n) -> n < i)"},
		"flatten":            {"flatten(array(a, split(s, ',')))"},
		"forall":             {"forall(a, e -> e = s)"},
		"regexp_extract":     {"regexp_extract(s, '(a)')", "regexp_extract(s, '(a)', 1)"},
		"reverse":            {"reverse(s)", "reverse(a)"},
		"sequence":           {"sequence(i, l)", "sequence(i, l, j)", "sequence(ts, ts)", "sequence(d, d)", "sequence(ts, ts, ts - ts)", "sequence(d, d, ts - ts)", "sequence(d, d, cast(i as interval month))"},
		"sha2":               {"sha2(s, 256)", "sha2(s, 512)"},
		"split":              {"split(s, 'a+')", "split(s, 'a+', -1)", "split(s, 'a+', 2)"},
		"transform":          {"transform(a, (e, n) -> length(e) + n + i)"},
		"translate":          {"translate(s, 'ab', 'ab')"},
		"zeroifnull":         {"zeroifnull(i)"},
		"zip_with":           {"zip_with(a, split(s, ','), (e, f) -> length(e || f) + i)"},
	}
	maps.Copy(out, scalarCalls())
	return out
}

// scalarCalls are those of functions of numbers, texts and bytes.
func scalarCalls() map[string][]string {
	return map[string][]string{
		"hmac":          {"hmac(s, t)", "hmac(encode(s, 'UTF-8'), t, 'SHA-512')"},
		"to_binary":     {"to_binary(s)", "to_binary(s, 'base64')"},
		"xxhash64":      {"xxhash64(s, i)", "xxhash64(dec, x, array(named_struct('a', s)))"},
		"bitmap_count":  {"bitmap_count(encode(s, 'UTF-8'))"},
		"counter_diff":  {"counter_diff(i, ts)", "counter_diff(x)"},
		"ceil":          {"ceil(x)", "ceil(dec, 1)", "ceil(x, -1)"},
		"floor":         {"floor(x)", "floor(i, 1)"},
		"round":         {"round(x)", "round(dec, -1)", "round(x, -1)", "round(l, -2)"},
		"bround":        {"bround(x)", "bround(dec)", "bround(i, -1)"},
		"to_char":       {"to_char(dec, '999D99')", "to_char(i, '999')", "to_char(ts, 'y')", "to_char(encode(s, 'UTF-8'), 'hex')"},
		"to_number":     {"to_number(s, '999D99')"},
		"format_number": {"format_number(x, 2)", "format_number(dec, '#,##0.0#')"},
		"format_string": {"format_string('%s %d %05.1f %x %%', s, i, x, l)", "format_string('%2$S %1$s %1$s', s, x)"},
		"like":          {"like(s, 'a%')"},
		"ilike":         {"ilike(s, 'a%')"},
		"max_by":        {"max_by(s, i)", "max_by(s, i, 3)"},
		"min_by":        {"min_by(s, i)", "min_by(s, x, 3)"},
		"pmod":          {"pmod(i, j)", "pmod(x, y)", "pmod(dec, 0.3)"},
	}
}

// TestCopies proves that the cost of every function counts how often its
// rendering repeats an argument.
func TestCopies(t *testing.T) {
	macros := readMacros(t)
	for _, f := range theCatalogue.all {
		for _, text := range sampleCalls(f) {
			t.Run(text, func(t *testing.T) {
				typed := rowOrGroup(t, text)
				rendered := typed.DuckDB(Render{Column: func(name string) string { return "col_" + name }})
				for _, name := range typed.Refs() {
					got, want := occurrences(macros, rendered, "col_"+name), typed.root.cost*typed.RefCounts()[name]
					if got > want {
						t.Errorf("argument %s stands %d times, cost is %d: %s", name, got, want, rendered)
					}
				}
			})
		}
	}
}

// TestCastCopies does the same for casts.
func TestCastCopies(t *testing.T) {
	macros := readMacros(t)
	types := []Type{{Kind: Boolean}, {Kind: TinyInt}, {Kind: Int}, {Kind: BigInt}, {Kind: Float}, {Kind: Double}, decimalType(10, 2), decimalType(20, 2), decimalType(2, 2), {Kind: String}, {Kind: Date}, {Kind: Timestamp},
		{Kind: TimestampNTZ}, intervalOf(Year, Year), intervalOf(Year, Month), intervalOf(Day, Day), intervalOf(Day, Second), intervalOf(Second, Second), {Kind: Interval}}
	for _, from := range types {
		for _, to := range types {
			if !castable(from, to) || from.Equal(to) {
				continue
			}
			rendered := renderCast(from, to, "col_x")
			if got, want := occurrences(macros, rendered, "col_x"), castCopies(from, to); got > want {
				t.Errorf("%s to %s: %d times, castCopies says %d: %s", from, to, got, want, rendered)
			}
		}
	}
}

// TestFunctions checks the catalogue as documentation.
func TestFunctions(t *testing.T) {
	functions := Functions()
	if len(functions) < 90 {
		t.Errorf("only %d functions", len(functions))
	}
	seen := map[string]bool{}
	for i, f := range functions {
		if i > 0 && functions[i-1].Name >= f.Name {
			t.Errorf("%s stands after %s", f.Name, functions[i-1].Name)
		}
		if f.Doc == "" || f.Example == "" || f.Epoch < 1 || !strings.HasPrefix(f.Signature, f.Name+"(") {
			t.Errorf("%s: incomplete: %+v", f.Name, f)
		}
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			if _, refused := refusals()[name]; refused || seen[name] {
				t.Errorf("%s stands twice", name)
			}
			seen[name] = true
		}
		rowOrGroup(t, f.Example)
	}
}

// TestOperatorCopies does the same for operators.
func TestOperatorCopies(t *testing.T) {
	macros := readMacros(t)
	for _, text := range []string{"i + j", "l * l", "x / y", "i % j", "x % y", "dec / 3", "dec % 0.3", "i div j", "-i", "~i", "i between j and 3", "s like 'a'",
		"ts + interval 1 day", "ts + interval 1 month", "d + interval 1 month", "case i when j then 1 end",
		"ts - ts", "d - d", "ts + (ts - ts)", "ts - (ts - ts)", "d + (ts - ts)", "d + (d - d)", "-(ts - ts)", "(ts - ts) + (d - d)", "(ts - ts) * i", "(ts - ts) * x", "(ts - ts) / i", "(ts - ts) / x", "(ts - ts) * cast(i as decimal(12,2))",
		"(ts - ts) / cast(i as decimal(12,2))", "(ts - ts) div (d - d)", "cast(i as interval month) * i", "cast(i as interval month) / x", "ts + cast(i as interval month)", "d + cast(i as interval month)", "i in (1, j)", "s || t", "b and c"} {
		t.Run(text, func(t *testing.T) {
			typed := rowOrGroup(t, text)
			rendered := typed.DuckDB(Render{Column: func(name string) string { return "col_" + name }})
			for _, name := range typed.Refs() {
				if got := occurrences(macros, rendered, "col_"+name); got > typed.root.cost*typed.RefCounts()[name] {
					t.Errorf("operand %s stands %d times, cost is %d: %s", name, got, typed.root.cost, rendered)
				}
			}
		})
	}
}
