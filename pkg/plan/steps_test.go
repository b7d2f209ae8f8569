package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
)

// clone returns a store that can be changed by itself.
func (m memory) clone() memory {
	out := memory{held: maps.Clone(m.held), failed: maps.Clone(m.failed), released: map[string]map[string]digest.Digest{}}
	for channel, models := range m.released {
		out.released[channel] = maps.Clone(models)
	}
	return out
}

func TestStepsOfAnEmptyStore(t *testing.T) {
	head := program(t, example(t))
	p := Make(Input{Head: head, Exists: memory{}})
	var kinds []string
	for _, s := range p.Steps {
		kinds = append(kinds, string(s.Kind)+" "+s.Target)
	}
	want := []string{
		"parse contribution/inbound_scan.day1 × zeek_conn", "parse contribution/inbound_scan.day2 × zeek_conn",
		"features contribution/inbound_scan.day1 × conn_row", "features contribution/inbound_scan.day2 × conn_row",
		"features contribution/inbound_scan.day1 × src_5min", "features contribution/inbound_scan.day2 × src_5min",
		"train model/scan_conn", "train model/scan_src", "evaluate evaluation/scan_conn", "evaluate evaluation/scan_src", "release local",
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
	// 11 and 6 features and a label of each frame; the fields that they read,
	// the label column among them; each once.
	columns := 0
	for _, s := range p.Steps {
		columns += len(s.Columns)
		if len(s.Columns) != len(s.Fields) {
			t.Errorf("%s: %d columns and %d tasks", s.Target, len(s.Columns), len(s.Fields))
		}
		sorted := slices.Sorted(slices.Values(s.Columns))
		if len(slices.Compact(sorted)) != len(s.Columns) {
			t.Errorf("%s: a column twice: %v", s.Target, s.Columns)
		}
	}
	if features := 2 * (11 + 1 + 6 + 1); columns != p.Columns() || columns <= features {
		t.Errorf("%d columns, %d by Columns", columns, p.Columns())
	}
	if parse := p.Steps[0].Columns; slices.Contains(parse, "field/zeek_conn.sport") || !slices.Contains(parse, "label/zeek_conn.label") || !slices.Contains(parse, "field/zeek_conn.ts") {
		t.Errorf("parsed are %v", parse)
	}
	if p.StepsOf(TrainOn) != 2 || p.StepsOf(Release) != 1 || p.Empty() {
		t.Errorf("counts are wrong: %v", steps(p))
	}
}

// Whatever one thing a store lacks, the plan makes that and what needs it.
func TestStepsOfWhatIsMissing(t *testing.T) {
	head := program(t, example(t))
	full := applied(head)
	d, rows := head.Datasets[0], head.FeatureSets[0]
	parsed := compile.ParserFrame(d, d.Contributions[0], head.Parsers[0])
	frame := compile.FeatureFrame(d, d.Contributions[0], rows)
	lowPort, _ := rows.Feature("low_port")
	dport, _ := head.Parsers[0].Field("dport")
	conn := head.Models[0]
	for _, tt := range []struct {
		name string
		drop func(m memory)
		want []string
	}{
		{"nothing", func(memory) {}, nil},
		{"a column", func(m memory) { delete(m.held, frame.Column(lowPort.Key)) },
			[]string{"features contribution/inbound_scan.day1 × conn_row (feature/conn_row.low_port)"}},
		{"a label", func(m memory) { delete(m.held, frame.Column(frame.Label().Key)) },
			[]string{"features contribution/inbound_scan.day1 × conn_row (label of contribution/inbound_scan.day1)"}},
		{"a field that is not needed again", func(m memory) { delete(m.held, parsed.Column(dport.Key)) }, nil},
		{"a column and the field that it reads", func(m memory) {
			delete(m.held, frame.Column(lowPort.Key))
			delete(m.held, parsed.Column(dport.Key))
		}, []string{"parse contribution/inbound_scan.day1 × zeek_conn (field/zeek_conn.dport)",
			"features contribution/inbound_scan.day1 × conn_row (feature/conn_row.low_port)"}},
		{"a model", func(m memory) { delete(m.held, conn.Key) }, []string{"train model/scan_conn"}},
		{"an evaluation", func(m memory) { delete(m.held, conn.Evaluation) }, []string{"evaluate evaluation/scan_conn"}},
		{"a release", func(m memory) { delete(m.released, "local") }, []string{"release local"}},
		{"a model in the release", func(m memory) { delete(m.released["local"], "scan_src") }, []string{"release local"}},
		{"an older model in the release", func(m memory) { m.released["local"]["scan_src"] = digest.Of(nil) }, []string{"compare comparison/scan_src", "release local"}},
		{"an older model, and it was compared", func(m memory) {
			m.released["local"]["scan_src"] = digest.Of(nil)
			m.held[ComparisonKey(head.Models[1].Evaluation, digest.Of(nil))] = true
		}, []string{"release local"}},
		{"a model that is worse than the older one", func(m memory) {
			m.released["local"]["scan_src"] = digest.Of(nil)
			key := ComparisonKey(head.Models[1].Evaluation, digest.Of(nil))
			m.held[key], m.failed[key] = true, true
		}, nil},
		{"a model that was compared with another one", func(m memory) {
			m.released["local"]["scan_src"] = digest.Of(nil)
			m.held[ComparisonKey(head.Models[1].Evaluation, digest.Of([]byte("another")))] = true
			m.held[ComparisonKey(digest.Of(nil), head.Models[1].Evaluation)] = true
		}, []string{"compare comparison/scan_src", "release local"}},
		{"a model that is to retire", func(m memory) { m.released["local"]["gone"] = digest.Of(nil) }, []string{"release local"}},
		{"a model that its gates hold", func(m memory) {
			m.failed[conn.Evaluation] = true
			m.released["local"]["scan_conn"] = digest.Of([]byte("the version before"))
		}, []string{"compare comparison/scan_conn"}},
		{"a held model that was never released", func(m memory) {
			m.failed[conn.Evaluation] = true
			delete(m.released["local"], "scan_conn")
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := full.clone()
			tt.drop(m)
			p := Make(Input{Base: head, Head: head, Exists: m})
			if diff := cmp.Diff(tt.want, steps(p)); diff != "" {
				t.Error(diff)
			}
			if len(p.Changes) != 0 {
				t.Errorf("changes: %v", lines(p))
			}
		})
	}
}

// The JSON form is for other programs: version 1 does not change. Digests are
// left out: other tests pin them.
func TestJSON(t *testing.T) {
	base := program(t, example(t))
	head := program(t, edited(t, example(t), rowFile+`: dport < 1024=>dport <= 1024`))
	p := Make(Input{Base: base, Head: head, BaseName: "base", HeadName: "head", Exists: applied(base)})
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`(sha256:|of key )[0-9a-f]{8,64}`).ReplaceAllString(string(text), "$1…")
	if diff := cmp.Diff(strings.TrimSpace(string(want)), got); diff != "" {
		t.Error(diff)
	}
	// Lists are lists where they are empty, too.
	text, err = json.Marshal(Make(Input{Base: base, Head: base, Exists: applied(base)}))
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}
}

