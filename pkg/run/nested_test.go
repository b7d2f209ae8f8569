package run_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/sql"
)

// mustCompileSets compiles feature sets, given by name with their bodies.
func (b *bench) mustCompileSets(sets map[string]string) *compile.Program {
	b.Helper()
	files := fstest.MapFS{
		"mlp.textproto":                {Data: []byte(`name: "t"`)},
		"specs/parsers/p.textproto":    {Data: []byte(parserText)},
		"datasets/d/dataset.textproto": {Data: []byte(labelled)},
	}
	for name, body := range sets {
		files["specs/features/"+name+".textproto"] = &fstest.MapFile{Data: []byte("name: \"" + name + "\"\n" + body)}
	}
	ws, diags := spec.Load(files, nil)
	p, more := compile.Compile(ws, nil)
	if err := append(diags, more...).Err(); err != nil {
		b.Fatal(err)
	}
	return p
}

// rowsOf evaluates a set over the rows that "parse" made, the order of the input
// reversed, with labels, and the texts of the first three records.
func (b *bench) rowsOf(p *compile.Program, set string) []map[string]any {
	b.Helper()
	f, ok := compile.ByName(p.FeatureSets, set)
	if !ok {
		b.Fatalf("no feature set %s", set)
	}
	var names []string
	for _, x := range f.Features {
		names = append(names, x.Name)
	}
	r := f.Relation("(SELECT * FROM parsed WHERE _reject IS NULL ORDER BY _rec DESC)", names)
	r.Label, r.Texts, r.Members = p.Datasets[0].Contributions[0].Label("p").Expr, 3, true
	columns := slices.Concat(r.Identity(), names, []string{sql.LabelColumn, sql.RecordsColumn, sql.TextsColumn, sql.FilesColumn, sql.NumbersColumn, sql.MembersColumn})
	var out []map[string]any
	for _, row := range b.query(r.DuckDB()) {
		if len(row) != len(columns) {
			b.Fatalf("%d columns, want %q", len(row), columns)
		}
		values := map[string]any{}
		for i, c := range columns {
			values[c] = row[i]
		}
		var places []any // the texts say which records they are of
		for _, n := range values[sql.NumbersColumn].([]any) {
			places = append(places, record(int(n.(int64))))
		}
		b.diff(places, values[sql.TextsColumn])
		members := values[sql.MembersColumn].([]any)
		if int64(len(members)) != values[sql.RecordsColumn] {
			b.Errorf("%d members of %v records", len(members), values[sql.RecordsColumn])
		}
		for i, n := range values[sql.NumbersColumn].([]any) {
			if _, number := sql.Member(members[i].(int64)); number != n {
				b.Errorf("member %d is record %d, want %v", i, number, n)
			}
		}
		out = append(out, values)
	}
	return out
}

// shown writes rows as lines, sorted: of each the named values.
func shown(rows []map[string]any, names ...string) []string {
	var out []string
	for _, r := range rows {
		var line []string
		for _, n := range names {
			line = append(line, fmt.Sprint(r[n]))
		}
		out = append(out, strings.Join(line, " "))
	}
	slices.Sort(out)
	return out
}

const lowRows = `from: "p"
where: "proto = 'tcp'"
columns { name: "twice" definition: "n * 2" }
features { name: "ts" data_type: TIMESTAMP definition: "ts" }
features { name: "src" data_type: STRING definition: "src" }
features { name: "double" data_type: BIGINT definition: "twice" }
features { name: "unused" data_type: BIGINT definition: "n" }
having: "double <> 8"
`

// sample are records at seconds 0, 1, …; the label of every fourth is bad.
func sample() []rawRow {
	var rows []rawRow
	for i := range 12 {
		label := any(nil)
		if i%4 == 3 {
			label = "bad"
		}
		rows = append(rows, rawRow{i * 1_000_000, []string{"a", "b"}[i%2], i, []string{"tcp", "tcp", "udp"}[i%3], nil, label})
	}
	return rows
}

// A set over rows keeps their ids, labels and texts; conditions add up.
func TestRowsOverRows(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{"low": lowRows, "up": `from: "low"
where: "src = 'a' OR double > 3"
columns { name: "more" definition: "double + 1" }
features { name: "x" data_type: BIGINT definition: "more" }
having: "x < 15"`})
	b.parse(p, sample())
	// tcp are 0 1 3 4 6 7 9 10; twice of 4 is 8; 1 is of b with 2; 7, 9 and 10 are too large.
	b.diff([]string{"0 0 1 <nil> 1 [record 0]", "0 3 7 true 1 [record 3]", "0 6 13 <nil> 1 [record 6]"},
		shown(b.rowsOf(p, "up"), "_file", "_rec", "x", "_label", "_records", "_raws"))
}

// A set with a key over rows groups them.
func TestKeyOverRows(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{"low": lowRows, "up": `from: "low"
key: "src" window { time: "ts" size: "5 seconds" }
features { name: "total" data_type: BIGINT definition: "sum(double)" }
features { name: "first" data_type: BIGINT definition: "first(double)" }`})
	b.parse(p, sample())
	b.diff([]string{
		"a 1970-01-01 00:00:00 +0000 UTC 0 0 <nil> 1 [record 0] false",
		"a 1970-01-01 00:00:05 +0000 UTC 12 12 <nil> 1 [record 6] false",
		"a 1970-01-01 00:00:10 +0000 UTC 20 20 <nil> 1 [record 10] true",
		"b 1970-01-01 00:00:00 +0000 UTC 8 2 true 2 [record 1 record 3] false",
		"b 1970-01-01 00:00:05 +0000 UTC 32 14 true 2 [record 7 record 9] false",
	}, shown(b.rowsOf(p, "up"), "_key_src", "_window_start", "total", "first", "_label", "_records", "_raws", "_partial"))
}

