package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/specpb"
)

type datasetShowOptions struct {
	*app
	name string
}

func newDatasetShowCmd(a *app) *cobra.Command {
	o := &datasetShowOptions{app: a}
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a golden dataset: contributions, counts, labels, provenance",
		Long: `Show each contribution of a golden dataset with its label and side, where it comes
from, what its files hold, and how many attacks and benign rows models get of it.

Where apply has parsed a contribution, its lines, rows and rejects are those of the
store; else lines and records are those that dataset.textproto says, as counted
when the file was added. Rows by label are those of the store, for each feature set
that a model reads.`,
		Args:              exactArgs("NAME"),
		Example:           "  mlp dataset show inbound_scan\n  mlp dataset show inbound_scan --format json",
		ValidArgsFunction: a.completeNames("dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return o.run(cmd.Context())
		},
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}

// datasetPage is the document of `mlp dataset show --format json`.
type datasetPage struct {
	FormatVersion int                `json:"format_version"`
	Dataset       string             `json:"dataset"`
	DisplayName   string             `json:"display_name"`
	Description   string             `json:"description"`
	Technique     string             `json:"attack_technique"`
	Place         diag.Span          `json:"place"`
	Models        []string           `json:"models"`
	Contributions []contributionPage `json:"contributions"`
	Rows          []labelledRows     `json:"rows"` // of all contributions that are stored
}

// contributionPage is what there is to say of a contribution.
type contributionPage struct {
	Address    string              `json:"address"`
	Side       string              `json:"side"`
	Label      string              `json:"label"`
	Expression string              `json:"expression,omitempty"`
	Added      string              `json:"added"`
	AddedBy    string              `json:"added_by"`
	Origin     string              `json:"origin"`
	Licence    string              `json:"licence"`
	Note       string              `json:"note"`
	Shareable  bool                `json:"shareable"`
	Alert      *specpb.Provenance  `json:"alert,omitempty"`
	Files      []contributionFile  `json:"files"`
	Captures   []contributionCount `json:"captures"`
	Rows       []labelledRows      `json:"rows"`
}

type contributionFile struct {
	Name   string `json:"name"`
	Parser string `json:"parser"`
	Digest string `json:"digest"`
	Bytes  int64  `json:"bytes"`
}

// contributionCount accounts for the files of one parser.
type contributionCount struct {
	Parser  string      `json:"parser"`
	From    string      `json:"from"` // "store", or "spec": as counted when they were added
	Lines   int64       `json:"lines"`
	Records int64       `json:"records"`
	Counts  *run.Counts `json:"counts,omitempty"` // of the store
}

// labelledRows counts the rows of a feature set by side and label.
type labelledRows struct {
	FeatureSet string `json:"feature_set"`
	run.Sides
}

func (o *datasetShowOptions) run(ctx context.Context) error {
	p, s, err := o.openForLooking()
	if err != nil {
		return err
	}
	d, ok := compile.ByName(p.program.Datasets, o.name)
	if !ok {
		return &unknownError{kind: "dataset", name: o.name, known: names(p.program.Datasets, func(d *compile.Dataset) string { return d.Name })}
	}
	r, end, err := o.reader(ctx, p, s)
	if err != nil {
		return err
	}
	defer end()
	page, err := showDataset(ctx, r, d)
	if err != nil {
		return err
	}
	if o.format == formatJSON {
		return writeJSON(o.stdout, page)
	}
	return printf(o.stdout, "%s", printable(page.text()))
}

// showDataset collects what specs and the store say of a dataset.
func showDataset(ctx context.Context, r *run.Runner, d *compile.Dataset) (*datasetPage, error) {
	out := &datasetPage{FormatVersion: 1, Dataset: d.Name, DisplayName: d.Spec.GetDisplayName(), Description: d.Spec.GetDescription(),
		Technique: d.Spec.GetAttackTechnique(), Place: r.Program.Places["dataset/"+d.Name],
		Models: []string{}, Contributions: []contributionPage{}, Rows: []labelledRows{}}
	var models []*compile.Model // one a feature set
	seen := map[string]bool{}
	for _, m := range r.Program.Models {
		if m.Dataset != d {
			continue
		}
		out.Models = append(out.Models, m.Name)
		if !seen[m.FeatureSet.Name] {
			seen[m.FeatureSet.Name] = true
			models = append(models, m)
		}
	}
	for _, k := range d.Contributions {
		page, err := showContribution(ctx, r, d, k)
		if err != nil {
			return nil, err
		}
		for _, m := range models {
			sides, err := r.ContributionSides(ctx, m, k)
			if err != nil {
				return nil, err
			}
			if sides != nil {
				page.Rows = append(page.Rows, labelledRows{m.FeatureSet.Name, *sides})
				out.addRows(m.FeatureSet.Name, *sides)
			}
		}
		out.Contributions = append(out.Contributions, *page)
	}
	return out, nil
}

func (d *datasetPage) addRows(set string, sides run.Sides) {
	for i := range d.Rows {
		if d.Rows[i].FeatureSet == set {
			d.Rows[i].Add(sides)
			return
		}
	}
	d.Rows = append(d.Rows, labelledRows{set, sides})
}

