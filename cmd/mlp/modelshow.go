package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/report"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/specpb"
)

func newModelShowCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a model: inputs, split, metrics, gates, what changes by it",
		Long: `Show what a model reads and is trained with, how many rows are on each side of the
split, what it reached on the test side with 95 % bounds, each gate with what was
wanted and what came out, and how its decisions differ from those of the released
version.`,
		Example: "  mlp model show scan_conn\n  mlp model show scan_conn --format json",
	}
	return aboutModel(a, cmd, func(p *project, m *compile.Model, j *run.Judgement) (page, error) {
		return showModel(p.program, m, j), nil
	})
}

// modelPage is the document of `mlp model show --format json`.
type modelPage struct {
	FormatVersion int                  `json:"format_version"`
	Model         string               `json:"model"`
	DisplayName   string               `json:"display_name"`
	Description   string               `json:"description"`
	Place         diag.Span            `json:"place"`
	Dataset       string               `json:"dataset"`
	Split         string               `json:"split"`
	FeatureSet    string               `json:"feature_set"`
	Parser        string               `json:"parser"`
	Channel       string               `json:"channel"`
	Trainer       string               `json:"trainer"`
	Params        json.RawMessage      `json:"params"`
	Seed          int64                `json:"seed"`
	TargetFPR     float64              `json:"target_fpr"`
	Key           string               `json:"key"`
	EvaluationKey string               `json:"evaluation_key"`
	State         string               `json:"state"`
	Released      string               `json:"released,omitempty"` // "local#3": the newest release, where it has this version
	Inputs        []modelInput         `json:"inputs"`
	Evaluation    *run.EvaluationEntry `json:"evaluation,omitempty"`
	Gates         []report.Gate        `json:"gates"`
	ComparedWith  string               `json:"compared_with,omitempty"` // "local#2": the newest release with the version before
	Comparison    *run.ComparisonEntry `json:"comparison,omitempty"`
	Reasons       []string             `json:"reasons"` // why gates hold it
}

// modelInput is a feature that a model reads.
type modelInput struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Length int    `json:"length,omitempty"` // elements of a vector
	Key    string `json:"key"`
}

// modelOf finds a model of the project.
func (p *project) modelOf(name string) (*compile.Model, error) {
	m, ok := compile.ByName(p.program.Models, name)
	if !ok {
		return nil, &unknownError{kind: "model", name: name, known: names(p.program.Models, func(m *compile.Model) string { return m.Name })}
	}
	return m, nil
}

// showModel collects what specs and the store say of a model.
func showModel(program *compile.Program, m *compile.Model, j *run.Judgement) *modelPage {
	s := m.Spec
	out := &modelPage{FormatVersion: 1, Model: m.Name, DisplayName: s.GetDisplayName(), Description: s.GetDescription(), Place: program.Places["model/"+m.Name],
		Dataset: m.Dataset.Name, Split: splitText(m.Dataset.Spec.GetSplit()), FeatureSet: m.FeatureSet.Name, Parser: m.FeatureSet.From.Name, Channel: m.Channel,
		Trainer: m.Trainer, Params: json.RawMessage(m.Params), Seed: s.GetSeed(), TargetFPR: s.GetTargetFpr(), Key: m.Key.String(), EvaluationKey: m.Evaluation.String(),
		State: j.State(), Released: j.Released, Inputs: []modelInput{}, Evaluation: j.Evaluation, Gates: []report.Gate{}, ComparedWith: j.Before, Comparison: j.Comparison,
		Reasons: j.Reasons()}
	for _, f := range m.Features {
		out.Inputs = append(out.Inputs, modelInput{f.Name, f.Type.String(), f.Length, f.Key.String()})
	}
	if e := j.Evaluation; e != nil {
		of := report.Judged{Gates: run.GatesOf(m), Metrics: e.Metrics, Parity: e.Parity, Caught: e.MustCatch}
		if j.Comparison != nil {
			of.Comparison = &j.Comparison.Comparison
		}
		out.Gates = of.List()
	}
	return out
}

