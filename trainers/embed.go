// Package trainers carries the Python trainers, so that the one binary
// installs them.
package trainers

import "embed"

// Files are the worker, the installer's lock, and a directory for each kind of
// trainer with its params.proto, trainer.json, requirements.lock and modules.
//
//go:embed worker.py *.lock */*.py */params.proto */trainer.json */requirements.lock
var Files embed.FS

// Bootstrap is the path in Files of the installer's requirements.
const Bootstrap = "bootstrap.lock"

// Lock returns the path in Files of the requirements of a kind's environment.
func Lock(kind string) string { return kind + "/requirements.lock" }
