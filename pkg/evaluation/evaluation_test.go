package evaluation

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestThreshold(t *testing.T) {
	rows := func(scores ...float64) (out []Scored) {
		for _, s := range scores {
			out = append(out, Scored{Score: s})
		}
		return out
	}
	above := func(v float32) float64 { return float64(math.Nextafter32(v, 2)) }
	for _, tt := range []struct {
		name   string
		rows   []Scored
		target float64
		want   float64
	}{
		{"no benign rows", []Scored{{0.9, true}}, 0.01, 0.5},
		{"none may be flagged", rows(0.1, 0.2, 0.3), 0.1, above(0.3)},
		{"one of ten", rows(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.875, 1), 0.1, above(0.875)},
		{"all", rows(0.1, 0.2), 1, 0},
		{"ties are flagged together or not at all", rows(0.5, 0.5, 0.5, 0.1), 0.5, above(0.5)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Threshold(tt.rows, tt.target); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// The rate of flagged benign rows never exceeds the target.
func TestThresholdKeepsTarget(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		rows := make([]Scored, 1+r.IntN(200))
		for i := range rows {
			rows[i] = Scored{Score: float64(float32(r.IntN(50)) / 50), Attack: r.IntN(3) == 0}
		}
		target := r.Float64()
		m := Measure(rows, Threshold(rows, target), target)
		if m.Benign > 0 && m.FPR.Rate > target {
			t.Fatalf("rate %v above target %v in %v", m.FPR.Rate, target, rows)
		}
	}
}

// Bounds that solve the binomial sums of the definition.
func TestNewRate(t *testing.T) {
	for _, tt := range []struct {
		hits, trials int
		lower, upper float64
	}{
		{0, 10, 0, 0.30849710781876083},
		{10, 10, 0.6915028921812392, 1},
		{5, 10, 0.1870860284474045, 0.8129139715525955},
		{1, 300, 8.438913231784138e-05, 0.018431252048067892},
		{3028, 3028, 0.9987824856782128, 1},
	} {
		got := NewRate(tt.hits, tt.trials)
		if math.Abs(got.Lower-tt.lower) > 1e-8 || math.Abs(got.Upper-tt.upper) > 1e-8 {
			t.Errorf("%d of %d: got %.12f–%.12f, want %.12f–%.12f", tt.hits, tt.trials, got.Lower, got.Upper, tt.lower, tt.upper)
		}
	}
	if got := NewRate(0, 0); got.Lower != 0 || got.Upper != 1 {
		t.Errorf("no trials: got %+v", got)
	}
}

func TestMeasure(t *testing.T) {
	rows := []Scored{{0.9, true}, {0.8, true}, {0.8, false}, {0.2, true}, {0.1, false}}
	m := Measure(rows, 0.8, 0.5)
	if m.Recall.Hits != 2 || m.Recall.Trials != 3 || m.FPR.Hits != 1 || m.FPR.Trials != 2 || m.Precision.Trials != 3 {
		t.Errorf("got %+v", m)
	}
	// pairs: 0.9 beats both; 0.8 ties one, beats one; 0.2 beats one: (2+1.5+1)/6
	if want := 4.5 / 6; math.Abs(m.AUC-want) > 1e-15 {
		t.Errorf("auc %v, want %v", m.AUC, want)
	}
}

func TestGates(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	good := Measure(append(many(400, 0.1, false), many(100, 0.9, true)...), 0.5, 0.01)
	few := Measure(append(many(20, 0.1, false), many(100, 0.9, true)...), 0.5, 0.01)
	for _, tt := range []struct {
		name   string
		gates  Gates
		m      Metrics
		parity float64
		want   string
	}{
		{"passes", Gates{MinRecall: f(0.9), MaxFPR: f(0.02), MaxParity: 1e-5}, good, 0, ""},
		{"recall", Gates{MinRecall: f(1.1), MaxParity: 1e-5}, good, 0, "min_recall"},
		{"bound, not rate", Gates{MaxFPR: f(0.005), MaxParity: 1e-5}, good, 0, "upper 95 %"},
		{"too few benign rows", Gates{MaxFPR: f(0.5), MaxParity: 1e-5}, few, 0, "needs 300"},
		{"parity", Gates{MaxParity: 1e-5}, good, 1e-3, "differ"},
		{"parity not a number", Gates{MaxParity: 1e-5}, good, math.NaN(), "differ"},
		{"one class", Gates{MaxParity: 1e-5}, Measure(many(5, 0.1, false), 0.5, 0.1), 0, "needs both"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(tt.gates.Check(tt.m, tt.parity), "; ")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func many(n int, score float64, attack bool) []Scored {
	out := make([]Scored, n)
	for i := range out {
		out[i] = Scored{Score: score, Attack: attack}
	}
	return out
}

// The area is the share of pairs of an attack and a benign row in which the
// attack has the higher score, ties counted half; NaN is below all.
func TestAUCCountsPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	rank := func(score float64) float64 {
		if math.IsNaN(score) {
			return math.Inf(-1)
		}
		return score
	}
	for range 300 {
		rows := make([]Scored, 2+r.IntN(40))
		for i := range rows {
			rows[i] = Scored{Score: float64(r.IntN(6)) / 5, Attack: r.IntN(2) == 0}
			if r.IntN(6) == 0 {
				rows[i].Score = math.NaN()
			}
		}
		rows[0].Attack, rows[1].Attack = true, false
		wins, pairs := 0.0, 0.0
		for _, a := range rows {
			for _, b := range rows {
				if !a.Attack || b.Attack {
					continue
				}
				pairs++
				switch x, y := rank(a.Score), rank(b.Score); {
				case x > y:
					wins++
				case x == y:
					wins += 0.5
				}
			}
		}
		if got, want := Measure(rows, 0.5, 0).AUC, wins/pairs; math.Abs(got-want) > 1e-12 {
			t.Fatalf("got %v, want %v of %v", got, want, rows)
		}
	}
}

// No smaller threshold keeps the target: the one below the next lower score
// would flag too many benign rows.
func TestThresholdIsSmallest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		rows := make([]Scored, 1+r.IntN(100))
		for i := range rows {
			rows[i] = Scored{Score: float64(float32(r.IntN(30)) / 30)}
		}
		target := float64(r.IntN(9)) / 8 * 0.99
		threshold := Threshold(rows, target)
		below := float64(math.Nextafter32(float32(threshold), -1))
		if m := Measure(rows, below, target); m.FPR.Rate <= target {
			t.Fatalf("%v flags %v, within %v, but the threshold is %v", below, m.FPR.Rate, target, threshold)
		}
	}
}

func TestRateString(t *testing.T) {
	for _, tt := range []struct {
		rate Rate
		want string
	}{
		{NewRate(0, 0), "unknown (n 0)"},
		{NewRate(1, 300), "0.0033 (95 %: 0.0001–0.0184, n 300)"},
	} {
		if got := tt.rate.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// The bounds hold the rate, and more trials narrow them.
func TestRateBounds(t *testing.T) {
	for trials := 1; trials <= 60; trials++ {
		for hits := 0; hits <= trials; hits++ {
			r, wide := NewRate(hits, trials), NewRate(10*hits, 10*trials)
			if r.Lower > r.Rate || r.Rate > r.Upper || r.Lower < 0 || r.Upper > 1 {
				t.Fatalf("%+v", r)
			}
			if wide.Upper-wide.Lower >= r.Upper-r.Lower {
				t.Fatalf("%+v is not narrower than %+v", wide, r)
			}
			if other := NewRate(trials-hits, trials); math.Abs(other.Lower-(1-r.Upper)) > 1e-9 {
				t.Fatalf("%+v and %+v are not symmetric", r, other)
			}
		}
	}
}
