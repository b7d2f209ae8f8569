package compile

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mlpdev/mlp/pkg/digest"
)

// sourceOf compiles a parser with a source and a field of each of some raw
// columns, and returns the keys of the parser and of the field of the first.
func sourceOf(t *testing.T, source string, raw ...string) (parser, field digest.Digest) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "name: \"log\"\n%s\n", source)
	for i, address := range raw {
		fmt.Fprintf(&text, "raw: %q\n", address)
		fmt.Fprintf(&text, "fields { name: %q data_type: STRING index: %d definition: \"_c%d\" }\n", fmt.Sprintf("f%s", strings.NewReplacer(".", "_", "-", "_").Replace(address)), i, i)
	}
	p := mustCompile(t, fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "p"`)}, "specs/parsers/log.textproto": {Data: []byte(text.String())}})
	return p.Graph.Key("parser/log"), p.Graph.Key("field/log.f" + strings.ReplaceAll(raw[0], ".", "_"))
}

// TestSourceKeys edits sources: what can alter which records there are, and
// which are rows, changes the parser; what can alter a value changes the field;
// nothing else changes either.
func TestSourceKeys(t *testing.T) {
	const (
		csv    = `source { csv { separator: ";" quote: "'" null: "-" comment: "#" } }`
		regex  = `source { regex { pattern: "(?P<a>x+) (y+)" pattern: "z(?P<a>.)" null: "-" } }`
		pairs  = `source { key_value { separator: "," assign: ":" quote: "'" null: "-" } }`
		tabs   = `source { delimited { separator: "\t" header_line: "#f" } }`
		json   = `source { json {} }`
		shapes = json + tabs
	)
	tests := []struct {
		name, before, after string
		parser, field       bool
	}{
		{"csv: what are the defaults", `source { csv {} }`, `source { csv { separator: "," quote: "\"" } }`, false, false},
		{"csv: separator", csv, strings.Replace(csv, ";", "|", 1), true, true},
		{"csv: quote", csv, strings.Replace(csv, `"'"`, `"\""`, 1), true, true},
		{"csv: null", csv, strings.Replace(csv, `"-"`, `"NA"`, 1), false, true},
		{"csv: comment", csv, strings.Replace(csv, "#", "//", 1), true, false},
		{"csv or delimited", `source { csv {} }`, `source { delimited { separator: "," header_line: "#" } }`, true, true},
		{"regex: pattern", regex, strings.Replace(regex, "y+", "y*", 1), true, true},
		{"regex: one pattern more", regex, strings.Replace(regex, "null", `pattern: "w" null`, 1), true, true},
		{"regex: order of patterns", regex, `source { regex { pattern: "z(?P<a>.)" pattern: "(?P<a>x+) (y+)" null: "-" } }`, false, true},
		{"regex: a name for another group", regex, strings.Replace(regex, "(y+)", "(?P<b>y+)", 1), false, false},
		{"regex: one group more", regex, strings.Replace(regex, "(y+)", "((y)+)", 1), false, false},
		{"regex: groups without names", regex, strings.Replace(regex, "(y+)", "y+", 1), false, false},
		{"regex: greed", regex, strings.Replace(regex, "y+", "y+?", 1), true, true},
		{"regex: case", regex, strings.Replace(regex, "z", "(?i)z", 1), true, true},
		{"regex: the group elsewhere", regex, `source { regex { pattern: "(x+) (?P<a>y+)" pattern: "z(?P<a>.)" null: "-" } }`, false, true},
		{"regex: null", regex, strings.Replace(regex, `"-"`, `"NA"`, 1), false, true},
		{"regex: comment", regex, strings.Replace(regex, "null", `comment: "#" null`, 1), true, false},
		{"key_value: what are the defaults", `source { key_value {} }`, `source { key_value { separator: " " assign: "=" quote: "\"" } }`, false, false},
		{"key_value: separator", pairs, strings.Replace(pairs, `","`, `";"`, 1), true, true},
		{"key_value: assign", pairs, strings.Replace(pairs, `":"`, `"="`, 1), true, true},
		{"key_value: quote", pairs, strings.Replace(pairs, `"'"`, `"\""`, 1), true, true},
		{"key_value: null", pairs, strings.Replace(pairs, `"-"`, `"NA"`, 1), false, true},
		{"json or key_value", json, `source { key_value {} }`, true, true},
		{"one shape more", json, shapes, true, true},
		{"order of shapes", shapes, tabs + json, true, true},
		{"null of one shape", shapes, strings.Replace(shapes, "header_line", `null: "-" header_line`, 1), false, true},
		{"comment of one shape", shapes, strings.Replace(shapes, "header_line", `comment: "#" header_line`, 1), true, true},
		{"comments of the spec", shapes, "# one\n" + json + "  # two\n" + tabs, false, false},
	}
	for _, tt := range tests {
		p1, f1 := sourceOf(t, tt.before, "a")
		p2, f2 := sourceOf(t, tt.after, "a")
		if (p1 != p2) != tt.parser || (f1 != f2) != tt.field {
			t.Errorf("%s: the parser changes: %v, the field changes: %v", tt.name, p1 != p2, f1 != f2)
		}
	}
	p1, _ := sourceOf(t, `source { csv {} }`, "0")
	p2, _ := sourceOf(t, `source { csv { headerless: true } }`, "0")
	if p1 == p2 {
		t.Error("csv with a header and without one have one key")
	}
}

// TestRawColumnsMove inserts raw columns and orders them anew: no field of
// another changes, nor which records there are.
func TestRawColumnsMove(t *testing.T) {
	for _, source := range []string{
		`source { csv {} }`, `source { json {} }`, `source { key_value {} }`,
		`source { regex { pattern: "(?P<a>x)(?P<b>y)(?P<c_d>z)" } }`,
		`source { json {} } source { regex { pattern: "(?P<a>x)(?P<b>y)(?P<c_d>z)" } }`,
	} {
		p1, f1 := sourceOf(t, source, "a")
		p2, f2 := sourceOf(t, source, "a", "b", "c.d")
		_, b1 := sourceOf(t, source, "b", "a")
		_, b2 := sourceOf(t, source, "b", "c.d", "a")
		if p1 != p2 || f1 != f2 || b1 != b2 {
			t.Errorf("%s: keys change with the place of raw columns", source)
		}
		if f1 == b1 {
			t.Errorf("%s: two raw columns have one key", source)
		}
	}
}

// Keys of sources are pinned, as those of the example are.
func TestGoldenSourceKeys(t *testing.T) {
	for source, want := range map[string][2]string{
		`source { csv {} }`:  {"f37ef0bfa5031b2e", "0d7f0f5b6a6ae963"},
		`source { json {} }`: {"9191cd7f5bbc0b8a", "300a16803be67e5e"},
		`source { regex { pattern: "(?P<a>x) (y)" comment: "#" null: "-" } }`: {"5190e3a6fde06d51", "8b2507d80022506f"},
		`source { key_value {} }`: {"ee5b44f2562b8c5d", "c89ba241e6a4defb"},
		`source { json {} } source { delimited { separator: "\t" header_line: "#f" } }`: {"0613aaaea5c1e4f8", "4c70842627e4c793"},
	} {
		p, f := sourceOf(t, source, "a")
		if got := [2]string{p.Hex()[:16], f.Hex()[:16]}; got != want {
			t.Errorf("%s: keys %q, want %q", source, got, want)
		}
	}
}