// paper returns a project of 31 parsers, 27 datasets and 70 models.
func paper(tb testing.TB) fstest.MapFS {
	files, out := example(tb), fstest.MapFS{}
	put := func(format string, i int, from string, replace ...string) {
		text := strings.NewReplacer(replace...).Replace(string(files[from].Data))
		out[fmt.Sprintf(format, i)] = &fstest.MapFile{Data: []byte(text)}
	}
	out["mlp.textproto"] = files["mlp.textproto"]
	out[labFile] = files[labFile]
	for i := range 31 {
		parser := fmt.Sprintf("zeek_conn%d", i)
		put("specs/parsers/zeek_conn%d.textproto", i, parserFile, `"zeek_conn"`, `"`+parser+`"`)
		put("specs/features/conn_row%d.textproto", i, rowFile, `"zeek_conn"`, `"`+parser+`"`, `"conn_row"`, fmt.Sprintf(`"conn_row%d"`, i))
		put("specs/features/src_5min%d.textproto", i, windowFile, `"zeek_conn"`, `"`+parser+`"`, `"src_5min"`, fmt.Sprintf(`"src_5min%d"`, i))
	}
	for i := range 27 {
		put("datasets/d%d/dataset.textproto", i, dataFile, `"inbound_scan"`, fmt.Sprintf(`"d%d"`, i), `"zeek_conn"`, fmt.Sprintf(`"zeek_conn%d"`, i))
	}
	for i := range 70 {
		set := []string{"conn_row", "src_5min"}[i%2]
		put("specs/models/m%d.textproto", i, connFile, `"scan_conn"`, fmt.Sprintf(`"m%d"`, i), `"inbound_scan"`, fmt.Sprintf(`"d%d"`, i%27),
			`"conn_row"`, fmt.Sprintf(`"%s%d"`, set, i%27))
	}
	return out
}

