package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/plan"
)

// ComparisonEntry records what a model decides beside the released one, each
// at its own threshold, on what neither was trained on.
type ComparisonEntry struct {
	FormatVersion int           `json:"format_version"`
	Key           digest.Digest `json:"key"`
	Evaluation    digest.Digest `json:"evaluation_key"`
	Released      digest.Digest `json:"released_evaluation_key"`
	// Unit is what is compared: UnitRow or UnitRecord.
	Unit string `json:"unit"`
	evaluation.Comparison
	Recall Changed `json:"recall"`
	FPR    Changed `json:"fpr"`
	// Seen counts what the released model was trained on, Unlabelled what has no
	// label: both are left out.
	Seen       int `json:"seen"`
	Unlabelled int `json:"unlabelled"`
	// The first of what differs.
	NewlyCaught     []Example `json:"newly_caught"`
	NewlyMissed     []Example `json:"newly_missed"`
	NewlyFlagged    []Example `json:"newly_flagged"`
	NoLongerFlagged []Example `json:"no_longer_flagged"`
	// Incomparable says why nothing could be compared.
	Incomparable string   `json:"incomparable,omitempty"`
	Passed       bool     `json:"passed"`
	Reasons      []string `json:"reasons"` // why not
}

func newComparison(m *compile.Model, released digest.Digest) *ComparisonEntry {
	return &ComparisonEntry{FormatVersion: FormatVersion, Key: plan.ComparisonKey(m.Evaluation, released), Evaluation: m.Evaluation, Released: released, Unit: UnitRow,
		NewlyCaught: []Example{}, NewlyMissed: []Example{}, NewlyFlagged: []Example{}, NoLongerFlagged: []Example{}, Reasons: []string{}}
}

// judge draws the conclusions from what was counted. Where nothing could be
// compared, gates against the released model hold: they cannot be judged.
func (c *ComparisonEntry) judge(gates evaluation.Gates) {
	if c.Incomparable == "" && c.Attacks.Total()+c.Benign.Total() == 0 {
		c.Incomparable = fmt.Sprintf("no labelled %s of the test side is left that the released model was not trained on; it was on %d", c.Unit, c.Seen)
	}
	c.Recall, c.FPR = changed(c.Attacks), changed(c.Benign)
	c.Reasons = append(c.Reasons, gates.CheckChange(c.Comparison)...)
	if len(c.Reasons) > 0 && c.Incomparable != "" {
		c.Reasons = append(c.Reasons, "nothing was compared: "+c.Incomparable)
	}
	c.Passed = len(c.Reasons) == 0
}

// What is compared: rows, where both models have the same ones, else raw
// records, on which a model alerts where any row that holds it is an alert.
const (
	UnitRow    = "row"
	UnitRecord = "record"
)

// Changed is a rate of both models and its change.
type Changed struct {
	Before evaluation.Rate       `json:"before"`
	After  evaluation.Rate       `json:"after"`
	Change evaluation.Difference `json:"change"`
}

func changed(p evaluation.Paired) Changed { return Changed{p.RateBefore(), p.RateAfter(), p.Change()} }

// Example names a row or record, and tells nothing of what stands in it beside
// its key.
type Example struct {
	Contribution string         `json:"contribution"`
	File         string         `json:"file,omitempty"`   // where the contribution has several
	Record       *int64         `json:"record,omitempty"` // from 0
	Key          map[string]any `json:"key,omitempty"`
	Start        *time.Time     `json:"window_start,omitempty"`
	End          *time.Time     `json:"window_end,omitempty"`
}

// String returns "day2 record 17" or "day2 src=10.0.0.7 2026-01-02T08:05:00Z".
func (e Example) String() string {
	out := []string{e.Contribution}
	if e.File != "" {
		out = append(out, e.File)
	}
	if e.Record != nil {
		out = append(out, fmt.Sprintf("record %d", *e.Record))
	}
	for _, name := range sortedNames(e.Key) {
		value := e.Key[name]
		if value == nil {
			value = "NULL"
		}
		out = append(out, fmt.Sprintf("%s=%v", name, value))
	}
	if e.Start != nil {
		out = append(out, e.Start.Format(time.RFC3339Nano))
	}
	return strings.Join(out, " ")
}

func sortedNames(m map[string]any) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Summary says in a line what differs: "recall 0.981 → 0.987 · 14 newly caught
// · 2 newly missed (…) · 1 newly flagged". target is the false-positive rate
// that the thresholds were set for.
func (c *ComparisonEntry) Summary(target float64) string {
	if c.Incomparable != "" {
		return "not compared with the released model: " + c.Incomparable
	}
	rate := func(r evaluation.Rate) string {
		if r.Trials == 0 {
			return "unknown"
		}
		return fmt.Sprintf("%.3f", r.Rate)
	}
	parts := []string{fmt.Sprintf("recall %s → %s at fpr %g", rate(c.Recall.Before), rate(c.Recall.After), target)}
	for _, part := range []struct {
		n     int
		what  string
		named []Example
	}{
		{c.Attacks.After, "newly caught", nil}, {c.Attacks.Before, "newly missed", c.NewlyMissed},
		{c.Benign.After, "newly flagged", nil}, {c.Benign.Before, "no longer flagged", nil},
	} {
		text := fmt.Sprintf("%d %s", part.n, part.what)
		if names := exampleNames(part.named, part.n); names != "" {
			text += " (" + names + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}

// exampleNames lists the first few of n examples.
func exampleNames(examples []Example, n int) string {
	const most = 2
	var out []string
	for _, e := range examples[:min(len(examples), most)] {
		out = append(out, e.String())
	}
	if len(out) > 0 && n > len(out) {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// Comparison returns the entry of the comparison of a model with a released
// version of it, nil where there is none.
func (x *Index) Comparison(ctx context.Context, key digest.Digest) (*ComparisonEntry, error) {
	return read[ComparisonEntry](ctx, x, "comparison", key)
}
