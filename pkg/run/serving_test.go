package run

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// everyForm adds a model over each form of a feature set: with a vector and a
// list, with windows that look back, over windows, and rows over those.
func (p *project) everyForm(t *testing.T) []string {
	t.Helper()
	sets := map[string]string{
		"listed": `from: "zeek_conn"
joins { list: "ports" on: "dport" }
features { name: "shape" display_name: "Shape" data_type: DOUBLE length: 3 definition: "array(coalesce(ports.risk, 0.5D), duration, resp_bytes / 1000)" }
features { name: "weight" display_name: "Weight" data_type: DOUBLE definition: "ports.weight" }`,
		"gaps": `from: "zeek_conn"
columns { name: "seconds" definition: "unix_micros(ts) / 1e6" }
columns { name: "rest" definition: "seconds - lag(seconds) OVER (PARTITION BY src ORDER BY ts)" }
columns { name: "known" definition: "row_number() OVER (PARTITION BY src, dport ORDER BY ts)" }
key: "src" window { time: "ts" size: "5 minutes" }
lookback: "1 hour"
features { name: "pause" display_name: "Pause" data_type: DOUBLE definition: "avg(rest)" }
features { name: "new_ports" display_name: "New ports" data_type: BIGINT definition: "count_if(known = 1)" }`,
		"hourly": `from: "gaps"
columns { name: "step" definition: "new_ports - lag(new_ports) OVER (PARTITION BY src ORDER BY window_start)" }
key: "src" window { time: "window_start" size: "30 minutes" }
lookback: "15 minutes"
features { name: "windows" display_name: "Windows" data_type: BIGINT definition: "count(*)" }
features { name: "steps" display_name: "Steps" data_type: BIGINT definition: "sum(step)" }
features { name: "pause" display_name: "Pause" data_type: DOUBLE definition: "avg(pause)" }`,
		"marked": `from: "hourly"
where: "windows > 0"
features { name: "x" display_name: "X" data_type: DOUBLE definition: "coalesce(steps, 0) * 2.5D + length(src)" }
features { name: "ends" display_name: "Ends" data_type: BIGINT definition: "unix_seconds(window_end) % 7200" }`,
	}
	p.files["specs/lists/ports.textproto"] = &fstest.MapFile{Data: []byte(`name: "ports"
key: "port"
columns { name: "port" data_type: INT }
columns { name: "risk" data_type: DOUBLE }
columns { name: "weight" data_type: DOUBLE }
`)}
	p.files["specs/lists/ports.csv"] = &fstest.MapFile{Data: []byte("port,risk,weight\n22,0.9,2\n80,0.1,1\n443,0.2,1\n53,0.15,\n")}
	var names []string
	for name, body := range sets {
		p.files["specs/features/"+name+".textproto"] = &fstest.MapFile{Data: []byte("name: \"" + name + "\" display_name: \"" + name + "\"\n" + body)}
		p.files["specs/models/on_"+name+".textproto"] = &fstest.MapFile{Data: []byte(fmt.Sprintf(`name: "on_%s" display_name: "On %s" dataset: "inbound_scan" feature_set: "%s"
trainer { [type.googleapis.com/mlp.trainers.sklearn.LogisticRegression] { } }
target_fpr: 0.2`, name, name, name))}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestServing applies models over every form of a feature set, and scores a
// capture that they were tested on at a site, whole and in pieces: every row
// has the features and the score that it has in training.
func TestServing(t *testing.T) {
	p := newProject(t)
	sets := p.everyForm(t)
	s := p.newStore(t)
	_, out := mustApply(t, p, s)
	if len(out.Held) > 0 {
		t.Fatalf("held: %v", out.Held)
	}
	mustVerify(t, p, s)
	rec := releases(t, p, s)[0].Record
	dir := fstest.MapFS{}
	for _, a := range rec.Artifacts {
		dir[a.Name] = &fstest.MapFile{Data: readObject(t, s, a.Digest)}
	}
	for _, set := range sets {
		t.Run(set, func(t *testing.T) {
			m, _ := rec.Model("on_" + set)
			c, err := score.NewLoader(dir, p.onnx).Load(m)
			must(t, err)
			defer c.Close()
			want := p.trained(t, s, m)
			if len(want) < 5 {
				t.Fatalf("%d labelled rows", len(want))
			}
			for _, pieces := range []int{1, 7} {
				got := p.served(t, c, pieces)
				for id, w := range want {
					g, ok := got[id]
					if !ok {
						t.Errorf("in %d pieces: no row %s", pieces, id)
						continue
					}
					if g.inputs != w.inputs || math.Abs(g.score-w.score) > 1e-6 {
						t.Errorf("in %d pieces: row %s is %s with score %v, in training %s with %v", pieces, id, g.inputs, g.score, w.inputs, w.score)
					}
				}
			}
			if n, err := c.Check(t.Context(), p.db, knownAnswers(t, rec, dir, m.Name)); err != nil || n == 0 {
				t.Errorf("known answers: %d rows compared: %v", n, err)
			}
		})
	}
}

// computed is a row as text.
type computed struct {
	inputs string
	score  float64
}

func inputText(numbers []*float64) string {
	var b strings.Builder
	for _, n := range numbers {
		if n == nil {
			b.WriteString("- ")
		} else {
			fmt.Fprintf(&b, "%x ", *n)
		}
	}
	return b.String()
}

// trained returns the labelled rows of day2 as training has them.
func (p *project) trained(t *testing.T, s *memstore.Store, rm release.Model) map[string]computed {
	t.Helper()
	r := p.runner(t, s)
	m, _ := compile.ByName(r.Program.Models, rm.Name)
	out := map[string]computed{}
	must(t, r.Rows(t.Context(), m, func(row Row) error {
		id := fmt.Sprint(row.Record)
		if len(row.Key) > 0 {
			id = fmt.Sprint(row.Key[0], "@", row.Start)
		}
		if row.Contribution == "day2" {
			out[id] = computed{inputText(row.Inputs), row.Score}
		}
		return nil
	}))
	return out
}

// served scores the log of day2 in pieces, with a state between them. Only in
// one piece records have the numbers of training.
func (p *project) served(t *testing.T, c *score.Chain, pieces int) map[string]computed {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.root, "day2.log"))
	must(t, err)
	all := strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
	head := slices.IndexFunc(all, func(line string) bool { return !strings.HasPrefix(line, "#") })
	header, lines := strings.Join(all[:head], ""), all[head:]
	out, done := map[string]computed{}, 0
	state := score.NewState("zeek_conn")
	for i := range pieces {
		end := len(lines) * (i + 1) / pieces
		text := header + strings.Join(lines[done:end], "")
		first := done
		options := score.Options{DB: p.db, Chains: []*score.Chain{c}, Release: "local#1", State: state, Final: i == pieces-1,
			Segments: []score.Segment{{Name: "day2.log", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}}}
		options.Emit = func(alert.Alert) error { return nil }
		options.EmitRow = func(r score.ScoredRow) error {
			var numbers []*float64
			for _, f := range c.Features {
				numbers = append(numbers, r.Features[f.Name].Numbers(f.Width())...)
			}
			id := ""
			if r.Row.Start != nil {
				id = fmt.Sprint(r.Row.Key["src"], "@", r.Row.Start.UnixMicro())
			} else {
				id = fmt.Sprint(*r.Row.Record + int64(first))
			}
			out[id] = computed{inputText(numbers), *r.Score}
			return nil
		}
		_, next, err := score.Run(t.Context(), options)
		must(t, err)
		state, done = next, end
	}
	return out
}

// knownAnswers reads a model's known answers out of a release.
func knownAnswers(t *testing.T, rec release.Record, dir fstest.MapFS, model string) *score.Answers {
	t.Helper()
	out := &score.Answers{}
	for _, k := range rec.KnownAnswers {
		if k.Model == model {
			must(t, json.Unmarshal(dir[k.Artifact].Data, out))
		}
	}
	return out
}
