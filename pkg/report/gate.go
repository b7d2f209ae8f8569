package report

import (
	"fmt"
	"math"

	"github.com/mlpdev/mlp/pkg/evaluation"
)

// Judged is what gates were judged on.
type Judged struct {
	Gates   evaluation.Gates
	Metrics evaluation.Metrics
	Parity  float64
	Caught  []evaluation.Caught
	// Comparison is with the released version; nil where there was none.
	Comparison *evaluation.Comparison
}

// List judges each gate by itself, as it was judged for the release.
func (j Judged) List() []Gate {
	m, loose := j.Metrics, evaluation.Gates{MaxParity: math.Inf(1)}
	passes := func(of evaluation.Gates) bool { return len(of.Check(m, j.Parity)) == 0 }
	out := []Gate{{Name: "both classes are tested", Want: "attacks and benign rows",
		Got: fmt.Sprintf("%s, %s", count(m.Attacks, "attack"), count(m.Benign, "benign row")), Passed: passes(loose)}}
	// Without both classes no gate holds; each says so by itself.
	if v := j.Gates.MinRecall; v != nil {
		only := loose
		only.MinRecall = v
		out = append(out, Gate{Name: "min_recall", Want: fmt.Sprintf("recall ≥ %g", *v), Got: rate(m.Recall), Passed: passes(only)})
	}
	if v := j.Gates.MaxFPR; v != nil {
		only := loose
		only.MaxFPR = v
		out = append(out, Gate{Name: "max_fpr", Want: fmt.Sprintf("upper 95 %% bound of the false-positive rate ≤ %g, of %d benign rows or more", *v, evaluation.MinNegatives),
			Got: fmt.Sprintf("%s of %s", share(m.FPR.Upper), number(int64(m.Benign))), Passed: passes(only)})
	}
	out = append(out, j.changes()...)
	for _, c := range j.Caught {
		out = append(out, Gate{Name: "must_catch", Want: fmt.Sprintf("every attack of contribution %s flagged", c.Contribution),
			Got: fmt.Sprintf("%s of %s missed", number(int64(c.Missed)), count(c.Attacks, "attack")), Passed: len(evaluation.CheckCaught([]evaluation.Caught{c})) == 0})
	}
	only := loose
	only.MaxParity = j.Gates.MaxParity
	return append(out, Gate{Name: "export parity", Want: fmt.Sprintf("scores of the exported model within %.0e of the trained one's", j.Gates.MaxParity),
		Got: fmt.Sprintf("%.1e", j.Parity), Passed: passes(only)})
}

// changes judges the gates against the released version.
func (j Judged) changes() []Gate {
	var out []Gate
	judge := func(name, want string, only evaluation.Gates, of func(evaluation.Comparison) evaluation.Difference) {
		g := Gate{Name: name, Want: want, Got: "no version was released before", Passed: true}
		if j.Comparison != nil {
			d := of(*j.Comparison)
			g.Got = fmt.Sprintf("%s (95 %%: %s to %s)", signed(d.Value), signed(d.Lower), signed(d.Upper))
			g.Passed = len(only.CheckChange(*j.Comparison)) == 0
		}
		out = append(out, g)
	}
	if v := j.Gates.MaxRecallDrop; v != nil {
		judge("max_recall_drop", fmt.Sprintf("recall at most %g below the released version's", *v), evaluation.Gates{MaxRecallDrop: v},
			func(c evaluation.Comparison) evaluation.Difference { return c.Attacks.Change() })
	}
	if v := j.Gates.MaxFPRRise; v != nil {
		judge("max_fpr_rise", fmt.Sprintf("false-positive rate at most %g above the released version's", *v), evaluation.Gates{MaxFPRRise: v},
			func(c evaluation.Comparison) evaluation.Difference { return c.Benign.Change() })
	}
	return out
}
