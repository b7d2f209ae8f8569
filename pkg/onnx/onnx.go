// Package onnx scores rows with ONNX models, through the ONNX runtime's shared
// library, which is loaded by path. Models are checked before the runtime sees
// them: no external data, standard operators only, a bounded size.
package onnx

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// Runtime is the loaded library. There is one in a process, and it stays until
// the process ends.
type Runtime struct{ path string }

// process is what the library itself keeps once a process: it is loaded by
// path, has one environment, and tells nobody which path that was.
var process struct {
	sync.Mutex
	runtime *Runtime
}

// Open loads the ONNX runtime's shared library at path. The library allows one
// in a process: a second Open of the same file returns the same Runtime, of
// another file an error.
func Open(path string) (*Runtime, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open ONNX runtime: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open ONNX runtime: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open ONNX runtime %s: not a file", path)
	}
	process.Lock()
	defer process.Unlock()
	if process.runtime != nil {
		return reopen(process.runtime, path, info)
	}
	ort.SetSharedLibraryPath(path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return nil, fmt.Errorf("open ONNX runtime %s: %w", path, err)
	}
	if err := ort.DisableTelemetry(); err != nil {
		return nil, errors.Join(fmt.Errorf("open ONNX runtime %s: %w", path, err), ort.DestroyEnvironment())
	}
	process.runtime = &Runtime{path: path}
	return process.runtime, nil
}

func reopen(r *Runtime, path string, info os.FileInfo) (*Runtime, error) {
	if r.path == path {
		return r, nil
	}
	if opened, err := os.Stat(r.path); err == nil && os.SameFile(opened, info) {
		return r, nil
	}
	return nil, fmt.Errorf("open ONNX runtime %s: %s is already open in this process", path, r.path)
}

// Path returns the absolute path that the library was loaded from.
func (r *Runtime) Path() string { return r.path }

// Version returns the library's version, as in "1.32.0".
func (r *Runtime) Version() string { return ort.GetVersion() }
