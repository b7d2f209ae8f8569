package run_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/sql"
)

// parserText reads records of six raw columns: microseconds, source, a whole
// number, a protocol, a truth value, and a label.
const parserText = `name: "p"
source { delimited { separator: "," } }
raw: "0" raw: "1" raw: "2" raw: "3" raw: "4"
fields { name: "ts" data_type: TIMESTAMP index: 0 definition: "timestamp_micros(cast(_c0 AS bigint))" }
fields { name: "src" data_type: STRING index: 1 definition: "_c1" }
fields { name: "n" data_type: BIGINT index: 2 definition: "cast(_c2 AS bigint)" }
fields { name: "proto" data_type: STRING index: 3 definition: "_c3" }
fields { name: "flag" data_type: BOOLEAN index: 4 definition: "cast(_c4 AS boolean)" }
labels { name: "label" raw: "5" data_type: STRING definition: "_c0" }
`

// compileSet compiles the parser and one feature set, "f" from "p", with what
// stands in its body.
func compileSet(body string) (*compile.Program, diag.List) {
	return compileBoth(parserText, body)
}

func compileBoth(parser, body string) (*compile.Program, diag.List) {
	return compileDataset(parser, body, labelled)
}

// compileDataset compiles a parser, a feature set and a dataset.
func compileDataset(parser, body, dataset string) (*compile.Program, diag.List) {
	ws, diags := spec.Load(fstest.MapFS{
		"mlp.textproto":                {Data: []byte(`name: "t"`)},
		"specs/parsers/p.textproto":    {Data: []byte(parser)},
		"specs/features/f.textproto":   {Data: []byte("name: \"f\"\nfrom: \"p\"\n" + body)},
		"datasets/.keep":               {},
		"datasets/d/dataset.textproto": {Data: []byte(dataset)},
	}, nil)
	p, more := compile.Compile(ws, nil)
	return p, append(diags, more...)
}

// labelled is a dataset whose label speaks of a field and a label column.
const labelled = `name: "d"
contributions {
  name: "c"
  files { name: "c.log" parser: "p" digest: "` + zeros + `" size: 1 lines: 1 records: 1
          chunks { digest: "` + zeros + `" size: 1 records: 1 first_line: 1 } }
  label { expression: "CASE label WHEN 'bad' THEN true WHEN 'good' THEN false END" }
}
split { test: "c" }
`

const zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

// rawRow is one record; nil is a missing column.
type rawRow [6]any

// bench evaluates relations over raw rows.
type bench struct {
	*testing.T
	conn *duckdb.Conn
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return newBenchIn(t, "")
}

// newBenchIn has an engine with so much memory, and no disk.
func newBenchIn(t *testing.T, memory string) *bench {
	t.Helper()
	ctx := context.Background()
	db, err := duckdb.Open(ctx, duckdb.Options{Setup: sql.DuckDBMacros(), MemoryLimit: memory})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		_ = db.Close()
	})
	return &bench{t, conn}
}

func (b *bench) exec(statement string) {
	b.Helper()
	if err := b.conn.Exec(context.Background(), statement); err != nil {
		b.Fatalf("%v\n%s", err, statement)
	}
}

func (b *bench) query(query string) [][]any {
	b.Helper()
	var out [][]any
	err := b.conn.Query(context.Background(), query, func(row []any) error {
		out = append(out, row)
		return nil
	})
	if err != nil {
		b.Fatalf("%v\n%s", err, query)
	}
	return out
}

