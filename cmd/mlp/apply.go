package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/store"
)

type applyOptions struct {
	*app
	base       string
	planDigest string
	reports    []string // files that were written
}

func newApplyCmd(a *app) *cobra.Command {
	o := &applyOptions{app: a}
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Compute what the plan lists, train, check gates and release",
		Long: `Execute the plan: parse raw logs, compute missing columns, train missing models,
judge them by their gates and publish the next signed release. What is in the
store already is not computed again, so an interrupted run is finished by running
the same command again, and a second run does nothing.

A gate that refuses holds its model only: the release keeps the version before,
and the exit status is 1.

Each release gets a report, .mlp/reports/NUMBER/index.html: one file with metrics,
curves, gates, lineage and data. mlp release show makes it of any release.`,
		Args: exactArgs(),
		Example: `  mlp apply
  mlp apply --plan-digest sha256:7f3a…   # only if this is still the plan`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.base, "base", "", "compare with this `REV` (default: merge-base with the default branch)")
	cmd.Flags().StringVar(&o.planDigest, "plan-digest", "", "refuse, with status 3, unless the plan has this `DIGEST`")
	return cmd
}

// otherPlanError says that the plan is not the one that was asked for.
type otherPlanError struct{ want, got digest.Digest }

func (e *otherPlanError) Error() string {
	return fmt.Sprintf("the plan is %s, not %s", e.got, e.want)
}
func (e *otherPlanError) Hint() string    { return "look at `mlp plan`, and apply the new digest" }
func (e *otherPlanError) ExitStatus() int { return statusRefused }

// heldError says that gates held models.
type heldError struct{ held []run.Held }

func (e *heldError) Error() string {
	var lines []string
	for _, h := range e.held {
		keeps := "no version of it is released"
		if h.Keeps != "" {
			keeps = h.Keeps + " keeps the version before"
		}
		lines = append(lines, fmt.Sprintf("gate holds model/%s: %s; %s", h.Model, strings.Join(h.Reasons, "; "), keeps))
	}
	return strings.Join(lines, "\n")
}

func (o *applyOptions) run(ctx context.Context) (err error) {
	p, unlock, err := o.openLocked()
	if err != nil {
		return err
	}
	defer unlock()
	s, err := p.makeStore(o.app)
	if err != nil {
		return err
	}
	made, err := o.makePlan(ctx, p, s, comparison{base: o.base, exact: true})
	if err != nil {
		return err
	}
	if o.planDigest != "" {
		want, err := digest.Parse(o.planDigest)
		if err != nil {
			return err
		}
		if want != made.Digest {
			return &otherPlanError{want: want, got: made.Digest}
		}
	}
	result, err := o.execute(ctx, p, s, made)
	if err != nil {
		return err
	}
	if err := o.summary(made, result); err != nil {
		return err
	}
	if len(result.Held) > 0 {
		return &heldError{result.Held}
	}
	return nil
}

func (o *applyOptions) execute(ctx context.Context, p *project, s store.Store, made *plan.Plan) (result *run.Result, err error) {
	if len(made.Steps) == 0 {
		r := p.viewer(s, nil)
		result := &run.Result{}
		return result, r.Held(ctx, result)
	}
	progress := o.newProgress(4)
	defer progress.Done()
	m, err := o.openMachine(ctx, p, s, progress.Note)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	r, err := m.runner(ctx, p, s, made.Digest)
	if err != nil {
		return nil, err
	}
	r.Progress = progress
	if result, err = r.Apply(ctx, made); err != nil {
		return result, err
	}
	for _, rel := range result.Releases {
		path, err := o.writeReport(ctx, p, r, rel)
		if err != nil {
			return result, fmt.Errorf("%s#%d is released; its report: %w", rel.Channel, rel.Number, err)
		}
		o.reports = append(o.reports, path)
	}
	return result, nil
}

func (o *applyOptions) summary(made *plan.Plan, r *run.Result) error {
	if len(made.Steps) == 0 {
		return printf(o.stdout, "Nothing to do: %s, %s match the newest release.\n", plural(made.DatasetCount, "dataset"), plural(made.ModelCount, "model"))
	}
	if err := printf(o.stdout, "Applied: %s, %s trained, %s.\n", plural(r.Columns, "column"), plural(len(r.Trained), "model"), plural(len(r.Releases), "release")); err != nil {
		return err
	}
	for _, e := range r.Evaluated {
		if err := printf(o.stdout, "  %s\n", e); err != nil {
			return err
		}
	}
	for _, rel := range r.Releases {
		what := rel.Models
		if len(rel.Retired) > 0 {
			what = append(what, "retired "+strings.Join(rel.Retired, ", "))
		}
		if err := printf(o.stdout, "Released %s#%d: %s\n", rel.Channel, rel.Number, strings.Join(what, ", ")); err != nil {
			return err
		}
	}
	for _, path := range o.reports {
		if err := printf(o.stdout, "report: %s\n", path); err != nil {
			return err
		}
	}
	return nil
}
