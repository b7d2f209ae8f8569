package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/feedback"
)

type feedbackLsOptions struct{ *app }

func newFeedbackLsCmd(a *app) *cobra.Command {
	o := &feedbackLsOptions{app: a}
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List the contributions that verdicts on alerts made",
		Args:    exactArgs(),
		Example: "  mlp feedback ls\n  mlp feedback ls --format json",
		RunE:    func(*cobra.Command, []string) error { return o.run() },
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}

// verdictRow is a line of `mlp feedback ls`.
type verdictRow struct {
	Address          string   `json:"address"`
	Verdict          string   `json:"verdict"`
	RowsOf           string   `json:"rows_of"`
	Alert            string   `json:"alert"`
	Model            string   `json:"model"`
	ModelKey         string   `json:"model_key"`
	Release          string   `json:"release"`
	Score            float64  `json:"score"`
	Side             string   `json:"side"`
	By               string   `json:"by"`
	Added            string   `json:"added"`
	Note             string   `json:"note"`
	ConfirmedAgainst []string `json:"confirmed_against"`
}

func (o *feedbackLsOptions) run() error {
	p, err := o.openProject()
	if err != nil {
		return err
	}
	rows := []verdictRow{}
	for _, d := range p.program.Datasets {
		for _, k := range d.Contributions {
			from, label := k.Spec.GetProvenance(), k.Spec.GetLabel()
			if from == nil {
				continue
			}
			row := verdictRow{Address: k.Address, Verdict: feedback.VerdictText(label.GetVerdict()), RowsOf: label.GetRowsOf(), Alert: from.GetAlert(),
				Model: from.GetModel(), ModelKey: from.GetModelKey(), Release: from.GetRelease(), Score: from.GetScore(), Side: sideOf(d, k),
				By: k.Spec.GetAddedBy(), Added: k.Spec.GetAdded(), Note: k.Spec.GetNote(), ConfirmedAgainst: from.GetConfirmedAgainst()}
			if row.ConfirmedAgainst == nil {
				row.ConfirmedAgainst = []string{}
			}
			rows = append(rows, row)
		}
	}
	if o.format == formatJSON {
		return writeJSON(o.stdout, struct {
			FormatVersion int          `json:"format_version"`
			Verdicts      []verdictRow `json:"verdicts"`
		}{1, rows})
	}
	return table(o.stdout, "CONTRIBUTION\tVERDICT\tALERT\tMODEL\tRELEASE\tBY\tNOTE", rows, func(r verdictRow) string {
		return fmt.Sprintf("%s\t%s\t%.8s\t%s\t%s\t%s\t%s", r.Address, r.Verdict, strings.TrimPrefix(r.Alert, "sha256:"), r.Model, r.Release, r.By, r.Note)
	})
}
