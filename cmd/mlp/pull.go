package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/receipt"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
)

type pullOptions struct {
	*app
	config string
	dir    string
	site   string
}

func newPullCmd(a *app) *cobra.Command {
	o := &pullOptions{app: a}
	cmd := &cobra.Command{
		Use:   "pull",
		Short: "Bring this site to the newest release of its channel",
		Long: `Find the newest release, verify its signature before reading it, fetch what is
missing, verify every digest, check that this binary computes the same keys, and
run the known answers. Only then one rename switches to it. Whatever goes wrong,
the release that runs keeps running. Afterwards a receipt in the store says what
runs here, for mlp status; where the store takes none, that is a note.`,
		Args:    exactArgs(),
		Example: "  mlp pull --config site.textproto --dir /var/lib/mlp",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := receipt.Name("x", cmp.Or(o.site, "x")); err != nil {
				return &usageError{cmd: cmd, message: fmt.Sprintf("--site is %q, want letters, digits, dots, hyphens and underscores", o.site)}
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.config, "config", "site.textproto", "site `FILE` that mlp env export wrote")
	cmd.Flags().StringVar(&o.dir, "dir", "mlp-site", "site's `DIR`, made where it is missing")
	cmd.Flags().StringVar(&o.site, "site", "", "`NAME` of the site in its receipt (default: MLP_SITE, the site file's, the host's)")
	return cmd
}

func (o *pullOptions) run(ctx context.Context) error {
	site, err := o.readSite(o.config)
	if err != nil {
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
	// A site may be a small machine.
	defer debug.SetGCPercent(debug.SetGCPercent(leanGC))
	db, end, err := openScratchEngine(ctx, engineDirs{lean: true})
	if err != nil {
		return err
	}
	defer end()
	giveBack() // what it took to start the engine
	var lines []string
	_, err = pull.Run(ctx, pull.Options{Site: site, Dir: dir, Store: s, Now: o.now, Chain: score.Site{DB: db, ONNX: onnx.Open, Between: giveBack},
		Report: func(line string) { lines = append(lines, printable(line)+"\n") },
		Name:   o.siteName(site), Binary: o.build.Version,
		Note: func(line string) { _ = printf(o.stderr, "note: %s\n", printable(line)) }})
	if err != nil {
		return err
	}
	return printf(o.stdout, "%s", strings.Join(lines, ""))
}

// siteName is what the site is called in its receipt.
func (o *pullOptions) siteName(site *specpb.Site) string {
	if name := cmp.Or(o.site, o.env("MLP_SITE"), site.GetSite()); name != "" {
		return name
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return strings.Trim(regexp.MustCompile(`[^a-z0-9._-]+`).ReplaceAllString(strings.ToLower(host), "-"), "-.")
}

// readSite reads a site file.
func (a *app) readSite(name string) (*specpb.Site, error) {
	src, err := os.ReadFile(a.path(name))
	if err != nil {
		return nil, fmt.Errorf("read site file: %w", err)
	}
	site, diags := spec.ReadSite(name, src)
	a.source = func(string) []byte { return src }
	return site, diags.Err()
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