// parse fills the table "parsed" from raw rows, in an order that is not that
// of their records.
func (b *bench) parse(p *compile.Program, rows []rawRow) {
	b.Helper()
	parser := p.Parsers[0]
	b.exec("CREATE OR REPLACE TEMP TABLE raw (_file INTEGER, _rec BIGINT, _raw VARCHAR, _c0 VARCHAR, _c1 VARCHAR, _c2 VARCHAR, _c3 VARCHAR, _c4 VARCHAR, _c5 VARCHAR)")
	var values []string
	for i, row := range rows {
		texts := []string{"0", strconv.Itoa(i), sql.Text(record(i))}
		for _, v := range row {
			if v == nil {
				texts = append(texts, "NULL")
			} else {
				texts = append(texts, sql.Text(fmt.Sprint(v)))
			}
		}
		values = append(values, "("+strings.Join(texts, ", ")+")")
	}
	if len(values) > 0 {
		b.exec("INSERT INTO raw VALUES " + strings.Join(values, ", "))
	}
	parsing := parser.Relation("raw", slices.Concat(parser.Fields, parser.Labels))
	parsing.Text = true
	b.exec("CREATE OR REPLACE TEMP TABLE parsed AS " + parsing.DuckDB())
}

const record0 = "record "

func record(i int) string { return record0 + strconv.Itoa(i) }

// features evaluates the named features of "f" over the rows that "parse"
// made, the rejects left out, the order of the input reversed.
func (b *bench) features(p *compile.Program, names []string, more func(*sql.Relation)) [][]any {
	b.Helper()
	r := p.FeatureSets[0].Relation("(SELECT * FROM parsed WHERE _reject IS NULL ORDER BY _rec DESC)", names)
	if more != nil {
		more(&r)
	}
	return b.query(r.DuckDB())
}

func (b *bench) mustCompile(body string) *compile.Program {
	b.Helper()
	p, diags := compileSet(body)
	if err := diags.Err(); err != nil {
		b.Fatal(err)
	}
	return p
}

func (b *bench) diff(want, got any) {
	b.Helper()
	if d := gocmp.Diff(want, got); d != "" {
		b.Error(d)
	}
}

// Rows that fail a condition are rejects of the first that is not true, which
// NULL is not.
func TestParsingRejects(t *testing.T) {
	b := newBench(t)
	p, diags := compileBoth(parserText+`require: "ts IS NOT NULL" require: "n > 0" require: "proto = 'tcp' AND flag"`, `features { name: "x" data_type: BIGINT definition: "n" }`)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	b.parse(p, []rawRow{
		{1, "a", 1, "tcp", "true", nil},
		{"x", "a", 1, "tcp", "true", nil},
		{nil, "a", -1, "udp", nil, nil},
		{1, "a", 0, "tcp", "true", nil},
		{1, "a", nil, "udp", "true", nil},
		{1, "a", "9999999999999999999", "tcp", "true", nil},
		{1, "a", 1, "udp", nil, nil},
		{1, "a", 1, "tcp", nil, nil},
		{1, nil, 7, "tcp", "true", nil},
	})
	var got []any
	for _, row := range b.query("SELECT _reject FROM parsed ORDER BY _rec") {
		got = append(got, row[0])
	}
	b.diff([]any{nil, int64(0), int64(0), int64(1), int64(1), int64(1), int64(2), int64(2), nil}, got)
	b.diff([][]any{{int64(0), int64(0), int64(1)}, {int64(0), int64(8), int64(7)}}, b.features(p, []string{"x"}, nil))
}

