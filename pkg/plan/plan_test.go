package plan

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/trainers"
)

const (
	parserFile = "specs/parsers/zeek_conn.textproto"
	rowFile    = "specs/features/conn_row.textproto"
	windowFile = "specs/features/src_5min.textproto"
	connFile   = "specs/models/scan_conn.textproto"
	srcFile    = "specs/models/scan_src.textproto"
	labFile    = "specs/environments/lab.textproto"
	dataFile   = "datasets/inbound_scan/dataset.textproto"
)

// example returns the repository's own specs over a dataset of two captures.
func example(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "example"`)}}
	for _, path := range []string{parserFile, rowFile, windowFile, connFile, srcFile, labFile} {
		text, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		files[path] = &fstest.MapFile{Data: text}
	}
	files[dataFile] = &fstest.MapFile{Data: []byte(datasetText("inbound_scan"))}
	return files
}

func datasetText(name string) string {
	return fmt.Sprintf("name: %q\n%s%ssplit { test: \"day2\" }\n", name, capture("day1", 1), capture("day2", 2))
}

func capture(name string, n int) string {
	d := fmt.Sprintf("sha256:%064d", n)
	return fmt.Sprintf(`contributions {
  name: %q
  files { name: "%s.log" parser: "zeek_conn" digest: "%s" size: 10 lines: 2 records: 1
          chunks { digest: "%s" size: 10 records: 1 first_line: 1 } }
  label { expression: "label = 'Malicious'" }
}
`, name, name, d, d)
}

// edited applies edits of the form "file: old=>new" or "file: -" to remove it.
func edited(t testing.TB, files fstest.MapFS, edits ...string) fstest.MapFS {
	t.Helper()
	for _, e := range edits {
		path, edit, _ := strings.Cut(e, ": ")
		if edit == "-" {
			delete(files, path)
			continue
		}
		old, new, _ := strings.Cut(edit, "=>")
		text := string(files[path].Data)
		if !strings.Contains(text, old) {
			t.Fatalf("%s has no %q", path, old)
		}
		files[path] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, old, new))}
	}
	return files
}

func program(t testing.TB, files fs.FS) *compile.Program {
	t.Helper()
	ws, diags := spec.Load(files, trainers.Files)
	p, more := compile.Compile(ws, []compile.Trainer{{Name: "sklearn", Key: digest.Of([]byte("sklearn"))}})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// memory is a store that holds what it was told.
type memory struct {
	held     map[digest.Digest]bool // frames, columns, models, evaluations
	failed   map[digest.Digest]bool // evaluations whose gates hold the model
	released map[string]map[string]digest.Digest
}

func (m memory) Frame(k digest.Digest) bool  { return m.held[k] }
func (m memory) Column(k digest.Digest) bool { return m.held[k] }
func (m memory) Model(k digest.Digest) bool  { return m.held[k] }
func (m memory) Evaluation(k digest.Digest) (passed, ok bool) {
	return !m.failed[k], m.held[k]
}
func (m memory) Comparison(k digest.Digest) (passed, ok bool) {
	return !m.failed[k], m.held[k]
}
func (m memory) Released(channel string) map[string]digest.Digest { return m.released[channel] }

// applied returns a store that holds all that a program asks for, released.
func applied(p *compile.Program) memory {
	m := memory{held: map[digest.Digest]bool{}, failed: map[digest.Digest]bool{}, released: map[string]map[string]digest.Digest{}}
	for _, s := range Make(Input{Head: p, Exists: memory{}}).Steps {
		m.held[s.Key] = true
		for _, f := range s.Fields {
			m.held[f.Key] = true
		}
		for _, x := range s.Models {
			if m.released[s.Channel] == nil {
				m.released[s.Channel] = map[string]digest.Digest{}
			}
			m.released[s.Channel][x.Name] = x.Evaluation
		}
	}
	return m
}

// lines describes changes that are not of columns and fields read by others.
func lines(p *Plan) []string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, fmt.Sprintf("%s %s: %s", c.Class, c.Address, c.Reason))
	}
	return out
}

func effects(list []Effect) []string {
	var out []string
	for _, e := range list {
		line := fmt.Sprintf("%s %s: %s", e.Class, e.Address, strings.Join(e.Why, ", "))
		if e.Total > 0 {
			line += fmt.Sprintf(" (%d of %d)", e.Columns, e.Total)
		}
		out = append(out, line)
	}
	return out
}

func steps(p *Plan) []string {
	var out []string
	for _, s := range p.Steps {
		line := string(s.Kind) + " " + s.Target
		if len(s.Columns) > 0 {
			line += fmt.Sprintf(" (%s)", strings.Join(s.Columns, ", "))
		}
		out = append(out, line)
	}
	return out
}

// An apply of the base leaves exactly what the edit needs.
func TestClasses(t *testing.T) {
	base := program(t, example(t))
	store := applied(base)
	day1, day2 := "contribution/inbound_scan.day1", "contribution/inbound_scan.day2"
	conn := []string{"train model/scan_conn", "evaluate evaluation/scan_conn", "compare comparison/scan_conn", "release local"}
	for _, tt := range []struct {
		name    string
		edits   []string
		changes []string // "…" stands for whatever follows
		models  []string
		data    []string
		steps   []string
	}{
		{"nothing", nil, nil, nil, nil, nil},
		{"a comment", []string{rowFile + `: from:=># rows` + "\n" + `from:`}, nil, nil, nil, nil},
		{"written differently", []string{rowFile + `: dport < 1024=>1024  >  DPORT`},
			[]string{"cosmetic feature/conn_row.low_port: written differently, the same value"}, nil, nil, nil},
		{"a field renamed", []string{parserFile + `: "dport"=>"port"`, rowFile + `: dport=>port`, windowFile + `: dport=>port`},
			[]string{"cosmetic field/zeek_conn.port: renamed from field/zeek_conn.dport", "cosmetic feature/conn_row.low_port: …", "cosmetic feature/conn_row.web: …",
				"cosmetic feature/src_5min.low_ratio: …", "cosmetic feature/src_5min.ports: …"}, nil, nil, nil},
		{"a feature", []string{rowFile + `: dport < 1024=>dport <= 1024`},
			[]string{"column feature/conn_row.low_port: changed: definition", "column model/scan_conn: reads feature/conn_row.low_port", "train evaluation/scan_conn: reads model/scan_conn", "deploy env/lab: reads evaluation/scan_conn"},
			[]string{"column model/scan_conn: feature/conn_row.low_port"},
			[]string{"column dataset/inbound_scan: feature/conn_row.low_port (1 of 17)"},
			append([]string{"features " + day1 + " × conn_row (feature/conn_row.low_port)", "features " + day2 + " × conn_row (feature/conn_row.low_port)"}, conn...)},
		{"a field", []string{parserFile + `: lower(_c5)=>_c5`},
			[]string{"column field/zeek_conn.proto: changed: definition", "column feature/conn_row.udp: reads field/zeek_conn.proto", "column model/scan_conn: reads feature/conn_row.udp", "train evaluation/scan_conn: …", "deploy env/lab: …"},
			[]string{"column model/scan_conn: field/zeek_conn.proto"},
			[]string{"column dataset/inbound_scan: feature/conn_row.udp (1 of 17)"},
			append([]string{"parse " + day1 + " × zeek_conn (field/zeek_conn.proto)", "parse " + day2 + " × zeek_conn (field/zeek_conn.proto)",
				"features " + day1 + " × conn_row (feature/conn_row.udp)", "features " + day2 + " × conn_row (feature/conn_row.udp)"}, conn...)},
		{"a parameter", []string{connFile + `: c: 1.0=>c: 2.0`},
			[]string{"train model/scan_conn: changed: params", "train evaluation/scan_conn: reads model/scan_conn", "deploy env/lab: reads evaluation/scan_conn"},
			[]string{"train model/scan_conn: model/scan_conn"}, nil, conn},
		{"the seed", []string{connFile + `: seed: 1=>seed: 2`},
			[]string{"train model/scan_conn: changed: seed", "…"}, []string{"train model/scan_conn: model/scan_conn"}, nil, conn},
		{"a gate", []string{connFile + `: 0.8=>0.9`},
			[]string{"gate evaluation/scan_conn: changed: gates", "deploy env/lab: reads evaluation/scan_conn"},
			[]string{"gate model/scan_conn: evaluation/scan_conn"}, nil, conn[1:]},
		{"a contribution to catch", []string{connFile + `: min_recall: 0.8=>min_recall: 0.8 must_catch: "day1"`},
			[]string{"gate evaluation/scan_conn: changed: must_catch; reads contribution/inbound_scan.day1", "deploy env/lab: reads evaluation/scan_conn"},
			[]string{"gate model/scan_conn: evaluation/scan_conn"}, nil, conn[1:]},
		{"where", []string{rowFile + `: from: "zeek_conn"=>from: "zeek_conn" where: "dport > 0"`},
			[]string{"rows featureset/conn_row: changed: where; reads field/zeek_conn.dport", "rows model/scan_conn: reads featureset/conn_row", "…"},
			[]string{"rows model/scan_conn: featureset/conn_row"}, []string{"rows dataset/inbound_scan: featureset/conn_row (0 of 17)"}, []string{"features " + day1 + " × conn_row (feature/conn_row.…", "…"}},
		{"a condition of the parser", []string{parserFile + `: "ts IS NOT NULL"=>"ts IS NOT NULL AND dport IS NOT NULL"`},
			[]string{"rows parser/zeek_conn: changed: require; reads field/zeek_conn.dport", "rows featureset/conn_row: reads parser/zeek_conn", "rows featureset/src_5min: reads parser/zeek_conn",
				"rows feature/src_5min.answered_log: reads featureset/src_5min", "rows feature/src_5min.failed_ratio: …", "rows feature/src_5min.hosts: …", "rows feature/src_5min.low_ratio: …", "rows feature/src_5min.n: …", "rows feature/src_5min.ports: …",
				"rows model/scan_conn: reads featureset/conn_row", "…"},
			[]string{"rows model/scan_conn: parser/zeek_conn", "rows model/scan_src: parser/zeek_conn"}, []string{"…"}, []string{"parse …", "…"}},
		{"an environment's channel", []string{labFile + `: channel: "local"=>channel: "canary"`},
			[]string{"deploy env/lab: changed: channel; reads evaluation/scan_conn, evaluation/scan_src"}, nil, nil, nil},
		{"a label", []string{dataFile + `: 'Malicious'=>'malicious'`},
			[]string{"label " + day1 + ": changed: label", "label " + day2 + ": changed: label", "data dataset/inbound_scan: reads " + day1 + ", " + day2, "data model/scan_conn: reads dataset/inbound_scan", "…"},
			[]string{"data model/scan_conn: " + day1 + ", " + day2, "data model/scan_src: " + day1 + ", " + day2},
			[]string{"label dataset/inbound_scan: " + day1 + " (label), " + day2 + " (label) (0 of 17)"},
			[]string{"features " + day1 + " × conn_row (label of " + day1 + ")", "…"}},
		{"the split", []string{dataFile + `: test: "day2"=>test: "day1"`},
			[]string{"split " + day1 + ": changed: split", "split " + day2 + ": changed: split", "…"}, []string{"…"},
			[]string{"split dataset/inbound_scan: " + day1 + " (split), " + day2 + " (split) (0 of 17)"},
			[]string{"train model/scan_conn", "train model/scan_src", "evaluate evaluation/scan_conn", "evaluate evaluation/scan_src", "compare comparison/scan_conn", "compare comparison/scan_src", "release local"}},
		{"a contribution more", []string{dataFile + `: split {=>` + capture("day3", 3) + `split {`},
			[]string{"data contribution/inbound_scan.day3: new", "data dataset/inbound_scan: reads contribution/inbound_scan.day3", "…"}, []string{"…"},
			[]string{"data dataset/inbound_scan: contribution/inbound_scan.day3 (data) (0 of 17)"}, []string{"parse contribution/inbound_scan.day3 × zeek_conn (…", "…"}},
		{"a model removed", []string{srcFile + `: -`},
			[]string{"removed model/scan_src: no longer declared", "removed evaluation/scan_src: no longer declared", "deploy env/lab: reads evaluation/scan_src"},
			[]string{"removed model/scan_src: no longer declared"}, nil, []string{"release local"}},
		{"a feature removed", []string{rowFile + `: features { name: "udp" display_name: "UDP" data_type: BOOLEAN definition: "proto = 'udp'" }=>`},
			[]string{"removed feature/conn_row.udp: no longer declared", "column model/scan_conn: reads feature/conn_row.udp", "…"},
			[]string{"column model/scan_conn: feature/conn_row.udp"}, nil, conn},
		{"a contribution removed", []string{dataFile + `: ` + capture("day1", 1) + `=>` + capture("day3", 3)},
			[]string{"removed contribution/inbound_scan.day1: no longer declared", "data contribution/inbound_scan.day3: new", "…"}, []string{"…"},
			[]string{"data dataset/inbound_scan: contribution/inbound_scan.day1 (removed), contribution/inbound_scan.day3 (data) (0 of 17)"}, []string{"parse contribution/inbound_scan.day3 × zeek_conn (…", "…"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Make(Input{Base: base, Head: program(t, edited(t, example(t), tt.edits...)), Exists: store})
			compareLines(t, "changes", tt.changes, lines(p))
			compareLines(t, "models", tt.models, effects(p.Models))
			compareLines(t, "datasets", tt.data, effects(p.Datasets))
			compareLines(t, "steps", tt.steps, steps(p))
			if p.Empty() != (len(tt.steps) == 0 && len(p.real()) == 0) {
				t.Errorf("Empty is %v", p.Empty())
			}
		})
	}
}

