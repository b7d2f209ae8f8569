// Package evaluation measures a scored model: thresholds for a target
// false-positive rate, recall with bounds, and the gates of a release. It is
// pure.
package evaluation

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// MinNegatives is the fewest benign test rows on which a gate may judge the
// false-positive rate: below, the upper bound of even a perfect model is above
// one percent.
const MinNegatives = 300

// Scored is one row: the model's score and its label.
type Scored struct {
	Score  float64
	Attack bool
}

// Threshold returns the smallest threshold t at which the share of benign rows
// with score >= t is at most target, so that recall is the largest possible.
// A row is flagged if its score is >= the threshold. Where no benign row may be
// flagged it lies just above the highest benign score; without benign rows it
// is 0.5.
func Threshold(rows []Scored, target float64) float64 {
	var benign []float64
	for _, r := range rows {
		if !r.Attack && !math.IsNaN(r.Score) {
			benign = append(benign, r.Score)
		}
	}
	if len(benign) == 0 {
		return 0.5
	}
	slices.SortFunc(benign, func(a, b float64) int { return cmp.Compare(b, a) })
	allowed := int(math.Floor(target * float64(len(benign))))
	if allowed >= len(benign) {
		return 0
	}
	// benign[allowed] is the highest score that must not be flagged. Scores are
	// 32-bit: the next one above it is the smallest threshold that works.
	return float64(math.Nextafter32(float32(benign[allowed]), float32(math.Inf(1))))
}

// Rate is a share with its 95 % bounds (Clopper and Pearson 1934). Without
// trials the share is 0 and the bounds are 0 and 1.
type Rate struct {
	Hits   int     `json:"hits"`
	Trials int     `json:"trials"`
	Rate   float64 `json:"rate"`
	Lower  float64 `json:"lower_95"`
	Upper  float64 `json:"upper_95"`
}

// NewRate returns the share of hits in trials with its bounds.
func NewRate(hits, trials int) Rate {
	r := Rate{Hits: hits, Trials: trials, Upper: 1}
	if trials == 0 {
		return r
	}
	r.Rate = float64(hits) / float64(trials)
	if hits > 0 {
		r.Lower = betaQuantile(0.025, float64(hits), float64(trials-hits+1))
	}
	if hits < trials {
		r.Upper = betaQuantile(0.975, float64(hits+1), float64(trials-hits))
	}
	return r
}

// String returns "0.981 (0.970–0.989, n 1,020)"-like text for people.
func (r Rate) String() string {
	if r.Trials == 0 {
		return "unknown (n 0)"
	}
	return fmt.Sprintf("%.4f (95 %%: %.4f–%.4f, n %d)", r.Rate, r.Lower, r.Upper, r.Trials)
}

// Metrics are what a model reaches on the test side at its threshold.
type Metrics struct {
	Threshold float64 `json:"threshold"`
	TargetFPR float64 `json:"target_fpr"`
	Attacks   int     `json:"attacks"`
	Benign    int     `json:"benign"`
	Recall    Rate    `json:"recall"`
	FPR       Rate    `json:"fpr"`
	Precision Rate    `json:"precision"`
	// AUC is the area under the ROC curve, ties counted half; 0 where a class
	// is missing.
	AUC float64 `json:"auc"`
}

// Measure counts what the threshold flags among the rows.
func Measure(rows []Scored, threshold, target float64) Metrics {
	m := Metrics{Threshold: threshold, TargetFPR: target}
	flaggedAttacks, flaggedBenign := 0, 0
	for _, r := range rows {
		flagged := r.Score >= threshold
		switch {
		case r.Attack:
			m.Attacks++
			if flagged {
				flaggedAttacks++
			}
		default:
			m.Benign++
			if flagged {
				flaggedBenign++
			}
		}
	}
	m.Recall = NewRate(flaggedAttacks, m.Attacks)
	m.FPR = NewRate(flaggedBenign, m.Benign)
	m.Precision = NewRate(flaggedAttacks, flaggedAttacks+flaggedBenign)
	m.AUC = auc(rows, m.Attacks, m.Benign)
	return m
}

// auc is the Mann-Whitney statistic. NaN, which is never flagged, is the
// lowest score.
func auc(rows []Scored, attacks, benign int) float64 {
	if attacks == 0 || benign == 0 {
		return 0
	}
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b Scored) int { return cmp.Compare(a.Score, b.Score) })
	sum, below := 0.0, 0
	for i := 0; i < len(sorted); {
		j, tiedAttacks, tiedBenign := i, 0, 0
		for ; j < len(sorted) && cmp.Compare(sorted[j].Score, sorted[i].Score) == 0; j++ {
			if sorted[j].Attack {
				tiedAttacks++
			} else {
				tiedBenign++
			}
		}
		sum += float64(tiedAttacks) * (float64(below) + float64(tiedBenign)/2)
		below += tiedBenign
		i = j
	}
	return sum / (float64(attacks) * float64(benign))
}

// Gates are what a model must reach; nil means the gate does not apply.
type Gates struct {
	MinRecall *float64
	MaxFPR    *float64
	// Against the released model, see CheckChange.
	MaxRecallDrop *float64
	MaxFPRRise    *float64
	MaxParity     float64 // largest difference of a score from the native model's
}

// Check returns why the model must not be released, one reason a gate.
func (g Gates) Check(m Metrics, parity float64) []string {
	var out []string
	if m.Attacks == 0 || m.Benign == 0 {
		out = append(out, fmt.Sprintf("the test side has %d attack and %d benign rows; it needs both", m.Attacks, m.Benign))
	}
	if g.MinRecall != nil && m.Recall.Rate < *g.MinRecall {
		out = append(out, fmt.Sprintf("recall %.4f is below min_recall %g", m.Recall.Rate, *g.MinRecall))
	}
	if g.MaxFPR != nil {
		switch {
		case m.Benign < MinNegatives:
			out = append(out, fmt.Sprintf("max_fpr cannot be judged on %d benign test rows; it needs %d", m.Benign, MinNegatives))
		case m.FPR.Upper > *g.MaxFPR:
			out = append(out, fmt.Sprintf("false-positive rate %.4f has the upper 95 %% bound %.4f, above max_fpr %g", m.FPR.Rate, m.FPR.Upper, *g.MaxFPR))
		}
	}
	if !(parity <= g.MaxParity) {
		out = append(out, fmt.Sprintf("the exported model's scores differ from the trained model's by up to %.2g, above %.2g", parity, g.MaxParity))
	}
	return out
}
