package lineage

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
)

var update = flag.Bool("update", false, "rewrite what golden files expect")

// golden compares a text with testdata/NAME.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// compared is the project of testdata with one of each difference.
func compared(t testing.TB) *Lineage {
	head := own(t, `"dport < 1024"`, `"dport <= 1024"`, `name: "udp" display_name`, `name: "is_udp" display_name`,
		`features { name: "web"`, `features { name: "web2" display_name: "Second" data_type: BOOLEAN definition: "dport = 81" }`+"\n"+`features { name: "web"`,
		`features { name: "no_service" display_name: "Service unknown" data_type: BOOLEAN definition: "service IS NULL" }`, ``)
	return Of(Input{Head: head, HeadName: "work tree", Base: own(t), BaseName: "3c1d2e4"})
}

func selected(t testing.TB, l *Lineage, selectors ...string) *Selection {
	t.Helper()
	s, err := l.Select(selectors)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func asText(t testing.TB, s *Selection, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteText(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	plain, changed := Of(Input{Head: own(t), HeadName: "work tree"}), compared(t)
	for _, test := range []struct {
		name      string
		of        *Lineage
		selectors []string
		options   TextOptions
	}{
		{"whole.txt", plain, nil, TextOptions{Sets: true}},
		{"columns.txt", plain, nil, TextOptions{}},
		{"model.txt", plain, []string{"+model/scan_src"}, TextOptions{}},
		{"field.txt", plain, []string{"field/zeek_conn.service+"}, TextOptions{Verbose: true}},
		{"feature.txt", plain, []string{"1+feature/src_5min.n+1"}, TextOptions{}},
		{"sets.txt", plain, []string{"+env/lab"}, TextOptions{Sets: true}},
		{"changed.txt", changed, nil, TextOptions{Sets: true}},
		{"changed_down.txt", changed, []string{"feature/conn_row.low_port+", "feature/conn_row.no_service"}, TextOptions{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			golden(t, test.name, asText(t, selected(t, test.of, test.selectors...), test.options))
		})
	}
}

func TestSelect(t *testing.T) {
	l := Of(Input{Head: own(t), HeadName: "work tree"})
	for _, test := range []struct {
		selectors, want string
	}{
		{"model/scan_src", "model/scan_src"},
		{"dataset/inbound_scan", "contribution/inbound_scan.day1 contribution/inbound_scan.day2 dataset/inbound_scan"},
		{"1+feature/conn_row.web", "feature/conn_row.web field/zeek_conn.dport"},
		{"field/zeek_conn.service+1", "feature/conn_row.no_service field/zeek_conn.service"},
		{"+evaluation/scan_src+0 env/*", "+evaluation/scan_src env/lab"},
		{"field/zeek_conn.sport+", "field/zeek_conn.sport"},
		{"*/scan_src", "evaluation/scan_src model/scan_src"},
	} {
		s := selected(t, l, strings.Fields(test.selectors)...)
		want := strings.Fields(test.want)
		if strings.HasPrefix(test.want, "+") { // all that it reads, too
			want = append(want[1:], selected(t, l, want[0]).addresses()...)
		}
		got := s.addresses()
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.selectors, diff)
		}
	}
}

