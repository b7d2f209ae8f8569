package run_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/spec"
)

// list is a list of every type, the key among them.
const list = `name: "hosts"
key: "src"
columns { name: "src" data_type: STRING }
columns { name: "risk" data_type: DOUBLE }
columns { name: "port" data_type: BIGINT header: "The port" }
columns { name: "known" data_type: BOOLEAN }
columns { name: "day" data_type: DATE }
columns { name: "seen" data_type: TIMESTAMP }
columns { name: "note" data_type: STRING }
`

const hosts = `src,risk,The port,known,day,seen,note,passed over
a,0.1,9223372036854775807,true,2026-01-31,2026-01-31T08:00:00.25Z,"one, ""quoted""
on two lines",x
A,-0.0,-1,FALSE,0001-01-01,1969-12-31T23:59:59.999999Z,it's é,
"",1,1,true,2026-01-31,2026-01-31T08:00:00Z,never found,
b,,,,,,,
`

// compileJoin compiles a feature set with a list beside it.
func compileJoin(table, body string) (*compile.Program, diag.List) {
	ws, diags := spec.Load(fstest.MapFS{
		"mlp.textproto":               {Data: []byte(`name: "t"`)},
		"specs/parsers/p.textproto":   {Data: []byte(parserText)},
		"specs/lists/hosts.textproto": {Data: []byte(list)},
		"specs/lists/hosts.csv":       {Data: []byte(table)},
		"specs/features/f.textproto":  {Data: []byte("name: \"f\"\nfrom: \"p\"\n" + body)},
	}, nil)
	p, more := compile.Compile(ws, nil)
	return p, append(diags, more...)
}

// withKeys is the table without the row that has no key.
func withKeys() string { return strings.Replace(hosts, "\"\",1,1,true", "c,1,1,true", 1) }

// A join gives each input row the values beside the equal key, in every type,
// and NULL where there is none; rows are neither lost nor repeated.
func TestJoin(t *testing.T) {
	b := newBench(t)
	p, diags := compileJoin(withKeys(), `
		joins { list: "hosts" on: "src" }
		joins { list: "hosts" name: "lower" on: "CASE WHEN hosts.known THEN lower(proto) END" }
		features { name: "risk" data_type: DOUBLE definition: "hosts.risk" }
		features { name: "port" data_type: BIGINT definition: "hosts.port" }
		features { name: "known" data_type: BOOLEAN definition: "hosts.known" }
		features { name: "day" data_type: DATE definition: "hosts.day" }
		features { name: "seen" data_type: TIMESTAMP definition: "hosts.seen" }
		features { name: "note" data_type: STRING definition: "hosts.note" }
		features { name: "second" data_type: STRING definition: "lower.src" }`)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	b.parse(p, []rawRow{{0, "b", 1, nil, nil, nil}, {0, "a", 2, "A", nil, nil}, {0, "", 3, nil, nil, nil}, {0, nil, 4, nil, nil, nil}, {0, "A", 5, "a", nil, nil}, {0, "a", 6, "z", nil, nil}})
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	known := []any{0.1, int64(9223372036854775807), true, day(2026, 1, 31), time.Date(2026, 1, 31, 8, 0, 0, 250_000_000, time.UTC), "one, \"quoted\"\non two lines"}
	row := func(n int, values []any, second any) []any {
		return append(append([]any{int64(0), int64(n)}, values...), second)
	}
	none := make([]any, 6)
	want := [][]any{
		row(0, none, nil), row(1, known, "a"), row(2, none, nil), row(3, none, nil),
		row(4, []any{0.0, int64(-1), false, day(1, 1, 1), time.UnixMicro(-1).UTC(), "it's é"}, nil),
		row(5, known, nil),
	}
	got := b.features(p, []string{"risk", "port", "known", "day", "seen", "note", "second"}, nil)
	b.diff(want, got)
	if text := fmt.Sprint(1 / got[4][2].(float64)); text != "-Inf" {
		t.Errorf("-0.0 came back as %v", got[4][2])
	}
}

