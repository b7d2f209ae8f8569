package compile

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// renamed replaces whole words in every file, and the paths that speak of
// them.
func renamed(files fstest.MapFS, old, new string) fstest.MapFS {
	word := regexp.MustCompile(`\b` + old + `\b`)
	out := fstest.MapFS{}
	for path, f := range files {
		out[word.ReplaceAllString(path, new)] = &fstest.MapFile{Data: word.ReplaceAll(f.Data, []byte(new))}
	}
	return out
}

// keySet returns how often each key occurs among the nodes of some kinds.
func keySet(p *Program, kinds ...string) map[string]int {
	out := map[string]int{}
	for _, a := range p.Graph.Addresses() {
		if kind, _, _ := strings.Cut(a, "/"); len(kinds) == 0 || slices.Contains(kinds, kind) {
			out[p.Graph.Key(a).String()]++
		}
	}
	return out
}

// A rename carried through every use changes no key of any node: only
// addresses differ.
func TestRenames(t *testing.T) {
	before := mustCompile(t, example(t, nil))
	for _, tt := range []struct{ name, old, new string }{
		{"field", "dport", "port"},
		{"field that a condition and a window read", "ts", "at"},
		{"key of a window", "src", "source_address"},
		{"label column", "label", "verdict_text"},
		{"feature", "low_port", "privileged"},
		{"feature set", "conn_row", "a_row"},
		{"dataset", "inbound_scan", "scans"},
		{"contribution", "day1", "monday"},
		{"contribution of the test side", "day2", "tuesday"},
		{"model", "scan_conn", "a_model"},
		{"environment", "lab", "prod"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := renamed(example(t, nil).(fstest.MapFS), tt.old, tt.new)
			// Names of files in the source and of messages stay.
			for _, f := range files {
				text := string(f.Data)
				if tt.old == "label" {
					text = strings.ReplaceAll(text, `raw: "verdict_text"`, `raw: "label"`)
					text = strings.ReplaceAll(text, "verdict_text {", "label {")
				}
				if tt.old == "ts" {
					text = strings.ReplaceAll(text, `raw: "at"`, `raw: "ts"`)
				}
				f.Data = []byte(text)
			}
			after := mustCompile(t, files)
			if diff := cmp.Diff(keySet(before), keySet(after)); diff != "" {
				t.Error(diff)
			}
			if slices.Equal(before.Graph.Addresses(), after.Graph.Addresses()) && tt.old != "label" {
				t.Error("nothing was renamed")
			}
		})
	}
}

// A model's inputs are in one order whatever its features are called.
func TestInputOrder(t *testing.T) {
	order := func(p *Program) (out []string) {
		for _, f := range p.Models[0].Features {
			out = append(out, f.Key.String())
		}
		return out
	}
	files := example(t, nil).(fstest.MapFS)
	before := order(mustCompile(t, files))
	for _, old := range []string{"low_port", "web", "no_service", "failed"} {
		files = renamed(files, old, "z_"+old)
	}
	if diff := cmp.Diff(before, order(mustCompile(t, files))); diff != "" {
		t.Error(diff)
	}
	if !slices.IsSorted(before) {
		t.Errorf("not by key: %v", before)
	}
}

// Names in expressions, keys and windows are found in any case.
func TestCase(t *testing.T) {
	before := keys(mustCompile(t, example(t, nil)))
	for _, tt := range []struct{ file, edit string }{
		{rowFile, `dport < 1024=>DPORT < 1024`},
		{windowFile, `key: "src"=>key: "SRC"`},
		{windowFile, `time: "ts"=>time: "Ts"`},
		{windowFile, `WHEN failed=>WHEN Failed`},
		{parserFile, `require: "ts IS=>require: "TS IS`},
		{parserFile, `definition: "_c1"=>definition: "_C1"`},
		{dataFile, `case label=>case LABEL`},
	} {
		after := keys(mustCompile(t, example(t, map[string]string{tt.file: tt.edit})))
		if !maps.Equal(before, after) {
			t.Errorf("%s: a key changed", tt.edit)
		}
	}
}
