package main

import (
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp"
	"github.com/mlpdev/mlp/pkg/diag"
)

type explainOptions struct {
	*app
	what string
}

func newExplainCmd(a *app) *cobra.Command {
	o := &explainOptions{app: a}
	cmd := &cobra.Command{
		Use:   "explain CODE",
		Short: "Explain the code of a diagnostic",
		Long: `Show the page of a diagnostic's code, which stands in brackets behind its message:
what it means, what to do, and an example of the mistake.`,
		Args: exactArgs("CODE"),
		Example: `  mlp explain unknown-column
  mlp explain not-grouped --format json`,
		ValidArgsFunction: o.complete,
		RunE: func(_ *cobra.Command, args []string) error {
			o.what = args[0]
			return o.run()
		},
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}

// complete offers the codes with what they mean.
func (o *explainOptions) complete(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	pages, err := diagnosticPages()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return names(pages, func(p diag.Page) string { return p.Code + "\t" + p.Meaning }), cobra.ShellCompDirectiveNoFileComp
}

// diagnosticPages returns the pages that the binary carries.
func diagnosticPages() ([]diag.Page, error) {
	dir, err := fs.Sub(mlp.Diagnostics, "docs/diagnostics")
	if err != nil {
		return nil, err
	}
	return diag.Pages(dir)
}

func (o *explainOptions) run() error {
	pages, err := diagnosticPages()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(pages, func(p diag.Page) bool { return p.Code == o.what })
	if i < 0 {
		return &unknownError{kind: "code", name: o.what, known: names(pages, func(p diag.Page) string { return p.Code })}
	}
	if o.format == formatJSON {
		return writeJSON(o.stdout, explainedCode(pages[i]))
	}
	return printf(o.stdout, "%s", pages[i].Text)
}

// codePage is the JSON form of a page.
type codePage struct {
	FormatVersion int           `json:"format_version"`
	Code          string        `json:"code"`
	Meaning       string        `json:"meaning"`
	ToDo          string        `json:"to_do"`
	Examples      []codeExample `json:"examples"`
}

type codeExample struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // of the mistake, in the text
	Text string `json:"text"`
}

func explainedCode(p diag.Page) codePage {
	out := codePage{FormatVersion: 1, Code: p.Code, Meaning: p.Meaning, ToDo: p.ToDo, Examples: []codeExample{}}
	for _, e := range p.Examples {
		out.Examples = append(out.Examples, codeExample{File: e.Path, Line: e.Line, Text: e.Text})
	}
	return out
}
