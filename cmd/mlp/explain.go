package main

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/lineage"
	"github.com/mlpdev/mlp/pkg/run"
)

type explainOptions struct {
	*app
	what string
}

func newExplainCmd(a *app) *cobra.Command {
	o := &explainOptions{app: a}
	cmd := &cobra.Command{
		Use:   "explain CODE|ADDRESS",
		Short: "Explain the code of a diagnostic, or why a node is what it is",
		Long: `Show the page of a diagnostic's code, which stands in brackets behind its message:
what it means, what to do, and an example of the mistake.

Or show a node of the graph: where it is declared, its definition as written and in
the canonical form that its key covers, what it reads and what reads it, what the
store has of it, and which releases have it, with the same key or with another.`,
		Args: exactArgs("CODE|ADDRESS"),
		Example: `  mlp explain unknown-column
  mlp explain feature/src_5min.ports
  mlp explain scan_src --format json`,
		ValidArgsFunction: o.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.what = args[0]
			return o.run(cmd.Context())
		},
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}

// complete offers the codes with what they mean, and addresses.
func (o *explainOptions) complete(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	pages, err := diagnosticPages()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	out := names(pages, func(p diag.Page) string { return p.Code + "\t" + p.Meaning })
	return append(out, o.addresses()...), cobra.ShellCompDirectiveNoFileComp
}

// diagnosticPages returns the pages that the binary carries.
func diagnosticPages() ([]diag.Page, error) {
	dir, err := fs.Sub(mlp.Diagnostics, "docs/diagnostics")
	if err != nil {
		return nil, err
	}
	return diag.Pages(dir)
}

func (o *explainOptions) run(ctx context.Context) error {
	pages, err := diagnosticPages()
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(pages, func(p diag.Page) bool { return p.Code == o.what }); i >= 0 {
		return o.page(pages[i])
	}
	codes := names(pages, func(p diag.Page) string { return p.Code })
	if _, err := o.projectRoot(); err != nil && !strings.Contains(o.what, "/") {
		return &unknownError{kind: "code", name: o.what, known: codes}
	}
	p, s, err := o.openForLooking()
	if err != nil {
		return err
	}
	address, err := resolveAddress(p.program, o.what)
	if near, ok := diag.Nearest(o.what, codes); err != nil && ok {
		return &unknownError{kind: "code or address", name: o.what, known: []string{near}}
	}
	if err != nil {
		return err
	}
	found, err := p.viewer(s).Explain(ctx, address)
	if err != nil {
		return err
	}
	node := explainNode(p, address, found)
	if o.format == formatJSON {
		return writeJSON(o.stdout, node)
	}
	return printf(o.stdout, "%s", printable(node.text()))
}

func (o *explainOptions) page(p diag.Page) error {
	if o.format == formatJSON {
		return writeJSON(o.stdout, explainedCode(p))
	}
	return printf(o.stdout, "%s", p.Text)
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

// nodePage says why a node is what it is.
type nodePage struct {
	FormatVersion int `json:"format_version"`
	*lineage.Node
	Canonical  string               `json:"canonical,omitempty"`
	Own        []ownPart            `json:"own"`
	ReadBy     []lineage.Dep        `json:"read_by"`
	Dependents []string             `json:"dependents"`
	Columns    []run.StoredColumn   `json:"columns"`
	Trained    bool                 `json:"trained,omitempty"`
	Evaluation *run.EvaluationEntry `json:"evaluation,omitempty"`
	Releases   []run.ReleasedNode   `json:"releases"`
}

// ownPart is a part of a node's own content.
type ownPart struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

func explainNode(p *project, address string, found *run.Explained) nodePage {
	whole := lineage.Of(lineage.Input{Head: p.program, HeadName: p.workTree().name})
	node, _ := whole.Node(address)
	out := nodePage{FormatVersion: 1, Node: node, Own: []ownPart{}, ReadBy: []lineage.Dep{}, Dependents: []string{},
		Columns: found.Columns, Trained: found.Model != nil, Evaluation: found.Evaluation, Releases: found.Releases}
	if t, ok := p.program.Definition(address); ok {
		out.Canonical = p.program.Readable(t)
	}
	g, _ := p.program.Graph.Node(address)
	for _, part := range g.Own {
		out.Own = append(out.Own, ownPart{part.Name, part.Digest.String()})
	}
	for _, n := range whole.Nodes {
		for _, d := range n.Reads {
			if d.Address == address {
				out.ReadBy = append(out.ReadBy, lineage.Dep{Address: n.Address, Role: d.Role})
			}
		}
	}
	out.Dependents = append(out.Dependents, p.program.Graph.Dependents(address)...)
	return out
}

// text returns the page for people.
func (n nodePage) text() string {
	var b strings.Builder
	fmt.Fprintln(&b, strings.TrimSpace(n.Address+"  "+n.Type))
	line := func(name string, values ...string) {
		for i, v := range values {
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(&b, "  %-11s %s\n", name, v)
		}
	}
	if n.DisplayName != "" {
		line("name", n.DisplayName)
	}
	if n.Description != "" {
		line("description", n.Description)
	}
	line("declared", n.Place.String())
	if n.Definition != "" {
		line("definition", n.Definition)
	}
	if n.Canonical != "" {
		line("canonical", n.Canonical)
	}
	for _, f := range n.Facts {
		line(f.Name, f.Value)
	}
	line("key", n.Key.String())
	line("covers", names(n.Own, func(p ownPart) string { return p.Name + " " + p.Digest[:len("sha256:")+8] + "…" })...)
	role := func(d lineage.Dep) string { return d.Address + "  (" + d.Role + ")" }
	line("reads", names(n.Reads, role)...)
	line("read by", names(n.ReadBy, role)...)
	if more := n.further(); more > 0 {
		line("", fmt.Sprintf("and through them %d more", more))
	}
	line("stored", n.stored()...)
	line("released", n.released()...)
	return b.String()
}

// further counts the nodes that read it through others only.
func (n nodePage) further() int {
	direct := func(address string) bool {
		return slices.ContainsFunc(n.ReadBy, func(d lineage.Dep) bool { return d.Address == address })
	}
	return len(slices.DeleteFunc(slices.Clone(n.Dependents), direct))
}

func (n nodePage) stored() []string {
	out := names(n.Columns, func(c run.StoredColumn) string {
		if !c.Stored {
			return c.Frame + "  not stored"
		}
		return fmt.Sprintf("%s  %s", c.Frame, plural(int(c.Rows), "row"))
	})
	if n.Kind != "model" && n.Kind != "evaluation" {
		return out
	}
	switch {
	case !n.Trained:
		out = append(out, "not trained")
	case n.Evaluation == nil:
		out = append(out, "trained, not measured")
	case !n.Evaluation.Passed:
		out = append(out, "held by its gates: "+strings.Join(n.Evaluation.Reasons, "; "))
	default:
		out = append(out, "passed its gates: recall "+n.Evaluation.Metrics.Recall.String())
	}
	return out
}

func (n nodePage) released() []string {
	return names(n.Releases, func(r run.ReleasedNode) string {
		text := fmt.Sprintf("%s with this key", r.Release)
		if !r.Same {
			text = fmt.Sprintf("%s with another key, %s…", r.Release, r.Key.String()[:len("sha256:")+8])
		}
		switch {
		case n.Kind == "model" || n.Kind == "evaluation":
			return text
		case len(r.Models) == 0:
			return text + ", which no model of it reads"
		}
		return text + ", for " + strings.Join(r.Models, ", ")
	})
}
