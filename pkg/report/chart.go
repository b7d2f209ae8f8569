package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/evaluation"
)

// plot is a square drawing in SVG. Everything in it is a number or a text of
// this package.
type plot struct {
	strings.Builder
	x, y func(float64) float64 // from data to the drawing
}

// The drawing's measures.
const (
	plotWidth, plotHeight = 440, 330
	plotLeft, plotRight   = 52, 14
	plotTop, plotBottom   = 12, 48
)

func coordinate(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// axis is a scale from 0 to 1 along one side.
type axis struct {
	title string
	at    func(float64) float64 // 0 to 1 along the side
	ticks []tick
}

type tick struct {
	at   float64
	text string
}

// linear is a scale from from to 1.
func linear(title string, from float64) axis {
	a := axis{title: title, at: func(v float64) float64 { return (max(v, from) - from) / (1 - from) }}
	for i := range 6 {
		v := from + (1-from)*float64(i)/5
		a.ticks = append(a.ticks, tick{v, strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)})
	}
	return a
}

// logarithmic is a scale of decades up to 1, in which 0 has a place of its own
// left of the smallest share that n trials can show.
func logarithmic(title string, n int) axis {
	decades := max(1, int(math.Ceil(math.Log10(float64(max(n, 10))))))
	const zero = 0.08 // of the side
	place := func(v float64) float64 {
		if v <= 0 {
			return 0
		}
		return max(zero+(1-zero)*(1+math.Log10(v)/float64(decades)), zero/2)
	}
	a := axis{title: title, at: place, ticks: []tick{{0, "0"}}}
	for d := decades; d >= 0; d-- {
		v := math.Pow10(-d)
		a.ticks = append(a.ticks, tick{v, strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), "e-0", "e-", 1)})
	}
	return a
}

func newPlot(label string, x, y axis) *plot {
	const width, height = plotWidth - plotLeft - plotRight, plotHeight - plotTop - plotBottom
	p := &plot{x: func(v float64) float64 { return plotLeft + width*x.at(v) }, y: func(v float64) float64 { return plotTop + height*(1-y.at(v)) }}
	fmt.Fprintf(p, `<svg class="plot" viewBox="0 0 %d %d" role="img" aria-label="%s">`, plotWidth, plotHeight, template.HTMLEscapeString(label))
	for _, t := range x.ticks {
		at := coordinate(p.x(t.at))
		fmt.Fprintf(p, `<line class="grid" x1="%[1]s" y1="%[2]d" x2="%[1]s" y2="%[3]d"/><text class="tick" x="%[1]s" y="%[4]d" text-anchor="middle">%[5]s</text>`,
			at, plotTop, plotHeight-plotBottom, plotHeight-plotBottom+17, t.text)
	}
	for _, t := range y.ticks {
		at := coordinate(p.y(t.at))
		fmt.Fprintf(p, `<line class="grid" x1="%[1]d" y1="%[2]s" x2="%[3]d" y2="%[2]s"/><text class="tick" x="%[4]d" y="%[2]s" dy="0.35em" text-anchor="end">%[5]s</text>`,
			plotLeft, at, plotWidth-plotRight, plotLeft-7, t.text)
	}
	fmt.Fprintf(p, `<text class="axis" x="%d" y="%d" text-anchor="middle">%s</text>`, plotLeft+width/2, plotHeight-8, x.title)
	fmt.Fprintf(p, `<text class="axis" transform="translate(13 %d) rotate(-90)" text-anchor="middle">%s</text>`, plotTop+height/2, y.title)
	return p
}

// line draws points in their order; stepped goes right first, then up.
func (p *plot) line(class string, points []evaluation.XY, stepped bool) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(p, `<path class="%s" d="M%s %s`, class, coordinate(p.x(points[0].X)), coordinate(p.y(points[0].Y)))
	for _, q := range points[1:] {
		if stepped {
			fmt.Fprintf(p, "H%s", coordinate(p.x(q.X)))
			fmt.Fprintf(p, "V%s", coordinate(p.y(q.Y)))
			continue
		}
		fmt.Fprintf(p, "L%s %s", coordinate(p.x(q.X)), coordinate(p.y(q.Y)))
	}
	p.WriteString(`"/>`)
}

