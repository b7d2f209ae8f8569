package run

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/evaluation"
)

// TestCurves compares what a report draws with what was measured.
func TestCurves(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	for _, m := range p.runner(t, s).Program.Models {
		if c, err := p.runner(t, s).Curves(t.Context(), m); c != nil || err != nil {
			t.Errorf("%s: %v, %v before it was evaluated", m.Name, c, err)
		}
	}
	mustApply(t, p, s)
	for _, m := range p.runner(t, s).Program.Models {
		r := p.runner(t, s)
		r.DB, r.ONNX, r.Trainer = nil, nil, nil // the store alone
		c, err := r.Curves(t.Context(), m)
		must(t, err)
		e := c.Evaluation.Metrics
		if c.Curve.Attacks != e.Attacks || c.Curve.Benign != e.Benign || len(c.Curve.Points) < 5 || len(c.Curve.Points) > evaluation.MaxPoints {
			t.Errorf("%s: %d points over %d attacks and %d benign rows", m.Name, len(c.Curve.Points), c.Curve.Attacks, c.Curve.Benign)
		}
		if diff := cmp.Diff(c.Operating, c.Curve.At(e.Threshold)); diff != "" {
			t.Errorf("%s: %s", m.Name, diff)
		}
		area, last := 0.0, evaluation.XY{}
		for _, x := range c.Curve.ROC() {
			area, last = area+(x.X-last.X)*(x.Y+last.Y)/2, x
		}
		if math.Abs(area-e.AUC) > 0.01 || last != (evaluation.XY{X: 1, Y: 1}) {
			t.Errorf("%s: area %v, AUC %v", m.Name, area, e.AUC)
		}
	}
}

// TestMustCatch wants every attack of a contribution flagged, on whatever side
// it is.
func TestMustCatch(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	evaluated := func(p *project) *EvaluationEntry {
		r := p.runner(t, s)
		e, err := r.Index.Evaluation(t.Context(), r.Program.Models[0].Evaluation)
		must(t, err)
		return e
	}
	before := evaluated(p)
	const gates = "gates { min_recall: 0.5"
	strict := p.clone()
	strict.edit(t, "specs/models/scan_conn.textproto", gates, gates+` must_catch: "day2" must_catch: "day1"`)
	_, out := mustApply(t, strict, s)
	e := evaluated(strict)
	if len(out.Trained) > 0 {
		t.Errorf("trained %q for a gate", out.Trained)
	}
	day2 := evaluation.Caught{Contribution: "day2", Attacks: before.Metrics.Attacks, Missed: before.Metrics.Attacks - before.Metrics.Recall.Hits}
	if len(e.MustCatch) != 2 || e.MustCatch[0] != day2 || e.MustCatch[1].Attacks != before.Train.Attacks {
		t.Fatalf("caught %+v, want %+v and %d attacks of day1", e.MustCatch, day2, before.Train.Attacks)
	}
	missed := 0
	for _, c := range e.MustCatch {
		if c.Missed > 0 {
			missed++
		}
	}
	if missed == 0 || e.Passed || len(e.Reasons) != missed || len(out.Held) != 1 || !strings.Contains(out.Held[0].Reasons[0], "attack rows of contribution day") {
		t.Errorf("missed in %d contributions: held %+v", missed, out.Held)
	}
	// Rows on no side are attacks, too.
	split := strict.clone()
	delete(split.files, "specs/models/scan_src.textproto")
	split.edit(t, datasetFile, byDay, `split { group: "case when label <> 'Malicious' or dport % 2 = 0 then concat(src, dport) end" test_share: 0.5 }`)
	mustApply(t, split, s)
	if got := evaluated(split); got.Unsplit == 0 || got.MustCatch[0].Attacks != day2.Attacks {
		t.Errorf("%d rows are on no side; caught %+v", got.Unsplit, got.MustCatch)
	}
	// With no contribution to catch, the gate has nothing to say.
	lax := p.clone()
	lax.trainer = &fakeTrainer{db: p.db, spoil: func(m *linear) { m.bias += 100 }}
	lax.edit(t, "specs/models/scan_conn.textproto", gates, gates+` must_catch: "day2"`)
	lax.edit(t, "specs/models/scan_conn.textproto", "seed: 1", "seed: 2")
	mustApply(t, lax, s)
	if got := evaluated(lax); len(got.MustCatch) != 1 || got.Parity < 0.1 {
		t.Errorf("caught %+v, parity %v", got.MustCatch, got.Parity)
	}
}