// Names of features never stand in for the fields and columns of the same
// name that definitions, the grouping and the label speak of.
func TestTrickyNames(t *testing.T) {
	rows := []rawRow{
		{0, "a", 1, "tcp", "true", "good"},
		{1, "a", 2, "udp", "false", "bad"},
		{2, "b", 5, "tcp", "true", nil},
	}
	for _, tt := range []struct {
		name, body string
		names      []string
		want       string // the features' values, row by row
	}{
		{"a feature named like a field, and its neighbours", `
			features { name: "n" data_type: BIGINT definition: "n + 100" }
			features { name: "m" data_type: BIGINT definition: "n * 10" }`, []string{"n", "m"}, "101 10; 102 20; 105 50"},
		{"two features that swap names", `
			features { name: "n" data_type: BIGINT definition: "length(src)" }
			features { name: "src" data_type: BIGINT definition: "n" }`, []string{"n", "src"}, "1 1; 1 2; 1 5"},
		{"having speaks of the feature, not of the field", `
			features { name: "n" data_type: BIGINT definition: "0 - n" }
			having: "n > -3"`, []string{"n"}, "-1; -2"},
		{"having on a feature that is not asked for", `
			features { name: "n" data_type: BIGINT definition: "n" }
			features { name: "m" data_type: BIGINT definition: "n % 2" }
			having: "m = 1"`, []string{"n"}, "1 1; 5 1"},
		{"where speaks of the field", `
			where: "n < 5"
			features { name: "n" data_type: BIGINT definition: "n + 10" }`, []string{"n"}, "11; 12"},
		{"reserved words", `
			columns { name: "select" definition: "n" }
			columns { name: "group" definition: "` + "`select`" + ` + 1" }
			features { name: "order" data_type: BIGINT definition: "` + "`group`" + `" }
			features { name: "from" data_type: BIGINT definition: "` + "`select`" + `" }`, []string{"order", "from"}, "2 1; 3 2; 6 5"},
		{"names of the relation's own steps", `
			columns { name: "s0" definition: "n" }
			columns { name: "s1" definition: "s0 + 1" }
			columns { name: "w0" definition: "s1 + 1" }
			features { name: "w1" data_type: BIGINT definition: "w0 + s0" }`, []string{"w1"}, "4; 6; 12"},
		{"keyed: features named like fields", `
			key: "src" window { time: "ts" size: "1 second" }
			features { name: "n" data_type: BIGINT definition: "count(*)" }
			features { name: "total" data_type: BIGINT definition: "sum(n)" }`, []string{"n", "total"}, "1 5; 2 3"},
		{"keyed: a feature named like the key", `
			key: "src" window { time: "ts" size: "1 second" }
			features { name: "src" data_type: BIGINT definition: "max(n)" }
			features { name: "m" data_type: BIGINT definition: "length(src)" }`, []string{"src", "m"}, "2 1; 5 1"},
		{"keyed: a feature named like the time", `
			key: "src" window { time: "ts" size: "1 second" }
			features { name: "ts" data_type: BIGINT definition: "unix_micros(max(ts))" }`, []string{"ts"}, "1; 2"},
		{"keyed: features named like the bounds", `
			key: "src" window { time: "ts" size: "1 second" }
			features { name: "window_start" data_type: BIGINT definition: "max(n)" }
			features { name: "window_end" data_type: BIGINT definition: "unix_micros(window_end) - unix_micros(window_start)" }`,
			[]string{"window_start", "window_end"}, "2 1000000; 5 1000000"},
		{"keyed: having on a feature named like a field", `
			key: "src" window { time: "ts" size: "1 second" }
			features { name: "n" data_type: BIGINT definition: "count(*)" }
			features { name: "total" data_type: BIGINT definition: "sum(n)" }
			having: "n = 1"`, []string{"total"}, "1 5"},
		{"keyed: a working column as key", `
			columns { name: "even" definition: "n % 2 = 0" }
			key: "even" window { time: "ts" size: "1 second" }
			features { name: "total" data_type: BIGINT definition: "sum(n)" }`, []string{"total"}, "2; 6"},
		{"case", `
			columns { name: "twice" definition: "N + n" }
			key: "SRC" window { time: "TS" size: "1 second" }
			features { name: "m" data_type: BIGINT definition: "SUM(Twice) + length(Src)" }
			having: "M > 7"`, []string{"m"}, "11"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			p := b.mustCompile(tt.body)
			b.parse(p, rows)
			r := p.FeatureSets[0].Relation("", tt.names)
			var got []string
			for _, row := range b.features(p, tt.names, nil) {
				got = append(got, strings.Trim(fmt.Sprint(row[len(row)-len(r.Outputs):]), "[]"))
			}
			if r.Group != nil { // rows are in the order of their digests
				slices.Sort(got)
			}
			b.diff(tt.want, strings.Join(got, "; "))
		})
	}
}

