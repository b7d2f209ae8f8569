// Package mlp holds what of the repository travels in the binary: the specs of
// the example project, which `mlp init` starts a new project with, and the
// pages of the diagnostics.
package mlp

//go:generate go test -run=TestDiagnosticsTableIsCurrent . -update
//go:generate go test -run=TestFunctionsDocument ./pkg/engine/duckdb -update

import (
	"embed"
	"path"
	"slices"
	"strings"
)

// Specs are the example's specs, under specs/.
//
//go:embed specs
var Specs embed.FS

// Diagnostics are the pages of the diagnostics, docs/diagnostics/CODE.md.
//
//go:embed docs/diagnostics/*.md
var Diagnostics embed.FS

// AboutSSH reports whether a spec of the example is about logins by SSH; all
// others are about connections, but for the environment, which runs whatever
// there is.
func AboutSSH(file string) bool {
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	return slices.Contains([]string{"sshd", "ratio", "default_users", "login_10min", "login_hour", "ssh_guess", "ssh_slow"}, name)
}
