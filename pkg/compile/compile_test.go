package compile

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/trainers"
)

// example returns the files of a small project, with some of them replaced: a
// text "old=>new" edits a file, and an empty one removes it.
func example(t *testing.T, edits map[string]string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	add := func(path, text string) { files[path] = &fstest.MapFile{Data: []byte(text)} }
	add("mlp.textproto", `name: "example"`)
	for _, path := range []string{"specs/parsers/zeek_conn.textproto", "specs/features/conn_row.textproto", "specs/features/src_5min.textproto",
		"specs/models/scan_conn.textproto", "specs/models/scan_src.textproto", "specs/environments/lab.textproto"} {
		text, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		add(path, string(text))
	}
	add("datasets/inbound_scan/dataset.textproto", dataset)
	for path, edit := range edits {
		old, new, ok := strings.Cut(edit, "=>")
		if !ok {
			add(path, edit)
			continue
		}
		before := string(files[path].Data)
		if !strings.Contains(before, old) {
			t.Fatalf("%s has no %q", path, old)
		}
		add(path, strings.Replace(before, old, new, 1))
	}
	return files
}

var dataset = `name: "inbound_scan"
contributions {
  name: "day1"
  files { name: "day1.log" parser: "zeek_conn" digest: "` + one + `" size: 10 lines: 2 records: 1
          chunks { digest: "` + one + `" size: 10 records: 1 first_line: 1 } }
  label { expression: "case label when 'Malicious' then true when 'Benign' then false end" }
}
contributions {
  name: "day2"
  files { name: "day2.log" parser: "zeek_conn" digest: "` + two + `" size: 10 lines: 2 records: 1
          chunks { digest: "` + two + `" size: 10 records: 1 first_line: 1 } }
  label { expression: "label = 'Malicious'" }
}
split { test: "day2" }
`

