package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
)

func newEnvCmd(a *app) *cobra.Command {
	return newGroupCmd("env", "Work with environments", newEnvExportCmd(a))
}

type envExportOptions struct {
	*app
	name string
	out  string
	site string
}

func newEnvExportCmd(a *app) *cobra.Command {
	o := &envExportOptions{app: a}
	cmd := &cobra.Command{
		Use:   "export NAME",
		Short: "Write the site file of an environment",
		Long: `Write the one file that a site needs beside the binary: where the store is, which
channel and models it runs, which keys may sign its releases, and the newest
release of today, below which it never goes. Bring it to the site by a way that
you trust.`,
		Args:              exactArgs("NAME"),
		Example:           "  mlp env export plant_7 --out site.textproto",
		ValidArgsFunction: a.completeNames("env"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.site, "site", "", "`NAME` of the site in its receipts (default: the machine's host name)")
	cmd.Flags().StringVarP(&o.out, "out", "o", "", "write to this `FILE` (default: stdout)")
	return cmd
}

func (o *envExportOptions) run(ctx context.Context) error {
	p, err := o.openProject()
	if err != nil {
		return err
	}
	e, ok := compile.ByName(p.program.Environments, o.name)
	if !ok {
		return &unknownError{kind: "environment", name: o.name, known: names(p.program.Environments, func(e *compile.Environment) string { return e.Name })}
	}
	s, err := p.store(o.app)
	if err != nil {
		return err
	}
	site := &specpb.Site{FormatVersion: 1, Repository: p.spec.GetName(), Environment: e.Name, Channel: e.Channel, Store: s.Location(), Models: e.Spec.GetModels(), Site: o.site, Floor: &specpb.Floor{}}
	if len(site.Models) == 0 {
		site.Models = []string{"*"}
	}
	for _, k := range p.spec.GetKeys() {
		if len(trustedKeys([]*specpb.TrustedKey{k}, e.Channel)) > 0 {
			site.Keys = append(site.Keys, k)
		}
	}
	if len(site.Keys) == 0 {
		return fmt.Errorf("no key of %s may sign releases of channel %s", projectFile, e.Channel)
	}
	head, err := p.log(s, e.Channel).Head(ctx, release.Ref{})
	switch {
	case err == nil:
		site.Floor = &specpb.Floor{Number: head.Record.Number, Digest: head.Digest.String()}
	case !errors.Is(err, release.ErrNoRelease):
		return err
	}
	text := spec.Format(site, nil)
	if o.out == "" {
		return printf(o.stdout, "%s", text)
	}
	return os.WriteFile(o.path(o.out), text, 0o644)
}