// A label column cannot be read by features, whatever they name their own.
func TestLabelsAreInvisible(t *testing.T) {
	for _, tt := range []struct{ name, body string }{
		{"a feature", `features { name: "x" data_type: BIGINT definition: "length(label)" }`},
		{"a column", `columns { name: "c" definition: "label" } features { name: "x" data_type: BIGINT definition: "length(c)" }`},
		{"where", `where: "label = 'bad'" features { name: "x" data_type: BIGINT definition: "n" }`},
		{"key", `key: "label" window { time: "ts" size: "1 hour" } features { name: "x" data_type: BIGINT definition: "count(*)" }`},
		{"a column of the same name", `columns { name: "label" definition: "src" } features { name: "x" data_type: BIGINT definition: "length(label)" }`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, diags := compileSet(tt.body); !diags.HasErrors() {
				t.Error("no error")
			}
		})
	}
}

// group is a keyed row, computed in Go.
type group struct {
	src            *string
	flag           *bool
	start          int64
	count, sum     int64
	first          []string
	attack, benign bool
	partial        bool
}

// id is the row id of a keyed row, written from its definition: the digest of
// the texts of key values and bounds, each N, or V, its length, ":" and text.
func (g *group) id(size int64) string {
	text := func(s *string) string {
		if s == nil {
			return "N"
		}
		return fmt.Sprintf("V%d:%s", len(*s), *s)
	}
	var flag *string
	if g.flag != nil {
		s := strconv.FormatBool(*g.flag)
		flag = &s
	}
	start, end := strconv.FormatInt(g.start, 10), strconv.FormatInt(g.start+size, 10)
	sum := sha256.Sum256([]byte(text(g.src) + text(flag) + text(&start) + text(&end)))
	return hex.EncodeToString(sum[:])
}

// groups computes the keyed rows of raw rows with the key (src, flag) and
// windows of a size.
func groups(rows []rawRow, size int64) []*group {
	byID := map[string]*group{}
	var low, high *int64
	for i, r := range rows {
		if r[0] == nil {
			continue
		}
		ts := int64(r[0].(int))
		if low == nil || ts < *low {
			low = &ts
		}
		if high == nil || ts > *high {
			high = &ts
		}
		start := ts / size * size
		if start > ts {
			start -= size
		}
		g := &group{start: start}
		if s, ok := r[1].(string); ok {
			g.src = &s
		}
		if f, ok := r[4].(bool); ok {
			g.flag = &f
		}
		id := g.id(size)
		if byID[id] == nil {
			byID[id] = g
		}
		g = byID[id]
		g.count++
		if n, ok := r[2].(int); ok {
			g.sum += int64(n)
		}
		if len(g.first) < 3 {
			g.first = append(g.first, record(i))
		}
		g.attack = g.attack || r[5] == "bad"
		g.benign = g.benign || r[5] == "good"
	}
	var out []*group
	for _, g := range byID {
		g.partial = g.start < *low || g.start+size > *high
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return cmp.Compare(a.id(size), b.id(size)) })
	return out
}

func (g *group) row(size int64) []any {
	micros := func(n int64) time.Time { return time.UnixMicro(n).UTC() }
	row := []any{g.id(size), nil, nil, micros(g.start), micros(g.start + size), g.partial, g.count, g.sum, nil, g.count, []any{}}
	if g.src != nil {
		row[1] = *g.src
	}
	if g.flag != nil {
		row[2] = *g.flag
	}
	if g.attack || g.benign {
		row[8] = g.attack
	}
	texts, files, numbers := make([]any, len(g.first)), make([]any, len(g.first)), make([]any, len(g.first))
	for i, s := range g.first {
		n, _ := strconv.ParseInt(strings.TrimPrefix(s, record0), 10, 64)
		texts[i], files[i], numbers[i] = s, int64(0), n
	}
	row[10] = texts
	return append(row, files, numbers)
}

