package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
)

type verifyOptions struct{ *app }

func newVerifyCmd(a *app) *cobra.Command {
	o := &verifyOptions{app: a}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that the store holds what its records say",
		Long: `Read everything that the store has for this project: the signatures of index
entries and releases, the digest of every object, the content digest of every
column, and the account of lines, records, rows and rejects. Nothing is computed
anew and nothing is written.`,
		Args:    exactArgs(),
		Example: "  mlp verify\n  mlp verify --format json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}

func (o *verifyOptions) run(ctx context.Context) error {
	p, s, err := o.openForLooking()
	if err != nil {
		return err
	}
	r, end, err := o.reader(ctx, p, s)
	if err != nil {
		return err
	}
	defer end()
	channels := append(p.channels(), compile.DefaultChannel) // where developers' keys release to
	slices.Sort(channels)
	v, err := r.Verify(ctx, slices.Compact(channels))
	if err != nil {
		return err
	}
	if o.format == formatJSON {
		return writeJSON(o.stdout, v)
	}
	c := v.Counts
	return printf(o.stdout, "verified: %s, %s, %s, %s, %s; %d lines, %d records = %d rows + %d rejects\n",
		plural(v.Frames, "frame"), plural(v.Columns, "column"), plural(v.Models, "model"), plural(int(v.Releases), "release"), plural(v.Objects, "object"),
		c.Lines, c.Records, c.Rows, c.Rejected())
}
