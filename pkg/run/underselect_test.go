package run_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/sql"
)

// tinyParser has columns of every kind of tiny expression.
const tinyParser = `name: "p"
source { delimited { separator: "," } }
raw: "0" raw: "1" raw: "2" raw: "3" raw: "4" raw: "5" raw: "6"
fields { name: "a" data_type: BIGINT index: 0 definition: "cast(_c0 AS bigint)" }
fields { name: "b" data_type: BIGINT index: 1 definition: "cast(_c1 AS bigint)" }
fields { name: "c" data_type: BIGINT index: 2 definition: "cast(_c2 AS bigint)" }
fields { name: "x" data_type: DOUBLE index: 3 definition: "cast(_c3 AS double)" }
fields { name: "y" data_type: DOUBLE index: 4 definition: "cast(_c4 AS double)" }
fields { name: "p" data_type: BOOLEAN index: 5 definition: "cast(_c5 AS boolean)" }
fields { name: "q" data_type: BOOLEAN index: 6 definition: "cast(_c6 AS boolean)" }
labels { name: "label" raw: "7" data_type: STRING definition: "_c0" }
`

// tinyRows returns rows of values and NULLs, edges among them.
func tinyRows(r generator, n int) []map[string]any {
	out := make([]map[string]any, n)
	for i := range out {
		row := map[string]any{}
		for _, name := range columnsOf(whole) {
			row[name] = pick[any](r, nil, int64(0), int64(1), int64(-1), int64(2), r.Int64N(20)-10, int64(math.MaxInt64), int64(math.MinInt64))
		}
		for _, name := range columnsOf(real) {
			row[name] = pick[any](r, nil, 0.0, 0.1, -0.5, 1.0, 3.0, 1e16, r.Float64())
		}
		for _, name := range columnsOf(truth) {
			row[name] = pick[any](r, nil, true, false)
		}
		out[i] = row
	}
	return out
}

// load fills the table "parsed" with rows.
func (b *bench) load(rows []map[string]any) {
	b.Helper()
	var names, types []string
	for k, t := range []string{"BIGINT", "DOUBLE", "BOOLEAN"} {
		for _, name := range columnsOf(kind(k)) {
			names, types = append(names, name), append(types, name+" "+t)
		}
	}
	b.exec("CREATE OR REPLACE TEMP TABLE parsed (_file INTEGER, _rec BIGINT, _reject INTEGER, " + strings.Join(types, ", ") + ")")
	var values []string
	for i, row := range rows {
		texts := []string{"0", strconv.Itoa(i), "NULL"}
		for _, name := range names {
			switch v := row[name].(type) {
			case nil:
				texts = append(texts, "NULL")
			case float64:
				texts = append(texts, strconv.FormatFloat(v, 'e', -1, 64))
			default:
				texts = append(texts, fmt.Sprint(v))
			}
		}
		values = append(values, "("+strings.Join(texts, ", ")+")")
	}
	b.exec("INSERT INTO parsed VALUES " + strings.Join(values, ", "))
}

// tinySet writes a feature set of expressions and compiles it.
func tinySet(t *testing.T, r generator, exprs []*expr) (*compile.Program, []string) {
	t.Helper()
	var b strings.Builder
	var names, texts []string
	for i, e := range exprs {
		names, texts = append(names, "f"+strconv.Itoa(i)), append(texts, r.write(e))
		fmt.Fprintf(&b, "features { name: %q data_type: %s definition: %q }\n", names[i], e.kind.dataType(), texts[i])
	}
	p, diags := compileBoth(tinyParser, b.String())
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return p, texts
}

func (b *bench) values(p *compile.Program) [][]any {
	b.Helper()
	var names []string
	for _, f := range p.FeatureSets[0].Features {
		names = append(names, f.Name)
	}
	return b.features(p, names, nil)
}

// same compares two values; NaN is itself, and zeros have signs.
func same(a, b any) bool {
	x, ok := a.(float64)
	y, too := b.(float64)
	if ok && too {
		return math.Float64bits(x) == math.Float64bits(y) || x != x && y != y
	}
	return a == b
}

