package evaluation

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPaired(t *testing.T) {
	var p Paired
	for _, d := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, true}, {false, false}, {true, true}, {false, false}, {false, false}} {
		p.Add(d[0], d[1])
	}
	if diff := cmp.Diff(Paired{Both: 2, Before: 1, After: 2, Neither: 3}, p); diff != "" {
		t.Error(diff)
	}
	if p.Total() != 8 || p.RateBefore().Hits != 3 || p.RateAfter().Hits != 4 || p.RateAfter().Trials != 8 || p.Change().Value != 0.125 {
		t.Errorf("%d: %v, %v, %+v", p.Total(), p.RateBefore(), p.RateAfter(), p.Change())
	}
	if got := (Paired{}).Change(); got != (Difference{0, -1, 1}) {
		t.Errorf("nothing compared: %+v", got)
	}
}

// Tables worked out by hand: the first has decisions that go against each other,
// so that no correction applies.
func TestChangeBounds(t *testing.T) {
	for _, tt := range []struct {
		p            Paired
		lower, upper float64
	}{
		{Paired{Both: 36, After: 12, Before: 2}, 0.0569, 0.3404},
		// All agree: half of the width is that of the score interval of 0 of 100
		// against the distance to its other end.
		{Paired{Neither: 100}, -0.0370, 0.0370},
		{Paired{Both: 100}, -0.0370, 0.0370},
		{Paired{After: 100}, 0.9477, 1},
	} {
		d := tt.p.Change()
		if math.Abs(d.Lower-tt.lower) > 6e-4 || math.Abs(d.Upper-tt.upper) > 6e-4 {
			t.Errorf("%+v: %+v, want %v to %v", tt.p, d, tt.lower, tt.upper)
		}
		back := Paired{Both: tt.p.Both, Before: tt.p.After, After: tt.p.Before, Neither: tt.p.Neither}.Change()
		if math.Abs(back.Lower+d.Upper) > 1e-12 || math.Abs(back.Upper+d.Lower) > 1e-12 {
			t.Errorf("%+v: %+v, and the other way round %+v", tt.p, d, back)
		}
	}
}

// The bounds hold the true difference in about 95 % of all samples: the
// probabilities of all tables of 20 rows, summed.
func TestChangeCovers(t *testing.T) {
	const n = 20
	for _, truth := range [][4]float64{{0.5, 0.1, 0.05, 0.35}, {0.9, 0.02, 0.02, 0.06}, {0.25, 0.25, 0.25, 0.25}, {0.6, 0.3, 0.02, 0.08}, {0, 0.1, 0.1, 0.8}} {
		covered := 0.0
		for both := range n + 1 {
			for after := range n + 1 - both {
				for before := range n + 1 - both - after {
					p := Paired{Both: both, After: after, Before: before, Neither: n - both - after - before}
					d, want := p.Change(), truth[1]-truth[2]
					if d.Lower > d.Value+1e-12 || d.Upper < d.Value-1e-12 || d.Lower < -1 || d.Upper > 1 {
						t.Fatalf("%+v: %+v", p, d)
					}
					if d.Lower <= want && want <= d.Upper {
						covered += multinomial([4]int{p.Both, p.After, p.Before, p.Neither}, truth)
					}
				}
			}
		}
		if covered < 0.93 {
			t.Errorf("%v: the bounds hold the difference with probability %.3f", truth, covered)
		}
	}
}

func multinomial(counts [4]int, p [4]float64) float64 {
	n, log := 0, 0.0
	for i, k := range counts {
		if k > 0 && p[i] == 0 {
			return 0
		}
		n += k
		lg, _ := math.Lgamma(float64(k + 1))
		log -= lg
		if k > 0 {
			log += float64(k) * math.Log(p[i])
		}
	}
	lg, _ := math.Lgamma(float64(n + 1))
	return math.Exp(log + lg)
}

// A gate refuses a change beyond its allowance, not one that just reaches it.
func TestCheckChange(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	attacks := func(before, after int) Comparison {
		return Comparison{Attacks: Paired{Both: 80 - before - after, Before: before, After: after, Neither: 20}}
	}
	benign := func(before, after int) Comparison {
		return Comparison{Benign: Paired{Before: before, After: after, Neither: 1000 - before - after}}
	}
	for _, tt := range []struct {
		name  string
		gates Gates
		c     Comparison
		want  string // "" where the gates let it through
	}{
		{"no gates", Gates{}, attacks(50, 0), ""},
		{"recall as before", Gates{MaxRecallDrop: f(0)}, attacks(0, 0), ""},
		{"as many caught as missed", Gates{MaxRecallDrop: f(0)}, attacks(5, 5), ""},
		{"recall rises", Gates{MaxRecallDrop: f(0)}, attacks(2, 5), ""},
		{"one missed", Gates{MaxRecallDrop: f(0)}, attacks(1, 0), "recall falls from 0.8000 to 0.7900, by 0.0100 (95 %: "},
		{"just the allowance", Gates{MaxRecallDrop: f(0.29)}, attacks(29, 0), ""},
		{"one more", Gates{MaxRecallDrop: f(0.29)}, attacks(30, 0), "more than max_recall_drop 0.29"},
		{"less what is caught", Gates{MaxRecallDrop: f(0.05)}, attacks(12, 7), ""},
		{"no attack", Gates{MaxRecallDrop: f(0.5)}, benign(0, 0), "max_recall_drop cannot be judged: no attack is left"},
		{"flags fewer", Gates{MaxFPRRise: f(0)}, benign(5, 1), ""},
		{"flags one more", Gates{MaxFPRRise: f(0)}, benign(5, 6), "the false-positive rate rises from 0.0050 to 0.0060, by 0.0010 (95 %: "},
		{"just the allowance", Gates{MaxFPRRise: f(0.007)}, benign(0, 7), ""},
		{"one more", Gates{MaxFPRRise: f(0.007)}, benign(0, 8), "n 1000), more than max_fpr_rise 0.007"},
		{"nothing benign", Gates{MaxFPRRise: f(0.5)}, attacks(0, 0), "max_fpr_rise cannot be judged: nothing benign is left"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.gates.CheckChange(tt.c)
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := (Gates{MaxRecallDrop: f(0), MaxFPRRise: f(0)}).CheckChange(Comparison{Attacks: Paired{Before: 1}, Benign: Paired{After: 1}}); len(got) != 2 {
		t.Errorf("got %q, want a reason a gate", got)
	}
}

func TestCheckCaught(t *testing.T) {
	got := CheckCaught([]Caught{{"a", 10, 0}, {"b", 10, 3}, {"c", 0, 0}})
	want := []string{"must_catch: 3 of 10 attack rows of contribution b score below the threshold", "must_catch cannot be judged: contribution c has no attack row"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
