package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/feedback"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/specpb"
)

func newFeedbackCmd(a *app) *cobra.Command {
	return newGroupCmd("feedback", "Turn verdicts on alerts into golden data", newFeedbackAddCmd(a), newFeedbackCollectCmd(a), newFeedbackLsCmd(a))
}

type feedbackAddOptions struct {
	verdictAdder
	cmd     *cobra.Command
	ids     []string
	alerts  string
	logs    []string
	verdict string
	note    string
	inbox   bool
	config  string
	dir     string
}

func newFeedbackAddCmd(a *app) *cobra.Command {
	o := &feedbackAddOptions{verdictAdder: verdictAdder{app: a}}
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Add a verdict on an alert to the golden dataset of its model",
		Long: `Turn alerts, as mlp score wrote them, into contributions of a golden dataset: the
raw records behind the row, with the verdict as the label of such rows and the
alert as provenance. The next plan shows what retrains for it.

An alert that was changed on its way is refused by its id. An alert carries the
first 20 records of its row; where there are more, --log names the logs that were
scored, and the rest is taken from there. Records that the dataset has already are
looked up: with another label they contradict the verdict, which --confirm insists
on; with the same label there is nothing to add.

A site has no Git: with --inbox the verdict is signed and filed in the store of its
site file, for mlp feedback collect to take it up. The project lists the site's key
under reporters.`,
		Args: exactArgs(),
		Example: `  mlp feedback add --alerts alerts.jsonl --alert fe654430 --verdict benign --note "backup host, ticket 4711"
  mlp feedback add --alerts alerts.jsonl --alert 9bce --alert 31d0 --log conn.log --verdict attack --note "confirmed by IR"
  mlp feedback add --inbox --config site.textproto --alerts alerts.jsonl --alert fe65 --verdict benign --note "printer"
  grep '"model":"scan_src"' alerts.jsonl | mlp feedback add --alert fe65 --verdict benign --note "printer"`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.inbox {
				return o.fileVerdicts(cmd.Context())
			}
			return o.run(cmd.Context())
		},
	}
	o.cmd = cmd
	f := cmd.Flags()
	f.StringArrayVar(&o.ids, "alert", nil, "`ID` of an alert, or how it begins (required; may be given again)")
	f.StringVar(&o.alerts, "alerts", "-", "`FILE` of alerts as JSON lines; - is stdin")
	f.StringArrayVar(&o.logs, "log", nil, "`FILE` that was scored, for rows of more than 20 records (may be given again, in order)")
	f.StringVar(&o.verdict, "verdict", "", "what the row is: `attack|benign` (required)")
	f.StringVar(&o.note, "note", "", "why, as `TEXT` (required)")
	f.StringVar(&o.contribution, "contribution", "", "`NAME` of the contribution (default: from the alert's id)")
	f.BoolVar(&o.inbox, "inbox", false, "file it in the inbox of a site's store")
	f.StringVar(&o.config, "config", "site.textproto", "with --inbox: site `FILE` that mlp env export wrote")
	f.StringVar(&o.dir, "dir", "mlp-site", "with --inbox and --log: site's `DIR`, whose release raised the alert")
	o.addFlags(cmd)
	return cmd
}

func (o *feedbackAddOptions) run(ctx context.Context) error {
	verdict, err := o.check()
	if err != nil {
		return err
	}
	p, unlock, err := o.openLocked()
	if err != nil {
		return err
	}
	defer unlock()
	s, err := p.makeStore(ctx, o.app)
	if err != nil {
		return err
	}
	alerts, err := o.readAlerts()
	if err != nil {
		return err
	}
	claims := make([]*pending, len(alerts))
	for i, a := range alerts {
		if claims[i], err = o.bind(p, a); err != nil {
			return err
		}
		claims[i].Verdict, claims[i].origin = verdict, feedback.Origin{Who: o.userName(), When: o.now(), Note: o.note}
	}
	db, end, err := openScratchEngine(ctx, engineDirs{})
	if err != nil {
		return err
	}
	defer end()
	for _, c := range claims {
		if c.Segments, err = o.whole(ctx, db, c.Alert, c.Set); err != nil {
			return err
		}
	}
	refused, err := o.judge(ctx, feedback.Finder{Store: s, DB: db}, claims)
	if err != nil {
		return err
	}
	if len(refused.repeats)+len(refused.contradicts) > 0 {
		return refused
	}
	return o.add(ctx, p, s, claims)
}

// whole returns all records of an alert's row; those that it does not carry
// come from the logs.
func (o *feedbackAddOptions) whole(ctx context.Context, db *duckdb.DB, a alert.Alert, set *compile.FeatureSet) ([]alert.Segment, error) {
	if a.Complete() {
		return a.Segments(), nil
	}
	if len(o.logs) == 0 {
		return nil, &needsLogError{a}
	}
	logs, err := o.openLogs(o.logs)
	if err != nil {
		return nil, err
	}
	return score.Scored{DB: db, Set: set, Logs: logs}.Whole(ctx, a)
}

// check looks at the flags.
func (o *feedbackAddOptions) check() (specpb.Verdict, error) {
	verdict := feedback.ParseVerdict(o.verdict)
	wrong := ""
	switch {
	case len(o.ids) == 0:
		wrong = "--alert is required"
	case o.verdict == "":
		wrong = "--verdict is required"
	case verdict == specpb.Verdict_VERDICT_UNSPECIFIED:
		wrong = fmt.Sprintf("--verdict is attack or benign, not %q", o.verdict)
	case strings.TrimSpace(o.note) == "":
		wrong = "--note is required: who reviews it wants to know why"
	case o.contribution != "" && len(o.ids) > 1:
		wrong = "--contribution names one contribution; there is one for each of several alerts"
	default:
		return verdict, nil
	}
	return verdict, &usageError{cmd: o.cmd, message: wrong}
}

// readAlerts returns the alerts that were asked for.
func (o *feedbackAddOptions) readAlerts() ([]alert.Alert, error) {
	var in io.Reader = o.stdin
	name := "stdin"
	if o.alerts != "-" {
		f, err := os.Open(o.path(o.alerts))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, name = f, o.alerts
	}
	alerts, err := alert.Read(in)
	if err != nil {
		return nil, fmt.Errorf("read alerts: %s: %w", name, err)
	}
	return o.chosen(alerts)
}

// chosen returns the alerts that were asked for, checked, each once.
func (o *feedbackAddOptions) chosen(alerts []alert.Alert) ([]alert.Alert, error) {
	var out []alert.Alert
	for _, id := range o.ids {
		a, err := alert.Find(alerts, id)
		if err != nil {
			return nil, err
		}
		if err := a.Check(); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(b alert.Alert) bool { return b.ID == a.ID }) {
			out = append(out, a)
		}
	}
	return out, nil
}
