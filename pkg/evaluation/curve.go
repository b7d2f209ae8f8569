package evaluation

import (
	"cmp"
	"math"
	"slices"
)

// MaxPoints is how many points of a curve are kept for a report.
const MaxPoints = 500

// Point is what one threshold flags: the rows with score >= Threshold.
type Point struct {
	Threshold float64 `json:"threshold"`
	Caught    int     `json:"caught"`  // attacks
	Flagged   int     `json:"flagged"` // benign rows
}

// Curve is what every threshold flags among some rows. The ROC and the
// precision-recall curve are drawn of the same points.
type Curve struct {
	Attacks int `json:"attacks"`
	Benign  int `json:"benign"`
	// Points go from a threshold that flags nothing to one that flags all rows
	// with a score.
	Points []Point `json:"points"`
}

// XY is a point of a drawing.
type XY struct{ X, Y float64 }

// Trace returns the curve of some rows, thinned to at most so many points (at
// least 3), which lie closer where few benign rows are flagged. A row whose
// score is no number is never flagged.
func Trace(rows []Scored, most int) Curve {
	out := Curve{}
	scored := make([]Scored, 0, len(rows))
	for _, r := range rows {
		if r.Attack {
			out.Attacks++
		} else {
			out.Benign++
		}
		if !math.IsNaN(r.Score) {
			r.Score = min(max(r.Score, -math.MaxFloat32), math.MaxFloat32)
			scored = append(scored, r)
		}
	}
	slices.SortFunc(scored, func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
	if len(scored) == 0 {
		out.Points = []Point{}
		return out
	}
	all := []Point{{Threshold: math.Nextafter(scored[0].Score, math.Inf(1))}}
	for i := 0; i < len(scored); {
		p := all[len(all)-1]
		for p.Threshold = scored[i].Score; i < len(scored) && scored[i].Score == p.Threshold; i++ {
			if scored[i].Attack {
				p.Caught++
			} else {
				p.Flagged++
			}
		}
		all = append(all, p)
	}
	out.Points = out.thin(all, most)
	return out
}

// thin keeps the first and the last point, and those between at equal steps
// along the curve. Its length is measured in recall and in the logarithm of
// the number of flagged benign rows, each from 0 to 1.
func (c Curve) thin(points []Point, most int) []Point {
	if len(points) <= most {
		return points
	}
	place := func(p Point) float64 {
		return float64(p.Caught)/float64(max(c.Attacks, 1)) + math.Log1p(float64(p.Flagged))/math.Log1p(float64(max(c.Benign, 1)))
	}
	step := place(points[len(points)-1]) / float64(most-2)
	out, last := []Point{points[0]}, place(points[0])
	for _, p := range points[1 : len(points)-1] {
		if place(p)-last >= step {
			out, last = append(out, p), place(p)
		}
	}
	return append(out, points[len(points)-1])
}

// At returns what a threshold flags: exactly where the curve was not thinned,
// else what the kept point that flags as much or the next less does.
func (c Curve) At(threshold float64) Point {
	out := Point{Threshold: threshold}
	for _, p := range c.Points {
		if p.Threshold < threshold {
			break
		}
		out.Caught, out.Flagged = p.Caught, p.Flagged
	}
	return out
}

// ROC returns false-positive rate and recall at each point; it is empty where a
// class is missing.
func (c Curve) ROC() []XY {
	if c.Attacks == 0 || c.Benign == 0 {
		return nil
	}
	out := make([]XY, len(c.Points))
	for i, p := range c.Points {
		out[i] = XY{float64(p.Flagged) / float64(c.Benign), float64(p.Caught) / float64(c.Attacks)}
	}
	return out
}

// PrecisionRecall returns recall and precision at each point that flags
// anything; it is empty where there are no attacks.
func (c Curve) PrecisionRecall() []XY {
	if c.Attacks == 0 {
		return nil
	}
	var out []XY
	for _, p := range c.Points {
		if flagged := p.Caught + p.Flagged; flagged > 0 {
			out = append(out, XY{float64(p.Caught) / float64(c.Attacks), float64(p.Caught) / float64(flagged)})
		}
	}
	return out
}
