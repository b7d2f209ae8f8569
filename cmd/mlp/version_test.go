package main

import (
	"context"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescribeBuild(t *testing.T) {
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		want buildInfo
	}{
		{name: "nothing embedded", want: buildInfo{Version: "unknown", OS: "linux", Arch: "arm64"}},
		{name: "outside a checkout", info: &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.0.0"}},
			want: buildInfo{Version: "v1.0.0", Go: "go1.26.0", OS: "linux", Arch: "arm64"}},
		{name: "in a changed checkout", info: &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "(devel)"},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-01-12T08:00:00Z"}, {Key: "vcs.modified", Value: "true"}}},
			want: buildInfo{Version: "(devel)", Revision: "abc", Time: "2026-01-12T08:00:00Z", Modified: true, Go: "go1.26.0", OS: "linux", Arch: "arm64"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, describeBuild(tt.info, "linux", "arm64")); diff != "" {
				t.Errorf("describeBuild (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	full := buildInfo{Version: "v1.2.3", Revision: "abc", Time: "2026-01-12T08:00:00Z", Modified: true, Go: "go1.26.0", OS: "linux", Arch: "amd64"}
	for _, tt := range []struct {
		name  string
		args  []string
		build buildInfo
		want  string
	}{
		{name: "released", args: []string{"version"}, build: buildInfo{Version: "v1.2.3", Go: "go1.26.0", OS: "linux", Arch: "amd64"},
			want: "mlp v1.2.3 go1.26.0 linux/amd64\n"},
		{name: "from a checkout", args: []string{"version"}, build: full,
			want: "mlp v1.2.3 go1.26.0 linux/amd64\ncommit abc, 2026-01-12T08:00:00Z, modified\n"},
		{name: "json", args: []string{"version", "--format", "json"}, build: full,
			want: `{
  "format_version": 1,
  "version": "v1.2.3",
  "revision": "abc",
  "time": "2026-01-12T08:00:00Z",
  "modified": true,
  "go": "go1.26.0",
  "os": "linux",
  "arch": "amd64"
}
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t, tt.args...)
			c.build = tt.build
			if status := execute(context.Background(), c.app); status != statusDone {
				t.Errorf("status %d: %s", status, c.err.String())
			}
			if diff := cmp.Diff(tt.want, c.out.String()); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
		})
	}
}
