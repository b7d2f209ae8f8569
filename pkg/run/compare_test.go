package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/store"
)

// decided is a labelled row as the store's own columns and the exported model
// have it: found in another way than a comparison does.
type decided struct {
	day, src      string
	record, start int64
	side          string
	attack, flag  bool
}

func (d decided) id() string { return fmt.Sprint(d.day, d.src, d.record, d.start) }

func modelNamed(t *testing.T, r *Runner, name string) *compile.Model {
	t.Helper()
	m, ok := compile.ByName(r.Program.Models, name)
	if !ok {
		t.Fatalf("no model %s", name)
	}
	return m
}

// decisions returns what a project's model decides of all its rows.
func decisions(t *testing.T, p *project, s store.Store, model string) []decided {
	t.Helper()
	r := p.runner(t, s)
	m := modelNamed(t, r, model)
	entry, err := r.Index.Model(t.Context(), m.Key)
	must(t, err)
	evaluated, err := r.Index.Evaluation(t.Context(), m.Evaluation)
	must(t, err)
	query, err := r.labelledRows(t.Context(), m)
	must(t, err)
	scores, err := r.exportedScores(t.Context(), m, entry, query)
	must(t, err)
	var out []decided
	must(t, r.Rows(t.Context(), m, func(row Row) error {
		d := decided{day: row.Contribution, record: row.Record, start: row.Start, flag: float64(scores[len(out)]) >= evaluated.Metrics.Threshold}
		d.src = strings.Join(row.Key, ",")
		out = append(out, d)
		return nil
	}))
	conn, err := p.db.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	i := 0
	must(t, conn.Query(t.Context(), "SELECT side, label::BIGINT FROM ("+query+") ORDER BY "+rowOrder(m), func(row []any) error {
		out[i].side, out[i].attack = row[0].(string), row[1].(int64) == 1
		i++
		return nil
	}))
	return out
}

// logRecord is a record of a day's log.
type logRecord struct {
	day, src  string
	n, micros int64
	label     string
}

func (p *project) records(t *testing.T, day string) []logRecord {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.root, day+".log"))
	must(t, err)
	var out []logRecord
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		micros, err := strconv.ParseInt(strings.Replace(f[0], ".", "", 1), 10, 64)
		must(t, err)
		out = append(out, logRecord{day: day, src: f[2], n: int64(len(out)), micros: micros, label: f[len(f)-2]})
	}
	return out
}

// byRecord says of the labelled records of day2 what a model decides; size is
// that of its windows, 0 for rows.
func byRecord(t *testing.T, p *project, rows []decided, size int64) (flags, attacks map[int64]bool) {
	t.Helper()
	flagged := map[string]bool{}
	for _, d := range rows {
		flagged[d.id()] = d.flag
	}
	flags, attacks = map[int64]bool{}, map[int64]bool{}
	for _, r := range p.records(t, "day2") {
		d := decided{day: r.day, record: r.n}
		if size > 0 {
			d = decided{day: r.day, src: r.src, start: r.micros / size * size}
		}
		if r.label == "Malicious" || r.label == "Benign" {
			flags[r.n], attacks[r.n] = flagged[d.id()], r.label == "Malicious"
		}
	}
	return flags, attacks
}

// comparisonOf returns the comparison of two versions of a model.
func comparisonOf(t *testing.T, s store.Store, before, after *project, model string) *ComparisonEntry {
	t.Helper()
	old, r := before.runner(t, s), after.runner(t, s)
	key := plan.ComparisonKey(modelNamed(t, r, model).Evaluation, modelNamed(t, old, model).Evaluation)
	e, err := r.Index.Comparison(t.Context(), key)
	must(t, err)
	if e == nil {
		t.Fatalf("%s was not compared", model)
	}
	if e.Key != key || e.Recall != changed(e.Attacks) || e.FPR != changed(e.Benign) {
		t.Errorf("the entry contradicts itself: %+v", e)
	}
	return e
}

const (
	rowFile    = "specs/features/conn_row.textproto"
	windowFile = "specs/features/src_5min.textproto"
)