// splitText says in a line what a split goes by.
func splitText(s *specpb.Split) string {
	switch {
	case len(s.GetTest()) > 0:
		return "by contributions: " + strings.Join(s.GetTest(), ", ")
	case s.GetTime() != "":
		return fmt.Sprintf("by time: %s from %s", s.GetTime(), s.GetTestFrom())
	case s.GetGroup() == "":
		return "none"
	}
	out := "by groups: " + s.GetGroup()
	if s.TestShare != nil {
		out += fmt.Sprintf(", share %g", s.GetTestShare())
	}
	if s.GetSeed() != 0 {
		out += fmt.Sprintf(", seed %d", s.GetSeed())
	}
	if listed := s.GetTestGroups(); len(listed) > 0 {
		out += fmt.Sprintf(", %q", listed)
	}
	return out
}

// text returns the page for people.
func (p *modelPage) text() string {
	var b strings.Builder
	state := p.State
	if p.Released != "" {
		state += ", released in " + p.Released
	}
	fmt.Fprintf(&b, "%s\n", strings.Join(nonBlank("model/"+p.Model, p.DisplayName, state), "  "))
	if p.Description != "" {
		fmt.Fprintf(&b, "  %s\n", p.Description)
	}
	fmt.Fprintf(&b, "  %s\n", p.Place)
	line := func(name, format string, args ...any) { writeLine(&b, name, fmt.Sprintf(format, args...)) }
	line("dataset", "%s", p.Dataset)
	line("split", "%s", p.Split)
	line("rows", "%s of %s", p.FeatureSet, p.Parser)
	line("trainer", "%s %s, seed %d", strings.TrimPrefix(p.Trainer, "mlp.trainers."), p.Params, p.Seed)
	line("channel", "%s", p.Channel)
	line("key", "%s", p.Key)
	for i, f := range p.Inputs {
		name := ""
		if i == 0 {
			name = "inputs"
		}
		of := f.Type
		if f.Length > 0 {
			of += fmt.Sprintf(" of %d", f.Length)
		}
		line(name, "%s  %s", f.Name, of)
	}
	if e := p.Evaluation; e != nil {
		p.evaluated(&b, e)
	}
	if p.Comparison != nil {
		writeComparison(&b, p.ComparedWith, p.Comparison)
	}
	for _, r := range p.Reasons {
		line("held", "%s", r)
	}
	return b.String()
}

// writeLine writes a named line of a page.
func writeLine(b *strings.Builder, name, text string) { fmt.Fprintf(b, "  %-10s %s\n", name, text) }

func (p *modelPage) evaluated(b *strings.Builder, e *run.EvaluationEntry) {
	line := func(name, format string, args ...any) { writeLine(b, name, fmt.Sprintf(format, args...)) }
	b.WriteByte('\n')
	for _, side := range []struct {
		name string
		run.Side
	}{{"train", e.Train}, {"test", e.Test}} {
		line(side.name, "%s, %d benign, %d unlabelled", plural(side.Attacks, "attack"), side.Benign, side.Unlabelled)
	}
	if e.Unsplit+e.Mixed > 0 {
		line("no side", "%s without one, %d of both", plural(e.Unsplit, "row"), e.Mixed)
	}
	line("threshold", "%.6g, set for a false-positive rate of %g", e.Metrics.Threshold, e.Metrics.TargetFPR)
	for _, r := range []struct {
		name string
		evaluation.Rate
	}{{"recall", e.Metrics.Recall}, {"fpr", e.Metrics.FPR}, {"precision", e.Metrics.Precision}} {
		line(r.name, "%s", r.Rate)
	}
	line("auc", "%.4f", e.Metrics.AUC)
	b.WriteByte('\n')
	for _, g := range p.Gates {
		mark := "✓"
		if !g.Passed {
			mark = "✗"
		}
		fmt.Fprintf(b, "  %s %-24s %s; wanted: %s\n", mark, g.Name, g.Got, g.Want)
	}
}
