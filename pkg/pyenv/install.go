package pyenv

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// EnvError is why there is no Python environment, where the user can do
// something about it.
type EnvError struct {
	// Op is what was being done, as in "install packages".
	Op string
	// Err is why it did not work.
	Err error
	// Output is the end of what the command wrote, if one was run.
	Output string
	hint   string
}

// Error returns what was being done and why it did not work, and on lines of
// their own what the command wrote last.
func (e *EnvError) Error() string {
	text := fmt.Sprintf("prepare Python: %s: %v", e.Op, e.Err)
	if e.Output == "" {
		return text
	}
	return text + ":\n  " + strings.ReplaceAll(e.Output, "\n", "\n  ")
}

// Unwrap returns Err.
func (e *EnvError) Unwrap() error { return e.Err }

// Hint returns what to do about it.
func (e *EnvError) Hint() string { return e.hint }

const (
	hintPython   = "install Python 3.11 with its venv module, or name one that has the packages of the lock"
	hintRegistry = "the first use needs a package registry; without one, name a Python that has the packages of the lock"
	hintPackages = "install the packages of the lock there, or leave the choice of Python to mlp"
)

// install makes the environment in b.dir, all but its marker.
func (b *builder) install(ctx context.Context) (Env, error) {
	base, err := b.base(ctx)
	if err != nil {
		return Env{}, err
	}
	venv := filepath.Join(b.dir, "venv")
	b.Progress("making a Python environment in " + b.dir)
	if err := b.run(ctx, command{"make environment", hintPython, []string{base, "-I", "-m", "venv", venv}}); err != nil {
		return Env{}, err
	}
	python := filepath.Join(venv, "bin", "python")
	wheels, sources := b.locks()
	lock := filepath.Join(b.dir, "requirements.lock")
	if err := os.WriteFile(lock, wheels, 0o666); err != nil {
		return Env{}, fmt.Errorf("prepare Python: %w", err)
	}
	b.Progress(fmt.Sprintf("installing %d Python packages", len(b.pins)))
	if err := b.uv(ctx, python, lock); err != nil {
		if ctx.Err() != nil {
			return Env{}, err
		}
		b.Progress("installing with pip, which takes longer")
		pip := append([]string{python, "-I"}, pipInstall(lock)...)
		if err := b.run(ctx, command{"install packages", hintRegistry, pip}); err != nil {
			return Env{}, err
		}
	}
	if len(sources) > 0 {
		if err := b.build(ctx, python, sources); err != nil {
			return Env{}, err
		}
	}
	return b.probe(ctx, python)
}

// uv installs the lock with uv, which it installs first, outside the
// environment: there are to be the lock's packages only.
func (b *builder) uv(ctx context.Context, python, lock string) error {
	if len(b.Bootstrap) == 0 {
		return errors.New("no lock of uv")
	}
	bootstrap, tools := filepath.Join(b.dir, "bootstrap.lock"), filepath.Join(b.dir, "tools")
	if err := os.WriteFile(bootstrap, b.Bootstrap, 0o666); err != nil {
		return fmt.Errorf("prepare Python: %w", err)
	}
	pip := append([]string{python, "-I"}, append(pipInstall(bootstrap), "--target", tools)...)
	if err := b.run(ctx, command{"install uv", hintRegistry, pip}); err != nil {
		return err
	}
	return b.run(ctx, command{"install packages", hintRegistry, []string{
		filepath.Join(tools, "bin", "uv"), "pip", "sync", "--quiet", "--python", python,
		"--require-hashes", "--only-binary", ":all:", "--compile-bytecode", lock,
	}})
}

// pipInstall returns pip's arguments: nothing but the lock, and no code of a
// package runs while it is installed.
func pipInstall(lock string) []string {
	return []string{
		"-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
		"--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock,
	}
}

// locks returns the lock in two: what is installed as it is, and what is built.
func (b *builder) locks() (wheels, sources []byte) {
	for entry := range bytes.Lines(bytes.ReplaceAll(b.Lock, []byte("\\\n"), []byte("\\\r"))) {
		name, _, _ := bytes.Cut(entry, []byte("=="))
		entry = bytes.ReplaceAll(entry, []byte("\\\r"), []byte("\\\n"))
		if slices.Contains(b.Source, string(name)) {
			sources = append(sources, entry...)
		} else {
			wheels = append(wheels, entry...)
		}
	}
	return wheels, sources
}

// build installs packages of which there is only source, with what the
// environment has: nothing that is not in the lock is fetched to build them.
func (b *builder) build(ctx context.Context, python string, sources []byte) error {
	lock := filepath.Join(b.dir, "sources.lock")
	if err := os.WriteFile(lock, sources, 0o666); err != nil {
		return fmt.Errorf("prepare Python: %w", err)
	}
	b.Progress("building " + strings.Join(b.Source, ", "))
	return b.run(ctx, command{"build packages", hintRegistry, []string{
		python, "-I", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
		"--require-hashes", "--no-deps", "--use-pep517", "--no-build-isolation", "--no-binary", strings.Join(b.Source, ","), "-r", lock,
	}})
}

