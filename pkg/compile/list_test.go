package compile

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const hostsSpec = `name: "hosts"
key: "host"
columns { name: "host" data_type: STRING }
columns { name: "risk" data_type: DOUBLE }
columns { name: "ports" data_type: INT header: "Open ports" }
columns { name: "seen" data_type: TIMESTAMP }
columns { name: "day" data_type: DATE }
columns { name: "known" data_type: BOOLEAN }
`

// Every mistake in a list is reported where it stands in its file.
func TestWrongLists(t *testing.T) {
	const header = "host,risk,Open ports,seen,day,known\n"
	for _, tt := range []struct{ name, spec, table, want string }{
		{"nothing", "", "", "specs/lists/hosts.csv: bad-csv"},
		{"blank", "", "\n\n", "specs/lists/hosts.csv: bad-csv"},
		{"no row", "", header, ""},
		{"a value that does not cast", "", header + "a,1,2,,,\nb,x,2.5,,,\n\"c\"  ,1,2,,,\n", "specs/lists/hosts.csv:4:3: bad-csv"},
		{"values that do not cast", "", header + "a,1,2,,,\nä,x,\"2.5\",,,\nc,1e400,3000000000,2026-01-31,2026-02-31,yes\nd,0x1p3,1,2026-01-31T08:00:00.1234567Z,31.1.2026,0\ne,inf,1,,,\n",
			"specs/lists/hosts.csv:3:3: bad-value; specs/lists/hosts.csv:4:3: bad-value; specs/lists/hosts.csv:5:3: bad-value; specs/lists/hosts.csv:6:3: bad-value; " +
				"specs/lists/hosts.csv:3:5: bad-value; specs/lists/hosts.csv:4:9: bad-value; specs/lists/hosts.csv:4:20: bad-value; specs/lists/hosts.csv:5:11: bad-value; " +
				"specs/lists/hosts.csv:4:31: bad-value; specs/lists/hosts.csv:5:40: bad-value; specs/lists/hosts.csv:4:42: bad-value; specs/lists/hosts.csv:5:50: bad-value"},
		{"a key twice", "", header + "a,1,2,,,\nb,1,2,,,\n\"a\",3,4,,,\na,1,1,,,\n", "specs/lists/hosts.csv:4:1: duplicate-key; specs/lists/hosts.csv:5:1: duplicate-key"},
		{"a number twice", `key: "host"=>key: "ports"`, header + "a,1,2,,,\nb,1,+2,,,\n", "specs/lists/hosts.csv:3:5: duplicate-key"},
		{"an empty key", "", header + "a,1,2,,,\n,1,2,,,\n\"\",1,2,,,\n", "specs/lists/hosts.csv:3:1: empty-key; specs/lists/hosts.csv:4:1: empty-key"},
		{"a key that is no key", `key: "host"=>key: "risk"`, header, "specs/lists/hosts.textproto:2:6: bad-key"},
		{"a key that is no column", `key: "host"=>key: "hosts"`, header, "specs/lists/hosts.textproto:2:6: missing-column"},
		{"a column less", "", "host,risk,ports,seen,day,known\n", "specs/lists/hosts.csv:1:1: missing-column"},
		{"a header twice", "", "host,risk,Open ports,seen,day,known,risk,x,x\n", "specs/lists/hosts.csv:1:37: bad-csv"},
		{"a cell more", "", header + "a,1,2,,,\nb,1,2,,,,\n", "specs/lists/hosts.csv:3:1: bad-csv"},
		{"a bare quote", "", header + "a,1\"2,2,,,\n", "specs/lists/hosts.csv:2:4: bad-csv"},
		{"an open quote", "", header + "a,\"1,2,,,\n", "specs/lists/hosts.csv:2:1: bad-csv"},
		{"a control character", "", header + "a,1,2,,,\nb\x1f,1,2,,,\n", "specs/lists/hosts.csv:3:2: control-character"},
		{"an invisible character", "", header + "a\u202e,1,2,,,\n", "specs/lists/hosts.csv:2:2: format-character"},
		{"not UTF-8", "", header + "a\xff,1,2,,,\n", "specs/lists/hosts.csv:2:2: invalid-utf8"},
		{"too many rows", "", header + strings.Repeat("a,1,2,,,\n", 20_001), "specs/lists/hosts.csv:20002:1: too-large"},
		{"too large", "", header + strings.Repeat("a", 1<<20), "specs/lists/hosts.csv: too-large"},
		{"no file", `key: "host"=>key: "host" file: "others.csv"`, header, "specs/lists/hosts.csv: unexpected-file; specs/lists/others.csv: unreadable"},
		{"a file elsewhere", `key: "host"=>key: "host" file: "../hosts.csv"`, header, "specs/lists/hosts.csv: unexpected-file; specs/lists/hosts.textproto:2:19: bad-name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec := hostsSpec
			if old, new, ok := strings.Cut(tt.spec, "=>"); ok {
				spec = strings.Replace(spec, old, new, 1)
			}
			_, diags := compileFiles(fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "t"`)},
				"specs/lists/hosts.textproto": {Data: []byte(spec)}, "specs/lists/hosts.csv": {Data: []byte(tt.table)}})
			var got []string
			for _, d := range diags {
				got = append(got, d.Span.String()+": "+d.Code)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Of a list with many mistakes the first are reported.
func TestWrongListManyTimes(t *testing.T) {
	for _, row := range []string{"%d,x,1,,,\n", ",%d,1,,,\n", "a,%d,1,,,\n"} {
		var table strings.Builder
		table.WriteString("host,risk,Open ports,seen,day,known\n")
		for i := range 5000 {
			fmt.Fprintf(&table, row, i)
		}
		_, diags := compileFiles(fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "t"`)},
			"specs/lists/hosts.textproto": {Data: []byte(hostsSpec)}, "specs/lists/hosts.csv": {Data: []byte(table.String())}})
		if n := len(diags); n < 100 || n > 102 {
			t.Errorf("%d diagnostics, want about 100", n)
		}
	}
}

// The place of a value ends where the value does.
func TestListSpans(t *testing.T) {
	const text = "host,risk,Open ports,seen,day,known\r\n" + "\"a, b\",\"x\",1,,,\r\n" + "é,1,2,,,maybe\r\n"
	_, diags := compileFiles(fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "t"`)},
		"specs/lists/hosts.textproto": {Data: []byte(hostsSpec)}, "specs/lists/hosts.csv": {Data: []byte(text)}})
	var got []string
	for _, d := range diags {
		got = append(got, fmt.Sprintf("%d:%d-%d:%d %s", d.Span.Line, d.Span.Col, d.Span.EndLine, d.Span.EndCol, d.Message))
	}
	want := []string{`2:8-2:11 this is not a double, the type of column "risk"`, `3:9-3:14 this is not a boolean, the type of column "known"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
