package main

import (
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/scaffold"
)

// buildInfo is what a binary knows of its own making.
type buildInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // commit, where it was built from a checkout
	Time     string `json:"time,omitempty"`     // of that commit, RFC 3339
	Modified bool   `json:"modified"`           // the checkout had changes of its own
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// describeBuild reads what the Go toolchain embedded; info may be nil.
func describeBuild(info *debug.BuildInfo, os, arch string) buildInfo {
	b := buildInfo{Version: "unknown", OS: os, Arch: arch}
	if info == nil {
		return b
	}
	b.Go = info.GoVersion
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// moduleVersion is the version under which Go installs this binary anew: of the
// module, or the commit of a checkout without changes.
func (b buildInfo) moduleVersion() string {
	switch {
	case strings.HasPrefix(b.Version, "v") && !strings.HasSuffix(b.Version, "+dirty"):
		return b.Version
	case b.Revision != "" && !b.Modified:
		return b.Revision
	}
	return scaffold.Unpinned
}

type versionOptions struct {
	*app
}

func newVersionCmd(a *app) *cobra.Command {
	o := &versionOptions{app: a}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of mlp and what it was built from",
		Args:  exactArgs(),
		Example: `  mlp version
  mlp version --format json`,
		RunE: func(*cobra.Command, []string) error { return o.run() },
	}
	a.addFormat(cmd, formatText, formatJSON)
	return cmd
}

func (o *versionOptions) run() error {
	if o.format == formatJSON {
		return writeJSON(o.stdout, struct {
			FormatVersion int `json:"format_version"`
			buildInfo
		}{1, o.build})
	}
	b := o.build
	if err := printf(o.stdout, "mlp %s %s %s/%s\n", b.Version, b.Go, b.OS, b.Arch); err != nil || b.Revision == "" {
		return err
	}
	state := ""
	if b.Modified {
		state = ", modified"
	}
	return printf(o.stdout, "commit %s, %s%s\n", b.Revision, b.Time, state)
}