const (
	one = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	two = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

func compileFiles(files fs.FS) (*Program, diag.List) {
	ws, diags := spec.Load(files, trainers.Files)
	p, more := Compile(ws, []Trainer{{Name: "sklearn", Key: trainer.Kind{Name: "sklearn", Epoch: 1, Pins: []string{"scikit-learn==1.9.1"}}.Key()}})
	return p, append(diags, more...)
}

func mustCompile(t *testing.T, files fs.FS) *Program {
	t.Helper()
	p, diags := compileFiles(files)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func keys(p *Program) map[string]string {
	out := map[string]string{}
	for _, a := range p.Graph.Addresses() {
		out[a] = p.Graph.Key(a).String()
	}
	return out
}

const (
	parserFile = "specs/parsers/zeek_conn.textproto"
	rowFile    = "specs/features/conn_row.textproto"
	windowFile = "specs/features/src_5min.textproto"
	modelFile  = "specs/models/scan_conn.textproto"
	dataFile   = "datasets/inbound_scan/dataset.textproto"
)

// What an edit changes, by address: "" means that nothing does.
func TestEdits(t *testing.T) {
	before := keys(mustCompile(t, example(t, nil)))
	for _, tt := range []struct {
		name, file, edit string
		changed          string // all addresses whose keys differ, as a regular expression
	}{
		{"comment", rowFile, `from: "zeek_conn"=>from: "zeek_conn" # rows`, ""},
		{"keyword case, spaces", rowFile, `coalesce(resp_pkts, 0) = 0=>COALESCE( resp_pkts,0 )=0`, ""},
		{"display name", rowFile, `"Web port"=>"A web port"`, ""},
		{"reordered features", rowFile, `features { name: "udp" display_name: "UDP" data_type: BOOLEAN definition: "proto = 'udp'" }=>`, `^(feature/conn_row.udp|model/scan_conn|evaluation/scan_conn|env/lab)$`},
		{"a raw column more", parserFile, `raw: "resp_pkts"=>raw: "resp_pkts" raw: "uid"`, ""},
		{"a feature's definition", rowFile, `dport < 1024=>dport <= 1024`, `^(feature/conn_row.low_port|model/scan_conn|evaluation/scan_conn|env/lab)$`},
		{"a field that all read", parserFile, `lower(_c5)=>_c5`, `^(field/zeek_conn.proto|feature/conn_row.udp|model/scan_conn|evaluation/scan_conn|env/lab)$`},
		{"a working column", windowFile, `'REJ', 'RSTOS0'=>'REJ'`, `^(column/src_5min.failed|feature/src_5min.failed_ratio|model/scan_src|evaluation/scan_src|env/lab)$`},
		{"where", rowFile, `from: "zeek_conn"=>from: "zeek_conn" where: "proto = 'tcp'"`, `^(featureset/conn_row|model/scan_conn|evaluation/scan_conn|env/lab)$`},
		{"require", parserFile, `"ts IS NOT NULL"=>"ts IS NOT NULL AND dport IS NOT NULL"`, `^(parser/zeek_conn|featureset/(conn_row|src_5min)|feature/src_5min\..*|model/.*|evaluation/.*|env/lab)$`},
		{"window", windowFile, `size: "5 minutes=>size: "300 seconds`, ""},
		{"another window", windowFile, `size: "5 minutes=>size: "10 minutes`, `^(featureset/src_5min|feature/src_5min\..*|model/scan_src|evaluation/scan_src|env/lab)$`},
		{"a chunk", dataFile, "chunks { digest: \"" + one + "=>chunks { digest: \"sha256:3" + one[8:], `^(contribution/inbound_scan.day1|dataset/inbound_scan|model/.*|evaluation/.*|env/lab)$`},
		{"a label", dataFile, "\"label = 'Malicious'=>\"label = 'malicious'", `^(contribution/inbound_scan.day2|dataset/inbound_scan|model/.*|evaluation/.*|env/lab)$`},
		{"a label written differently", dataFile, "case label when=>CASE  label WHEN", ""},
		{"which rows a label is about", dataFile, `"label = 'Malicious'"=>"label = 'Malicious'" rows_of: "conn_row"`, `^(model/scan_src|evaluation/scan_src|env/lab)$`},
		{"where a verdict comes from", dataFile, `  label { expression: "label = 'Mal=>  provenance { alert: "` + one + `" model: "scan_conn" score: 0.9 }  label { expression: "label = 'Mal`, ""},
		{"split", dataFile, `test: "day2"=>test: "day1"`, `^(contribution/.*|dataset/inbound_scan|model/.*|evaluation/.*|env/lab)$`},
		{"split by groups", dataFile, `test: "day2"=>group: "src" test_share: 0.3`, `^(contribution/.*|dataset/inbound_scan|model/.*|evaluation/.*|env/lab)$`},
		{"a parameter", modelFile, `c: 1.0=>c: 2.0`, `^(model/scan_conn|evaluation/scan_conn|env/lab)$`},
		{"a parameter's default", modelFile, `c: 1.0=>max_iter: 1000`, ""},
		{"the target", modelFile, `0.01=>0.02`, `^(evaluation/scan_conn|env/lab)$`},
		{"a gate", modelFile, `0.8=>0.9`, `^(evaluation/scan_conn|env/lab)$`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, diags := compileFiles(example(t, map[string]string{tt.file: tt.edit}))
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			want := regexp.MustCompile(tt.changed)
			after, hit := keys(p), false
			for address, key := range before {
				changed := after[address] != key
				hit = hit || changed
				if changed != (tt.changed != "" && want.MatchString(address)) {
					t.Errorf("%s: changed is %v", address, changed)
				}
			}
			if hit != (tt.changed != "") {
				t.Errorf("something changed is %v", hit)
			}
		})
	}
}

// A vector's length is part of its key, and of nothing that does not read it.
func TestVectorLength(t *testing.T) {
	vector := func(length string) map[string]string {
		return keys(mustCompile(t, example(t, map[string]string{rowFile: `from: "zeek_conn"=>from: "zeek_conn"
features { name: "v" data_type: DOUBLE length: ` + length + ` definition: "array(duration, 1)" }`})))
	}
	two, three := vector("2"), vector("3")
	for address, key := range two {
		changed := map[string]bool{"feature/conn_row.v": true, "model/scan_conn": true, "evaluation/scan_conn": true, "env/lab": true}[address]
		if (three[address] != key) != changed {
			t.Errorf("%s: changed is %v", address, !changed)
		}
	}
}

// A rename carried through its uses changes no key but the name's own address.
func TestRename(t *testing.T) {
	before := mustCompile(t, example(t, nil))
	files := example(t, map[string]string{parserFile: `name: "dport"=>name: "port"`}).(fstest.MapFS)
	for _, path := range []string{rowFile, windowFile} {
		files[path].Data = []byte(strings.ReplaceAll(string(files[path].Data), "dport", "port"))
	}
	// The parser's own example expects the field by name.
	files[parserFile].Data = []byte(strings.ReplaceAll(string(files[parserFile].Data), `field: "dport"`, `field: "port"`))
	after := mustCompile(t, files)
	for _, address := range []string{"feature/conn_row.low_port", "feature/src_5min.ports", "model/scan_conn", "model/scan_src"} {
		if before.Graph.Key(address) != after.Graph.Key(address) {
			t.Errorf("%s: the key changed", address)
		}
	}
	if before.Graph.Key("field/zeek_conn.dport") != after.Graph.Key("field/zeek_conn.port") {
		t.Error("the renamed field has another key")
	}
}

// A parser can be renamed, too: everything that reads it follows, and no key
// changes.
func TestRenameParser(t *testing.T) {
	before := mustCompile(t, example(t, nil))
	files := fstest.MapFS{}
	for path, file := range example(t, nil).(fstest.MapFS) {
		text := strings.ReplaceAll(string(file.Data), `"zeek_conn"`, `"zeek"`)
		files[strings.Replace(path, "zeek_conn", "zeek", 1)] = &fstest.MapFile{Data: []byte(text)}
	}
	after := keys(mustCompile(t, files))
	for address, key := range keys(before) {
		renamed := strings.Replace(strings.Replace(address, "zeek_conn.", "zeek.", 1), "parser/zeek_conn", "parser/zeek", 1)
		if after[renamed] != key {
			t.Errorf("%s: another key", renamed)
		}
	}
}

// The order in which things are listed changes no key.
func TestOrder(t *testing.T) {
	before := keys(mustCompile(t, example(t, nil)))
	files := example(t, nil).(fstest.MapFS)
	for _, path := range []string{rowFile, windowFile} {
		var features, rest []string
		for line := range strings.Lines(string(files[path].Data)) {
			if strings.HasPrefix(line, "features") {
				features = append([]string{line}, features...)
			} else {
				rest = append(rest, line)
			}
		}
		files[path].Data = []byte(strings.Join(append(rest, features...), ""))
	}
	after := keys(mustCompile(t, files))
	for address, key := range before {
		if after[address] != key {
			t.Errorf("%s: the key changed", address)
		}
	}
}

// Keys are pinned: a change of this value means that every project is computed
// anew, and must be meant.
func TestGoldenKeys(t *testing.T) {
	p := mustCompile(t, example(t, map[string]string{parserFile: "source { json {} }\n=>"}))
	golden := map[string]string{
		"parser/zeek_conn":               "f130eecb7748b5b7",
		"field/zeek_conn.ts":             "e5f607588994004b",
		"label/zeek_conn.label":          "e46126d6bda747bf",
		"column/src_5min.failed":         "9a1fafb56d59b54b",
		"feature/conn_row.low_port":      "a8dfa1eeb0230cbb",
		"feature/src_5min.n":             "55c840e4163d1b1d",
		"featureset/conn_row":            "f83bc5540cad7b21",
		"featureset/src_5min":            "3e20331ae2856c78",
		"contribution/inbound_scan.day1": "4c5201536f4ef6a4",
		"dataset/inbound_scan":           "a6abd995de11cb84",
		"model/scan_conn":                "3a52c1953d9d64bd",
		"evaluation/scan_conn":           "022fe8d53909aa03",
		"env/lab":                        "ec50d6573b697192",
	}
	for address, want := range golden {
		if got := p.Graph.Key(address).Hex()[:16]; got != want {
			t.Errorf("%s: key %s, want %s", address, got, want)
		}
	}
	d := p.Datasets[0]
	rows, windows := p.FeatureSets[0], p.FeatureSets[1]
	frame := FeatureFrame(d, d.Contributions[0], windows)
	for _, tt := range []struct {
		name, want string
		got        digest.Digest
	}{
		{"frame of the parser", "592de745d6be1bce", ParserFrame(d, d.Contributions[0], p.Parsers[0]).Key},
		{"frame of rows", "a2c54cb739e7e758", FeatureFrame(d, d.Contributions[0], rows).Key},
		{"frame of windows", "39149d97c3f9f701", frame.Key},
		{"column", "e44194ab144a069c", frame.Column(windows.Features[0].Key)},
		{"label", "47d6c9889145b3d5", frame.Column(frame.Label().Key)},
	} {
		if got := tt.got.Hex()[:16]; got != tt.want {
			t.Errorf("%s: key %s, want %s", tt.name, got, tt.want)
		}
	}
}

// A label that is about rows of one kind leaves the others unlabelled, and a
// rename of the feature set that it names changes nothing.
func TestRowsOf(t *testing.T) {
	p := mustCompile(t, example(t, map[string]string{dataFile: `"label = 'Malicious'"=>"label = 'Malicious'" rows_of: "src_5min"`}))
	d := p.Datasets[0]
	rows, windows := p.FeatureSets[0], p.FeatureSets[1]
	day1, day2 := d.Contributions[0], d.Contributions[1]
	for _, tt := range []struct {
		name  string
		frame Frame
		want  string
	}{
		{"rows that it is about", FeatureFrame(d, day2, windows), day2.Label("zeek_conn").Expr.Canonical()},
		{"other rows", FeatureFrame(d, day2, rows), "cast#1:boolean(void )"},
		{"the parser's rows", ParserFrame(d, day2, p.Parsers[0]), day2.Label("zeek_conn").Expr.Canonical()},
		{"a label about all rows", FeatureFrame(d, day1, rows), day1.Label("zeek_conn").Expr.Canonical()},
	} {
		if got := tt.frame.Label().Expr.Canonical(); !strings.EqualFold(got, tt.want) {
			t.Errorf("%s: label %s, want %s", tt.name, got, tt.want)
		}
	}
	files := example(t, map[string]string{dataFile: `"label = 'Malicious'"=>"label = 'Malicious'" rows_of: "windows"`, "specs/models/scan_src.textproto": `"src_5min"=>"windows"`}).(fstest.MapFS)
	files["specs/features/windows.textproto"] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[windowFile].Data), `"src_5min"`, `"windows"`, 1))}
	delete(files, windowFile)
	renamed := mustCompile(t, files)
	for _, model := range []string{"model/scan_src", "model/scan_conn"} {
		if renamed.Graph.Key(model) != p.Graph.Key(model) {
			t.Errorf("%s: the key changed with a name", model)
		}
	}
}
