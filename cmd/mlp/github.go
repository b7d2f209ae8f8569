package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/github"
	"github.com/mlpdev/mlp/pkg/plan"
)

// appendFile adds text to the file that an environment variable names, if it
// does.
func (a *app) appendFile(variable, text string) error {
	path := a.env(variable)
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", variable, err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// setOutputs hands values to later steps of a job on GitHub; "name", value, ….
func (a *app) setOutputs(pairs ...string) error {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(&b, "%s=%s\n", pairs[i], strings.ReplaceAll(pairs[i+1], "\n", " "))
	}
	return a.appendFile("GITHUB_OUTPUT", b.String())
}

// writeNotices prints the changes of a plan as annotations of their places.
func (a *app) writeNotices(p *plan.Plan) error {
	const most = 9 // GitHub shows ten of a step
	var notices diag.List
	for _, c := range p.Changes {
		if worthNotice(c) {
			notices = append(notices, &diag.Diagnostic{Severity: diag.Notice, Code: "mlp plan: " + string(c.Class), Span: c.Place, Message: c.Address + ": " + c.Reason})
		}
	}
	more := ""
	if len(notices) > most {
		more, notices = fmt.Sprintf("; %d more changes are in the plan", len(notices)-most), notices[:most]
	}
	if err := notices.WriteGitHub(a.stdout); err != nil {
		return err
	}
	return printf(a.stdout, "::notice title=mlp plan::%s%s; %s\n", headline(p), more, p.Digest)
}

func newGitHubCmd(a *app) *cobra.Command {
	return newGroupCmd("github", "Work with pull requests in GitHub Actions", newGitHubCommentCmd(a), newGitHubReviewedCmd(a))
}

// githubClient returns a client made of what GitHub Actions tell a job.
func (a *app) githubClient(author string) (*github.Client, error) {
	c := &github.Client{URL: a.env("GITHUB_API_URL"), Repository: a.env("GITHUB_REPOSITORY"), Token: a.env("GITHUB_TOKEN"), Author: author, HTTP: http.DefaultClient}
	if c.URL == "" {
		c.URL = "https://api.github.com"
	}
	switch {
	case c.Repository == "":
		return nil, &notInJobError{"GITHUB_REPOSITORY"}
	case c.Token == "":
		return nil, &notInJobError{"GITHUB_TOKEN"}
	}
	return c, nil
}

// notInJobError says that a variable of GitHub Actions is not set.
type notInJobError struct{ variable string }

func (e *notInJobError) Error() string { return e.variable + " is not set" }
func (e *notInJobError) Hint() string {
	return "this runs in a job of GitHub Actions; the token is handed to the step: env: { GITHUB_TOKEN: ${{ github.token }} }"
}

type githubCommentOptions struct {
	*app
	file, author string
}

func newGitHubCommentCmd(a *app) *cobra.Command {
	o := &githubCommentOptions{app: a}
	cmd := &cobra.Command{
		Use:   "comment PLANFILE",
		Short: "Show a plan as the one comment on its pull request",
		Long: `Write the plan as a comment on the pull request that started the job, or bring the
comment that is there up to date. A hidden first line notes the plan's digest and the
commit, for mlp github reviewed. For a pull request from a fork nothing is done: its
token may only read, and the step summary of mlp plan shows the plan. So it is with
another token that may only read.

Read from the environment: GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_EVENT_PATH and
GITHUB_API_URL.`,
		Args:    exactArgs("PLANFILE"),
		Example: "  mlp plan --base HEAD^1 --format github --out .mlp/plan && mlp github comment .mlp/plan",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.author, "author", github.Bot, "`LOGIN` that the token writes as")
	return cmd
}

func (o *githubCommentOptions) run(ctx context.Context) error {
	f, err := o.readPlan(o.file)
	if err != nil {
		return err
	}
	path := o.env("GITHUB_EVENT_PATH")
	if path == "" {
		return &notInJobError{"GITHUB_EVENT_PATH"}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	event, err := github.ParsePullEvent(data)
	if err != nil {
		return fmt.Errorf("GITHUB_EVENT_PATH: %w", err)
	}
	if event.Fork {
		return printf(o.stdout, "Pull request #%d comes from a fork: no comment; the step summary has the plan.\n", event.Number)
	}
	c, err := o.githubClient(o.author)
	if err != nil {
		return err
	}
	made, err := c.Comment(ctx, event.Number, github.Marker{Plan: f.Plan.Digest, Head: event.Head}, commentOf(f))
	var refused *github.StatusError
	if errors.As(err, &refused) && refused.Status == http.StatusForbidden {
		// As Dependabot's, which is of this repository and may only read.
		return printf(o.stdout, "::warning::The token may not comment on pull request #%d; the step summary has the plan.\n", event.Number)
	}
	if err != nil {
		return err
	}
	what := map[bool]string{true: "Commented on", false: "Updated the comment on"}[made]
	return printf(o.stdout, "%s pull request #%d: %s\n", what, event.Number, headline(f.Plan))
}

type githubReviewedOptions struct {
	*app
	commit, branch, author string
}

func newGitHubReviewedCmd(a *app) *cobra.Command {
	o := &githubReviewedOptions{app: a}
	cmd := &cobra.Command{
		Use:   "reviewed [COMMIT]",
		Short: "Print the digest of the plan that was reviewed before a merge",
		Long: `Find the pull request that a commit of the branch came by (default: the commit of
the job), and print the plan digest of the comment on it. It is refused, with status
3, where there is no such pull request, no comment, or where commits were pushed after
the plan that it shows. The digest is also set as the output plan-digest of the step.

Read from the environment: GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_SHA,
GITHUB_REF_NAME and GITHUB_API_URL.`,
		Args:    optionalArg("COMMIT"),
		Example: `  mlp apply --base "$BEFORE" --plan-digest "$(mlp github reviewed)"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.commit = args[0]
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.author, "author", github.Bot, "`LOGIN` that wrote the comment")
	cmd.Flags().StringVar(&o.branch, "branch", "", "`BRANCH` that was merged into (default: GITHUB_REF_NAME)")
	return cmd
}

func (o *githubReviewedOptions) run(ctx context.Context) error {
	for _, x := range []struct {
		value    *string
		variable string
	}{{&o.commit, "GITHUB_SHA"}, {&o.branch, "GITHUB_REF_NAME"}} {
		if *x.value == "" {
			*x.value = o.env(x.variable)
		}
		if *x.value == "" {
			return &notInJobError{x.variable}
		}
	}
	c, err := o.githubClient(o.author)
	if err != nil {
		return err
	}
	d, pull, err := c.Reviewed(ctx, o.commit, o.branch)
	if err != nil {
		return err
	}
	if err := o.setOutputs("plan-digest", d.String()); err != nil {
		return err
	}
	if !o.flags.quiet {
		_ = printf(o.stderr, "commit %.12s came by pull request #%d\n", o.commit, pull)
	}
	return printf(o.stdout, "%s\n", d)
}
