package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
)

type validateOptions struct {
	*app
	strict bool
}

func newValidateCmd(a *app) *cobra.Command {
	o := &validateOptions{app: a}
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the specs of the project and their SQL",
		Long: `Read all specs of the project, bind names, and parse and type-check every SQL
expression. All mistakes are reported at once, each with its file, line and
column. Nothing is computed and no store is needed.

Where there are no mistakes, warnings say what is likely to be one: what nothing
reads, what gives the same on every row, what may be NULL. They do not change the
status, but with --strict. Of one kind in one file three are shown, all with
--verbose or as JSON. A comment # allow: CODE on the line, or on one of its own
before it, says that it is meant; at the head of a file it speaks of all of it.`,
		Args: exactArgs(),
		Example: `  mlp validate
  mlp validate --format github    # annotations in a pull request
  mlp validate --strict           # status 1 if there are warnings`,
		RunE: func(*cobra.Command, []string) error { return o.run() },
	}
	a.addFormat(cmd, formatText, formatJSON, formatGitHub)
	cmd.Flags().BoolVar(&o.strict, "strict", false, "let warnings fail, too")
	return cmd
}

func (o *validateOptions) run() error {
	o.doubtful = true
	if o.format == formatJSON {
		o.diagOut = o.stdout
	}
	p, err := o.openProject()
	if err != nil {
		return err
	}
	if err := o.print(p); err != nil || !o.strict || o.warned == 0 {
		return err
	}
	return reported{}
}

func (o *validateOptions) print(p *project) error {
	switch o.format {
	case formatJSON:
		if o.diagnosed {
			return nil // the warnings are the document
		}
		return o.diagnose(nil)
	case formatGitHub:
		return nil
	}
	line := inventory(p.program)
	if o.warned > 0 {
		line += "; " + plural(o.warned, "warning")
	}
	return printf(o.stdout, "ok: %s\n", line)
}

// inventory counts what a program declares.
func inventory(p *compile.Program) string {
	counts := []string{plural(len(p.Parsers), "parser")}
	if len(p.Lists) > 0 {
		counts = append(counts, plural(len(p.Lists), "list"))
	}
	if len(p.Functions) > 0 {
		counts = append(counts, plural(len(p.Functions), "function"))
	}
	counts = append(counts, plural(len(p.FeatureSets), "feature set"), plural(len(p.Datasets), "dataset"),
		plural(len(p.Models), "model"), plural(len(p.Environments), "environment"))
	return strings.Join(counts, ", ")
}

// plural returns "1 model", "2 models".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
