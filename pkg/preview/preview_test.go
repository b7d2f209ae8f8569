package preview

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/sql"
)

const parserText = `name: "conn"
source { delimited { separator: "," comment: "#" null: "-" header_line: "#fields" } }
raw: "ts" raw: "src" raw: "bytes"
fields { name: "ts" data_type: TIMESTAMP index: 0 definition: "timestamp_seconds(cast(_c0 AS double))" }
fields { name: "src" data_type: STRING index: 1 definition: "_c1" }
fields { name: "bytes" data_type: BIGINT index: 2 definition: "cast(_c2 AS bigint)" }
labels { name: "kind" raw: "kind" data_type: STRING definition: "_c0" }
require: "ts IS NOT NULL"
require: "bytes >= 0"
`

const rowsText = `name: "size"
from: "conn"
where: "src <> 'skip'"
features { name: "half" data_type: DOUBLE definition: "bytes / 2" }
features { name: "big" data_type: BOOLEAN definition: "bytes > 500" }
`

const hostsText = `name: "hosts"
from: "conn"
key: "src"
window { time: "ts" size: "1 minute" }
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "bytes" data_type: BIGINT definition: "sum(bytes)" }
`

// program returns the compiled specs and an engine.
func program(t *testing.T) (*compile.Program, *duckdb.DB) {
	t.Helper()
	ws, list := spec.Load(fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "p"`)},
		"specs/parsers/conn.textproto":  {Data: []byte(parserText)},
		"specs/features/size.textproto": {Data: []byte(rowsText)}, "specs/features/hosts.textproto": {Data: []byte(hostsText)}}, nil)
	p, more := compile.Compile(ws, nil)
	if err := append(list, more...).Err(); err != nil {
		t.Fatal(err)
	}
	db, err := duckdb.Open(context.Background(), duckdb.Options{TempDir: t.TempDir(), Setup: sql.DuckDBMacros()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return p, db
}

func input(name, text string) Input {
	return Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// collect runs options and returns what was handed out, a line each.
func collect(t *testing.T, o Options) ([]string, *Account) {
	t.Helper()
	var out []string
	o.Row = func(r Row) error {
		if r.Key != nil {
			out = append(out, fmt.Sprint(r.Start, " ", r.Partial, " ", r.Key, " ", r.Values))
		} else {
			out = append(out, fmt.Sprint(r.Input, " ", r.Record, " ", r.Line, " ", r.Values))
		}
		return nil
	}
	o.Reject = func(r Reject) error {
		out = append(out, fmt.Sprint(r.Input, " ", r.Record, " ", r.Line, " ! ", r.Reason))
		return nil
	}
	account, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return out, account
}

const header = "#fields,ts,src,bytes\n"

func TestRun(t *testing.T) {
	p, db := program(t)
	parser := p.Parsers[0]
	size, _ := compile.ByName(p.FeatureSets, "size")
	hosts, _ := compile.ByName(p.FeatureSets, "hosts")
	one := input("a", header+"60,x,1000\n# note\n61,y\n-,x,1\n62,skip,7\n\n63,x,-1\n64,y,3\n")
	two := input("b", "#fields,src,ts,kind\nx,0.5,scan\n")
	for _, tt := range []struct {
		name    string
		options Options
		want    []string
	}{
		{"a parser", Options{Parser: parser, Text: true}, []string{
			"a 0 2 [1970-01-01 00:01:00 x 1000]", "a 1 4 ! too few columns", "a 2 5 ! require: ts IS NOT NULL", "a 3 6 [1970-01-01 00:01:02 skip 7]",
			"a 4 8 ! require: bytes >= 0", "a 5 9 [1970-01-01 00:01:04 y 3]", "b 0 2 ! require: bytes >= 0"}},
		{"columns", Options{Parser: parser, Columns: []string{"kind", "src"}, Limit: 2}, []string{
			"a 0 2 [<nil> x]", "a 1 4 ! too few columns", "a 2 5 ! require: ts IS NOT NULL", "a 3 6 [<nil> skip]"}},
		{"a set without a key", Options{Parser: parser, FeatureSet: size, Text: true, Columns: []string{"half"}}, []string{
			"a 0 2 [500.0]", "a 1 4 ! too few columns", "a 2 5 ! require: ts IS NOT NULL", "a 4 8 ! require: bytes >= 0", "a 5 9 [1.5]",
			"b 0 2 ! require: bytes >= 0"}},
		{"a set with a key", Options{Parser: parser, FeatureSet: hosts, Text: true}, []string{
			"a 1 4 ! too few columns", "a 2 5 ! require: ts IS NOT NULL", "a 4 8 ! require: bytes >= 0", "b 0 2 ! require: bytes >= 0",
			"1970-01-01 00:01:00 true [skip] [1 7]", "1970-01-01 00:01:00 true [x] [1 1000]", "1970-01-01 00:01:00 true [y] [1 3]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.DB, tt.options.Inputs = db, []Input{one, two}
			got, account := collect(t, tt.options)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if account.Records != account.Rows+account.Rejected() || account.Lines != account.Records+account.Headers+account.Comments+account.Blanks {
				t.Errorf("the account does not balance: %+v", account)
			}
			if account.Stopped != (tt.options.Limit > 0) {
				t.Errorf("stopped: %t", account.Stopped)
			}
		})
	}
}

// TestRunBatches compares a log of several batches, with rejects at their
// edges, to what its records say.
func TestRunBatches(t *testing.T) {
	p, db := program(t)
	hosts, _ := compile.ByName(p.FeatureSets, "hosts")
	var log strings.Builder
	log.WriteString(header)
	var want []string
	const records = firstBatch + 2*nextBatch + 100
	for i := range records {
		switch {
		case i%1000 == 0 || i > firstBatch-3 && i < firstBatch+3:
			log.WriteString("short\n")
			want = append(want, fmt.Sprint("a ", i, " ", i+2, " ! too few columns"))
		case i%777 == 0:
			log.WriteString("-,x,1\n")
			want = append(want, fmt.Sprint("a ", i, " ", i+2, " ! require: ts IS NOT NULL"))
		default: // windows come in turns, so that none is together
			fmt.Fprintf(&log, "%d,h%d,%d\n", 60*(i%5), i%3, i)
			want = append(want, fmt.Sprint("a ", i, " ", i+2, " [", i, "]"))
		}
	}
	got, account := collect(t, Options{DB: db, Parser: p.Parsers[0], Columns: []string{"bytes"}, Text: true, Inputs: []Input{input("a", log.String())}})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%.2000s", diff)
	}
	if account.Records != records || account.Rows+account.Rejected() != records || account.Shown != account.Rows {
		t.Errorf("account: %+v", account)
	}
	got, account = collect(t, Options{DB: db, Parser: p.Parsers[0], FeatureSet: hosts, Text: true, Inputs: []Input{input("a", log.String())}})
	windows := slices.DeleteFunc(got, func(line string) bool { return strings.Contains(line, "!") })
	if len(windows) != 15 || !strings.HasPrefix(windows[0], "1970-01-01 00:00:00 false [h0]") || !strings.HasPrefix(windows[14], "1970-01-01 00:04:00 true [h2]") {
		t.Errorf("windows: %q", windows)
	}
	if account.Shown != 15 {
		t.Errorf("account: %+v", account)
	}
}

func TestRunRefuses(t *testing.T) {
	p, db := program(t)
	o := Options{DB: db, Parser: p.Parsers[0], Columns: []string{"nothing"}}
	var unknown *UnknownColumnError
	if _, err := Run(context.Background(), o); !errors.As(err, &unknown) || !strings.Contains(unknown.Hint(), "kind") {
		t.Errorf("unknown column: %v", err)
	}
	gone := errors.New("gone")
	o = Options{DB: db, Parser: p.Parsers[0], Inputs: []Input{{Name: "a", Open: func() (io.ReadCloser, error) { return nil, gone }}}}
	if _, err := Run(context.Background(), o); !errors.Is(err, gone) {
		t.Errorf("an input that does not open: %v", err)
	}
	o.Inputs, o.Row = []Input{input("a", header+"1,x,1\n")}, func(Row) error { return gone }
	if _, err := Run(context.Background(), o); !errors.Is(err, gone) {
		t.Errorf("a row that is not taken: %v", err)
	}
}

func TestRunMissing(t *testing.T) {
	p, db := program(t)
	_, account := collect(t, Options{DB: db, Parser: p.Parsers[0], Inputs: []Input{input("a", "#fields,src,ts\nx,1\n"), input("b", "#fields,src\nx\n")}})
	if diff := cmp.Diff([]string{"bytes"}, account.Missing); diff != "" {
		t.Error(diff)
	}
}
