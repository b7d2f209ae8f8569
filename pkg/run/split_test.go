package run

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/store"
)

const (
	datasetFile = "datasets/inbound_scan/dataset.textproto"
	byDay       = "split {\n  test: \"day2\"\n}"
)

// sidesOf returns the counts of a model's rows.
func sidesOf(t *testing.T, p *project, s store.Store, model string) Sides {
	t.Helper()
	r := p.runner(t, s)
	for _, m := range r.Program.Models {
		if m.Name == model {
			out, err := r.sides(t.Context(), m)
			must(t, err)
			return out
		}
	}
	t.Fatalf("no model %s", model)
	return Sides{}
}

func (s Side) rows() int { return s.Attacks + s.Benign + s.Unlabelled }

func (s Sides) rows() int { return s.Train.rows() + s.Test.rows() + s.Unsplit + s.Mixed }

// TestSplitWithinContributions changes the split of a project: the column of
// the side is computed, nothing else, and the models are trained on other rows.
func TestSplitWithinContributions(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	whole := map[string]Sides{"scan_conn": sidesOf(t, p, s, "scan_conn"), "scan_src": sidesOf(t, p, s, "scan_src")}
	for _, tt := range []struct{ name, split string }{
		{"by groups", `split { group: "src" test_share: 0.4 }`},
		{"by other groups", `split { group: "src" test_share: 0.4 seed: 3 }`},
		{"by group and label", `split { group: "case when label = 'Malicious' then src else concat(dst, src) end" test_share: 0.4 }`},
		{"by time", `split { time: "ts" test_from: "2026-01-02T00:00:00Z" }`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			edited := p.clone()
			edited.edit(t, datasetFile, byDay, tt.split)
			fake := &fakeTrainer{db: p.db}
			edited.trainer = fake
			made, out := mustApply(t, edited, s)
			for _, step := range made.Steps {
				if step.Kind == plan.Parse && slices.ContainsFunc(step.Columns, func(c string) bool { return !strings.Contains(c, ".label") }) {
					t.Errorf("%s parses %v", step.Target, step.Columns)
				}
				if step.Kind == plan.Features {
					k := strings.Split(step.Target, " × ")[0]
					if diff := cmp.Diff([]string{"side of " + k}, step.Columns); diff != "" {
						t.Errorf("%s computes (-want +got):\n%s", step.Target, diff)
					}
				}
			}
			if diff := cmp.Diff([]string{"scan_conn", "scan_src"}, out.Trained); diff != "" || made.StepsOf(plan.Features) != 4 {
				t.Errorf("%d steps of features; trained (-want +got):\n%s", made.StepsOf(plan.Features), diff)
			}
			for _, m := range edited.runner(t, s).Program.Models {
				got, before := sidesOf(t, edited, s, m.Name), whole[m.Name]
				if got.rows() != before.rows() || got.Train.Attacks == 0 || got.Test.Attacks == 0 || got.Test.Benign == 0 {
					t.Errorf("%s: %+v, of the same rows as %+v", m.Name, got, before)
				}
				// Whole days are what the split was by before.
				if same := got.Train == before.Train && got.Test == before.Test && got.Mixed == 0; same != (tt.name == "by time") {
					t.Errorf("%s: %+v, and before %+v", m.Name, got, before)
				}
				e, err := edited.runner(t, s).Index.Evaluation(t.Context(), m.Evaluation)
				must(t, err)
				if diff := cmp.Diff(got, e.Sides); diff != "" || e.Metrics.Attacks != got.Test.Attacks || e.Metrics.Benign != got.Test.Benign {
					t.Errorf("%s: evaluated other rows (-counted +evaluated):\n%s", m.Name, diff)
				}
				rows := 0
				must(t, edited.runner(t, s).Rows(t.Context(), m, func(Row) error { rows++; return nil }))
				if want := got.Train.Attacks + got.Train.Benign + got.Test.Attacks + got.Test.Benign; rows != want {
					t.Errorf("%s: Rows gives %d rows of %d", m.Name, rows, want)
				}
			}
			mustVerify(t, edited, s)
			if again, err := planOf(t.Context(), edited.runner(t, s)); err != nil || len(again.Steps) > 0 {
				t.Errorf("%d steps are left (%v)", len(again.Steps), err)
			}
		})
	}
}

// TestMixedAndUnsplit counts rows that are on no side.
func TestMixedAndUnsplit(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	p.edit(t, datasetFile, byDay, `split { group: "case when label = 'Malicious' then src when dport < 1024 then concat(dst, src) end" test_share: 0.5 }`)
	mustApply(t, p, s)
	conn, src := sidesOf(t, p, s, "scan_conn"), sidesOf(t, p, s, "scan_src")
	if conn.Unsplit == 0 || conn.Mixed != 0 || src.Mixed == 0 {
		t.Errorf("rows %+v, windows %+v: want rows without a side, and mixed windows", conn, src)
	}
}

// TestOneClass trains on one class only: an error that names the side and its
// rows, before anything is trained.
func TestOneClass(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	p.edit(t, datasetFile, byDay, `split { group: "case when label = 'Malicious' then 'a' else 'b' end" test_groups: "a" }`)
	fake := &fakeTrainer{db: p.db}
	p.trainer = fake
	_, _, err := apply(t.Context(), p.runner(t, s))
	var one *OneClassError
	if !errors.As(err, &one) || one.Model != "scan_conn" || one.Sides.Train.Attacks != 0 || one.Sides.Train.Benign == 0 || one.Sides.Test.Attacks == 0 {
		t.Fatalf("got %v", err)
	}
	if text := err.Error(); !strings.Contains(text, "the train side of model scan_conn has 0 attack and ") || len(fake.models()) > 0 {
		t.Errorf("got %q, trained %v", text, fake.models())
	}
	// A test side with one class is what the gates hold.
	q := newProject(t)
	q.edit(t, datasetFile, byDay, `split { group: "case when label = 'Malicious' then src else 'b' end" test_share: 0.5 }`)
	_, out, err := apply(context.Background(), q.runner(t, q.newStore(t)))
	must(t, err)
	if len(out.Held) != 2 || !strings.Contains(strings.Join(out.Held[0].Reasons, "\n"), "the test side has ") {
		t.Errorf("held %+v", out.Held)
	}
}
