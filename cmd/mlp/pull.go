package main

import (
	"context"
	"fmt"
	"os"
	"strings"

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
	dir := o.path(o.dir)
	s, err := o.openStore(site.GetStore(), "")
	if err != nil {
		return notBegun(dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	db, end, err := openScratchEngine(ctx, engineDirs{})
	if err != nil {
		return err
	}
	defer end()
	var lines []string
	_, err = pull.Run(ctx, pull.Options{Site: site, Dir: dir, Store: s, Now: o.now, Chain: score.Site{DB: db, ONNX: onnx.Open},
		Report: func(line string) { lines = append(lines, printable(line)+"\n") }})
	if err != nil {
		return err
	}
	return printf(o.stdout, "%s", strings.Join(lines, ""))
}

// notBegun is the error of a pull that could not begin, which says what keeps
// running, as those of pull.Run do.
func notBegun(dir string, err error) error {
	failed := &pull.Failed{Err: err}
	if active, err := pull.Current(dir); err == nil {
		failed.Active = active.Name()
	}
	return failed
}