// Rows can be chosen and grouped by what a list says; sums of floats come out
// as without a join, in the order of the records.
func TestJoinGrouped(t *testing.T) {
	b := newBench(t)
	const body = `key: "src" window { time: "ts" size: "1 second" }
		features { name: "total" data_type: DOUBLE definition: "sum(1D / (n + 1))" }
		features { name: "listed" data_type: BIGINT definition: "%s" }`
	plain := b.mustCompile(`where: "src <> 'c'"` + fmt.Sprintf(body, "count(CASE WHEN proto IN ('a', 'b') THEN 1 END)"))
	var table strings.Builder
	table.WriteString("src,risk,The port,known,day,seen,note\na,0.1,1,,,,\nb,0.1,2,,,,\n")
	for i := range 9000 {
		fmt.Fprintf(&table, "x%d,0.1,1,,,,\n", i)
	}
	joined, diags := compileJoin(table.String(), `joins { list: "hosts" on: "proto" } joins { list: "hosts" name: "source" on: "src" }
		where: "source.risk = 0.1" `+fmt.Sprintf(body, "count(hosts.port)"))
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	random, rows := rand.New(rand.NewPCG(1, 2)), []rawRow{}
	for i := range 6000 {
		rows = append(rows, rawRow{i, []string{"a", "b", "c"}[random.IntN(3)], random.IntN(1 << 20), []string{"a", "b", "tcp"}[random.IntN(3)], nil, nil})
	}
	b.parse(plain, rows)
	values := func(p *compile.Program) [][]any {
		return b.query(p.FeatureSets[0].Relation("(SELECT * FROM parsed WHERE _reject IS NULL)", []string{"total", "listed"}).DuckDB())
	}
	want := values(plain)
	if len(want) != 2 {
		t.Fatalf("%d rows, want 2", len(want))
	}
	b.diff(want, values(joined))
}

// A list's column has the key of what it says: not of the order of its rows,
// of how it is written, or of other columns.
func TestListKeys(t *testing.T) {
	body := `joins { list: "hosts" on: "src" }
		features { name: "risk" data_type: DOUBLE definition: "hosts.risk" }
		features { name: "port" data_type: BIGINT definition: "hosts.port" }
		features { name: "n" data_type: BIGINT definition: "n" }`
	keys := func(table string) map[string]string {
		t.Helper()
		p, diags := compileJoin(table, body)
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, a := range []string{"list/hosts.risk", "list/hosts.port", "list/hosts", "feature/f.risk", "feature/f.port", "feature/f.n", "featureset/f"} {
			out[a] = p.Graph.Key(a).String()
		}
		return out
	}
	base := "src,risk,The port,known,day,seen,note\na,0.5,1,,,,x\nb,1,2,,,,\nc,,3,,,,\n"
	before := keys(base)
	for _, tt := range []struct{ name, table, changed string }{
		{"rows in another order", "src,risk,The port,known,day,seen,note\nc,,3,,,,\nb,1,2,,,,\na,0.5,1,,,,x\n", ""},
		{"written differently", "\ufeffnote,\"src\",risk,The port,known,day,seen,more\r\nx,a,5e-1,+1,,,,1\r\n,b,1.0,2,,,,2\r\n,c,,3,,,,3\r\n", ""},
		{"a value", strings.Replace(base, "0.5", "0.25", 1), "feature/f.risk list/hosts list/hosts.risk"},
		{"a value of a column that nobody reads", strings.Replace(base, ",x", ",y", 1), "list/hosts"},
		{"a key", strings.Replace(base, "\nc,", "\nd,", 1), "feature/f.port list/hosts list/hosts.port"},
		{"values of two keys swapped", strings.NewReplacer("a,0.5", "a,1", "b,1", "b,0.5").Replace(base), "feature/f.risk list/hosts list/hosts.risk"},
		{"a row without values", base + "z,,,,,,\n", "list/hosts"},
		{"a row less", strings.Replace(base, "b,1,2,,,,\n", "", 1), "feature/f.port feature/f.risk list/hosts list/hosts.port list/hosts.risk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var changed []string
			after := keys(tt.table)
			for _, a := range []string{"feature/f.n", "feature/f.port", "feature/f.risk", "featureset/f", "list/hosts", "list/hosts.port", "list/hosts.risk"} {
				if before[a] != after[a] {
					changed = append(changed, a)
				}
			}
			if d := gocmp.Diff(tt.changed, strings.Join(changed, " ")); d != "" {
				t.Error(d)
			}
		})
	}
}
