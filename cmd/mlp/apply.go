package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/store"
)

type applyOptions struct {
	*app
	base       string
	planDigest string
	engine     engineFlag
	reports    []string // files that were written
	file       string   // of a plan
}

func newApplyCmd(a *app) *cobra.Command {
	o := &applyOptions{app: a}
	cmd := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Compute what the plan lists, train, check gates and release",
		Long: `Execute the plan: parse raw logs, compute missing columns, train missing models,
judge them by their gates and publish the next signed release. What is in the
store already is not computed again, so an interrupted run is finished by running
the same command again, and a second run does nothing.

With a plan file, or with --plan-digest, exactly the plan that was looked at is
executed: if it is another one now, nothing is done and the status is 3.

A gate that refuses holds its model only: the release keeps the version before,
and the exit status is 1.

Releases go to the channels of the models. With a key that may sign channel local
alone, as a developer's, all of them go there.

With --engine spark, columns are computed by Spark: where SPARK_REMOTE or spark in
mlp.textproto say, else it is started on this machine and needs Java 17; its Python
packages are installed on first use. They are the same columns under the same keys
as DuckDB's, so either engine goes on where the other stopped.

What the store's index has counts where a key signed it that may sign what is
released. Anything else is named, and made anew.

Each release gets a report, .mlp/reports/NUMBER/index.html: one file with metrics,
curves, gates, lineage and data. mlp release show makes it of any release.`,
		Args: optionalArg("PLANFILE"),
		Example: `  mlp apply
  mlp apply .mlp/plan                    # as mlp plan --out saved it
  mlp apply --plan-digest sha256:7f3a…   # only if this is still the plan
  mlp apply --engine spark`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.file = args[0]
			}
			if o.file != "" && o.base != "" {
				return &usageError{cmd: cmd, message: "--base and a plan file: the file says what it was compared with"}
			}
			if err := o.engine.check(); err != nil {
				return &usageError{cmd: cmd, message: err.Error()}
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.base, "base", "", "compare with this `REV` (default: merge-base with the default branch)")
	o.engine.add(cmd, "compute columns with this `ENGINE`: duckdb or spark", engineDuckDB, engineSpark)
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
	s, err := p.makeStore(ctx, o.app)
	if err != nil {
		return err
	}
	made, err := o.planned(ctx, p, s)
	if err != nil {
		return err
	}
	if p.local && !o.flags.quiet && made.StepsOf(plan.Release) > 0 {
		_ = printf(o.stderr, "note: the key at hand may sign releases of channel %s alone: this one goes there\n", compile.DefaultChannel)
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

// planned returns the plan to execute: that of today, which must be the one that
// was asked for.
func (o *applyOptions) planned(ctx context.Context, p *project, s store.Store) (*plan.Plan, error) {
	compare := comparison{base: o.base, exact: true}
	var saved plan.File
	if o.file != "" {
		var err error
		if saved, err = o.readPlan(o.file); err != nil {
			return nil, err
		}
		if saved.Project != p.spec.GetName() {
			return nil, fmt.Errorf("%s is a plan of project %s, this is %s", o.file, saved.Project, p.spec.GetName())
		}
		compare.base, compare.nothing = saved.BaseCommit, saved.BaseCommit == ""
	}
	made, err := o.makePlan(ctx, p, s, compare)
	if err != nil {
		return nil, err
	}
	if o.file != "" {
		if reason := saved.Stale(made.Plan); reason != "" {
			return nil, &stalePlanError{o.file, reason}
		}
	}
	if o.planDigest != "" {
		want, err := digest.Parse(o.planDigest)
		if err != nil {
			return nil, fmt.Errorf("--plan-digest: %w", err)
		}
		if want != made.Plan.Digest {
			return nil, &otherPlanError{want: want, got: made.Plan.Digest}
		}
	}
	return made.Plan, nil
}

func (o *applyOptions) execute(ctx context.Context, p *project, s store.Store, made *plan.Plan) (result *run.Result, err error) {
	if len(made.Steps) == 0 {
		result := &run.Result{}
		return result, p.builder(s, nil).Held(ctx, result)
	}
	progress := o.newProgress(4)
	defer progress.Done()
	m, err := o.openMachine(ctx, p, s, progress.Note)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	r, err := m.runner(ctx, p, s, made.Digest)
	if o.engine.name == engineSpark && err == nil {
		r.Spark, err = m.onSpark(p, s)
	}
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

// summary prints what was done; on GitHub it is added to the step's summary, and
// the releases are set as its output.
func (o *applyOptions) summary(made *plan.Plan, r *run.Result) error {
	var b strings.Builder
	releases := []string{}
	if len(made.Steps) == 0 {
		fmt.Fprintf(&b, "Nothing to do: %s, %s match the newest release.\n", plural(made.DatasetCount, "dataset"), plural(made.ModelCount, "model"))
	} else {
		fmt.Fprintf(&b, "Applied: %s, %s trained, %s.\n", plural(r.Columns, "column"), plural(len(r.Trained), "model"), plural(len(r.Releases), "release"))
	}
	for _, e := range r.Evaluated {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	for _, rel := range r.Releases {
		what := rel.Models
		if len(rel.Retired) > 0 {
			what = append(what, "retired "+strings.Join(rel.Retired, ", "))
		}
		name := fmt.Sprintf("%s#%d", rel.Channel, rel.Number)
		releases = append(releases, name)
		fmt.Fprintf(&b, "Released %s: %s\n", name, strings.Join(what, ", "))
	}
	for _, path := range o.reports {
		fmt.Fprintf(&b, "report: %s\n", path)
	}
	if err := o.setOutputs("releases", strings.Join(releases, " ")); err != nil {
		return err
	}
	if err := o.appendFile("GITHUB_STEP_SUMMARY", "### mlp apply\n\n```text\n"+b.String()+"```\n"); err != nil {
		return err
	}
	return printf(o.stdout, "%s", b.String())
}