// TestCompareRows changes a feature: the frames are the same, and rows are
// compared with rows.
func TestCompareRows(t *testing.T) {
	for _, tt := range []struct{ model, file, old, new string }{
		{"scan_conn", "specs/models/scan_conn.textproto", "seed: 1", `seed: 1 features: "low_port" features: "failed"`},
		{"scan_src", windowFile, `"count(DISTINCT dst)"`, `"count(DISTINCT dst) % 2"`},
	} {
		t.Run(tt.model, func(t *testing.T) {
			p := newProject(t)
			s := p.newStore(t)
			mustApply(t, p, s)
			q := p.clone()
			q.edit(t, tt.file, tt.old, tt.new)
			made, out := mustApply(t, q, s)
			if made.StepsOf(plan.Compare) != 1 || len(out.Releases) != 1 {
				t.Fatalf("%d comparisons, %d releases", made.StepsOf(plan.Compare), len(out.Releases))
			}
			got := comparisonOf(t, s, p, q, tt.model)
			before := map[string]decided{}
			for _, d := range decisions(t, p, s, tt.model) {
				before[d.id()] = d
			}
			var want evaluation.Comparison
			names := [4]int{}
			for _, d := range decisions(t, q, s, tt.model) {
				if d.side != "test" {
					continue
				}
				old := before[d.id()].flag
				if d.attack {
					want.Attacks.Add(old, d.flag)
				} else {
					want.Benign.Add(old, d.flag)
				}
				for i, is := range []bool{d.attack && d.flag && !old, d.attack && !d.flag && old, !d.attack && d.flag && !old, !d.attack && !d.flag && old} {
					if is {
						names[i]++
					}
				}
			}
			if diff := cmp.Diff(want, got.Comparison); diff != "" || got.Unit != UnitRow || got.Seen != 0 || !got.Passed {
				t.Errorf("unit %s, seen %d, passed %v (-want +got):\n%s", got.Unit, got.Seen, got.Passed, diff)
			}
			if want.Attacks.Before+want.Attacks.After+want.Benign.Before+want.Benign.After == 0 || want.Benign.Total() < 100 {
				t.Errorf("nothing differs: %+v", want)
			}
			for i, examples := range [][]Example{got.NewlyCaught, got.NewlyMissed, got.NewlyFlagged, got.NoLongerFlagged} {
				if len(examples) != min(names[i], maxExamples) {
					t.Errorf("%d examples of %d", len(examples), names[i])
				}
				for _, e := range examples {
					if e.Contribution != "day2" || (e.Record == nil) != (tt.model == "scan_src") || (e.Key["src"] == nil) != (tt.model == "scan_conn") {
						t.Errorf("example %s", e)
					}
				}
			}
			line := fmt.Sprintf("%s ✓ recall %.3f → %.3f at fpr 0.01 · %d newly caught · %d newly missed", tt.model, got.Recall.Before.Rate, got.Recall.After.Rate, want.Attacks.After, want.Attacks.Before)
			if len(out.Evaluated) != 1 || !strings.HasPrefix(out.Evaluated[0], line) {
				t.Errorf("got %q, want %q", out.Evaluated, line)
			}
			metrics := modelOf(t, releases(t, p, s)[1].Record, tt.model).Metrics
			if m := metrics["compared.newly_caught"]; m.Count != int64(want.Attacks.After) || m.Total != int64(want.Attacks.Total()) {
				t.Errorf("metrics %+v", metrics)
			}
			mustVerify(t, q, s)
		})
	}
}

// TestCompareRecords changes which rows there are: records are compared.
func TestCompareRecords(t *testing.T) {
	const minute = 60_000_000
	for _, tt := range []struct {
		name, model, file, old, new string
		before, after               int64 // size of the windows
	}{
		{"a condition", "scan_conn", rowFile, `from: "zeek_conn"`, `from: "zeek_conn" where: "dport <> 443 AND dport % 10 <> 3"`, 0, 0},
		{"other windows", "scan_src", windowFile, `size: "5 minutes"`, `size: "10 seconds"`, 5 * minute, minute / 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProject(t)
			s := p.newStore(t)
			mustApply(t, p, s)
			q := p.clone()
			q.edit(t, tt.file, tt.old, tt.new)
			mustApply(t, q, s)
			got := comparisonOf(t, s, p, q, tt.model)
			before, attacks := byRecord(t, p, decisions(t, p, s, tt.model), tt.before)
			after, _ := byRecord(t, q, decisions(t, q, s, tt.model), tt.after)
			var want evaluation.Comparison
			for n, attack := range attacks {
				if attack {
					want.Attacks.Add(before[n], after[n])
				} else {
					want.Benign.Add(before[n], after[n])
				}
			}
			unlabelled := len(p.records(t, "day2")) - len(attacks)
			if diff := cmp.Diff(want, got.Comparison); diff != "" || got.Unit != UnitRecord || got.Unlabelled != unlabelled {
				t.Errorf("unit %s, %d unlabelled of %d (-want +got):\n%s", got.Unit, got.Unlabelled, unlabelled, diff)
			}
			if want.Attacks.Before+want.Benign.After+want.Benign.Before+want.Attacks.After == 0 {
				t.Error("nothing differs")
			}
			for _, e := range got.NewlyMissed {
				if e.Record == nil || !attacks[*e.Record] || !before[*e.Record] || after[*e.Record] {
					t.Errorf("%s is not newly missed", e)
				}
			}
		})
	}
}

// TestCompareSeen changes the split: what the released model was trained on is
// left out, row by row.
func TestCompareSeen(t *testing.T) {
	p := newProject(t)
	p.edit(t, datasetFile, byDay, `split { group: "src" test_share: 0.4 }`)
	s := p.newStore(t)
	mustApply(t, p, s)
	q := p.clone()
	q.edit(t, datasetFile, `test_share: 0.4`, `test_share: 0.5 seed: 3`)
	mustApply(t, q, s)
	for _, model := range []string{"scan_conn", "scan_src"} {
		got := comparisonOf(t, s, p, q, model)
		before := map[string]decided{}
		for _, d := range decisions(t, p, s, model) {
			before[d.id()] = d
		}
		var want evaluation.Comparison
		seen := 0
		for _, d := range decisions(t, q, s, model) {
			old := before[d.id()]
			switch {
			case d.side != "test":
			case old.side == "train":
				seen++
			case d.attack:
				want.Attacks.Add(old.flag, d.flag)
			default:
				want.Benign.Add(old.flag, d.flag)
			}
		}
		if diff := cmp.Diff(want, got.Comparison); diff != "" || got.Seen != seen || seen == 0 || want.Benign.Total() == 0 {
			t.Errorf("%s: seen %d, want %d (-want +got):\n%s", model, got.Seen, seen, diff)
		}
	}
}