const lowKeyed = `from: "p"
key: "src" key: "proto" window { time: "ts" size: "2 seconds" }
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "sum" data_type: BIGINT definition: "sum(n)" }
features { name: "list" data_type: BIGINT length: 2 definition: "array(min(n), max(n))" }
having: "sum <> 4"
`

// A set without a key over rows with one keeps what identifies those.
func TestRowsOverKey(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{"low": lowKeyed, "up": `from: "low"
where: "proto = 'tcp'"
features { name: "x" data_type: BIGINT definition: "sum + list[1] * 100" }
features { name: "len" data_type: BIGINT definition: "unix_seconds(window_end) - unix_seconds(window_start) + length(src)" }`})
	b.parse(p, sample())
	low, up := b.rowsOf(p, "low"), b.rowsOf(p, "up")
	kept := slices.DeleteFunc(low, func(r map[string]any) bool { return r["_key_proto"] != "tcp" })
	id := []string{"_row", "_key_src", "_key_proto", "_window_start", "_window_end", "_partial", "_label", "_records", "_raws"}
	b.diff(shown(kept, id...), shown(up, id...))
	for _, r := range up {
		if r["len"] != int64(3) {
			t.Errorf("len is %v, want 3", r["len"])
		}
	}
	b.diff([]string{"a 0 tcp", "a 1010 tcp", "a 606 tcp", "b 101 tcp", "b 303 tcp", "b 707 tcp", "b 909 tcp"}, shown(up, "_key_src", "x", "_key_proto"))
}

// upper is a row of windows over windows, computed in Go from records.
type upper struct {
	src                 *string
	start               int64
	windows, records    int64
	sum                 int64
	busiest             int64
	first               []string
	attack, ok, partial bool
}

// Windows over windows are those of an independent computation over records:
// values of both levels, labels, marks and the first records.
func TestKeyOverKey(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{
		"low": `from: "p"
key: "src" key: "proto" window { time: "ts" size: "2 seconds" }
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "sum" data_type: BIGINT definition: "coalesce(sum(n), 0)" }`,
		"middle": `from: "low"
columns { name: "even" definition: "sum % 2 = 0" }
features { name: "s" data_type: BIGINT definition: "CASE WHEN even THEN sum ELSE sum END" }
features { name: "n" data_type: BIGINT definition: "n" }`,
		"up": `from: "middle"
key: "src" window { time: "window_start" size: "6 seconds" }
features { name: "windows" data_type: BIGINT definition: "count(*)" }
features { name: "total" data_type: BIGINT definition: "sum(s)" }
features { name: "most" data_type: BIGINT definition: "max(n)" }`})
	r := rand.New(rand.NewPCG(7, 8))
	pick := func(values ...any) any { return values[r.IntN(len(values))] }
	for round := range 20 {
		rows := make([]rawRow, r.IntN(80))
		for i := range rows {
			rows[i] = rawRow{pick(nil, r.IntN(40_000_000)-20_000_000), pick(nil, "a", "b"), pick(nil, r.IntN(100)), pick(nil, "tcp", "udp"), nil, pick(nil, "good", "bad")}
		}
		b.parse(p, rows)
		var want []string
		for _, u := range uppers(rows) {
			label := "<nil>"
			if u.ok || u.attack {
				label = fmt.Sprint(u.attack)
			}
			src := "<nil>"
			if u.src != nil {
				src = *u.src
			}
			want = append(want, fmt.Sprint(src, " ", u.start, " ", u.windows, " ", u.sum, " ", u.busiest, " ", label, " ", u.records, " ", u.first, " ", u.partial))
		}
		slices.Sort(want)
		got := b.rowsOf(p, "up")
		for _, row := range got {
			row["start"] = row["_window_start"].(interface{ UnixMicro() int64 }).UnixMicro()
		}
		if d := gocmp.Diff(want, shown(got, "_key_src", "start", "windows", "total", "most", "_label", "_records", "_raws", "_partial")); d != "" {
			t.Fatalf("round %d, %v:\n%s", round, rows, d)
		}
	}
}

func uppers(rows []rawRow) []*upper {
	const low, high = int64(2_000_000), int64(6_000_000)
	floor := func(n, size int64) int64 { return n - ((n%size)+size)%size }
	text := func(v any) string { return fmt.Sprintf("%T%v", v, v) }
	byKey, inner, counts := map[string]*upper{}, map[string]bool{}, map[string]int64{}
	var first, last *int64
	for i, r := range rows {
		if r[0] == nil {
			continue
		}
		ts := int64(r[0].(int))
		if first == nil || ts < *first {
			first = &ts
		}
		if last == nil || ts > *last {
			last = &ts
		}
		key := fmt.Sprint(text(r[1]), floor(ts, high))
		u := byKey[key]
		if u == nil {
			u = &upper{start: floor(ts, high)}
			if s, ok := r[1].(string); ok {
				u.src = &s
			}
			byKey[key] = u
		}
		window := fmt.Sprint(text(r[1]), text(r[3]), floor(ts, low))
		if !inner[window] {
			inner[window] = true
			u.windows++
		}
		counts[window]++
		u.busiest = max(u.busiest, counts[window])
		u.records++
		if n, ok := r[2].(int); ok {
			u.sum += int64(n)
		}
		if len(u.first) < 3 {
			u.first = append(u.first, record(i))
		}
		u.attack, u.ok = u.attack || r[5] == "bad", u.ok || r[5] == "good"
	}
	var out []*upper
	for _, u := range byKey {
		u.partial = u.start < *first || u.start+high > *last
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b *upper) int { return cmp.Compare(a.start, b.start) })
	return out
}
