// Package trainers carries the Python trainers, so that the one binary
// installs them.
package trainers

import "embed"

// Files are the worker, the lock files, and a directory for each kind of
// trainer with its params.proto, trainer.json and modules.
//
//go:embed worker.py *.lock */*.py */params.proto */trainer.json
var Files embed.FS

// Lock is the path in Files of the worker's requirements, and Bootstrap of the
// installer's.
const (
	Lock      = "requirements.lock"
	Bootstrap = "bootstrap.lock"
)
