package evaluation

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTrace(t *testing.T) {
	nan := math.NaN()
	got := Trace([]Scored{{0.5, true}, {0.9, true}, {0.5, false}, {0.1, false}, {nan, true}, {nan, false}, {0.9, true}}, MaxPoints)
	want := Curve{Attacks: 4, Benign: 3, Points: []Point{{math.Nextafter(0.9, 1), 0, 0}, {0.9, 2, 0}, {0.5, 3, 1}, {0.1, 3, 2}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]XY{{0, 0}, {0, 0.5}, {1. / 3, 0.75}, {2. / 3, 0.75}}, got.ROC()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]XY{{0.5, 1}, {0.75, 0.75}, {0.75, 0.6}}, got.PrecisionRecall()); diff != "" {
		t.Error(diff)
	}
	for threshold, want := range map[float64]Point{1: {1, 0, 0}, 0.9: {0.9, 2, 0}, 0.7: {0.7, 2, 0}, 0: {0, 3, 2}} {
		if got := got.At(threshold); got != want {
			t.Errorf("at %v: %+v, want %+v", threshold, got, want)
		}
	}
	for _, rows := range [][]Scored{nil, {{nan, true}}, {{0.3, true}}, {{0.3, false}}, {{math.Inf(1), true}, {math.Inf(-1), false}}} {
		c := Trace(rows, 3)
		for _, p := range c.Points {
			if math.IsInf(p.Threshold, 0) || math.IsNaN(p.Threshold) {
				t.Errorf("%v: a threshold that JSON has no number for", rows)
			}
		}
		if c.Points == nil || len(c.ROC()) > 0 != (c.Attacks > 0 && c.Benign > 0) {
			t.Errorf("%v: %+v", rows, c)
		}
	}
}

// A curve says what Measure says at each of its points, whatever the order of
// the rows; thinned it is short, rises, and keeps its ends and its form.
func TestTraceAgreesWithMeasure(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		rows := make([]Scored, 1+r.IntN(3000))
		for i := range rows {
			attack := r.IntN(4) == 0
			score := r.Float64()
			if attack {
				score = math.Sqrt(score)
			}
			rows[i] = Scored{Score: float64(float32(math.Round(score*1000) / 1000)), Attack: attack}
		}
		full := Trace(rows, math.MaxInt)
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if diff := cmp.Diff(full, Trace(rows, math.MaxInt)); diff != "" {
			t.Fatal(diff)
		}
		area, last := 0.0, XY{}
		for _, p := range full.ROC() {
			area += (p.X - last.X) * (p.Y + last.Y) / 2
			last = p
		}
		if full.Attacks > 0 && full.Benign > 0 && math.Abs(area-auc(rows, full.Attacks, full.Benign)) > 1e-9 {
			t.Fatalf("area %v, AUC %v", area, auc(rows, full.Attacks, full.Benign))
		}
		threshold := Threshold(rows, 0.01)
		m := Measure(rows, threshold, 0.01)
		if at := full.At(threshold); at.Caught != m.Recall.Hits || at.Flagged != m.FPR.Hits {
			t.Fatalf("at %v: %+v, measured %+v", threshold, at, m)
		}
		thin := Trace(rows, 50)
		if len(thin.Points) > 50 || thin.Points[0] != full.Points[0] || thin.Points[len(thin.Points)-1] != full.Points[len(full.Points)-1] {
			t.Fatalf("%d points, %d before", len(thin.Points), len(full.Points))
		}
		for _, p := range full.Points {
			if recall := float64(p.Caught-thin.At(p.Threshold).Caught) / float64(max(full.Attacks, 1)); recall < 0 || recall > 0.06 {
				t.Fatalf("at %v the recall is %v off", p.Threshold, recall)
			}
		}
	}
}