// TestNothingToCompare swaps the sides: all of the new test side was trained
// on. Without a gate against the released model the release goes on, with one
// it is held, and the reason says why.
func TestNothingToCompare(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	q := p.clone()
	q.edit(t, datasetFile, `test: "day2"`, `test: "day1"`)
	q.edit(t, "specs/models/scan_conn.textproto", "gates { min_recall: 0.5 }", "gates { max_recall_drop: 0.5 }")
	_, out := mustApply(t, q, s)
	got := comparisonOf(t, s, p, q, "scan_conn")
	if got.Passed || got.Seen == 0 || got.Attacks.Total()+got.Benign.Total() > 0 || !strings.Contains(got.Incomparable, "no labelled row of the test side is left") {
		t.Errorf("%+v", got)
	}
	if len(out.Held) != 1 || out.Held[0].Model != "scan_conn" || !strings.Contains(strings.Join(out.Held[0].Reasons, "; "), "max_recall_drop cannot be judged: no attack is left") {
		t.Errorf("held %+v", out.Held)
	}
	if diff := cmp.Diff([]Released{{Channel: "local", Number: 2, Models: []string{"scan_src"}}}, out.Releases); diff != "" {
		t.Errorf("released (-want +got):\n%s", diff)
	}
	for _, line := range out.Evaluated {
		if !strings.Contains(line, "not compared with the released model: no labelled row") {
			t.Errorf("%s", line)
		}
	}
}

// TestRegressionGates compares a model that sees less with the released one.
func TestRegressionGates(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	worse := func(gates string) *project {
		q := p.clone()
		q.edit(t, "specs/models/scan_conn.textproto", "gates { min_recall: 0.5 }", `features: "udp" features: "web" `+gates)
		return q
	}
	strict := worse("gates { max_recall_drop: 0 }")
	_, out := mustApply(t, strict, s)
	got := comparisonOf(t, s, p, strict, "scan_conn")
	if got.Passed || got.Attacks.Before <= got.Attacks.After {
		t.Fatalf("%+v: want fewer attacks caught", got)
	}
	if len(out.Held) != 1 || len(out.Held[0].Reasons) != 1 || !strings.HasPrefix(out.Held[0].Reasons[0], "recall falls from ") || out.Held[0].Keeps != "local#1" {
		t.Errorf("held %+v", out.Held)
	}
	if len(out.Releases) > 0 || len(out.Evaluated) != 1 || !strings.HasPrefix(out.Evaluated[0], "scan_conn ✗ recall ") {
		t.Errorf("released %+v, said %q", out.Releases, out.Evaluated)
	}
	// It stays held, without more work, and the plan has no step for it.
	again, out := mustApply(t, strict, s)
	if len(again.Steps) > 0 || len(out.Held) != 1 {
		t.Errorf("%d steps, held %+v", len(again.Steps), out.Held)
	}
	r := strict.runner(t, s)
	if fast := plan.Make(plan.Input{Head: r.Program, Exists: r.ExistsApplied(t.Context())}); len(fast.Steps) > 0 {
		t.Errorf("%d steps by the applied state", len(fast.Steps))
	}
	drop := -got.Recall.Change.Value
	for allowance, held := range map[float64]int{drop: 0, drop - 0.001: 1, drop + 0.001: 0} {
		q := worse(fmt.Sprintf("gates { max_recall_drop: %v }", allowance))
		f := p.newStore(t)
		mustApply(t, p, f)
		made, out := mustApply(t, q, f)
		if len(out.Held) != held || len(out.Releases) != 1-held || made.StepsOf(plan.Compare) != 1 {
			t.Errorf("allowance %v of %v: held %+v, %d releases", allowance, drop, out.Held, len(out.Releases))
		}
	}
	// A false-positive rate that rises.
	wide := p.clone()
	wide.edit(t, "specs/models/scan_conn.textproto", "target_fpr: 0.01", "target_fpr: 0.3")
	wide.edit(t, "specs/models/scan_conn.textproto", "gates { min_recall: 0.5 }", "gates { max_recall_drop: 0 max_fpr_rise: 0.01 }")
	_, out = mustApply(t, wide, s)
	if len(out.Trained) > 0 || len(out.Held) != 1 || len(out.Held[0].Reasons) != 1 || !strings.HasPrefix(out.Held[0].Reasons[0], "the false-positive rate rises from ") {
		t.Errorf("trained %v, held %+v", out.Trained, out.Held)
	}
}