// base returns the Python that the environment is made with.
func (b *builder) base(ctx context.Context) (string, error) {
	candidates := []string{b.Base}
	if b.Base == "" {
		candidates = b.lookUp("python"+pythonVersion, "python3")
	}
	for _, path := range candidates {
		out, err := b.output(ctx, path, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
		if err == nil && strings.TrimSpace(out) == pythonVersion {
			return path, nil
		}
		if ctx.Err() != nil {
			return "", fmt.Errorf("prepare Python: %w", context.Cause(ctx))
		}
	}
	if b.Base != "" {
		return "", &EnvError{Op: "look for Python", Err: fmt.Errorf("%s is not Python %s", b.Base, pythonVersion), hint: hintPython}
	}
	return "", &EnvError{Op: "look for Python", Err: fmt.Errorf("there is no Python %s in PATH", pythonVersion), hint: hintPython}
}

// lookUp returns the programs of these names in the PATH of b.Environ.
func (b *builder) lookUp(names ...string) []string {
	i := slices.IndexFunc(b.Environ, func(v string) bool { return strings.HasPrefix(v, "PATH=") })
	if i < 0 {
		return nil
	}
	var found []string
	for _, name := range names {
		for _, dir := range filepath.SplitList(strings.TrimPrefix(b.Environ[i], "PATH=")) {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); filepath.IsAbs(path) && err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				found = append(found, path)
			}
		}
	}
	return found
}

// onnxRuntime is the package that brings the library.
const onnxRuntime = "onnxruntime"

//go:embed probe.py
var probeScript string

// A probed is what probe.py prints.
type probed struct {
	Version     string   `json:"version"`
	OnnxRuntime string   `json:"onnx_runtime"`
	Wrong       []string `json:"wrong"`
}

// probe asks a Python whether it has the lock's packages, and where the ONNX
// runtime's library is.
func (b *builder) probe(ctx context.Context, python string) (Env, error) {
	const op = "check packages"
	out, err := b.output(ctx, python, append([]string{"-I", "-c", probeScript}, b.pins...)...)
	if ctx.Err() != nil {
		return Env{}, fmt.Errorf("prepare Python: %w", context.Cause(ctx))
	}
	var p probed
	if err == nil {
		err = json.Unmarshal([]byte(out), &p)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("ask %s: %w", python, err)
	case !strings.HasPrefix(p.Version, pythonVersion+"."):
		err = fmt.Errorf("%s is Python %s, not %s", python, p.Version, pythonVersion)
	case len(p.Wrong) > 0:
		err = fmt.Errorf("%s: %s", python, strings.Join(p.Wrong, ", "))
	case p.OnnxRuntime == "" && b.version(onnxRuntime) != "":
		err = fmt.Errorf("%s has no library of the ONNX runtime", python)
	default:
		return Env{Python: python, Version: p.Version, OnnxRuntime: p.OnnxRuntime, OnnxRuntimeVersion: b.version(onnxRuntime)}, nil
	}
	return Env{}, &EnvError{Op: op, Err: err, hint: hintPackages}
}

// version returns what the lock pins a package to.
func (b *builder) version(name string) string {
	for _, pin := range b.pins {
		if version, ok := strings.CutPrefix(pin, name+"=="); ok {
			return version
		}
	}
	return ""
}

// A command is one to run, with what it is for and what to do where it fails.
type command struct {
	op, hint string
	args     []string
}

func (b *builder) run(ctx context.Context, c command) error {
	out := &tail{}
	cmd := b.cmd(ctx, c.args[0], c.args[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("prepare Python: %s: %w", c.op, context.Cause(ctx))
	case err != nil:
		return &EnvError{Op: c.op, Err: err, Output: out.String(), hint: c.hint}
	}
	return nil
}

func (b *builder) output(ctx context.Context, path string, args ...string) (string, error) {
	out, err := b.cmd(ctx, path, args...).Output()
	return string(out), err
}

// cmd prepares a command that a cancelled ctx kills with all its children.
// Variables that would send packages elsewhere are left out.
func (b *builder) cmd(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = without(b.Environ, "PYTHON", "VIRTUAL_ENV=", "CONDA_PREFIX=",
		"PIP_TARGET=", "PIP_PREFIX=", "PIP_ROOT=", "PIP_USER=", "PIP_REQUIRE_VIRTUALENV=", "PIP_NO_BINARY=",
		"UV_TARGET=", "UV_PREFIX=", "UV_PYTHON=", "UV_SYSTEM_PYTHON=", "UV_NO_BINARY=")
	cmd.WaitDelay = drainTime
	ownGroup(cmd)
	cmd.Cancel = func() error { killGroup(cmd); return nil }
	return cmd
}
