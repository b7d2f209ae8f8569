package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/release"
)

func newReleaseCmd(a *app) *cobra.Command {
	return newGroupCmd("release", "List and show releases", newReleaseLsCmd(a), newReleaseShowCmd(a))
}

type releaseLsOptions struct {
	*app
	channel string
}

func newReleaseLsCmd(a *app) *cobra.Command {
	o := &releaseLsOptions{app: a}
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List the releases of the project's channels, newest first",
		Args:    exactArgs(),
		Example: "  mlp release ls\n  mlp release ls --channel stable --format json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	a.addFormat(cmd, formatText, formatJSON)
	cmd.Flags().StringVar(&o.channel, "channel", "", "only this `CHANNEL`")
	return cmd
}

// releaseRow is a line of `mlp release ls`.
type releaseRow struct {
	Release string   `json:"release"`
	Digest  string   `json:"digest"`
	Created string   `json:"created"`
	Signer  string   `json:"signer"`
	Commit  string   `json:"commit"`
	Dirty   bool     `json:"dirty"`
	Models  []string `json:"models"`
	Bytes   int64    `json:"bytes"`
}

func (o *releaseLsOptions) run(ctx context.Context) error {
	p, s, err := o.openForLooking()
	if err != nil {
		return err
	}
	channels := p.channels()
	if o.channel != "" {
		channels = []string{o.channel}
	}
	rows := []releaseRow{}
	for _, channel := range channels {
		entries, err := p.log(s, channel).List(ctx)
		if err != nil && !errors.Is(err, release.ErrNoRelease) {
			return err
		}
		for i := len(entries) - 1; i >= 0; i-- {
			rows = append(rows, rowOfRelease(entries[i]))
		}
	}
	if o.format == formatJSON {
		return writeJSON(o.stdout, struct {
			FormatVersion int          `json:"format_version"`
			Releases      []releaseRow `json:"releases"`
		}{1, rows})
	}
	return table(o.stdout, "RELEASE\tCREATED\tSIGNED BY\tCOMMIT\tMODELS", rows, func(r releaseRow) string {
		commit := "-"
		if r.Commit != "" {
			commit = r.Commit[:min(7, len(r.Commit))]
		}
		if r.Dirty {
			commit += " (with changes)"
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", r.Release, r.Created, r.Signer, commit, strings.Join(r.Models, ", "))
	})
}

func rowOfRelease(e release.Entry) releaseRow {
	r := releaseRow{Release: fmt.Sprintf("%s#%d", e.Record.Channel, e.Record.Number), Digest: e.Digest.String(), Signer: e.Signer,
		Created: e.Record.Created.Format(time.RFC3339), Commit: e.Record.Commit, Dirty: e.Record.Dirty, Models: []string{}}
	for _, m := range e.Record.Models {
		r.Models = append(r.Models, m.Name)
	}
	for _, a := range e.Record.Artifacts {
		r.Bytes += a.Size
	}
	return r
}