// Keyed rows are those of an independent computation: groups with NULL in
// their keys, no row without a time, times before 1970, bounds, partial marks,
// any attack makes an attack, ids, order, first records.
func TestKeyedRows(t *testing.T) {
	b := newBench(t)
	p := b.mustCompile(`
		key: "src" key: "flag" window { time: "ts" size: "1 second" }
		features { name: "n" data_type: BIGINT definition: "count(*)" }
		features { name: "total" data_type: BIGINT definition: "coalesce(sum(n), 0)" }`)
	const size = 1_000_000
	label := p.Datasets[0].Contributions[0].Label("p").Expr
	r := rand.New(rand.NewPCG(5, 6))
	pick := func(values ...any) any { return values[r.IntN(len(values))] }
	cases := [][]rawRow{
		nil,
		{{0, nil, nil, nil, nil, nil}},
		{{nil, "a", 1, nil, true, "bad"}},
		{{0, "a", 1, nil, true, "good"}, {size, "a", 2, nil, true, nil}, {2*size - 1, "a", 4, nil, true, "bad"}},
		{{-1, "a", 1, nil, true, "good"}, {-size, "a", 2, nil, true, "bad"}, {-size - 1, "a", 4, nil, true, nil}},
		{{5, "a", 1, nil, nil, nil}, {5, "N", 1, nil, nil, nil}, {5, "", 1, nil, nil, nil}, {5, nil, 1, nil, nil, nil}, {5, "aV4:", 1, nil, nil, nil}},
	}
	for range 25 {
		rows := make([]rawRow, r.IntN(60))
		for i := range rows {
			rows[i] = rawRow{pick(nil, 0, -1, 1, size, size-1, size+1, -size, -size-1, r.IntN(6*size)-3*size),
				pick(nil, "", "a", "A", "é", "a:1", "'"), pick(nil, r.IntN(100)), nil, pick(nil, true, false), pick(nil, "", "good", "bad", "other")}
		}
		cases = append(cases, rows)
	}
	for i, rows := range cases {
		b.parse(p, rows)
		var want [][]any
		for _, g := range groups(rows, size) {
			want = append(want, g.row(size))
		}
		got := b.features(p, []string{"n", "total"}, func(r *sql.Relation) { r.Label, r.Texts = label, 3 })
		if d := gocmp.Diff(want, got); d != "" {
			t.Fatalf("case %d, %v:\n%s", i, rows, d)
		}
	}
}

// Rows without a key are the input's rows in their order, with the label of
// each, its text and its place.
func TestRowsInOrder(t *testing.T) {
	b := newBench(t)
	p := b.mustCompile(`where: "NOT (proto <=> 'icmp')" features { name: "x" data_type: BIGINT definition: "n" }`)
	label := p.Datasets[0].Contributions[0].Label("p").Expr
	b.parse(p, []rawRow{{nil, "a", 3, "tcp", nil, "bad"}, {0, "a", 2, "icmp", nil, "bad"}, {-5, nil, nil, nil, nil, "good"}, {1, "b", 1, "udp", nil, nil}})
	want := [][]any{
		{int64(0), int64(0), int64(3), true, int64(1), []any{record(0)}, []any{int64(0)}, []any{int64(0)}},
		{int64(0), int64(2), nil, false, int64(1), []any{record(2)}, []any{int64(0)}, []any{int64(2)}},
		{int64(0), int64(3), int64(1), nil, int64(1), []any{record(3)}, []any{int64(0)}, []any{int64(3)}},
	}
	b.diff(want, b.features(p, []string{"x"}, func(r *sql.Relation) { r.Label, r.Texts = label, 3 }))
}
