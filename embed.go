// Package mlp holds the specs of the example project, which `mlp init` starts
// a new project with.
package mlp

import "embed"

// Specs are the example's specs, under specs/.
//
//go:embed specs
var Specs embed.FS
