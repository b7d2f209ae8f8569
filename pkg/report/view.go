package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/lineage"
)

// Headline says in a sentence what the release is.
func (r *Report) Headline() string {
	n := map[State]int{}
	for _, m := range r.Models {
		n[m.State]++
	}
	var parts []string
	for _, s := range []State{New, Changed, Unchanged} {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	if len(r.Retired) > 0 {
		parts = append(parts, fmt.Sprintf("%d retired", len(r.Retired)))
	}
	out := count(len(r.Models), "model")
	if len(parts) > 0 {
		out += ": " + strings.Join(parts, ", ")
	}
	if len(r.Held) > 0 {
		return out + ". " + count(len(r.Held), "model") + " held by gates."
	}
	return out + "."
}

// Verdict sums up the gates: "5/5".
func (m *Model) Verdict() string {
	if len(m.Gates) == 0 {
		return "passed"
	}
	passed := 0
	for _, g := range m.Gates {
		if g.Passed {
			passed++
		}
	}
	return fmt.Sprintf("%d/%d", passed, len(m.Gates))
}

// AllPassed reports whether no gate refuses.
func (m *Model) AllPassed() bool {
	return !slices.ContainsFunc(m.Gates, func(g Gate) bool { return !g.Passed })
}

// Missed is how many attacks of the test side are below the threshold.
func (m *Model) Missed() int { return m.Metrics.Recall.Trials - m.Metrics.Recall.Hits }

// Passed is how many benign rows of the test side are below the threshold.
func (m *Model) Passed() int { return m.Metrics.FPR.Trials - m.Metrics.FPR.Hits }

// Group is the nodes of one kind.
type Group struct {
	Kind  string
	Nodes []*lineage.Node
}

// LineageGroups are the nodes that went into a model by their kind, from raw
// to model.
func (m *Model) LineageGroups() []Group {
	var out []Group
	for _, n := range m.Lineage {
		i := slices.IndexFunc(out, func(g Group) bool { return g.Kind == n.Noun() })
		if i < 0 {
			out = append(out, Group{Kind: n.Noun()})
			i = len(out) - 1
		}
		out[i].Nodes = append(out[i].Nodes, n)
	}
	slices.SortStableFunc(out, func(a, b Group) int { return lineage.CompareKinds(a.Kind, b.Kind) })
	return out
}

// Title names the group: "14 fields".
func (g Group) Title() string { return lineage.Counted(len(g.Nodes), g.Kind) }

// mostInputs is how many inputs a report lists.
const mostInputs = 40

// TopInputs are the inputs with the largest coefficients, as many as are
// listed.
func (m *Model) TopInputs() []Input {
	out := slices.Clone(m.Inputs)
	slices.SortStableFunc(out, func(a, b Input) int { return cmp.Compare(math.Abs(b.Coefficient), math.Abs(a.Coefficient)) })
	return out[:min(len(out), mostInputs)]
}

// Linear reports whether the inputs have coefficients.
func (m *Model) Linear() bool {
	return slices.ContainsFunc(m.Inputs, func(i Input) bool { return i.Coefficient != 0 })
}

// Weight draws a coefficient left or right of a middle line, relative to the
// largest one.
func (m *Model) Weight(i Input) template.HTML {
	largest := 0.0
	for _, x := range m.Inputs {
		largest = max(largest, math.Abs(x.Coefficient))
	}
	if largest == 0 {
		return ""
	}
	const half = 70
	length := half * math.Abs(i.Coefficient) / largest
	from, class := float64(half), "more"
	if i.Coefficient < 0 {
		from, class = half-length, "less"
	}
	return template.HTML(fmt.Sprintf(`<svg class="weight" viewBox="0 0 %d 12" aria-hidden="true"><line x1="%d" y1="0" x2="%[2]d" y2="12"/><rect class="%s" x="%s" y="2" width="%s" height="8"/></svg>`,
		2*half, half, class, coordinate(from), coordinate(max(length, 0.5))))
}

// Change is a difference of a rate from the release before, for people.
type Change struct {
	Text   string
	Better bool
	Worse  bool
}

func change(after, before evaluation.Rate, moreIsBetter bool) Change {
	d := after.Rate - before.Rate
	return Change{Text: signed(d), Better: d != 0 && d > 0 == moreIsBetter, Worse: d != 0 && d > 0 != moreIsBetter}
}

// RecallChange compares recall with the release before.
func (m *Model) RecallChange() Change { return change(m.Metrics.Recall, m.Before.Recall, true) }

// FPRChange compares the false-positive rate with the release before.
func (m *Model) FPRChange() Change { return change(m.Metrics.FPR, m.Before.FPR, false) }

// PrecisionChange compares precision with the release before.
func (m *Model) PrecisionChange() Change {
	return change(m.Metrics.Precision, m.Before.Precision, true)
}

// Readout is a curve as the page's script reads it: for each point its
// threshold, what it flags, and its places in both drawings.
type Readout struct {
	Attacks int          `json:"attacks"`
	Benign  int          `json:"benign"`
	Start   int          `json:"start"`  // point of the model's threshold
	Points  [][7]float64 `json:"points"` // threshold, caught, flagged, ROC x y, precision-recall x y
}

// Readout returns the curve for the page's script.
func (m *Model) Readout() *Readout {
	c := m.Curve
	if c == nil || c.Attacks == 0 || c.Benign == 0 || len(c.Points) == 0 {
		return nil
	}
	roc, pr := newPlot("", logarithmic("", c.Benign), linear("", 0)), newPlot("", linear("", 0), linear("", 0))
	round := func(v float64) float64 { return math.Round(v*10) / 10 }
	out := &Readout{Attacks: c.Attacks, Benign: c.Benign}
	for i, p := range c.Points {
		recall, precision := float64(p.Caught)/float64(c.Attacks), 1.0
		if p.Caught+p.Flagged > 0 {
			precision = float64(p.Caught) / float64(p.Caught+p.Flagged)
		}
		if p.Threshold >= m.Metrics.Threshold {
			out.Start = i
		}
		out.Points = append(out.Points, [7]float64{p.Threshold, float64(p.Caught), float64(p.Flagged),
			round(roc.x(float64(p.Flagged) / float64(c.Benign))), round(roc.y(recall)), round(pr.x(recall)), round(pr.y(precision))})
	}
	return out
}

// Total sums up the captures.
func (r *Report) Total() Counts {
	var out Counts
	for _, c := range r.Captures {
		if c.Counts == nil {
			continue
		}
		out.Lines += c.Counts.Lines
		out.Records += c.Counts.Records
		out.Rows += c.Counts.Rows
		out.Headers += c.Counts.Headers
		out.Comments += c.Counts.Comments
		out.Blanks += c.Counts.Blanks
		out.Continued += c.Counts.Continued
		out.Replaced += c.Counts.Replaced
		for _, x := range c.Counts.Rejects {
			i := slices.IndexFunc(out.Rejects, func(m Many) bool { return m.What == x.What })
			if i < 0 {
				out.Rejects = append(out.Rejects, x)
			} else {
				out.Rejects[i].N += x.N
			}
		}
	}
	slices.SortFunc(out.Rejects, func(a, b Many) int { return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.What, b.What)) })
	return out
}

// Bytes is the size of all artifacts.
func (r *Report) Bytes() int64 {
	var n int64
	for _, a := range r.Artifacts {
		n += a.Bytes
	}
	return n
}
