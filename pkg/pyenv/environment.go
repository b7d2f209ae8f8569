package pyenv

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
)

// EnvOptions says where and how the Python environment is made.
type EnvOptions struct {
	// CacheDir is the cache; the environment lives in its python/DIGEST.
	CacheDir string
	// Python is an interpreter that has the lock's packages already. It is
	// checked and used as it is. Empty: an environment is made.
	Python string
	// Base is the Python 3.11 that an environment is made with. Empty: the
	// python3.11 or python3 of PATH.
	Base string
	// Lock is the requirements file, with exact versions and hashes.
	Lock []byte
	// Source names packages of the lock that exist as source alone. They are
	// built when all others are there, with the lock's setuptools.
	Source []string
	// Bootstrap is a requirements file of the same form for the installer uv.
	// Empty, or where it cannot be had: pip installs, which is slower.
	Bootstrap []byte
	// Environ is the environment of the commands that are run: PATH, proxy and
	// certificate settings, pip's and uv's configuration.
	Environ []string
	// Progress receives a line at each stage; nil drops it.
	Progress func(string)
}

// Env is a Python environment with the packages of a lock.
type Env struct {
	// Python is the path of the interpreter.
	Python string `json:"python"`
	// Version is Python's, as in "3.11.9".
	Version string `json:"version"`
	// OnnxRuntime is the path of the ONNX runtime's shared library; empty where
	// the lock has none.
	OnnxRuntime string `json:"onnx_runtime"`
	// OnnxRuntimeVersion is its version, as in "1.32.0".
	OnnxRuntimeVersion string `json:"onnx_runtime_version"`
}

// pythonVersion is the one that the lock is made for.
const pythonVersion = "3.11"

// marker is the file that makes an environment complete; it is written last and
// holds the Env as JSON.
const marker = "complete.json"

// Environment returns the environment of a lock, made on first use, when it
// needs a package registry and takes a minute. Where it is complete it costs a
// few file reads. Two processes that ask at once make one; one that was left
// half made is made anew. Errors that a user can remedy are *EnvError.
func Environment(ctx context.Context, o EnvOptions) (Env, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	b, env, made, err := find(ctx, o)
	if made || err != nil {
		return env, err
	}
	return b.make(ctx)
}

// Find is Environment where it is made already: nothing is made. Where one
// could not be made either, for want of a Python, that is an *EnvError.
func Find(ctx context.Context, o EnvOptions) (env Env, made bool, err error) {
	b, env, made, err := find(ctx, o)
	if err == nil && !made {
		_, err = b.base(ctx)
	}
	return env, made, err
}

func find(ctx context.Context, o EnvOptions) (*builder, Env, bool, error) {
	pins, err := parseLock(o.Lock)
	if err != nil {
		return nil, Env{}, false, fmt.Errorf("prepare Python: %w", err)
	}
	b := &builder{EnvOptions: o, pins: pins}
	if o.Python != "" {
		env, err := b.probe(ctx, o.Python)
		return b, env, err == nil, err
	}
	// Absolute, because it ends up inside the environment's scripts.
	cache, err := filepath.Abs(o.CacheDir)
	if err != nil {
		return nil, Env{}, false, fmt.Errorf("prepare Python: %w", err)
	}
	b.dir = filepath.Join(cache, "python", b.name())
	env, made := b.complete()
	return b, env, made, nil
}

// Command returns how to start a script, with numeric libraries held to one
// thread. base is the environment variables to keep, such as PATH and HOME; what
// would change numbers is overridden.
func (e Env) Command(script string, base []string, stderr io.Writer) Command {
	env := without(base, "PYTHON", "OMP_", "MKL_", "OPENBLAS_", "VIRTUAL_ENV=")
	return Command{
		Path: e.Python,
		// No site of the user, no current directory, no bytecode in the cache.
		Args: []string{"-P", "-s", "-B", script},
		Dir:  filepath.Dir(script),
		Env: append(env,
			"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1",
			"PYTHONHASHSEED=0", "PYTHONUTF8=1", "TZ=UTC", "LC_ALL=C.UTF-8"),
		Stderr: stderr,
	}
}

// A builder makes one environment.
type builder struct {
	EnvOptions
	dir  string
	pins []string // NAME==VERSION, in the lock's order
}

// name tells environments apart that must not be shared.
func (b *builder) name() string {
	return digest.New("python-environment").
		String("python", pythonVersion).
		String("platform", runtime.GOOS+"/"+runtime.GOARCH).
		Bytes("lock", b.Lock).
		Sum().Hex()[:16]
}

// complete returns the environment if it was made to the end and is there.
func (b *builder) complete() (Env, bool) {
	text, err := os.ReadFile(filepath.Join(b.dir, marker))
	if err != nil {
		return Env{}, false
	}
	var env Env
	if err := json.Unmarshal(text, &env); err != nil {
		return Env{}, false
	}
	for _, path := range []string{env.Python, env.OnnxRuntime} {
		if path == "" && b.version(onnxRuntime) == "" {
			continue
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return Env{}, false
		}
	}
	return env, true
}

func (b *builder) make(ctx context.Context) (_ Env, err error) {
	if err := os.MkdirAll(filepath.Dir(b.dir), 0o777); err != nil {
		return Env{}, fmt.Errorf("prepare Python: %w", err)
	}
	unlock, err := lock(ctx, b.dir+".lock", func() {
		b.Progress("waiting for another process that makes the Python environment")
	})
	if err != nil {
		return Env{}, fmt.Errorf("prepare Python: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if env, ok := b.complete(); ok {
		return env, nil
	}
	// Scripts of an environment name its place, so it cannot be made elsewhere
	// and renamed; without the marker it does not count.
	if err := os.RemoveAll(b.dir); err != nil {
		return Env{}, fmt.Errorf("prepare Python: %w", err)
	}
	env, err := b.install(ctx)
	if err != nil {
		return Env{}, err
	}
	if err := b.mark(env); err != nil {
		return Env{}, fmt.Errorf("prepare Python: %w", err)
	}
	return env, nil
}

func (b *builder) mark(env Env) error {
	text, err := json.MarshalIndent(env, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(b.dir, marker)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

var pinForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?==[A-Za-z0-9][A-Za-z0-9.+!]*$`)

// IsPin reports whether a requirement is NAME==VERSION in lower case.
func IsPin(requirement string) bool { return pinForm.MatchString(requirement) }

// parseLock returns the packages that a requirements file names for every
// platform, as NAME==VERSION, and refuses lines that would weaken it.
func parseLock(lock []byte) ([]string, error) {
	var pins []string
	for i, line := range strings.Split(string(lock), "\n") {
		line = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "\\"))
		switch {
		case line == "" || line[0] == '#':
			continue
		case strings.HasPrefix(line, "--hash=sha256:"):
			continue
		}
		requirement, marker, _ := strings.Cut(line, ";")
		pin := strings.TrimSpace(requirement)
		if !IsPin(pin) {
			return nil, fmt.Errorf("line %d of the lock is not NAME==VERSION or a hash", i+1)
		}
		if strings.TrimSpace(marker) == "" {
			pins = append(pins, pin)
		}
	}
	if len(pins) == 0 {
		return nil, errors.New("the lock names no packages")
	}
	return pins, nil
}

// without returns the variables that begin with none of the prefixes.
func without(environ []string, prefixes ...string) []string {
	var kept []string
	for _, variable := range environ {
		drop := false
		for _, prefix := range prefixes {
			drop = drop || strings.HasPrefix(variable, prefix)
		}
		if !drop {
			kept = append(kept, variable)
		}
	}
	return kept
}
