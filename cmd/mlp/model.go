package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/run"
)

func newModelCmd(a *app) *cobra.Command {
	return newGroupCmd("model", "List models, show them, compare them with what is released", newModelLsCmd(a), newModelShowCmd(a), newModelDiffCmd(a))
}

type modelLsOptions struct{ *app }

func newModelLsCmd(a *app) *cobra.Command {
	o := &modelLsOptions{app: a}
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List models with what they read and what they reached",
		Args:    exactArgs(),
		Example: "  mlp model ls\n  mlp model ls --format json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}

// modelRow is a line of `mlp model ls`.
type modelRow struct {
	Model      string               `json:"model"`
	Dataset    string               `json:"dataset"`
	FeatureSet string               `json:"feature_set"`
	Features   int                  `json:"features"`
	Key        string               `json:"key"`
	State      string               `json:"state"` // "not trained", "not evaluated", "held", "passed"
	Evaluation *run.EvaluationEntry `json:"evaluation,omitempty"`
}

func (o *modelLsOptions) run(ctx context.Context) error {
	p, s, err := o.openForLooking()
	if err != nil {
		return err
	}
	r := p.viewer(s)
	rows := []modelRow{}
	for _, m := range p.program.Models {
		judged, err := r.Judge(ctx, m)
		if err != nil {
			return err
		}
		rows = append(rows, modelRow{Model: m.Name, Dataset: m.Dataset.Name, FeatureSet: m.FeatureSet.Name, Features: len(m.Features), Key: m.Key.String(),
			State: judged.State(), Evaluation: judged.Evaluation})
	}
	if o.format == formatJSON {
		return writeJSON(o.stdout, struct {
			FormatVersion int        `json:"format_version"`
			Models        []modelRow `json:"models"`
		}{1, rows})
	}
	return table(o.stdout, "MODEL\tDATASET\tFEATURE SET\tSTATE\tRECALL\tFALSE-POSITIVE RATE", rows, func(r modelRow) string {
		recall, fpr := "-", "-"
		if e := r.Evaluation; e != nil {
			recall, fpr = e.Metrics.Recall.String(), e.Metrics.FPR.String()
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s", r.Model, r.Dataset, r.FeatureSet, r.State, recall, fpr)
	})
}

// page is a document that people read as text.
type page interface{ text() string }

// aboutModel makes a command that shows one model: what show makes of it and of
// what the store knows.
func aboutModel(a *app, cmd *cobra.Command, show func(*project, *compile.Model, *run.Judgement) (page, error)) *cobra.Command {
	cmd.Args, cmd.ValidArgsFunction = exactArgs("NAME"), a.completeNames("model")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p, s, err := a.openForLooking()
		if err != nil {
			return err
		}
		m, err := p.modelOf(args[0])
		if err != nil {
			return err
		}
		judged, err := p.viewer(s).Judge(cmd.Context(), m)
		if err != nil {
			return err
		}
		page, err := show(p, m, judged)
		if err != nil {
			return err
		}
		if a.format == formatJSON {
			return writeJSON(a.stdout, page)
		}
		return printf(a.stdout, "%s", printable(page.text()))
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}
