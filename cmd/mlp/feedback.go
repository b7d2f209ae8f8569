package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/feedback"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
)

func newFeedbackCmd(a *app) *cobra.Command {
	return newGroupCmd("feedback", "Turn verdicts on alerts into golden data", newFeedbackAddCmd(a), newFeedbackLsCmd(a))
}

type feedbackAddOptions struct {
	*app
	cmd           *cobra.Command
	ids           []string
	alerts        string
	logs          []string
	verdict       string
	note          string
	model         string
	dataset       string
	contribution  string
	test          bool
	confirm       bool
	showSensitive bool
}

func newFeedbackAddCmd(a *app) *cobra.Command {
	o := &feedbackAddOptions{app: a}
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
on; with the same label there is nothing to add.`,
		Args: exactArgs(),
		Example: `  mlp feedback add --alerts alerts.jsonl --alert fe654430 --verdict benign --note "backup host, ticket 4711"
  mlp feedback add --alerts alerts.jsonl --alert 9bce --alert 31d0 --log conn.log --verdict attack --note "confirmed by IR"
  grep '"model":"scan_src"' alerts.jsonl | mlp feedback add --alert fe65 --verdict benign --note "printer"`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	o.cmd = cmd
	f := cmd.Flags()
	f.StringArrayVar(&o.ids, "alert", nil, "`ID` of an alert, or how it begins (required; may be given again)")
	f.StringVar(&o.alerts, "alerts", "-", "`FILE` of alerts as JSON lines; - is stdin")
	f.StringArrayVar(&o.logs, "log", nil, "`FILE` that was scored, for rows of more than 20 records (may be given again, in order)")
	f.StringVar(&o.verdict, "verdict", "", "what the row is: `attack|benign` (required)")
	f.StringVar(&o.note, "note", "", "why, as `TEXT` (required)")
	f.StringVar(&o.model, "model", "", "`MODEL` that the verdict is for (default: the alert's)")
	f.StringVar(&o.dataset, "dataset", "", "`DATASET` to add to (default: the model's)")
	f.StringVar(&o.contribution, "contribution", "", "`NAME` of the contribution (default: from the alert's id)")
	f.BoolVar(&o.test, "test", false, "test models on it; without this they train on it")
	f.BoolVar(&o.confirm, "confirm", false, "add it although rows of the dataset with the same records have another label")
	f.BoolVar(&o.showSensitive, "show-sensitive", false, "show the records that rows are about")
	return cmd
}

// pending is a claim on its way into a dataset.
type pending struct {
	feedback.Claim
	parser  *compile.Parser
	dataset *compile.Dataset
	known   []feedback.Known // rows that contradict it
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
	s, err := p.makeStore(o.app)
	if err != nil {
		return err
	}
	alerts, err := o.readAlerts()
	if err != nil {
		return err
	}
	claims, err := o.claims(p, alerts, verdict)
	if err != nil {
		return err
	}
	db, end, err := openScratchEngine(ctx, engineDirs{})
	if err != nil {
		return err
	}
	defer end()
	for _, c := range claims {
		c.Segments = c.Alert.Segments()
		if c.Alert.Complete() {
			continue
		}
		if len(o.logs) == 0 {
			return &needsLogError{c.Alert}
		}
		logs, err := o.openLogs(o.logs)
		if err != nil {
			return err
		}
		if c.Segments, err = score.Whole(ctx, db, c.Set, c.Alert, logs); err != nil {
			return err
		}
	}
	if err := o.judge(ctx, feedback.Finder{Store: s, DB: db}, claims); err != nil {
		return err
	}
	return o.add(ctx, p, s, claims)
}

// check looks at the flags.
func (o *feedbackAddOptions) check() (specpb.Verdict, error) {
	verdict, known := map[string]specpb.Verdict{"attack": specpb.Verdict_ATTACK, "benign": specpb.Verdict_BENIGN}[o.verdict]
	wrong := ""
	switch {
	case len(o.ids) == 0:
		wrong = "--alert is required"
	case o.verdict == "":
		wrong = "--verdict is required"
	case !known:
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
	return alerts, nil
}

// claims binds the chosen alerts to models, rows and datasets of the project.
func (o *feedbackAddOptions) claims(p *project, alerts []alert.Alert, verdict specpb.Verdict) ([]*pending, error) {
	var out []*pending
	for _, id := range o.ids {
		a, err := alert.Find(alerts, id)
		if err != nil {
			return nil, err
		}
		if err := a.Check(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(c *pending) bool { return c.Alert.ID == a.ID }) {
			continue
		}
		c := &pending{Claim: feedback.Claim{Alert: a, Verdict: verdict}}
		name := cmp.Or(o.model, a.Model)
		m, ok := compile.ByName(p.program.Models, name)
		if !ok {
			return nil, &unknownModelError{unknownError{kind: "model", name: name, known: names(p.program.Models, func(m *compile.Model) string { return m.Name })}, a}
		}
		c.Set, c.parser, c.dataset = m.FeatureSet, m.FeatureSet.From, m.Dataset
		if err := feedback.CheckShape(a, c.Set); err != nil {
			return nil, err
		}
		if o.dataset != "" {
			if c.dataset, ok = compile.ByName(p.program.Datasets, o.dataset); !ok {
				return nil, &unknownError{kind: "dataset", name: o.dataset, known: names(p.program.Datasets, func(d *compile.Dataset) string { return d.Name })}
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// judge refuses claims that contradict or repeat what their datasets have.
func (o *feedbackAddOptions) judge(ctx context.Context, finder feedback.Finder, claims []*pending) error {
	refused := &verdictRefusedError{}
	for _, d := range datasetsOf(claims) {
		var of []*pending
		var asked []feedback.Claim
		for _, c := range claims {
			if c.dataset == d {
				of, asked = append(of, c), append(asked, c.Claim)
			}
		}
		known, err := finder.Find(ctx, d, asked)
		if err != nil {
			return err
		}
		for i, c := range of {
			j := feedback.Judge(c.Claim, known[i])
			c.known = j.Contradicts
			if len(j.Repeats) > 0 || len(j.Contradicts) > 0 {
				o.show(c, j)
			}
			switch {
			case len(j.Repeats) > 0:
				refused.repeats = append(refused.repeats, c.Alert.Short())
			case len(j.Contradicts) > 0 && !o.confirm:
				refused.contradicts = append(refused.contradicts, c.Alert.Short())
			}
		}
	}
	if len(refused.repeats)+len(refused.contradicts) > 0 {
		return refused
	}
	return nil
}

func datasetsOf(claims []*pending) []*compile.Dataset {
	var out []*compile.Dataset
	for _, c := range claims {
		if !slices.Contains(out, c.dataset) {
			out = append(out, c.dataset)
		}
	}
	return out
}

// show lists the rows of the dataset that a claim contradicts or repeats.
func (o *feedbackAddOptions) show(c *pending, j feedback.Judgement) {
	const most = 5
	list := func(what string, rows []feedback.Known) {
		for i, k := range rows {
			if i == most && !o.flags.verbose {
				_ = printf(o.stderr, "  and %d more (-v lists them)\n", len(rows)-most)
				break
			}
			_ = printf(o.stderr, "  %s %s\n", what, k)
		}
	}
	_ = printf(o.stderr, "alert %s, verdict %s:\n", c.Alert.Short(), feedback.VerdictText(c.Verdict))
	list("contradicts", j.Contradicts)
	list("repeats", j.Repeats)
	if !o.showSensitive {
		return
	}
	for _, s := range c.Segments {
		for _, r := range s.Records {
			_ = printf(o.stderr, "  | %s\n", printable(r))
		}
	}
}

// add stores the records and writes the datasets, all or none.
func (o *feedbackAddOptions) add(ctx context.Context, p *project, s dataset.Store, claims []*pending) error {
	origin := feedback.Origin{Who: o.userName(), When: o.now(), Note: o.note}
	var written []*datasetFile
	undo := func(err error) error {
		for _, f := range written {
			err = errors.Join(f.restore(), err)
		}
		return err
	}
	var lines []string
	for _, d := range datasetsOf(claims) {
		file, err := p.datasetFile(d.Name, "")
		if err != nil {
			return undo(err)
		}
		var added []*specpb.Contribution
		for _, c := range claims {
			if c.dataset != d {
				continue
			}
			k, err := o.contributionOf(ctx, s, c, origin, file.dataset, added)
			if err != nil {
				return undo(err)
			}
			added = append(added, k)
			lines = append(lines, fmt.Sprintf("contribution/%s.%s: %s, %s of %s, from alert %s of model/%s (%s)\n", d.Name, k.GetName(),
				plural(int(dataset.Total(k).Records), "record"), feedback.VerdictText(c.Verdict), c.Set.Name, c.Alert.Short(), c.Alert.Model, c.Alert.Release))
		}
		written = append(written, file)
		if err := file.add(o.test, added...); err != nil {
			return undo(err)
		}
	}
	if _, err := o.openProject(); err != nil {
		return undo(err)
	}
	return printf(o.stdout, "%s", strings.Join(lines, ""))
}

func (o *feedbackAddOptions) contributionOf(ctx context.Context, s dataset.Store, c *pending, origin feedback.Origin, d *specpb.Dataset, added []*specpb.Contribution) (*specpb.Contribution, error) {
	files, err := c.Files(c.parser)
	if err != nil {
		return nil, err
	}
	var raw []*specpb.RawFile
	for _, f := range files {
		// Whether the bytes are new was judged by their records.
		one, err := dataset.AddBytes(ctx, dataset.AddOptions{Store: s, Path: f.Name, Parser: c.parser.Name,
			Source: source.Options{Format: c.parser.Format, Optional: c.parser.Raw}}, f.Data)
		if err != nil {
			return nil, err
		}
		raw = append(raw, one.File)
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(slices.Concat(d.GetContributions(), added), func(k *specpb.Contribution) bool { return k.GetName() == name })
	}
	name := o.contribution
	if name == "" {
		name = freeName("alert-"+c.Alert.Short(), taken)
	}
	return c.Contribution(name, raw, origin, c.known), nil
}
