package run

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/report"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// TestReportNamesPlacesOnly makes the report of a release whose models were
// compared: what differs is named by its place, and a key, which is a value of
// a log, is in no form of it. Nothing else is in the store, and is left out.
func TestReportNamesPlacesOnly(t *testing.T) {
	ctx := context.Background()
	key, err := dsse.GenerateKey("builder", rand.Reader)
	must(t, err)
	s := memstore.New()
	r := &Runner{Store: s, Index: NewIndex(s, key, nil)}
	before, after := digest.Of([]byte("evaluation before")), digest.Of([]byte("evaluation after"))
	start, record := time.Date(2026, 1, 2, 8, 5, 0, 0, time.UTC), int64(17)
	c := ComparisonEntry{FormatVersion: FormatVersion, Key: plan.ComparisonKey(after, before), Evaluation: after, Released: before, Unit: UnitRow,
		Comparison:  evaluation.Comparison{Attacks: evaluation.Paired{Both: 9, Before: 1}, Benign: evaluation.Paired{Neither: 90, After: 1}},
		NewlyMissed: []Example{{Contribution: "day2", Key: map[string]any{"src": "192.0.2.99"}, Start: &start}}, NewlyFlagged: []Example{{Contribution: "day1", File: "a.log", Record: &record}},
		NewlyCaught: []Example{}, NoLongerFlagged: []Example{}, Reasons: []string{}, Passed: true, Seen: 3}
	must(t, r.Index.put(ctx, "comparison", c.Key, c))
	entry := func(number int64, evaluated digest.Digest) release.Entry {
		return release.Entry{Record: release.Record{Repository: "example", Channel: "local", Number: number, Models: []release.Model{{Name: "m", EvaluationKey: evaluated, Threshold: 0.5}}}}
	}
	old := entry(1, before)
	made, err := r.Report(ctx, ReportInput{Entry: entry(2, after), Before: &old, Programs: func(func(*compile.Program) bool) {}})
	must(t, err)
	m := made.Models[0]
	want := []report.Differ{{What: "newly missed", N: 1, Places: []string{"day2 2026-01-02T08:05:00Z"}}, {What: "newly flagged", N: 1, Places: []string{"day1 a.log record 17"}}}
	if diff := cmp.Diff(want, m.Decisions.Differ); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	if m.State != report.Changed || m.Missing == "" || m.Curve != nil || len(m.Gates) != 0 || m.Decisions.Seen != 3 {
		t.Errorf("the model is %+v", m)
	}
	text, err := json.Marshal(made)
	must(t, err)
	var page strings.Builder
	must(t, made.WriteHTML(&page))
	must(t, made.WriteText(&page))
	if all := page.String() + string(text); strings.Contains(all, "192.0.2.99") {
		t.Error("the report holds a value of a log")
	}
}
