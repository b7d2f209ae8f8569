// Package mlp holds what of the repository travels in the binary: the specs of
// the example project, which `mlp init` starts a new project with, and the
// pages of the diagnostics.
package mlp

//go:generate go test -run=TestDiagnosticsTableIsCurrent . -update

import "embed"

// Specs are the example's specs, under specs/.
//
//go:embed specs
var Specs embed.FS

// Diagnostics are the pages of the diagnostics, docs/diagnostics/CODE.md.
//
//go:embed docs/diagnostics/*.md
var Diagnostics embed.FS
