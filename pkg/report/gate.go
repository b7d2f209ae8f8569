package report

import (
	"fmt"
	"math"

	"github.com/mlpdev/mlp/pkg/evaluation"
)

// Gates judges each gate by itself, as it was judged for the release.
func Gates(g evaluation.Gates, m evaluation.Metrics, parity float64) []Gate {
	loose := evaluation.Gates{MaxParity: math.Inf(1)}
	passes := func(of evaluation.Gates) bool { return len(of.Check(m, parity)) == 0 }
	out := []Gate{{Name: "both classes are tested", Want: "attacks and benign rows",
		Got: fmt.Sprintf("%s, %s", count(m.Attacks, "attack"), count(m.Benign, "benign row")), Passed: passes(loose)}}
	// Without both classes no gate holds; each says so by itself.
	if g.MinRecall != nil {
		only := loose
		only.MinRecall = g.MinRecall
		out = append(out, Gate{Name: "min_recall", Want: fmt.Sprintf("recall ≥ %g", *g.MinRecall), Got: rate(m.Recall), Passed: passes(only)})
	}
	if g.MaxFPR != nil {
		only := loose
		only.MaxFPR = g.MaxFPR
		out = append(out, Gate{Name: "max_fpr", Want: fmt.Sprintf("upper 95 %% bound of the false-positive rate ≤ %g, of %d benign rows or more", *g.MaxFPR, evaluation.MinNegatives),
			Got: fmt.Sprintf("%s of %s", share(m.FPR.Upper), number(int64(m.Benign))), Passed: passes(only)})
	}
	only := loose
	only.MaxParity = g.MaxParity
	return append(out, Gate{Name: "export parity", Want: fmt.Sprintf("scores of the exported model within %.0e of the trained one's", g.MaxParity),
		Got: fmt.Sprintf("%.1e", parity), Passed: passes(only)})
}
