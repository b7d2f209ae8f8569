package evaluation

import (
	"fmt"
	"math"
)

// Paired counts what two models, one before and one after, decide on the same
// rows or records of one class.
type Paired struct {
	Both    int `json:"both"`        // flagged by both
	Before  int `json:"only_before"` // flagged by the one before alone
	After   int `json:"only_after"`  // flagged by the one after alone
	Neither int `json:"neither"`
}

// Add counts one decision.
func (p *Paired) Add(before, after bool) {
	switch {
	case before && after:
		p.Both++
	case before:
		p.Before++
	case after:
		p.After++
	default:
		p.Neither++
	}
}

// Total is the number of decisions.
func (p Paired) Total() int { return p.Both + p.Before + p.After + p.Neither }

// RateBefore is the share that the model before flags, RateAfter that of the
// one after.
func (p Paired) RateBefore() Rate { return NewRate(p.Both+p.Before, p.Total()) }

// RateAfter is documented at RateBefore.
func (p Paired) RateAfter() Rate { return NewRate(p.Both+p.After, p.Total()) }

// Difference is a difference of two rates, with its 95 % bounds.
type Difference struct {
	Value float64 `json:"value"`
	Lower float64 `json:"lower_95"`
	Upper float64 `json:"upper_95"`
}

// Change is the rate after less the rate before. Its bounds are Newcombe's
// hybrid of score intervals for paired proportions (1998, method 10): the two
// rates are of the same rows, so their errors go together. Without decisions it
// is 0 between -1 and 1.
func (p Paired) Change() Difference {
	n := float64(p.Total())
	if n == 0 {
		return Difference{Lower: -1, Upper: 1}
	}
	after, before := float64(p.Both+p.After)/n, float64(p.Both+p.Before)/n
	lowAfter, highAfter := wilson(after, n)
	lowBefore, highBefore := wilson(before, n)
	phi := p.correlation()
	width := func(a, b float64) float64 { return math.Sqrt(max(a*a-2*phi*a*b+b*b, 0)) }
	d := float64(p.After-p.Before) / n
	return Difference{Value: d, Lower: max(d-width(after-lowAfter, highBefore-before), -1), Upper: min(d+width(highAfter-after, before-lowBefore), 1)}
}

// correlation is the phi coefficient of the two models' decisions, with
// Newcombe's correction for continuity; 0 where one of them decides alike on
// all rows.
func (p Paired) correlation() float64 {
	e, f, g, h := float64(p.Both), float64(p.After), float64(p.Before), float64(p.Neither)
	margins := (e + f) * (g + h) * (e + g) * (f + h)
	if margins == 0 {
		return 0
	}
	covariance := e*h - f*g
	if covariance > 0 {
		covariance = max(covariance-(e+f+g+h)/2, 0)
	}
	return covariance / math.Sqrt(margins)
}

// wilson returns the 95 % score interval of a share of n.
func wilson(share, n float64) (low, high float64) {
	const z = 1.959963984540054
	centre := share + z*z/(2*n)
	half := z * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max((centre-half)/(1+z*z/n), 0), min((centre+half)/(1+z*z/n), 1)
}

// Comparison is what two models decide on rows or records that neither was
// trained on.
type Comparison struct {
	Attacks Paired `json:"attacks"`
	Benign  Paired `json:"benign"`
}

// Caught counts the attack rows of a contribution that must all be caught.
type Caught struct {
	Contribution string `json:"contribution"`
	Attacks      int    `json:"attacks"`
	Missed       int    `json:"missed"` // score below the threshold
}

// CheckCaught returns why a model must not be released: attacks of must-catch
// contributions that it misses.
func CheckCaught(list []Caught) []string {
	var out []string
	for _, c := range list {
		switch {
		case c.Attacks == 0:
			out = append(out, fmt.Sprintf("must_catch cannot be judged: contribution %s has no attack row", c.Contribution))
		case c.Missed > 0:
			out = append(out, fmt.Sprintf("must_catch: %d of %d attack rows of contribution %s score below the threshold", c.Missed, c.Attacks, c.Contribution))
		}
	}
	return out
}

// CheckChange returns why a model must not be released in place of the released
// one, one reason a gate. A gate refuses where the change on the compared rows
// is beyond its allowance; the bounds say how far those rows speak for others.
// A gate without a row of its class to compare cannot be judged, and refuses.
func (g Gates) CheckChange(c Comparison) []string {
	var out []string
	if g.MaxRecallDrop != nil {
		a := c.Attacks
		switch drop := a.Before - a.After; {
		case a.Total() == 0:
			out = append(out, "max_recall_drop cannot be judged: no attack is left that neither this model nor the released one was trained on")
		case beyond(drop, a.Total(), *g.MaxRecallDrop):
			d := a.Change()
			out = append(out, fmt.Sprintf("recall falls from %.4f to %.4f, by %.4f (95 %%: %.4f to %.4f, n %d), more than max_recall_drop %g",
				a.RateBefore().Rate, a.RateAfter().Rate, -d.Value, -d.Upper, -d.Lower, a.Total(), *g.MaxRecallDrop))
		}
	}
	if g.MaxFPRRise != nil {
		b := c.Benign
		switch rise := b.After - b.Before; {
		case b.Total() == 0:
			out = append(out, "max_fpr_rise cannot be judged: nothing benign is left that neither this model nor the released one was trained on")
		case beyond(rise, b.Total(), *g.MaxFPRRise):
			d := b.Change()
			out = append(out, fmt.Sprintf("the false-positive rate rises from %.4f to %.4f, by %.4f (95 %%: %.4f to %.4f, n %d), more than max_fpr_rise %g",
				b.RateBefore().Rate, b.RateAfter().Rate, d.Value, d.Lower, d.Upper, b.Total(), *g.MaxFPRRise))
		}
	}
	return out
}

// beyond reports whether n of total is more than an allowance. One that is hit
// exactly is not exceeded, whatever a product of doubles comes to.
func beyond(n, total int, allowance float64) bool {
	return float64(n) > allowance*float64(total)+1e-9*float64(total)
}
