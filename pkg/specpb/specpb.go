// Package specpb holds the messages of the specs: mlp/v1/*.proto, which are
// the reference of the language, and the Go code generated from them.
package specpb

import "embed"

//go:generate go run ./gen

// Protos are the sources, under mlp/v1.
//
//go:embed mlp/v1/*.proto
var Protos embed.FS