// cross draws a point with the bounds of both of its rates.
func (p *plot) cross(x, y evaluation.Rate) {
	cx, cy := coordinate(p.x(x.Rate)), coordinate(p.y(y.Rate))
	fmt.Fprintf(p, `<path class="bounds" d="M%s %sH%sM%s %sV%s"/>`, coordinate(p.x(x.Lower)), cy, coordinate(p.x(x.Upper)), cx, coordinate(p.y(y.Lower)), coordinate(p.y(y.Upper)))
	fmt.Fprintf(p, `<circle class="operating" cx="%s" cy="%s" r="5.5"/>`, cx, cy)
}

func (p *plot) end() template.HTML {
	p.WriteString(`<circle class="reading" r="4.5" cx="-20" cy="-20"/></svg>`)
	return template.HTML(p.String())
}

// ROC draws recall against the false-positive rate, whose scale is logarithmic:
// what counts lies below one percent.
func (m *Model) ROC() template.HTML {
	c := m.Curve
	if c == nil || c.Attacks == 0 || c.Benign == 0 {
		return ""
	}
	label := fmt.Sprintf("ROC curve. At the threshold %s recall is %s and the false-positive rate %s. The area under the curve is %s.",
		score(m.Metrics.Threshold), rate(m.Metrics.Recall), rate(m.Metrics.FPR), share(m.Metrics.AUC))
	p := newPlot(label, logarithmic("false-positive rate (logarithmic)", c.Benign), linear("recall", 0))
	if m.Metrics.TargetFPR > 0 {
		at := coordinate(p.x(m.Metrics.TargetFPR))
		fmt.Fprintf(p, `<line class="target" x1="%[1]s" y1="%[2]d" x2="%[1]s" y2="%[3]d"/>`, at, plotTop, plotHeight-plotBottom)
	}
	p.line("curve", c.ROC(), true)
	p.cross(m.Metrics.FPR, m.Metrics.Recall)
	return p.end()
}

// PrecisionRecall draws precision against recall on the test side, whose share
// of attacks is not that of a site.
func (m *Model) PrecisionRecall() template.HTML {
	c := m.Curve
	if c == nil || c.Attacks == 0 {
		return ""
	}
	label := fmt.Sprintf("Precision-recall curve. At the threshold %s recall is %s and precision %s.", score(m.Metrics.Threshold), rate(m.Metrics.Recall), rate(m.Metrics.Precision))
	p := newPlot(label, linear("recall", 0), linear("precision", 0))
	base := coordinate(p.y(float64(c.Attacks) / float64(c.Attacks+c.Benign)))
	fmt.Fprintf(p, `<line class="target" x1="%d" y1="%[2]s" x2="%d" y2="%[2]s"/>`, plotLeft, base, plotWidth-plotRight)
	p.line("curve", c.PrecisionRecall(), false)
	p.cross(m.Metrics.Recall, m.Metrics.Precision)
	return p.end()
}

// score writes a threshold.
func score(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// Reading is what a model would reach at another threshold.
type Reading struct {
	Target    float64 // of the false-positive rate
	Threshold float64
	Recall    evaluation.Rate
	FPR       evaluation.Rate
}

// Readings are the points of the curve at round false-positive rates: the
// lowest threshold at which the test side stays within each.
func (m *Model) Readings() []Reading {
	var out []Reading
	c := m.Curve
	if c == nil || c.Attacks == 0 || c.Benign == 0 {
		return out
	}
	for _, target := range []float64{0.0001, 0.001, 0.005, 0.01, 0.05} {
		if target*float64(c.Benign) < 1 && target < 0.001 {
			continue // fewer rows than could tell
		}
		var best *evaluation.Point
		for i, p := range c.Points {
			if float64(p.Flagged) <= target*float64(c.Benign) {
				best = &c.Points[i]
			}
		}
		if best != nil {
			out = append(out, Reading{target, best.Threshold, evaluation.NewRate(best.Caught, c.Attacks), evaluation.NewRate(best.Flagged, c.Benign)})
		}
	}
	return out
}
