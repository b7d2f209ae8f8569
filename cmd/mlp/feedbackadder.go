package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/feedback"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// verdictAdder adds verdicts to golden datasets, as flags say.
type verdictAdder struct {
	*app
	model         string
	dataset       string
	contribution  string
	test          bool
	confirm       bool
	showSensitive bool
}

// addFlags gives a command the flags of an adder.
func (o *verdictAdder) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.model, "model", "", "`MODEL` that the verdict is for (default: the alert's)")
	f.StringVar(&o.dataset, "dataset", "", "`DATASET` to add to (default: the model's)")
	f.BoolVar(&o.test, "test", false, "test models on it; without this they train on it")
	f.BoolVar(&o.confirm, "confirm", false, "add it although rows of the dataset with the same records have another label")
	f.BoolVar(&o.showSensitive, "show-sensitive", false, "show the records that rows are about")
}

// pending is a claim on its way into a dataset.
type pending struct {
	feedback.Claim
	origin  feedback.Origin
	parser  *compile.Parser
	dataset *compile.Dataset
	known   []feedback.Known // rows that contradict it
}

// bind says which rows of which dataset of the project an alert is about.
func (o *verdictAdder) bind(p *project, a alert.Alert) (*pending, error) {
	c := &pending{Claim: feedback.Claim{Alert: a}}
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
	return c, nil
}

// judge compares claims with what their datasets have, and returns those that
// contradict or repeat it, which it shows.
func (o *verdictAdder) judge(ctx context.Context, finder feedback.Finder, claims []*pending) (*verdictRefusedError, error) {
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
			return nil, err
		}
		for i, c := range of {
			j := feedback.Judge(c.Claim, known[i])
			c.known = j.Contradicts
			switch {
			case len(j.Repeats) > 0:
				refused.repeats = append(refused.repeats, c)
			case len(j.Contradicts) > 0 && !o.confirm:
				refused.contradicts = append(refused.contradicts, c)
			}
			if len(j.Repeats) > 0 || len(j.Contradicts) > 0 {
				o.show(c, j)
			}
		}
	}
	return refused, nil
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
func (o *verdictAdder) show(c *pending, j feedback.Judgement) {
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

// add stores the records of claims and writes their datasets, all or none.
func (o *verdictAdder) add(ctx context.Context, p *project, s dataset.Store, claims []*pending) error {
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
			k, err := o.contributionOf(ctx, s, c, slices.Concat(file.dataset.GetContributions(), added))
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

func (o *verdictAdder) contributionOf(ctx context.Context, s dataset.Store, c *pending, others []*specpb.Contribution) (*specpb.Contribution, error) {
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
		return slices.ContainsFunc(others, func(k *specpb.Contribution) bool { return k.GetName() == name })
	}
	name := o.contribution
	if name == "" {
		name = freeName("alert-"+c.Alert.Short(), taken)
	}
	return c.Contribution(name, raw, c.origin, c.known), nil
}
