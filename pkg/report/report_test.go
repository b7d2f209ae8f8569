package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/evaluation"
)

var update = flag.Bool("update", false, "rewrite what golden files expect")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := example().WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", b.String())
}

func TestEqualReportsHaveEqualBytes(t *testing.T) {
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		r := example()
		if err := r.WriteHTML(b); err != nil {
			t.Fatal(err)
		}
		if err := json.NewEncoder(b).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same report has other bytes")
	}
}

// Empty lists are lists in JSON, and an empty release has a page.
func TestEmptyReport(t *testing.T) {
	r := &Report{FormatVersion: FormatVersion, Channel: "local", Number: 1, Models: []*Model{{Name: "bare", Metrics: evaluation.Measure(nil, 0.5, 0)}}}
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	if err := (&Report{Channel: "local", Number: 1}).WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`.{9}(NaN|\bInf\b).{9}`).FindString(b.String()); m != "" {
		t.Errorf("the page shows numbers that are none: %s", m)
	}
}

// Each gate is judged alone: together they refuse exactly if one does.
func TestGatesAgreeWithTheJudgement(t *testing.T) {
	half, none := 0.5, 0.0
	for _, gates := range []evaluation.Gates{{MaxParity: 1e-5}, {MinRecall: &half, MaxParity: 1e-5}, {MaxFPR: &half, MaxParity: 1e-5},
		{MinRecall: &half, MaxFPR: &none, MaxParity: 1e-9}, {MaxRecallDrop: &none, MaxFPRRise: &half, MaxParity: 1e-5}} {
		for _, rows := range [][]evaluation.Scored{scored(1, 40, 400), scored(2, 40, 20), scored(3, 0, 400), nil} {
			for _, compared := range []*evaluation.Comparison{nil, {}, {Attacks: evaluation.Paired{Both: 3, Before: 2, After: 1}, Benign: evaluation.Paired{Neither: 9, After: 1}}} {
				m := evaluation.Measure(rows, 0.5, 0.01)
				j := Judged{Gates: gates, Metrics: m, Parity: 1e-7, Comparison: compared, Caught: []evaluation.Caught{{Contribution: "a", Attacks: 4, Missed: 1}, {Contribution: "b", Attacks: 4}}}
				reasons := append(gates.Check(m, 1e-7), evaluation.CheckCaught(j.Caught)...)
				if compared != nil {
					reasons = append(reasons, gates.CheckChange(*compared)...)
				}
				refused := 0
				for _, g := range j.List() {
					if !g.Passed {
						refused++
					}
				}
				if (refused > 0) != (len(reasons) > 0) || m.Attacks > 0 && m.Benign > 0 && refused != len(reasons) {
					t.Errorf("%d gates refuse, %d reasons are given: %v\n%+v", refused, len(reasons), reasons, j.List())
				}
			}
		}
	}
}

// Drawings stay inside their frame, whatever the curve is.
func TestDrawingsStayInside(t *testing.T) {
	curves := map[string][]evaluation.Scored{"usual": scored(4, 60, 900), "perfect": {{Score: 1, Attack: true}, {Score: 0}},
		"useless": {{Score: 0.5, Attack: true}, {Score: 0.5}}, "upside down": {{Score: 0, Attack: true}, {Score: 1}},
		"none": {{Score: math.NaN(), Attack: true}, {Score: math.NaN()}}, "one class": {{Score: 1, Attack: true}}, "empty": nil}
	number := regexp.MustCompile(`-?\d+(\.\d+)?`)
	for name, rows := range curves {
		traced := evaluation.Trace(rows, evaluation.MaxPoints)
		m := &Model{Curve: &traced, Metrics: evaluation.Measure(rows, 0.5, 0.001)}
		for _, svg := range []string{string(m.ROC()), string(m.PrecisionRecall())} {
			for _, path := range regexp.MustCompile(` d="([^"]*)"`).FindAllStringSubmatch(svg, -1) {
				for _, n := range number.FindAllString(path[1], -1) {
					if v, err := strconv.ParseFloat(n, 64); err != nil || v < 0 || v > plotWidth {
						t.Errorf("%s: %s is outside of the drawing", name, n)
					}
				}
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("%s: the drawing has no numbers: %s", name, svg)
			}
		}
		if r := m.Readout(); r != nil && (len(r.Points) != len(traced.Points) || r.Start >= len(r.Points)) {
			t.Errorf("%s: the readout has %d points and starts at %d", name, len(r.Points), r.Start)
		}
	}
}

// A reading at a rate stays within it, and the next point would not.
func TestReadings(t *testing.T) {
	rows := scored(5, 500, 8000)
	traced := evaluation.Trace(rows, len(rows)+2)
	m := &Model{Curve: &traced}
	if len(m.Readings()) != 4 {
		t.Fatalf("%d readings, want 4: a rate of 0.0001 is less than a row", len(m.Readings()))
	}
	for _, r := range m.Readings() {
		got := evaluation.Measure(rows, r.Threshold, r.Target)
		if got.Recall != r.Recall || got.FPR != r.FPR || got.FPR.Rate > r.Target {
			t.Errorf("at %g the page says recall %v, false-positive rate %v; measured %v, %v", r.Target, r.Recall, r.FPR, got.Recall, got.FPR)
		}
		below := evaluation.Measure(rows, math.Nextafter(r.Threshold, 0)-1e-9, r.Target)
		for _, s := range rows {
			if s.Score < r.Threshold && s.Score > below.Threshold {
				t.Errorf("a score lies between %v and the threshold below", r.Threshold)
			}
		}
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		share(0): "0", share(1): "1", share(0.00096): "0.00096", share(0.9999999): "0.999999", share(0.98765): "0.9877", share(0.0042): "0.0042",
		signed(0): "±0", signed(0.0078): "+0.0078", signed(-0.25): "-0.2500", signed(0.00001): "+1e-05",
		number(0): "0", number(999): "999", number(1234567): "1,234,567", number(-1000): "-1,000",
		sizeOf(999): "999 B", sizeOf(548_371): "548 kB", sizeOf(1_204_551_000): "1.2 GB",
		count(1, "model"): "1 model", count(2500, "row"): "2,500 rows",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
