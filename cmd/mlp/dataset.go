package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
)

func newDatasetCmd(a *app) *cobra.Command {
	return newGroupCmd("dataset", "Add to golden datasets and look at them", newDatasetAddCmd(a), newDatasetLsCmd(a), newDatasetShowCmd(a))
}

type datasetAddOptions struct {
	*app
	cmd          *cobra.Command
	name, file   string
	parser       string
	label        string
	labelExpr    string
	contribution string
	note         string
	origin       string
	licence      string
	technique    string
	test         bool
	shareable    bool
	allowMissing bool
}

func newDatasetAddCmd(a *app) *cobra.Command {
	o := &datasetAddOptions{app: a}
	cmd := &cobra.Command{
		Use:   "add NAME FILE",
		Short: "Add a raw log to a golden dataset as a contribution",
		Long: `Frame a raw log into records, store it as chunks under their digests, and add a
contribution to datasets/NAME/dataset.textproto. The file must be a regular file
that does not change meanwhile; gzip and zstd are read as they are. Every line is
accounted for.`,
		Args: exactArgs("NAME", "FILE"),
		Example: `  mlp dataset add inbound_scan conn.log --parser zeek_conn --label attack --note "nmap from the lab"
  mlp dataset add inbound_scan day2.log --parser zeek_conn --test \
      --label-expr "CASE label WHEN 'Malicious' THEN TRUE WHEN 'Benign' THEN FALSE END"`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 { // the file
				return nil, cobra.ShellCompDirectiveDefault
			}
			return a.completeNames("dataset")(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.file = args[0], args[1]
			return o.run(cmd.Context())
		},
	}
	o.cmd = cmd
	f := cmd.Flags()
	f.StringVar(&o.parser, "parser", "", "`PARSER` that reads the file (required)")
	f.StringVar(&o.label, "label", "", "label of the whole capture: `attack|benign`")
	f.StringVar(&o.labelExpr, "label-expr", "", "label of each record, as a Spark SQL `EXPRESSION` over fields and label columns")
	f.StringVar(&o.contribution, "contribution", "", "`NAME` of the contribution (default: from the file's name)")
	f.StringVar(&o.note, "note", "", "what the capture is, as `TEXT`")
	f.StringVar(&o.origin, "origin", "", "where it comes from, as `TEXT`")
	f.StringVar(&o.licence, "licence", "", "its `LICENCE`")
	f.StringVar(&o.technique, "technique", "", "ATT&CK `TECHNIQUE` of a new dataset: T1046")
	f.BoolVar(&o.test, "test", false, "test models on it; without this they train on it")
	f.BoolVar(&o.shareable, "shareable", false, "its records may reach every site, as known answers")
	f.BoolVar(&o.allowMissing, "allow-missing", false, "accept a file without some of the parser's raw columns: they are NULL")
	_ = cmd.RegisterFlagCompletionFunc("parser", func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return a.completeNames("parser")(cmd, nil, word)
	})
	_ = cmd.RegisterFlagCompletionFunc("label", cobra.FixedCompletions([]string{"attack", "benign"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (o *datasetAddOptions) run(ctx context.Context) error {
	p, unlock, err := o.openLocked()
	if err != nil {
		return err
	}
	defer unlock()
	label, err := o.labelOf()
	if err != nil {
		return err
	}
	if o.parser == "" {
		return &usageError{cmd: o.cmd, message: "--parser is required"}
	}
	parser, ok := compile.ByName(p.program.Parsers, o.parser)
	if !ok {
		return &unknownError{kind: "parser", name: o.parser, known: names(p.program.Parsers, func(x *compile.Parser) string { return x.Name })}
	}
	s, err := p.makeStore(ctx, o.app)
	if err != nil {
		return err
	}
	if o.name != filepath.Base(o.name) || o.name == ".." {
		return &usageError{cmd: o.cmd, message: fmt.Sprintf("NAME is %q, want the name of a dataset", o.name)}
	}
	file, err := p.datasetFile(o.name, o.technique)
	if err != nil {
		return err
	}
	added, err := dataset.Add(ctx, dataset.AddOptions{Store: s, Path: o.path(o.file), Parser: parser.Name, Dataset: file.dataset,
		Source: source.Options{Format: parser.Format, Optional: parser.Raw}})
	if err != nil {
		return err
	}
	if missing := missingColumns(parser, added.Absent); len(missing) > 0 && !o.allowMissing {
		return &missingColumnsError{parser: parser.Name, columns: missing}
	}
	c := &specpb.Contribution{Name: o.contributionName(file.dataset), Files: []*specpb.RawFile{added.File}, Label: label,
		Added: o.now().UTC().Format(time.RFC3339), AddedBy: o.userName(), Origin: o.origin, Licence: o.licence, Note: o.note, Shareable: o.shareable}
	if err := file.add(o.test, c); err != nil {
		return err
	}
	// The specs now say what they said and one contribution more; a mistake in
	// it, such as in the label expression, is the user's to see at once.
	if _, err := o.openProject(); err != nil {
		return errors.Join(file.restore(), err)
	}
	return o.report(added, c)
}

func (o *datasetAddOptions) report(added *dataset.Added, c *specpb.Contribution) error {
	n := added.Counts
	text := fmt.Sprintf("contribution/%s.%s: %s; %d rows, %d rejects\n", o.name, c.GetName(), linesText(n), n.Rows, n.Rejected())
	for _, reason := range sortedKeys(n.Rejects) {
		text += fmt.Sprintf("  reject: %s: %d\n", reason, n.Rejects[reason])
	}
	if n.Replaced > 0 {
		text += fmt.Sprintf("  records with bytes that are not UTF-8, replaced: %d\n", n.Replaced)
	}
	return printf(o.stdout, "%s", text)
}

// linesText says what the lines of a log are.
func linesText(c source.Counts) string {
	text := fmt.Sprintf("%d lines = %d records + %d headers + %d comments + %d blanks", c.Lines, c.Records, c.Headers, c.Comments, c.Blanks)
	if c.Continued > 0 {
		text += fmt.Sprintf(" + %d continued", c.Continued)
	}
	return text
}

func (o *datasetAddOptions) labelOf() (*specpb.Label, error) {
	switch {
	case (o.label == "") == (o.labelExpr == ""):
		return nil, &usageError{cmd: o.cmd, message: "one of --label and --label-expr is required"}
	case o.labelExpr != "":
		return &specpb.Label{Kind: &specpb.Label_Expression{Expression: o.labelExpr}}, nil
	case o.label == "attack":
		return &specpb.Label{Kind: &specpb.Label_Verdict{Verdict: specpb.Verdict_ATTACK}}, nil
	case o.label == "benign":
		return &specpb.Label{Kind: &specpb.Label_Verdict{Verdict: specpb.Verdict_BENIGN}}, nil
	}
	return nil, &usageError{cmd: o.cmd, message: fmt.Sprintf("--label is attack or benign, not %q", o.label)}
}

// contributionName is the name that was asked for, or one made of the file's.
func (o *datasetAddOptions) contributionName(d *specpb.Dataset) string {
	if o.contribution != "" {
		return o.contribution
	}
	base := filepath.Base(o.file)
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".gz"), ".zst")
	name := strings.ToLower(strings.TrimSuffix(base, filepath.Ext(base)))
	name = strings.Trim(regexp.MustCompile(`[^a-z0-9_.-]+|\.{2,}`).ReplaceAllString(name, "_"), "._-")
	if name == "" || name[0] < 'a' { // names begin with a letter
		name = strings.TrimSuffix("capture_"+name, "_")
	}
	name = name[:min(len(name), 56)] // names are short, with a number too
	taken := func(n string) bool {
		return slices.ContainsFunc(d.GetContributions(), func(c *specpb.Contribution) bool { return c.GetName() == n })
	}
	return freeName(name, taken)
}

// freeName returns a name, with a number where it is taken.
func freeName(name string, taken func(string) bool) string {
	out := name
	for i := 2; taken(out); i++ {
		out = fmt.Sprintf("%s-%d", name, i)
	}
	return out
}

func (a *app) userName() string {
	for _, v := range []string{"MLP_USER", "GIT_AUTHOR_NAME", "GITHUB_ACTOR", "USER"} {
		if name := a.env(v); name != "" {
			return name
		}
	}
	return "unknown"
}

// missingColumnsError says that a file lacks raw columns.
type missingColumnsError struct {
	parser  string
	columns []string
}

func (e *missingColumnsError) Error() string {
	return fmt.Sprintf("the file has no column %s, which parser %s declares", strings.Join(e.columns, ", "), e.parser)
}
func (e *missingColumnsError) Hint() string {
	return "correct the parser's raw addresses, or accept NULL with --allow-missing"
}

// missingColumns returns the raw columns of fields among those that a file
// lacks. Label columns may be absent.
func missingColumns(p *compile.Parser, absent []string) []string {
	return slices.DeleteFunc(slices.Clone(absent), func(address string) bool { return !slices.Contains(p.Spec.GetRaw(), address) })
}

type datasetLsOptions struct{ *app }

func newDatasetLsCmd(a *app) *cobra.Command {
	o := &datasetLsOptions{app: a}
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List golden datasets and their contributions",
		Args:    exactArgs(),
		Example: "  mlp dataset ls\n  mlp dataset ls --format json",
		RunE:    func(*cobra.Command, []string) error { return o.run() },
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}

// contributionRow is a line of `mlp dataset ls`.
type contributionRow struct {
	Address string `json:"address"`
	Side    string `json:"side"`
	Label   string `json:"label"`
	Files   int    `json:"files"`
	Bytes   int64  `json:"bytes"`
	Lines   int64  `json:"lines"`
	Records int64  `json:"records"`
	Note    string `json:"note"`
}

func (o *datasetLsOptions) run() error {
	p, err := o.openProject()
	if err != nil {
		return err
	}
	rows := []contributionRow{}
	for _, d := range p.program.Datasets {
		for _, c := range d.Contributions {
			t := dataset.Total(c.Spec)
			rows = append(rows, contributionRow{Address: c.Address, Side: sideOf(d, c), Label: labelText(c.Spec.GetLabel()),
				Files: t.Files, Bytes: t.Size, Lines: t.Lines, Records: t.Records, Note: c.Spec.GetNote()})
		}
	}
	if o.format == formatJSON {
		return writeJSON(o.stdout, struct {
			FormatVersion int               `json:"format_version"`
			Contributions []contributionRow `json:"contributions"`
		}{1, rows})
	}
	return table(o.stdout, "CONTRIBUTION\tSIDE\tLABEL\tRECORDS\tBYTES\tNOTE", rows, func(r contributionRow) string {
		return fmt.Sprintf("%s\t%s\t%s\t%d\t%d\t%s", r.Address, r.Side, r.Label, r.Records, r.Bytes, r.Note)
	})
}

// sideOf names the side of a contribution, or what cuts within it.
func sideOf(d *compile.Dataset, c *compile.Contribution) string {
	switch {
	case d.Spec.GetSplit().GetGroup() != "":
		return "by group"
	case d.Spec.GetSplit().GetTime() != "":
		return "by time"
	case c.Test:
		return "test"
	}
	return "train"
}

func labelText(l *specpb.Label) string {
	text := strings.ToLower(l.GetVerdict().String())
	if l.GetExpression() != "" {
		text = "expression"
	}
	if l.GetRowsOf() != "" {
		text += " of " + l.GetRowsOf()
	}
	return text
}

// table prints rows under a heading, in columns.
func table[T any](w stream, heading string, rows []T, line func(T) string) error {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, heading)
	for _, r := range rows {
		fmt.Fprintln(tw, printable(line(r)))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for text := range strings.Lines(b.String()) {
		if err := printf(w, "%s\n", strings.TrimRight(text, " \n")); err != nil {
			return err
		}
	}
	return nil
}
