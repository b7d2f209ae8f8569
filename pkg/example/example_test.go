package example

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/trainers"
)

const conn = `name: "conn"
source { delimited { separator: "," } }
raw: "0" raw: "1" raw: "2"
fields { name: "ts" data_type: TIMESTAMP index: 0 definition: "timestamp_seconds(cast(_c0 AS double))" }
fields { name: "src" data_type: STRING index: 1 definition: "_c1" }
fields { name: "rate" data_type: DOUBLE index: 2 definition: "cast(_c2 AS double) / 3" }
labels { name: "kind" raw: "3" data_type: STRING definition: "_c0" }
require: "ts IS NOT NULL"
`

const hosts = `name: "hosts"
from: "conn"
where: "src <> 'skip'"
key: "src"
window { time: "ts" size: "1 minute" }
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "top" data_type: DOUBLE definition: "max(rate)" }
`

func openEngine(t *testing.T) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(context.Background(), duckdb.Options{TempDir: t.TempDir(), Setup: sql.DuckDBMacros()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// runAll runs the examples of a project.
func runAll(t *testing.T, db *duckdb.DB, files fstest.MapFS, addresses []string) []*Result {
	t.Helper()
	ws, list := spec.Load(files, nil)
	program, more := compile.Compile(ws, nil)
	if err := append(list, more...).Err(); err != nil {
		t.Fatal(err)
	}
	results, err := Run(context.Background(), Options{DB: db, Workspace: ws, Program: program, Addresses: addresses})
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func failures(results []*Result) []string {
	out := []string{}
	for _, r := range results {
		for _, d := range r.Failures {
			at := d.Span
			at.File = ""
			out = append(out, strings.TrimPrefix(at.String(), ":")+" "+d.Message+" ["+d.Code+"]")
		}
	}
	return out
}

// exampleCase is examples behind the parser or the set, what is said of them,
// with places, and what they are when corrected; "" where they stay.
type exampleCase struct {
	name, parser, set string
	want              []string
	updated           string
}

func parserCases() []exampleCase {
	return []exampleCase{
		{name: "what holds", parser: `examples { raw: "60,10.0.0.7,1,scan" expect { field: "rate" value: "0.3333333333333333" } expect { field: "ts" value: "1970-01-01 00:01:00" } expect { field: "kind" value: "scan" } }
examples { raw: "-,10.0.0.7,1" reject: "require: ts IS NOT NULL" }
examples { raw: "60,," expect { field: "rate" value: "NULL" } expect { field: "src" value: "" } expect { field: "kind" value: "NULL" } }
`, want: []string{}},
		{name: "values", parser: `examples { raw: "60,x,3" # why
  expect { field: "rate" value: "1" } expect { field: "src" value: "x" }
  expect { field: "ts" } }
`, want: []string{`10:33 rate is "1.0", this example expects "1" [example-failed]`, `11:3 ts is "1970-01-01 00:01:00", this example expects "" [example-failed]`},
			updated: `examples { raw: "60,x,3" # why
  expect { field: "rate" value: "1.0" } expect { field: "src" value: "x" }
  expect { field: "ts" value: "1970-01-01 00:01:00" } }
`},
		{name: "nothing yet", parser: `examples { raw: "60,x,3,scan" }
examples { raw: "x" }
`, want: []string{`9:1 example #1 expects nothing: neither fields nor a reject [no-expectation]`, `10:1 example #2 expects nothing: neither fields nor a reject [no-expectation]`},
			updated: `examples { raw: "60,x,3,scan"
  expect { field: "ts" value: "1970-01-01 00:01:00" }
  expect { field: "src" value: "x" }
  expect { field: "rate" value: "1.0" }
}
examples { raw: "x" reject: "require: ts IS NOT NULL" }
`},
		{name: "a reject for a row and back", parser: `examples {
  raw: "60,x,3,scan"
  reject: "too few columns"
}
examples {
  name: "short"
  raw: "-"
  expect { field: "src" value: "x" }
}
examples { raw: "-" reject: "no header" }
`, want: []string{`11:11 the record is a row, this example expects a reject [example-failed]`, `15:8 the record is rejected: require: ts IS NOT NULL [example-failed]`,
			`18:29 the record is rejected for another reason: require: ts IS NOT NULL [example-failed]`},
			updated: `examples {
  raw: "60,x,3,scan"
  expect { field: "ts" value: "1970-01-01 00:01:00" }
  expect { field: "src" value: "x" }
  expect { field: "rate" value: "1.0" }
}
examples {
  name: "short"
  raw: "-"
  reject: "require: ts IS NOT NULL"
}
examples { raw: "-" reject: "require: ts IS NOT NULL" }
`},
		{name: "not one record", parser: `examples { raw: "60,x,3\n61,x,3\n" expect { field: "src" value: "x" } }
examples { raw: "\n\n#" expect { field: "src" value: "x" } }
`, want: []string{"9:17 raw has 2 records; an example of a parser is one [example-failed]", `10:17 the record is rejected: require: ts IS NOT NULL [example-failed]`},
			updated: `examples { raw: "60,x,3\n61,x,3\n" expect { field: "src" value: "x" } }
examples { raw: "\n\n#" reject: "require: ts IS NOT NULL" }
`},
	}
}

func setCases() []exampleCase {
	return []exampleCase{
		{name: "rows that hold", set: `examples { raw: "60,b,3\n61,a,3\n59,b,6\n62,skip,3"
  rows { expect { field: "src" value: "b" } expect { field: "top" value: "2.0" } }
  rows { expect { field: "src" value: "a" } expect { field: "window_start" value: "1970-01-01 00:01:00" } }
  rows { expect { field: "src" value: "b" } expect { field: "n" value: "1" } } }
examples { raw: "60,skip,3" no_rows: true }
`, want: []string{}},
		{name: "rows", set: `examples { raw: "60,b,3\n61,a,3" rows { expect { field: "src" value: "b" } } rows { expect { field: "n" value: "1" } } }
examples { raw: "60,skip,3" rows { expect { field: "n" value: "1" } } }
examples { raw: "60,b,3" no_rows: true }
examples { raw: "60,b,3" }
`, want: []string{`8:70 src is "a", this example expects "b" [example-failed]`, "9:17 rows come out: 0; this example expects 1 [example-failed]",
			"10:35 rows come out: 1; this example expects none [example-failed]", "11:1 example #4 expects nothing: neither rows nor no_rows [no-expectation]"},
			updated: `examples { raw: "60,b,3\n61,a,3" rows { expect { field: "src" value: "a" } } rows { expect { field: "n" value: "1" } } }
examples { raw: "60,skip,3" no_rows: true }
examples { raw: "60,b,3"
  rows {
    expect { field: "src" value: "b" }
    expect { field: "window_start" value: "1970-01-01 00:01:00" }
    expect { field: "window_end" value: "1970-01-01 00:02:00" }
    expect { field: "n" value: "1" }
    expect { field: "top" value: "1.0" }
  }
}
examples { raw: "60,b,3"
  rows {
    expect { field: "src" value: "b" }
    expect { field: "window_start" value: "1970-01-01 00:01:00" }
    expect { field: "window_end" value: "1970-01-01 00:02:00" }
    expect { field: "n" value: "1" }
    expect { field: "top" value: "1.0" }
  }
}
`},
		{name: "rejects among rows", set: `examples { raw: "60,b,3\n-\n" rows { expect { field: "n" value: "1" } } }
`, want: []string{"8:17 record 1, in line 2, is rejected: require: ts IS NOT NULL [example-failed]"}},
	}
}

func TestRun(t *testing.T) {
	db := openEngine(t)
	for _, tt := range append(parserCases(), setCases()...) {

		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "p"`)}, "specs/parsers/conn.textproto": {Data: []byte(conn + tt.parser)},
				"specs/features/hosts.textproto": {Data: []byte(hosts + tt.set)}}
			results := runAll(t, db, files, nil)
			if diff := cmp.Diff(tt.want, failures(results)); diff != "" {
				t.Error(diff)
			}
			texts, corrected, err := Files(results)
			if err != nil {
				t.Fatal(err)
			}
			path, text := "specs/parsers/conn.textproto", conn
			if tt.set != "" {
				path, text = "specs/features/hosts.textproto", hosts
			}
			if tt.updated == "" {
				if len(texts)+len(corrected) > 0 {
					t.Errorf("corrected %q", texts)
				}
				return
			}
			if diff := cmp.Diff(text+tt.updated, string(texts[path])); diff != "" {
				t.Error(diff)
			}
			files[path] = &fstest.MapFile{Data: texts[path]}
			for _, r := range runAll(t, db, files, nil) {
				if r.update != nil && len(r.Failures) > 0 {
					t.Errorf("%s %s does not hold when it was corrected: %v", r.Address, r.Name, r.Failures.Err())
				}
			}
		})
	}
}

func TestRunAddresses(t *testing.T) {
	files := fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "p"`)}, "specs/parsers/conn.textproto": {Data: []byte(conn + "examples { name: \"one\" raw: \"1\" }")},
		"specs/features/hosts.textproto": {Data: []byte(hosts + "examples { raw: \"1\" }")}}
	db := openEngine(t)
	for _, tt := range []struct {
		addresses []string
		want      string
	}{
		{nil, "parser/conn one featureset/hosts #1"}, {[]string{"featureset/hosts"}, "featureset/hosts #1"}, {[]string{}, ""},
	} {
		var got []string
		for _, r := range runAll(t, db, files, tt.addresses) {
			got = append(got, r.Address, r.Name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q: got %q, want %q", tt.addresses, got, tt.want)
		}
	}
}

// TestPages runs the examples of the pages of this package's diagnostics.
func TestPages(t *testing.T) {
	db := openEngine(t)
	for _, code := range []string{"example-failed", "no-expectation"} {
		text, err := os.ReadFile("../../docs/diagnostics/" + code + ".md")
		if err != nil {
			t.Fatal(err)
		}
		p, err := diag.ParsePage(code, string(text))
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "p"`)}, p.Examples[0].Path: {Data: []byte(p.Examples[0].Text)}}
		failed := runAll(t, db, files, nil)[0].Failures
		if len(failed) != 1 || failed[0].Code != code || failed[0].Span.Line != p.Examples[0].Line {
			t.Errorf("%s: %v", code, failed.Err())
		}
	}
}

// TestOwnExamples holds the examples of the repository's own specs.
func TestOwnExamples(t *testing.T) {
	db := openEngine(t)
	known := []compile.Trainer{{Name: "sklearn"}, {Name: "tensorflow"}}
	for _, root := range []string{"../..", "../../acceptance"} {
		ws, list := spec.Load(os.DirFS(root), trainers.Files)
		program, more := compile.Compile(ws, known)
		if err := append(list, more...).Err(); err != nil && root == "../.." {
			t.Fatal(err)
		}
		results, err := Run(context.Background(), Options{DB: db, Workspace: ws, Program: program})
		if err != nil || len(results) < 2 {
			t.Fatalf("%s: %d examples, %v", root, len(results), err)
		}
		for _, r := range results {
			if err := r.Failures.Err(); err != nil {
				t.Errorf("%s: %v", root, err)
			}
		}
	}
}