func BenchmarkPlan(b *testing.B) {
	base, head := program(b, paper(b)), program(b, edited(b, paper(b), "specs/features/conn_row3.textproto: dport < 1024=>dport <= 1024"))
	store := applied(base)
	b.ReportAllocs()
	for b.Loop() {
		if p := Make(Input{Base: base, Head: head, Exists: store}); len(p.Models) == 0 {
			b.Fatal("nothing changed")
		}
	}
}

// BenchmarkCompileAndPlan is what `mlp plan` does between reading files and
// printing.
func BenchmarkCompileAndPlan(b *testing.B) {
	files := paper(b)
	base := program(b, files)
	store := applied(base)
	b.ReportAllocs()
	for b.Loop() {
		Make(Input{Base: base, Head: program(b, files), Exists: store})
	}
}

// Two feature sets that yield the same rows share their frame, and each has a
// step of its own for its columns; what both need is computed once.
func TestStepsOfEqualRows(t *testing.T) {
	files := example(t)
	files["specs/features/more.textproto"] = &fstest.MapFile{Data: []byte(`name: "more" display_name: "More" from: "zeek_conn"
features { name: "low" display_name: "Low" data_type: BOOLEAN definition: "dport < 100" }`)}
	files["specs/models/on_more.textproto"] = &fstest.MapFile{Data: []byte(strings.NewReplacer(`name: "scan_conn"`, `name: "on_more"`,
		`feature_set: "conn_row"`, `feature_set: "more"`).Replace(string(files[connFile].Data)))}
	p := Make(Input{Head: program(t, files), Exists: memory{}})
	frames, columns := map[string]string{}, map[string]int{}
	for _, s := range p.Steps {
		if s.Kind != Features {
			continue
		}
		frames[s.Target] = s.Key.Short()
		for _, c := range s.Columns {
			columns[c]++
			if kind, rest, _ := strings.Cut(c, "/"); kind == "feature" && !strings.HasSuffix(s.Target, " × "+strings.Split(rest, ".")[0]) {
				t.Errorf("%s computes %s", s.Target, c)
			}
		}
	}
	day1 := "contribution/inbound_scan.day1 × "
	if frames[day1+"more"] == "" || frames[day1+"more"] != frames[day1+"conn_row"] || frames[day1+"more"] == frames[day1+"src_5min"] {
		t.Errorf("frames %v", frames)
	}
	if columns["feature/more.low"] != 2 || columns["label of contribution/inbound_scan.day1"] != 2 {
		t.Errorf("columns %v, want each once a frame", columns)
	}
}

// TestMay: a channel that may not be released to is left as it is, whatever it
// has; and one that nobody names is nobody's to tidy up, unless it is the only
// one.
func TestMay(t *testing.T) {
	head := program(t, example(t))
	head.ReleaseTo("stable")
	for _, e := range head.Environments {
		e.Channel = "stable"
	}
	full := applied(head)
	full.released = map[string]map[string]digest.Digest{"local": {"old": digest.Of(nil)}, "stable": {"old": digest.Of(nil)}}
	tests := []struct {
		name string
		may  []string // nil: all
		none bool     // there are no models and environments
		want string
	}{
		{"all", nil, false, "stable"},
		{"stable", []string{"stable"}, false, "stable"},
		{"local", []string{"local"}, false, ""},
		{"nothing is left", nil, true, "local"},
	}
	for _, tt := range tests {
		in := Input{Head: head, Exists: full}
		if tt.may != nil {
			in.May = func(channel string) bool { return slices.Contains(tt.may, channel) }
		}
		if tt.none {
			in.Head = &compile.Program{Graph: head.Graph}
		}
		var got []string
		for _, s := range Make(in).Steps {
			if s.Kind == Release {
				got = append(got, s.Channel)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: releases to %q, want %q", tt.name, got, tt.want)
		}
	}
}
