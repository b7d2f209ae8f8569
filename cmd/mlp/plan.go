package main

import (
	"context"

	"github.com/spf13/cobra"
)

type planOptions struct {
	*app
	compare  comparison
	detailed bool
}

func newPlanCmd(a *app) *cobra.Command {
	o := &planOptions{app: a}
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what a change affects, and what apply would compute",
		Long: `Compare the work tree, or a commit, with a base: which fields, features, datasets and
models change, each with its class and reason, and what must be computed. Nothing
is computed and nothing is written. The plan digest is the same with or without a
store; a change that alters no value changes nothing in it.`,
		Args: exactArgs(),
		Example: `  mlp plan
  mlp plan --base HEAD~1
  mlp plan --rev HEAD             # what the last commit changes
  mlp plan --format json
  mlp plan --detailed-exitcode    # 2 if there are changes`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	a.addFormat(cmd, formatText, formatJSON)
	cmd.Flags().StringVar(&o.compare.head, "rev", "", "plan this `REV` instead of the work tree")
	cmd.Flags().StringVar(&o.compare.base, "base", "", "compare with this `REV` (default: merge-base with the default branch)")
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 if there are changes")
	return cmd
}

func (o *planOptions) run(ctx context.Context) error {
	p, s, err := o.openForLooking()
	if err != nil {
		return err
	}
	made, err := o.makePlan(ctx, p, s, o.compare)
	if err != nil {
		return err
	}
	if o.format == formatJSON {
		err = writeJSON(o.stdout, made)
	} else {
		err = planView{app: o.app, plan: made, program: p.program}.print()
	}
	if err == nil && o.detailed && !made.Empty() {
		return changesPresent{}
	}
	return err
}
