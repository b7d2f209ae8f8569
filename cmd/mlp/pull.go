package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/spec"
)

type pullOptions struct {
	*app
	config string
	dir    string
}

func newPullCmd(a *app) *cobra.Command {
	o := &pullOptions{app: a}
	cmd := &cobra.Command{
		Use:   "pull",
		Short: "Bring this site to the newest release of its channel",
		Long: `Find the newest release, verify its signature before reading it, fetch what is
missing, verify every digest, check that this binary computes the same keys, and
run the known answers. Only then one rename switches to it. Whatever goes wrong,
the release that runs keeps running.`,
		Args:    exactArgs(),
		Example: "  mlp pull --config site.textproto --dir /var/lib/mlp",
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.config, "config", "site.textproto", "site `FILE` that mlp env export wrote")
	cmd.Flags().StringVar(&o.dir, "dir", "mlp-site", "site's `DIR`, made where it is missing")
	return cmd
}

func (o *pullOptions) run(ctx context.Context) error {
	src, err := os.ReadFile(o.path(o.config))
	if err != nil {
		return fmt.Errorf("read site file: %w", err)
	}
	site, diags := spec.ReadSite(o.config, src)
	o.source = func(string) []byte { return src }
	if err := diags.Err(); err != nil {
		return err
	}
	s, err := o.openStore(site.GetStore(), "")
	if err != nil {
		return err
	}
	dir := o.path(o.dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mlp-pull-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	db, err := openEngine(ctx, engineDirs{scratch: scratch})
	if err != nil {
		return err
	}
	defer db.Close()
	result, err := pull.Run(ctx, pull.Options{Site: site, Dir: dir, Store: s, Now: o.now, Chain: score.Site{DB: db, ONNX: onnx.Open},
		Report: func(line string) {
			if o.flags.verbose {
				_ = printf(o.stderr, "%s\n", printable(line))
			}
		}})
	if err != nil {
		return err
	}
	return o.summary(result)
}

func (o *pullOptions) summary(r pull.Result) error {
	active := fmt.Sprintf("%s#%d", r.Channel, r.Active.Number)
	if !r.Changed {
		return printf(o.stdout, "%s is the newest release; nothing to do\n", active)
	}
	from := ""
	if r.Before.Number > 0 {
		from = fmt.Sprintf(" ← %s#%d", r.Channel, r.Before.Number)
	}
	return printf(o.stdout, "%s%s: %d of %s new, %s in %s · signed by %s · contract ok · %s ok\nactive: %s\n", active, from, r.ModelsFetched,
		plural(r.Models, "model"), size(r.Bytes), plural(r.Fetched, "object"), r.Signer, plural(r.Answers, "known answer"), active)
}

// size shows a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d B", n)
}
