// Package mlp holds what of the repository travels in the binary: the specs of
// the example project, which `mlp init` starts a new project with, and the
// pages of the diagnostics.
package mlp

//go:generate go test -run=TestDiagnosticsTableIsCurrent . -update
//go:generate go test -run=TestFunctionsDocument ./pkg/engine/duckdb -update
//go:generate go test -run=TestTrainersDocument ./pkg/spec -update

import (
	"embed"
	"path"
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

// Part returns the part of the example that a spec belongs to: "scan", "ssh" or
// "web"; "" is of all of them, as the environment, which runs whatever there is.
func Part(file string) string {
	switch strings.TrimSuffix(path.Base(file), path.Ext(file)) {
	case "lab":
		return ""
	case "sshd", "ratio", "default_users", "login_10min", "login_hour", "ssh_guess", "ssh_slow":
		return "ssh"
	case "web_form", "form_value", "form_inject":
		return "web"
	}
	return "scan"
}