// What a selector reaches is what the graph's edges and keys say: a change of a
// field changes the key of each node that is selected below it, and no other.
func TestDownstreamIsWhatChanges(t *testing.T) {
	before := own(t)
	l := Of(Input{Head: before, HeadName: "work tree"})
	for field, edit := range map[string]string{"service": `"_c6"`, "ts": `"timestamp_seconds(cast(_c0 AS double))"`, "dport": `"cast(_c4 AS int)"`, "src": `"_c1"`} {
		with := map[string]string{"service": `"upper(_c6)"`, "ts": `"timestamp_seconds(cast(_c0 AS double) + 1)"`, "dport": `"cast(_c4 AS int) + 1"`, "src": `"upper(_c1)"`}[field]
		after := own(t, edit, with)
		want := []string{}
		for _, a := range before.Graph.Addresses() {
			if before.Graph.Key(a) != after.Graph.Key(a) {
				want = append(want, a)
			}
		}
		got := selected(t, l, "field/zeek_conn."+field+"+").addresses()
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("a change of field %s changes these keys, and selects these (-keys +selected):\n%s", field, diff)
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	l := Of(Input{Head: own(t), HeadName: "work tree"})
	for _, test := range []struct{ selector, message, hint string }{
		{"modle/scan_src", `address "modle/scan_src" does not exist`, `did you mean "model/scan_src"?`},
		{"+feature/conn_row.webb+", `address "feature/conn_row.webb" does not exist`, `did you mean "feature/conn_row.web"?`},
		{"lab", `address "lab" does not exist`, `did you mean "env/lab"?`},
		{"scan_src", `address "scan_src" does not exist`, "there are model/scan_src, evaluation/scan_src"},
		{"nothing/*", `no address matches "nothing/*"`, "`mlp graph` lists addresses: KIND/NAME"},
		{"++model/scan_src", `selector "++model/scan_src": want ADDRESS, +ADDRESS, ADDRESS+ or +ADDRESS+`, ""},
		{"99999999999999999999+model/scan_src", `selector "99999999999999999999+model/scan_src": 99999999999999999999 generations are too many`, ""},
		{"changed", `selector "changed": there is nothing to compare with`, ""},
	} {
		_, err := l.Select([]string{test.selector})
		if err == nil {
			t.Errorf("%s is not refused", test.selector)
			continue
		}
		hint := ""
		if h, ok := errors.AsType[*UnknownError](err); ok {
			hint = h.Hint()
		}
		if err.Error() != test.message || hint != test.hint {
			t.Errorf("%s: %v (hint %q), want %s (hint %q)", test.selector, err, hint, test.message, test.hint)
		}
	}
}

func TestJSON(t *testing.T) {
	got, err := json.MarshalIndent(selected(t, compared(t), "feature/conn_row.low_port", "feature/conn_row.is_udp", "feature/conn_row.no_service").Lineage, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "nodes.json", string(got)+"\n")
}

// Every kind of a graph shows, in sets and layers after what it reads, whatever
// it is called.
func TestUnknownKinds(t *testing.T) {
	p := own(t)
	for _, n := range []graph.Node{
		{Address: "list/tlds"},
		{Address: "listcolumn/tlds.suffix", Deps: []graph.Dep{{Role: "list", Address: "list/tlds"}}},
		{Address: "gadget/lamp", Deps: []graph.Dep{{Role: "uses", Address: "listcolumn/tlds.suffix"}, {Role: "uses", Address: "field/zeek_conn.ts"}}},
		{Address: "gadget/lamp.bulb", Deps: []graph.Dep{{Role: "part", Address: "gadget/lamp"}}},
	} {
		n.Own = []graph.Part{{Name: "x", Digest: digest.Of([]byte(n.Address))}}
		if _, err := p.Graph.Add(n); err != nil {
			t.Fatal(err)
		}
	}
	l := Of(Input{Head: p, HeadName: "work tree"})
	for address, want := range map[string]string{"listcolumn/tlds.suffix": "list/tlds", "gadget/lamp.bulb": "gadget/lamp", "gadget/lamp": "", "field/zeek_conn.ts": "parser/zeek_conn", "evaluation/scan_src": "model/scan_src"} {
		if n, _ := l.Node(address); n.Set != want {
			t.Errorf("%s is a part of %q, want %q", address, n.Set, want)
		}
	}
	layer := map[string]int{}
	for i, layers := range l.Layers() {
		for _, s := range layers.Sets {
			layer[s.Node.Address] = i
		}
	}
	for _, s := range l.Sets() {
		for _, a := range s.Reads {
			if layer[a] >= layer[s.Node.Address] {
				t.Errorf("%s reads %s, which is not left of it", s.Node.Address, a)
			}
		}
	}
	if got := asText(t, selected(t, l), TextOptions{Sets: true}); !strings.Contains(got, "gadget/lamp") || !strings.Contains(got, "1 gadget") {
		t.Errorf("the list lacks the gadget:\n%s", got)
	}
}

// A list is a set of columns; what joins it reads those that it names.
func TestLists(t *testing.T) {
	files := ownFiles(t, `from: "zeek_conn"`+"\n\nfeatures { name: \"duration_log\"", "from: \"zeek_conn\"\njoins { list: \"ports\" on: \"dport\" }\n"+
		`features { name: "risk" display_name: "Risk" data_type: DOUBLE definition: "coalesce(`+"`ports.risk`"+`, 0.5)" }`+"\nfeatures { name: \"duration_log\"")
	files["specs/lists/ports.textproto"] = &fstest.MapFile{Data: []byte("name: \"ports\"\ndisplay_name: \"Risky ports\"\nkey: \"port\"\ncolumns { name: \"port\" data_type: INT }\ncolumns { name: \"risk\" display_name: \"Risk of a port\" data_type: DOUBLE }\n")}
	files["specs/lists/ports.csv"] = &fstest.MapFile{Data: []byte("port,risk\n22,0.9\n80,0.1\n")}
	l := Of(Input{Head: compiled(t, files), HeadName: "work tree"})
	golden(t, "list.txt", asText(t, selected(t, l, "list/ports+2"), TextOptions{})+"\n"+asText(t, selected(t, l), TextOptions{Sets: true}))
	n, _ := l.Node("list/ports.risk")
	if n.Set != "list/ports" || n.DisplayName != "Risk of a port" || n.Type != "double" || n.Noun() != "list column" {
		t.Errorf("the column is %+v", n)
	}
}

// A function leads to all whose keys change with what it means: what calls it,
// and the aggregates over rows that a condition chooses with it.
func TestFunctionsLeadToWhatChanges(t *testing.T) {
	with := func(definition string) *compile.Program {
		files := ownFiles(t, `key: "src"`, "where: \"high(dport)\"\nkey: \"src\"", `"dport < 1024"`, `"not high(dport)"`)
		files["specs/functions/high.textproto"] = &fstest.MapFile{Data: []byte(`name: "high" display_name: "A high port" parameters { name: "x" type: "int" } definition: "` + definition + `"`)}
		return compiled(t, files)
	}
	before, after := with("x > 1023"), with("x > 1024")
	l := Of(Input{Head: before, HeadName: "work tree"})
	want, got := []string{}, selected(t, l, "function/high+").addresses()
	for _, a := range before.Graph.Addresses() {
		if before.Graph.Key(a) != after.Graph.Key(a) {
			want = append(want, a)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a change of the function changes these keys, and selects these (-keys +selected):\n%s", diff)
	}
	if n, _ := l.Node("function/high"); n.DisplayName != "A high port" || n.Definition != "x > 1023" {
		t.Errorf("the function is %+v", n)
	}
}

// Equal projects give equal bytes, at the size that mlp is for.
func TestDeterministic(t *testing.T) {
	var want string
	for range 2 {
		l := Of(Input{Head: made(t, paper()), HeadName: "work tree"})
		var b bytes.Buffer
		if err := errors.Join(l.WriteHTML(&b), l.WriteMermaid(&b), l.WriteDot(&b), selected(t, l).WriteText(&b, TextOptions{})); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = b.String()
		}
		if b.String() != want {
			t.Fatal("the same project gives other bytes")
		}
	}
	if n := len(want); n > 4<<20 {
		t.Errorf("the forms have %d bytes", n)
	}
}

func BenchmarkHTML(b *testing.B) {
	p := made(b, paper())
	for b.Loop() {
		var out bytes.Buffer
		if err := Of(Input{Head: p, HeadName: "work tree"}).WriteHTML(&out); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(out.Len()))
	}
	b.ReportMetric(float64(len(p.Graph.Addresses())), "nodes")
}

// hostile is a project whose texts try to be something else.
func hostile(t testing.TB) *Lineage {
	const evil = `</script><img src=x onerror=alert(1)><script>alert(2)</script> \" ]; click n0 \"javascript:alert(3)\" %%{init}%% {{.}} é`
	p := own(t, `display_name: "One connection"`, `display_name: "`+evil+`"`, `"proto = 'udp'"`, `"proto = '</script><script>alert(4)</script>'"`,
		`raw: "resp_pkts"`, `raw: "<b>resp\"_pkts"`)
	return Of(Input{Head: p, HeadName: `<img src=y> "work" tree`, Base: own(t), BaseName: "<i>base</i>"})
}

func TestHostileTextsStayTexts(t *testing.T) {
	l := hostile(t)
	var html bytes.Buffer
	if err := l.WriteHTML(&html); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(html.String(), "</script>"); n != 2 {
		t.Errorf("the page has %d ends of scripts, want 2", n)
	}
	for _, bad := range []string{"<img", "<i>base", "alert(4)</script>", "<b>"} {
		if strings.Contains(html.String(), bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	if !strings.Contains(html.String(), `content="default-src &#39;none&#39;; style-src &#39;sha256-`) {
		t.Error("the page has no policy")
	}
}
