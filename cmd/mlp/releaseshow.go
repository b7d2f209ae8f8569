package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/report"
	"github.com/mlpdev/mlp/pkg/run"
)

type releaseShowOptions struct {
	*app
	name string
	out  string
}

func newReleaseShowCmd(a *app) *cobra.Command {
	o := &releaseShowOptions{app: a}
	cmd := &cobra.Command{
		Use:   "show CHANNEL#N",
		Short: "Show what a release is made of and what its models reach",
		Long: `Show the report of a release: metrics with bounds, the curves behind them, gates,
decisions compared with the release before, training, lineage with keys, and the
counts of the data. CHANNEL alone is its newest release. The report comes from the
signed record and from what the store has under its keys; the specs are those of
the commit that was applied. The HTML file needs nothing else and fetches nothing.`,
		Args: exactArgs("CHANNEL#N"),
		Example: `  mlp release show local#3
  mlp release show stable --format html --out report.html
  mlp release show stable#41 --format json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return o.run(cmd.Context())
		},
	}
	a.addFormat(cmd, formatText, formatJSON, formatHTML)
	cmd.Flags().StringVarP(&o.out, "out", "o", "", "write to this `FILE` (default: stdout)")
	return cmd
}

func (o *releaseShowOptions) run(ctx context.Context) error {
	p, s, err := o.openForLooking()
	if err != nil {
		return err
	}
	channel, number, err := parseRelease(o.name)
	if err != nil {
		return err
	}
	if known := p.channels(); !slices.Contains(known, channel) && len(p.trusted(channel)) == 0 {
		return &unknownError{kind: "channel", name: channel, known: known}
	}
	entries, err := p.log(s, channel).List(ctx)
	if err != nil {
		return err
	}
	if number == 0 {
		number = int64(len(entries))
	}
	if len(entries) == 0 {
		return fmt.Errorf("channel %s: %w", channel, release.ErrNoRelease)
	}
	if number > int64(len(entries)) {
		return fmt.Errorf("release %s does not exist: the newest is %s#%d", o.name, channel, len(entries))
	}
	made, err := o.reportOf(ctx, p, p.viewer(s), releases{entries: entries[:number]})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	switch o.format {
	case formatJSON:
		err = writeJSON(&b, made)
	case formatHTML:
		err = made.WriteHTML(&b)
	default:
		err = made.WriteText(&b)
	}
	if err != nil {
		return err
	}
	if o.out != "" {
		return os.WriteFile(o.path(o.out), b.Bytes(), 0o644)
	}
	_, err = o.stdout.Write(b.Bytes())
	return err
}

// parseRelease reads CHANNEL#N, or CHANNEL: its newest, number 0.
func parseRelease(name string) (channel string, number int64, err error) {
	channel, text, numbered := strings.Cut(name, "#")
	if numbered {
		number, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil || channel == "" || numbered && number < 1 {
		return "", 0, fmt.Errorf("release %q: want CHANNEL#N, as in local#3", name)
	}
	return channel, number, nil
}

// releases are a release and all before it, and the version of the project that
// it was made of where that is at hand.
type releases struct {
	entries []release.Entry
	program *compile.Program
}

// reportOf makes the report of the last of some releases.
func (a *app) reportOf(ctx context.Context, p *project, r *run.Runner, of releases) (*report.Report, error) {
	last := len(of.entries) - 1
	in := run.ReportInput{Entry: of.entries[last]}
	if last > 0 {
		in.Before = &of.entries[last-1]
	}
	h, err := a.openHistory(p)
	if err != nil {
		return nil, err
	}
	in.Programs = h.behind(of)
	return r.Report(ctx, in)
}

// behind yields versions of the project in which a release's models may be
// found: the applied commit, the work tree, and, for models that were taken
// over, the commits of earlier releases. A commit that is not there, or whose
// specs do not compile any more, is passed over.
func (h *history) behind(of releases) iter.Seq[*compile.Program] {
	return func(yield func(*compile.Program) bool) {
		if of.program != nil && !yield(of.program) {
			return
		}
		seen := map[string]bool{}
		for i := len(of.entries) - 1; i >= 0; i-- {
			rec := of.entries[i].Record
			last := i == len(of.entries)-1
			if last && rec.Dirty && !yield(h.project.program) {
				return
			}
			if h.repo != nil && rec.Commit != "" && !seen[rec.Commit] {
				seen[rec.Commit] = true
				if v, err := h.at(rec.Commit); err == nil && v.program != nil && !yield(v.program) {
					return
				}
			}
			if last && !rec.Dirty && !yield(h.project.program) {
				return
			}
		}
	}
}

// writeReport writes the report of a release that a run made, and returns where
// it lies, relative to the project.
func (a *app) writeReport(ctx context.Context, p *project, r *run.Runner, rel run.Released) (string, error) {
	entries, err := p.log(r.Store, rel.Channel).List(ctx)
	if err != nil {
		return "", err
	}
	if rel.Number > int64(len(entries)) {
		return "", fmt.Errorf("%s#%d: %w", rel.Channel, rel.Number, release.ErrNoRelease)
	}
	made, err := a.reportOf(ctx, p, r, releases{entries: entries[:rel.Number], program: p.program})
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := made.WriteHTML(&b); err != nil {
		return "", err
	}
	name := strconv.FormatInt(rel.Number, 10)
	if len(p.channels()) > 1 {
		name = rel.Channel + "-" + name // numbers are a channel's own
	}
	path := filepath.Join(stateDir, "reports", name, "index.html")
	full := filepath.Join(p.root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return "", err
	}
	// Complete or not there, even if this process dies.
	if err := os.WriteFile(full+".new", b.Bytes(), 0o644); err != nil {
		return "", err
	}
	return filepath.ToSlash(path), os.Rename(full+".new", full)
}
