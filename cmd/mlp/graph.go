package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/lineage"
)

// Values of --format and --level of graph, beside those that others have.
const (
	formatMermaid = "mermaid"
	formatDot     = "dot"
	formatHTML    = "html"

	levelSets    = "sets"
	levelColumns = "columns"
)

type graphOptions struct {
	*app
	selectors []string
	compare   comparison
	changed   bool
	level     string
	out       string
}

func newGraphCmd(a *app) *cobra.Command {
	o := &graphOptions{app: a}
	cmd := &cobra.Command{
		Use:   "graph [SELECTOR...]",
		Short: "Show lineage: what each field, feature and model reads",
		Long: `Show the graph of the project, or the part that selectors choose together:

  model/beacon      this node; * in an address is any text
  +model/beacon     it and all that it reads
  field/conn.ts+    it and all that reads it
  2+feature/x.y+1   two generations of what it reads, one of what reads it
  changed           all that differs from the base

A parser, feature set or dataset stands for what it holds, too. Without selectors
the whole project is shown: in text, Mermaid and Graphviz by sets, which --level
columns opens; JSON and HTML always hold every node. The HTML file needs nothing
else and fetches nothing.`,
		Example: `  mlp graph
  mlp graph +model/scan_conn
  mlp graph field/zeek_conn.ts+ -v
  mlp graph --changed --format html --out lineage.html
  mlp graph --base HEAD~1 changed+ --format mermaid
  mlp graph --level columns --format dot | dot -Tsvg > lineage.svg`,
		Args:              anyArgs,
		ValidArgsFunction: o.complete,
		RunE: func(_ *cobra.Command, args []string) error {
			o.selectors = args
			return o.run()
		},
	}
	a.addFormat(cmd, formatText, formatMermaid, formatDot, formatHTML, formatJSON)
	flags := cmd.Flags()
	flags.StringVar(&o.compare.base, "base", "", "mark what differs from this `REV`")
	flags.StringVar(&o.compare.head, "rev", "", "show this `REV` instead of the work tree")
	flags.BoolVar(&o.changed, "changed", false, "mark what differs from the base of plan (default: merge-base with the default branch)")
	flags.Var(&choice{value: &o.level, allowed: []string{levelSets, levelColumns}}, "level", "how much of it (default: columns with selectors, else sets)")
	flags.StringVarP(&o.out, "out", "o", "", "write to this `FILE` (default: stdout)")
	return cmd
}

// complete offers addresses, behind the plus sign that was typed.
func (o *graphOptions) complete(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	plus := typed[:strings.LastIndexByte(typed, '+')+1]
	return names(o.addresses(), func(address string) string { return plus + address }), cobra.ShellCompDirectiveNoFileComp
}

func (o *graphOptions) run() error {
	p, err := o.openProject()
	if err != nil {
		return err
	}
	whole, err := o.lineage(p)
	if err != nil {
		return err
	}
	chosen, err := whole.Select(o.selectors)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := o.write(&b, chosen); err != nil {
		return err
	}
	if o.out != "" {
		return os.WriteFile(o.path(o.out), b.Bytes(), 0o644)
	}
	_, err = o.stdout.Write(b.Bytes())
	return err
}

// lineage compares only where it was asked to: a base costs a compilation.
func (o *graphOptions) lineage(p *project) (*lineage.Lineage, error) {
	compares := o.changed || o.compare.base != ""
	for _, s := range o.selectors {
		compares = compares || lineage.Compares(s)
	}
	if compares {
		base, head, err := o.versions(p, o.compare)
		if err != nil {
			return nil, err
		}
		return lineage.Of(lineage.Input{Head: head.program, HeadName: head.name, Base: base.program, BaseName: base.name}), nil
	}
	head := p.workTree()
	if o.compare.head != "" {
		h, err := o.openHistory(p)
		if err != nil {
			return nil, err
		}
		if head, err = h.at(o.compare.head); err != nil {
			return nil, err
		}
		if head.program == nil {
			return nil, fmt.Errorf("cannot show %s", head.name)
		}
	}
	return lineage.Of(lineage.Input{Head: head.program, HeadName: head.name}), nil
}

func (o *graphOptions) write(w io.Writer, s *lineage.Selection) error {
	sets := o.level == levelSets || o.level == "" && len(o.selectors) == 0
	drawn := s.Lineage
	if sets {
		drawn = drawn.AtSets()
	}
	switch o.format {
	case formatMermaid:
		return o.mermaid(w, drawn)
	case formatDot:
		return drawn.WriteDot(w)
	case formatHTML:
		return s.WriteHTML(w)
	case formatJSON:
		return writeJSON(w, s.Lineage)
	}
	return s.WriteText(w, lineage.TextOptions{Sets: sets, Verbose: o.flags.verbose})
}

// mermaid warns of a diagram that GitHub does not draw.
func (o *graphOptions) mermaid(w io.Writer, l *lineage.Lineage) error {
	var b bytes.Buffer
	if err := l.WriteMermaid(&b); err != nil {
		return err
	}
	if n := l.Edges(); !o.flags.quiet && (n > lineage.MermaidEdges || b.Len() > lineage.MermaidText) {
		fmt.Fprintf(o.stderr, "warning: %s and %d characters; GitHub draws up to %d and %d\n  hint: choose less, or --level sets\n",
			plural(n, "edge"), b.Len(), lineage.MermaidEdges, lineage.MermaidText)
	}
	_, err := b.WriteTo(w)
	return err
}
