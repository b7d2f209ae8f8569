package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/run"
)

func newModelDiffCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff NAME",
		Short: "Compare what a model decides with the released version",
		Long: `Compare a model with the version that its channel has released, each at its own
threshold, on what neither was trained on: attacks that are newly caught and newly
missed, benign rows that are newly flagged and no longer flagged, recall and
false-positive rate of both with 95 % bounds. Rows are compared where both versions
have the same ones, otherwise raw records. Examples are named by contribution and
record, or by key and window.

Once the model is released, it is compared with the version whose place it took.
` + "`mlp apply`" + ` makes the comparison.`,
		Example: "  mlp model diff scan_conn\n  mlp model diff scan_conn --format json",
	}
	return aboutModel(a, cmd, diffModel)
}

// modelDiff is the document of `mlp model diff --format json`.
type modelDiff struct {
	FormatVersion int                  `json:"format_version"`
	Model         string               `json:"model"`
	Key           string               `json:"key"`
	Released      string               `json:"released,omitempty"`      // newest release, where it has this version
	ComparedWith  string               `json:"compared_with,omitempty"` // newest release with the version before
	BeforeKey     string               `json:"before_key,omitempty"`
	Comparison    *run.ComparisonEntry `json:"comparison,omitempty"`
}

// notComparedError says that a comparison was not made yet.
type notComparedError struct{ model, with string }

func (e *notComparedError) Error() string {
	return fmt.Sprintf("model %s was not compared with the version in %s yet", e.model, e.with)
}
func (e *notComparedError) Hint() string { return "`mlp apply` does it" }

// diffModel collects how a model differs from the version before it.
func diffModel(_ *project, m *compile.Model, j *run.Judgement) (page, error) {
	if j.Before != "" && j.Comparison == nil {
		return nil, &notComparedError{m.Name, j.Before}
	}
	out := &modelDiff{FormatVersion: 1, Model: m.Name, Key: m.Key.String(), Released: j.Released, ComparedWith: j.Before, Comparison: j.Comparison}
	if j.Before != "" {
		out.BeforeKey = j.BeforeKey.String()
	}
	return out, nil
}

func (d *modelDiff) text() string {
	if d.Comparison == nil {
		return fmt.Sprintf("model/%s: no other version was released to compare it with\n", d.Model)
	}
	var b strings.Builder
	where := "not released"
	if d.Released != "" {
		where = "in " + d.Released
	}
	fmt.Fprintf(&b, "model/%s  %s (%s) ← %s (%s)\n", d.Model, shortKey(d.Key), where, shortKey(d.BeforeKey), d.ComparedWith)
	writeComparison(&b, d.ComparedWith, d.Comparison)
	return b.String()
}

func shortKey(key string) string {
	_, hex, _ := strings.Cut(key, ":")
	return hex[:min(8, len(hex))]
}

// writeComparison writes how two versions of a model decide.
func writeComparison(b *strings.Builder, with string, c *run.ComparisonEntry) {
	b.WriteByte('\n')
	if c.Incomparable != "" {
		writeLine(b, "compared", fmt.Sprintf("with %s: nothing. %s", with, c.Incomparable))
		return
	}
	writeLine(b, "compared", fmt.Sprintf("with %s: %s, %d benign; left out: %d that it was trained on, %d unlabelled", with,
		plural(c.Attacks.Total(), "attack "+c.Unit), c.Benign.Total(), c.Seen, c.Unlabelled))
	for _, r := range []struct {
		name string
		run.Changed
	}{{"recall", c.Recall}, {"fpr", c.FPR}} {
		if r.After.Trials > 0 {
			writeLine(b, r.name, fmt.Sprintf("%.4f → %.4f, %+.4f (95 %%: %+.4f to %+.4f, n %d)", r.Before.Rate, r.After.Rate, r.Change.Value, r.Change.Lower, r.Change.Upper, r.After.Trials))
		}
	}
	for _, d := range []struct {
		n     int
		what  string
		named []run.Example
	}{{c.Attacks.After, "newly caught", c.NewlyCaught}, {c.Attacks.Before, "newly missed", c.NewlyMissed},
		{c.Benign.After, "newly flagged", c.NewlyFlagged}, {c.Benign.Before, "no longer flagged", c.NoLongerFlagged}} {
		fmt.Fprintf(b, "  %6d %s\n", d.n, d.what)
		for _, e := range d.named {
			fmt.Fprintf(b, "           %s\n", e)
		}
		if d.n > len(d.named) {
			fmt.Fprintf(b, "           and %d more\n", d.n-len(d.named))
		}
	}
}
