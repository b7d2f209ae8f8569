package compile

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/trainers"
)

// Columns that read one another several times are refused before they are
// written out, in milliseconds and little memory.
func TestExpansion(t *testing.T) {
	chain := func(n int, form string) string {
		var b strings.Builder
		b.WriteString("name: \"conn_row\" from: \"zeek_conn\"\ncolumns { name: \"c0\" definition: \"dport\" }\n")
		for i := range n {
			fmt.Fprintf(&b, "columns { name: \"c%d\" definition: %q }\n", i+1, strings.ReplaceAll(form, "c", fmt.Sprintf("c%d", i)))
		}
		fmt.Fprintf(&b, "features { name: \"f\" data_type: BIGINT definition: \"cast(c%d AS bigint)\" }\n", n)
		return b.String()
	}
	for _, tt := range []struct {
		name, text string
		codes      string
	}{
		{"doubled 40 times", chain(40, "c + c"), "too-large"},
		{"doubled 1,000 times", chain(1_000, "c + c"), "too-large"},
		{"a hundred times each", chain(40, strings.Repeat("c + ", 99)+"c"), "too-large"},
		{"doubled 10 times", chain(10, "c + c"), ""},
		{"a long chain of single reads", chain(1_000, "c + 1"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := example(t, map[string]string{rowFile: tt.text, modelFile: strings.Replace(scanText, "conn_row", "src_5min", 1)})
			ws, diags := spec.Load(files, trainers.Files)
			if diags.HasErrors() {
				t.Fatal(diags.Err())
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, diags = Compile(ws, []Trainer{{Name: "sklearn"}})
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			var codes []string
			for _, d := range diags {
				if d.Severity == diag.Error {
					codes = append(codes, d.Code)
				}
			}
			if diff := cmp.Diff(tt.codes, strings.Join(codes, " ")); diff != "" {
				t.Error(diff)
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; took > time.Second || allocated > 64<<20 {
				t.Errorf("it took %v and %d bytes", took, allocated)
			}
		})
	}
}

const scanText = `name: "scan_conn" dataset: "inbound_scan" feature_set: "conn_row" target_fpr: 0.01
trainer { [type.googleapis.com/mlp.trainers.sklearn.LogisticRegression] { } }
`

// A mistake in SQL stands at its own characters, wherever in the file they
// are: behind escapes, in adjacent texts, on other lines.
func TestPlaces(t *testing.T) {
	for _, tt := range []struct{ name, definition, want string }{
		{"one line", `"dport < prot"`, "8:62-66 unknown-column"},
		{"single quotes", `'dport < prot'`, "8:62-66 unknown-column"},
		{"behind an escape", `"service = '\"\t\x41' and prot"`, "8:79-83 unknown-column"},
		{"behind letters of several bytes", `"service = 'größe' and prot"`, "8:76-80 unknown-column"},
		{"adjacent texts on one line", `"dport < " "prot"`, "8:65-69 unknown-column"},
		{"adjacent texts on lines", "\n  \"dport <\"\n  # more\n  ' prot'", "11:5-9 unknown-column"},
		{"a name cut in two", "\n  'dport < pr'\n  'ot'", "9:12-10:6 unknown-column"},
		{"line ends in the text", `"dport <\n  prot"`, "8:65-69 unknown-column"},
		{"the type that is declared", `"proto"`, "8:33-40 type-mismatch"},
		{"an operand in parts", "\n  'pro'\n  'to AND TRUE'", "9:4-10:6 type-mismatch"},
		{"where a text ends too early", `"dport <"`, "8:61-61 syntax"},
		{"two mistakes", `"dprt < prot"`, "8:54-58 unknown-column; 8:61-65 unknown-column"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			line := "name: \"conn_row\"\nfrom: \"zeek_conn\"\n\n\n\n\n\nfeatures { name: \"f\" data_type: BOOLEAN definition: " + tt.definition + " }\n"
			_, diags := compileFiles(example(t, map[string]string{rowFile: line}))
			var got []string
			for _, d := range diags {
				s := d.Span
				end := fmt.Sprint(s.EndCol)
				if s.EndLine != s.Line {
					end = fmt.Sprintf("%d:%d", s.EndLine, s.EndCol)
				}
				if s.File != rowFile {
					t.Errorf("in %s", s)
				}
				got = append(got, fmt.Sprintf("%d:%d-%s %s", s.Line, s.Col, end, d.Code))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnknownTrainer(t *testing.T) {
	ws, diags := spec.Load(example(t, nil), trainers.Files)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	p, diags := Compile(ws, nil)
	if len(diags) != 2 || diags[0].Code != "unknown-trainer" || len(p.Models) != 0 {
		t.Errorf("got %v", diags.Err())
	}
}
