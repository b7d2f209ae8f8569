package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/plan"
)

type planOptions struct {
	*app
	compare  comparison
	out      string
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
store; a change that alters no value changes nothing in it.

--out saves the plan: mlp show shows it, mlp apply executes it unless it is stale. On
GitHub the digest and whether there are changes are set as outputs of the step, and
with --format github or markdown the plan is added to its summary.`,
		Args: exactArgs(),
		Example: `  mlp plan
  mlp plan --base HEAD~1
  mlp plan --rev HEAD             # what the last commit changes
  mlp plan --format json
  mlp plan --out .mlp/plan && mlp show .mlp/plan && mlp apply .mlp/plan
  mlp plan --base HEAD^1 --format github   # annotations, in a pull request's merge
  mlp plan --detailed-exitcode    # 2 if there are changes`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	a.addFormat(cmd, formatText, formatJSON, formatMarkdown, formatGitHub)
	cmd.Flags().StringVar(&o.out, "out", "", "save the plan to this `FILE`, for mlp show and mlp apply")
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
	if o.out != "" {
		data, err := made.Encode()
		if err != nil {
			return err
		}
		if err := replaceFile(o.path(o.out), data); err != nil {
			return err
		}
	}
	if err := o.printPlan(made); err != nil {
		return err
	}
	if err := o.tellGitHub(made); err != nil {
		return err
	}
	if o.detailed && !made.Plan.Empty() {
		return changesPresent{}
	}
	return nil
}

// tellGitHub hands a plan to later steps of a job on GitHub, and to its summary
// where the form of the output is one for GitHub.
func (o *planOptions) tellGitHub(f plan.File) error {
	if err := o.setOutputs("digest", f.Plan.Digest.String(), "changes", fmt.Sprint(!f.Plan.Empty()), "headline", headline(f.Plan)); err != nil {
		return err
	}
	if o.format != formatGitHub && o.format != formatMarkdown {
		return nil
	}
	return o.appendFile("GITHUB_STEP_SUMMARY", summaryOf(f))
}