func showContribution(ctx context.Context, r *run.Runner, d *compile.Dataset, k *compile.Contribution) (*contributionPage, error) {
	s := k.Spec
	out := &contributionPage{Address: k.Address, Side: sideOf(d, k), Label: labelText(s.GetLabel()), Expression: s.GetLabel().GetExpression(),
		Added: s.GetAdded(), AddedBy: s.GetAddedBy(), Origin: s.GetOrigin(), Licence: s.GetLicence(), Note: s.GetNote(), Shareable: s.GetShareable(),
		Alert: s.GetProvenance(), Files: []contributionFile{}, Captures: []contributionCount{}, Rows: []labelledRows{}}
	byParser := map[string]*contributionCount{}
	for _, f := range s.GetFiles() {
		out.Files = append(out.Files, contributionFile{f.GetName(), f.GetParser(), f.GetDigest(), f.GetSize()})
		c := byParser[f.GetParser()]
		if c == nil {
			c = &contributionCount{Parser: f.GetParser(), From: "spec"}
			byParser[f.GetParser()] = c
		}
		c.Lines += f.GetLines()
		c.Records += f.GetRecords()
	}
	for _, name := range sortedKeys(byParser) {
		c := byParser[name]
		if parser, ok := compile.ByName(r.Program.Parsers, name); ok {
			entry, err := r.Index.Frame(ctx, compile.ParserFrame(d, k, parser).Key)
			if err != nil {
				return nil, err
			}
			if entry != nil && entry.Counts != nil {
				c.From, c.Counts, c.Lines, c.Records = "store", entry.Counts, entry.Counts.Lines, entry.Counts.Records
			}
		}
		out.Captures = append(out.Captures, *c)
	}
	return out, nil
}

// text returns the page for people.
func (d *datasetPage) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", strings.Join(nonBlank("dataset/"+d.Dataset, d.DisplayName, d.Technique), "  "))
	if d.Description != "" {
		fmt.Fprintf(&b, "  %s\n", d.Description)
	}
	fmt.Fprintf(&b, "  %s\n", d.Place)
	for _, m := range d.Models {
		fmt.Fprintf(&b, "  read by model/%s\n", m)
	}
	for _, c := range d.Contributions {
		c.write(&b)
	}
	if len(d.Rows) > 0 {
		b.WriteString("\nall that is stored\n")
		writeRows(&b, d.Rows)
	}
	return b.String()
}

func (c contributionPage) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s  %s · %s\n", c.Address, c.Side, c.Label)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "  %-9s %s\n", name, value)
		}
	}
	line("label", c.Expression)
	line("note", c.Note)
	line("added", strings.Join(nonBlank(c.Added, by(c.AddedBy)), " "))
	line("origin", c.Origin)
	line("licence", c.Licence)
	if c.Shareable {
		line("shareable", "its records may reach every site")
	}
	if a := c.Alert; a != nil {
		line("alert", fmt.Sprintf("%s of model %s in %s", a.GetAlert(), a.GetModel(), a.GetRelease()))
	}
	for _, f := range c.Files {
		line("file", fmt.Sprintf("%s  %d bytes  %s  %s", f.Name, f.Bytes, f.Parser, f.Digest))
	}
	for _, n := range c.Captures {
		line("counts", n.text())
		if n.Counts != nil {
			for _, reason := range sortedKeys(n.Counts.Rejects) {
				line("", fmt.Sprintf("reject: %s: %d", reason, n.Counts.Rejects[reason]))
			}
		}
	}
	writeRows(b, c.Rows)
}

func (n contributionCount) text() string {
	if n.Counts == nil {
		return fmt.Sprintf("%s: %d lines, %d records, as counted when it was added: not applied yet", n.Parser, n.Lines, n.Records)
	}
	c := n.Counts
	text := fmt.Sprintf("%s: %d lines = %d records + %d headers + %d comments + %d blanks", n.Parser, c.Lines, c.Records, c.Headers, c.Comments, c.Blanks)
	if c.Continued > 0 {
		text += fmt.Sprintf(" + %d continued", c.Continued)
	}
	return text + fmt.Sprintf("; %d rows, %d rejects", c.Rows, c.Rejected())
}

// writeRows writes how many rows of each feature set a model gets.
func writeRows(b *strings.Builder, rows []labelledRows) {
	for _, r := range rows {
		for _, side := range []struct {
			name string
			run.Side
		}{{"train", r.Train}, {"test", r.Test}} {
			if side.Attacks+side.Benign+side.Unlabelled > 0 {
				fmt.Fprintf(b, "  rows      %s, %s: %s, %d benign, %d unlabelled\n", r.FeatureSet, side.name, plural(side.Attacks, "attack"), side.Benign, side.Unlabelled)
			}
		}
		if r.Unsplit+r.Mixed > 0 {
			fmt.Fprintf(b, "  rows      %s, on no side: %d, on both: %d\n", r.FeatureSet, r.Unsplit, r.Mixed)
		}
	}
}

func nonBlank(words ...string) []string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

func by(name string) string {
	if name == "" {
		return ""
	}
	return "by " + name
}
