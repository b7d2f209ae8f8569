package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/plan"
)

type showOptions struct {
	*app
	file string
}

func newShowCmd(a *app) *cobra.Command {
	o := &showOptions{app: a}
	cmd := &cobra.Command{
		Use:   "show PLANFILE",
		Short: "Show a plan that was saved",
		Long: `Show a plan that mlp plan --out saved, as it was then. Nothing is looked up: a plan
that is stale can be shown, and not applied.`,
		Args:    exactArgs("PLANFILE"),
		Example: "  mlp plan --out .mlp/plan && mlp show .mlp/plan\n  mlp show --format markdown .mlp/plan",
		RunE: func(_ *cobra.Command, args []string) error {
			o.file = args[0]
			return o.run()
		},
	}
	a.addFormat(cmd, formatText, formatJSON, formatMarkdown)
	return cmd
}

func (o *showOptions) run() error {
	f, err := o.readPlan(o.file)
	if err != nil {
		return err
	}
	return o.printPlan(f)
}

// printPlan prints a plan in the form of --format.
func (a *app) printPlan(f plan.File) error {
	switch a.format {
	case formatJSON:
		return writeJSON(a.stdout, f.Plan)
	case formatMarkdown:
		return printf(a.stdout, "%s", commentOf(f))
	case formatGitHub:
		return a.writeNotices(f.Plan)
	}
	return planView{app: a, plan: f.Plan}.print()
}

// readPlan reads a plan file.
func (a *app) readPlan(name string) (plan.File, error) {
	data, err := os.ReadFile(a.path(name))
	if err != nil {
		return plan.File{}, err
	}
	f, err := plan.Decode(data)
	if err != nil {
		return plan.File{}, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// stalePlanError says that a plan file no longer holds.
type stalePlanError struct{ file, reason string }

func (e *stalePlanError) Error() string {
	return fmt.Sprintf("the plan of %s is stale: %s", e.file, e.reason)
}
func (e *stalePlanError) Hint() string {
	return "`mlp plan --out` makes a new one; `mlp show` still shows the old one"
}
func (e *stalePlanError) ExitStatus() int { return statusRefused }