// compareLines compares lists of lines; "…" ends a line or the list early.
func compareLines(t *testing.T, what string, want, got []string) {
	t.Helper()
	shown := got
	for i, line := range want {
		start, open := strings.CutSuffix(line, "…")
		switch {
		case open && start == "" && i == len(want)-1:
			want, shown = want[:i], got[:min(i, len(got))]
		case open && i < len(got) && strings.HasPrefix(got[i], start):
			want = append(want[:i:i], append([]string{got[i]}, want[i+1:]...)...)
		}
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

// Names by which sites know things do not move silently.
func TestRenames(t *testing.T) {
	base := program(t, example(t))
	files := edited(t, example(t), connFile+`: name: "scan_conn"=>name: "scans"`)
	files["specs/models/scans.textproto"] = files[connFile]
	files = edited(t, files, connFile+": -")
	p := Make(Input{Base: base, Head: program(t, files), Exists: applied(base)})
	compareLines(t, "model", []string{
		"removed model/scan_conn: renamed to model/scans", "additive model/scans: renamed from model/scan_conn",
		"removed evaluation/scan_conn: renamed to evaluation/scans", "additive evaluation/scans: renamed from evaluation/scan_conn",
	}, lines(p))
	compareLines(t, "steps of a renamed model", []string{"release local"}, steps(p))

	files = edited(t, example(t), labFile+`: name: "lab"=>name: "prod"`)
	files["specs/environments/prod.textproto"] = files[labFile]
	p = Make(Input{Base: base, Head: program(t, edited(t, files, labFile+": -")), Exists: applied(base)})
	compareLines(t, "environment", []string{"removed env/lab: renamed to env/prod", "additive env/prod: renamed from env/lab"}, lines(p))
	compareLines(t, "steps of a renamed environment", nil, steps(p))
}

// The digest is of the changes alone: what a store holds does not matter, nor
// what is cosmetic; where the changes differ, it does.
func TestDigest(t *testing.T) {
	base := program(t, example(t))
	of := func(exists Exists, edits ...string) digest.Digest {
		return Make(Input{Base: base, Head: program(t, edited(t, example(t), edits...)), Exists: exists, HeadName: fmt.Sprint(len(edits))}).Digest
	}
	feature, gate, comment := rowFile+`: dport < 1024=>dport <= 1024`, connFile+`: 0.8=>0.9`, rowFile+`: dport < 1024=>1024 > dport`
	if of(memory{}, feature) != of(applied(base), feature) {
		t.Error("the digest depends on the store")
	}
	if of(memory{}) != of(memory{}, comment) {
		t.Error("the digest depends on what is cosmetic")
	}
	seen := map[digest.Digest]bool{}
	for _, d := range []digest.Digest{of(memory{}), of(memory{}, feature), of(memory{}, gate), of(memory{}, feature, gate), of(memory{}, connFile+`: 0.8=>0.85`), of(memory{}, srcFile+`: -`)} {
		if seen[d] || d.IsZero() {
			t.Errorf("digest %s occurs twice", d)
		}
		seen[d] = true
	}
}