// No edit of a definition that changes a value on any row keeps the column's
// key. The truth is what each text says as it is written: an evaluator of the
// test's own, and the engine, which must agree.
func TestNeverUnderSelectDefinitions(t *testing.T) {
	b := newBench(t)
	r := generator{rand.New(rand.NewPCG(7, 8))}
	equal, different := 0, 0
	for range 40 {
		rows := tinyRows(r, 60)
		b.load(rows)
		var before, after []*expr
		for range 60 {
			e := r.expression(pick(r, whole, real, truth), 1+r.IntN(3))
			before, after = append(before, e), append(after, r.edit(e))
		}
		p, texts := tinySet(t, r, before)
		q, edited := tinySet(t, r, after)
		checkTiny(b, p, before, texts, rows)
		checkTiny(b, q, after, edited, rows)
		for i := range before {
			f, g := p.FeatureSets[0].Features[i], q.FeatureSets[0].Features[i]
			if f.Key != g.Key {
				different++
				continue
			}
			equal++
			for _, row := range rows {
				if v, w := before[i].eval(row), after[i].eval(row); !same(v, w) {
					t.Fatalf("one key, but on %v\n%s\ngives %v, and\n%s\ngives %v", row, texts[i], v, edited[i], w)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d edits with equal keys, %d with different ones", equal, different)
	if equal < 100 || different < 600 {
		t.Errorf("only %d edits with equal keys, %d with different ones", equal, different)
	}
}

// checkTiny compares the engine's values with the evaluator's.
func checkTiny(b *bench, p *compile.Program, exprs []*expr, texts []string, rows []map[string]any) {
	b.Helper()
	got := b.values(p)
	for i, e := range exprs {
		for j, row := range rows {
			if want := e.eval(row); !same(want, got[j][2+i]) {
				b.Errorf("%s\non %v: the engine gives %v, want %v", texts[i], row, got[j][2+i], want)
				break
			}
		}
	}
}

// part is a piece of a spec with the ways in which it may be written.
type part struct {
	name string
	ways []string
}

// setParts are edits of a feature set and its parser; ways that mean the same
// stand among ways that do not.
func setParts() []part {
	return []part{
		{"null", []string{"", ` null: "-"`, ` null: "a"`}},
		{"require", []string{"", `require: "n IS NOT NULL"`, `require: "isnotnull(n)"`, `require: "n > 0"`, `require: "0 < n"`, `require: "n > 0" require: "flag"`, `require: "flag" require: "n > 0"`}},
		{"proto", []string{"_c3", "lower(_c3)", "upper(lower(_c3))"}},
		{"where", []string{"", `where: "proto = 'tcp'"`, `where: "'tcp' == proto"`, `where: "proto <> 'udp'"`, `where: "proto = 'tcp' OR flag"`, `where: "flag OR proto = 'tcp'"`, `where: "proto = 'tcp' AND flag"`}},
		{"weight", []string{"n", "n + 1", "1 + n", "n * 2", "coalesce(n, 0)"}},
		{"key", []string{`key: "src"`, `key: "src" key: "proto"`, `key: "proto" key: "src"`, `key: "proto"`}},
		{"size", []string{"1 second", "1 seconds", "2 seconds", "1 minute", "60 seconds"}},
		{"total", []string{"sum(weight)", "SUM( weight )", "sum(n)", "sum(weight) FILTER (WHERE flag)", "max(weight)", "count(weight)", "first(weight)", "last(weight)"}},
		{"share", []string{"avg(CASE WHEN flag THEN 1D ELSE 0D END)", "avg(if(flag, 1D, 0D))", "avg(if(NOT flag, 1D, 0D))", "unix_micros(window_start) / 1000000", "unix_micros(window_end) / 1000000"}},
		{"having", []string{"", `having: "total > 1"`, `having: "1 < total"`, `having: "total >= 1"`, `having: "total > 1 AND share > 0"`, `having: "share > 0 AND total > 1"`}},
	}
}

// edited is a variant that differs from another in the part of a name.
type edited struct {
	name string
	ways map[string]string
}

// edits returns every variant that differs from one in at most one part.
func edits(ways map[string]string) []edited {
	var out []edited
	for _, p := range setParts() {
		for _, way := range p.ways {
			other := maps.Clone(ways)
			other[p.name] = way
			out = append(out, edited{p.name + " to " + way, other})
		}
	}
	return out
}

// variant writes the parser and the feature set with one way of each part.
func variant(ways map[string]string) (parser, body string) {
	parser = strings.Replace(parserText, `separator: ","`, `separator: ","`+ways["null"], 1)
	parser = strings.Replace(parser, `definition: "_c3"`, `definition: "`+ways["proto"]+`"`, 1) + ways["require"]
	body = fmt.Sprintf(`%s
columns { name: "weight" definition: %q }
%s window { time: "ts" size: %q }
features { name: "total" data_type: BIGINT definition: %q }
features { name: "share" data_type: DOUBLE definition: %q }
%s`, ways["where"], ways["weight"], ways["key"], ways["size"], ways["total"], ways["share"], ways["having"])
	return parser, body
}

// computed is what a variant gives: keys, and the values under them.
type computed struct {
	frame   digest.Digest
	columns map[digest.Digest]string // values of a column by its key, as text
	rows    string                   // row ids
}

func (b *bench) compute(ways map[string]string, records []rawRow) computed {
	b.Helper()
	parser, body := variant(ways)
	p, diags := compileBoth(parser, body)
	if err := diags.Err(); err != nil {
		b.Fatal(err)
	}
	null := p.Parsers[0].Format[0].(source.Delimited).Null
	read := slices.Clone(records) // as the reader gives them
	for i := range read {
		for j, v := range read[i] {
			if null != "" && v == null {
				read[i][j] = nil
			}
		}
	}
	b.parse(p, read)
	set := p.FeatureSets[0]
	frame := compile.FeatureFrame(p.Datasets[0], p.Datasets[0].Contributions[0], set)
	out := computed{frame: frame.Key, columns: map[digest.Digest]string{}}
	for _, f := range set.Features {
		var values []string
		out.rows = ""
		r := set.Relation("", []string{f.Name})
		at := slices.IndexFunc(r.Outputs, func(n sql.Named) bool { return n.Name == f.Name })
		for _, row := range b.features(p, []string{f.Name}, nil) {
			out.rows += fmt.Sprintln(row[0])
			values = append(values, fmt.Sprintln(row[len(row)-len(r.Outputs)+at]))
		}
		out.columns[frame.Column(f.Key)] = strings.Join(values, "")
	}
	return out
}

// No edit of a condition, a key, a window, a field or a working column that
// changes which rows there are, or a value, keeps the frame's and the
// columns' keys.
func TestNeverUnderSelectSets(t *testing.T) {
	b := newBench(t)
	r := generator{rand.New(rand.NewPCG(9, 10))}
	frames, columns := 0, 0
	for round := range 5 {
		records := make([]rawRow, 80)
		for i := range records {
			records[i] = rawRow{r.IntN(4_000_000) - 2_000_000, pick[any](r, nil, "-", "a", "b"), pick[any](r, nil, 0, 1, 2, 3, "-"),
				pick[any](r, nil, "tcp", "TCP", "udp", "a"), pick[any](r, nil, true, false), pick[any](r, nil, "good", "bad")}
		}
		ways := map[string]string{}
		for _, p := range setParts() {
			ways[p.name] = pick(r, p.ways...)
			if round == 0 { // with as few conditions as there can be
				ways[p.name] = p.ways[0]
			}
		}
		seenFrames, seenColumns := map[digest.Digest]string{}, map[digest.Digest]string{}
		for _, e := range edits(ways) {
			got := b.compute(e.ways, records)
			if rows, ok := seenFrames[got.frame]; ok {
				frames++
				if d := gocmp.Diff(rows, got.rows); d != "" {
					t.Fatalf("one frame key, other rows after an edit of %s:\n%s", e.name, d)
				}
			}
			seenFrames[got.frame] = got.rows
			for key, values := range got.columns {
				if before, ok := seenColumns[key]; ok {
					columns++
					if d := gocmp.Diff(before, values); d != "" {
						t.Fatalf("one column key, other values after an edit of %s:\n%s", e.name, d)
					}
				}
				seenColumns[key] = values
			}
		}
	}
	t.Logf("compared %d frames and %d columns of equal keys", frames, columns)
	if frames < 60 || columns < 120 {
		t.Errorf("only %d frames and %d columns of equal keys", frames, columns)
	}
}
