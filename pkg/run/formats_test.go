package run

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/store"
)

// form is a way to write the example's log, and the source that reads it.
type form struct {
	name    string
	source  string // in place of the example's
	example string // a log of one record, in place of its examples
	write   func(header []string, records [][]string) []byte
}

const (
	exampleParser = "specs/parsers/zeek_conn.textproto"
	exampleSource = `source { delimited { separator: "\t" comment: "#" null: "-" empty: "(empty)" header_line: "#fields" } }`
)

func forms() []form {
	return []form{
		{"delimited", exampleSource, "#fields\tts\tid.orig_h\tid.resp_h\n1767225600.25\t10.0.0.7\t10.0.0.8\n", writeTSV},
		{"csv", `source { csv { null: "-" } }`, "\"a\nnote\",ts,id.orig_h,id.resp_h\n\"x\ny\",1767225600.25,10.0.0.7,\"10.0.0.8\"\n", writeCSV},
		{"json", `source { json {} }`, `{"ts":1767225600.25,"id.orig_h":"10.0.0.7","id":{"resp_h":"10.0.0.8"}}`, writeJSON},
		{"regex", `source { regex { null: "-" pattern: "conn ts=(?P<ts>\\S+) from=(?P<id_orig_h>\\S+) to=(?P<id_resp_h>\\S+)" pattern: "` + columnsPattern() + `" } }`,
			"conn ts=1767225600.25 from=10.0.0.7 to=10.0.0.8", writeWords},
		{"key_value", `source { key_value { null: "-" } }`, `x ts=1767225600.25 id.orig_h="10.0.0.7" id.resp_h=10.0.0.8`, writePairs},
		{"shapes", "source { json {} }\n" + exampleSource, "#fields\tts\tid.orig_h\n{\"ts\":1767225600.25,\"id\":{\"orig_h\":\"10.0.0.7\",\"resp_h\":\"10.0.0.8\"}}\n", writeBoth},
	}
}

func writeTSV(header []string, records [][]string) []byte {
	out := "#fields\t" + strings.Join(header, "\t") + "\n"
	for _, r := range records {
		out += strings.Join(r, "\t") + "\n"
	}
	return []byte(out)
}

// writeCSV writes a column in front that nobody reads, with line ends, quotes
// and separators in it.
func writeCSV(header []string, records [][]string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(append([]string{"a\nnote"}, header...))
	for i, r := range records {
		_ = w.Write(append([]string{strings.Repeat("say \"hi\",\n\n", i%3)}, r...))
	}
	w.Flush()
	return out.Bytes()
}

func writeJSON(header []string, records [][]string) []byte {
	var out bytes.Buffer
	for _, r := range records {
		object, id := map[string]any{}, map[string]string{}
		for i, v := range r {
			switch rest, inner := strings.CutPrefix(header[i], "id."); {
			case v == "-":
			case inner && i%2 == 0:
				id[rest] = v
			default:
				object[header[i]] = v
			}
		}
		object["id"] = id
		line, _ := json.Marshal(object)
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}

// columnsPattern matches the words of writeWords.
func columnsPattern() string {
	groups := []string{}
	for _, name := range strings.Fields("ts uid id_orig_h id_orig_p id_resp_h id_resp_p proto service duration orig_bytes resp_bytes conn_state " +
		"local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents") {
		groups = append(groups, `(?P<`+name+`>\\S+)`)
	}
	return strings.Join(groups, " ") + `(?: (?P<label>\\S+) \\S+)?`
}

func writeWords(_ []string, records [][]string) []byte {
	out := ""
	for _, r := range records {
		out += strings.Join(r, " ") + "\n"
	}
	return []byte(out)
}

func writePairs(header []string, records [][]string) []byte {
	var out bytes.Buffer
	for i, r := range records {
		fmt.Fprintf(&out, "<%d>sensor zeek:", i)
		for j, v := range r {
			if (i+j)%2 == 0 && v != "-" {
				v = `"` + v + `"`
			}
			fmt.Fprintf(&out, " %s=%s", header[j], v)
		}
		out.WriteString("\r\n")
	}
	return out.Bytes()
}

// writeBoth writes tabs and JSON in turns.
func writeBoth(header []string, records [][]string) []byte {
	var out []byte
	for i := 0; i < len(records); i += 30 {
		some := records[i:min(i+30, len(records))]
		if i%60 == 0 {
			out = append(out, writeTSV(header, some)...)
		} else {
			out = append(out, writeJSON(header, some)...)
		}
	}
	return out
}

// rewrite gives a log of the example the form.
func (f form) rewrite(log []byte) []byte {
	var header []string
	var records [][]string
	for line := range strings.Lines(string(log)) {
		values := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case values[0] == "#fields":
			header = values[1:]
		case line[0] != '#':
			records = append(records, values)
		}
	}
	return f.write(header, records)
}

// project makes the example's project, its logs and examples in the form.
func (f form) project(t *testing.T) *project {
	t.Helper()
	p := emptyProject(t)
	p.write = f.rewrite
	p.specs(t)
	p.edit(t, exampleParser, exampleSource, f.source)
	text, _, _ := strings.Cut(string(p.files[exampleParser].Data), "examples {")
	text += fmt.Sprintf("examples { name: \"one\" raw: %q expect { field: \"src\" value: \"10.0.0.7\" } }\n", f.example)
	p.files[exampleParser] = &fstest.MapFile{Data: []byte(text)}
	p.logs(t)
	return p
}

// TestForms applies the example with its logs in every form: features, labels
// and what models read are the same, and releases serve.
func TestForms(t *testing.T) {
	var want map[string][]string
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			p := f.project(t)
			s := p.newStore(t)
			mustApply(t, p, s)
			v := mustVerify(t, p, s)
			if c := v.Counts; c.Rejected() > 0 || (f.name == "csv") != (c.Continued > 0) {
				t.Errorf("counts %+v", c)
			}
			got := contents(t, s)
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
				t.Errorf("contents of columns (-delimited +%s):\n%s", f.name, diff)
			}
			r := releases(t, p, s)[0].Record
			wantServes(t, p, s, r, 1)
			for _, k := range r.KnownAnswers {
				a, _ := r.Artifact(k.Artifact)
				var answers score.Answers
				must(t, json.Unmarshal(readObject(t, s, a.Digest), &answers))
				// Those of the parser, of the feature set where it has one, and two captures.
				want := map[string]int{"scan_conn": 3, "scan_src": 4}[k.Model]
				if len(answers.Raw) != want {
					t.Errorf("known answers of %s are of %d logs, want %d", k.Model, len(answers.Raw), want)
				}
				if rows := 1 + known(t, p); k.Model == "scan_conn" && len(answers.Rows) != rows {
					t.Errorf("%d known answers, want %d", len(answers.Rows), rows)
				}
			}
		})
	}
}

// known returns how many records of the captures become known answers.
func known(t *testing.T, p *project) int {
	t.Helper()
	n := 0
	for _, c := range p.compileOnly(t).Datasets[0].Contributions {
		n += min(maxKnownRecords, int(c.Files("zeek_conn")[0].GetChunks()[0].GetRecords()))
	}
	return n
}

// contents returns the content digests of the columns of feature sets, by
// address, sorted.
func contents(t *testing.T, s store.Store) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, c := range columnsOf(t, s) {
		if strings.HasPrefix(c.Address, "field/") || strings.HasPrefix(c.Address, "label/zeek") {
			continue // they have a part a chunk, and forms are cut elsewhere
		}
		for _, d := range c.Content {
			out[c.Address] = append(out[c.Address], digest.Digest(d).String())
		}
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}
