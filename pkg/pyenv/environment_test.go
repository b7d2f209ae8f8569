package pyenv_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/pyenv"
)

const (
	testLock      = "numpy==2.4.6 \\\n    --hash=sha256:00\nonnxruntime==1.32.0 \\\n    --hash=sha256:01\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:02\n"
	testBootstrap = "uv==0.13.9 \\\n    --hash=sha256:03\n"
)

// TestMain lets the test binary stand in for a Python.
func TestMain(m *testing.M) {
	if state, ok := os.LookupEnv("FAKE_PYTHON"); ok {
		os.Exit(fakePython(state, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakePython does what a Python would, as far as it is asked to, and writes down
// in DIR/log what that was. The files in DIR say what does not work.
func fakePython(dir string, args []string) int {
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return 9
	}
	defer log.Close()
	broken := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, "broken "+name))
		return err == nil
	}
	line := strings.Join(args, " ")
	switch {
	case strings.Contains(line, "sys.version_info[:2]"):
		fmt.Println(map[bool]string{false: "3.11", true: "3.9"}[broken("version")])
	case strings.Contains(line, "-m venv"):
		fmt.Fprintln(log, "venv")
		err = fakeVenv(dir, args[len(args)-1])
	case strings.Contains(line, "bootstrap.lock"):
		fmt.Fprintln(log, "pip uv")
		if broken("uv") {
			return 1
		}
		err = writeScript(dir, filepath.Join(args[len(args)-1], "bin", "uv"))
	case strings.Contains(line, "pip sync"):
		fmt.Fprintln(log, "uv sync")
	case strings.Contains(line, "-m pip install"):
		fmt.Fprintln(log, "pip install")
		if broken("pip") {
			fmt.Fprintln(os.Stderr, "ERROR: No matching distribution found")
			return 1
		}
	case broken("packages"):
		fmt.Println(`{"version":"3.11.7","wrong":["numpy is 1.0, not 2.4.6"],"onnx_runtime":""}`)
	default:
		fmt.Fprintln(log, "probe", strings.Join(args[3:], " "))
		reply, _ := json.Marshal(map[string]any{"version": "3.11.7", "wrong": []string{}, "onnx_runtime": filepath.Join(dir, "libonnxruntime.so")})
		fmt.Println(string(reply))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 8
	}
	return 0
}

func fakeVenv(dir, venv string) error {
	if _, err := os.Stat(filepath.Join(dir, "broken venv")); err == nil {
		fmt.Println("ensurepip is not available")
		return errors.New("no venv")
	}
	return writeScript(dir, filepath.Join(venv, "bin", "python"))
}

func writeScript(dir, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	text := fmt.Sprintf("#!/bin/sh\nGORACE=atexit_sleep_ms=0 FAKE_PYTHON='%s' exec '%s' \"$@\"\n", dir, os.Args[0])
	if os.Getenv("FAKE_PYTHON") != "" {
		text = strings.Replace(text, os.Args[0], must(os.Executable()), 1)
	}
	return os.WriteFile(path, []byte(text), 0o777)
}

func must(path string, err error) string {
	if err != nil {
		return err.Error()
	}
	return path
}

// A machine is where environments are made in tests.
type machine struct {
	t       *testing.T
	dir     string
	options pyenv.EnvOptions
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	dir := t.TempDir()
	base := filepath.Join(dir, "path", "python3.11")
	if err := writeScript(dir, base); err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, dir: dir, options: pyenv.EnvOptions{
		CacheDir:  filepath.Join(dir, "cache"),
		Lock:      []byte(testLock),
		Bootstrap: []byte(testBootstrap),
		Environ:   []string{"PATH=" + filepath.Dir(base)},
	}}
	m.write("libonnxruntime.so")
	return m
}

func (m *machine) write(name string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), nil, 0o666); err != nil {
		m.t.Fatal(err)
	}
}

// log returns what was done since it was last asked.
func (m *machine) log() []string {
	m.t.Helper()
	path := filepath.Join(m.dir, "log")
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		m.t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

func (m *machine) make() pyenv.Env {
	m.t.Helper()
	env, err := pyenv.Environment(m.t.Context(), m.options)
	if err != nil {
		m.t.Fatal(err)
	}
	return env
}

const probeLine = "probe numpy==2.4.6 onnxruntime==1.32.0"

func TestEnvironmentIsMadeOnce(t *testing.T) {
	m := newMachine(t)
	var progress []string
	m.options.Progress = func(line string) { progress = append(progress, line) }
	env := m.make()
	want := pyenv.Env{
		Python:             env.Python,
		Version:            "3.11.7",
		OnnxRuntime:        filepath.Join(m.dir, "libonnxruntime.so"),
		OnnxRuntimeVersion: "1.32.0",
	}
	if diff := cmp.Diff(want, env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(env.Python, filepath.Join(m.dir, "cache", "python")) {
		t.Errorf("%s is not in the cache", env.Python)
	}
	if diff := cmp.Diff([]string{"venv", "pip uv", "uv sync", probeLine}, m.log()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if len(progress) != 2 {
		t.Errorf("progress: %q", progress)
	}
	if diff := cmp.Diff(env, m.make()); diff != "" {
		t.Errorf("second time (-want +got):\n%s", diff)
	}
	if did := m.log(); len(did) != 0 {
		t.Errorf("the second time ran %q", did)
	}
	m.options.Lock = []byte("numpy==2.4.7\n" + testLock[strings.Index(testLock, "onnx"):])
	if other := m.make(); other.Python == env.Python {
		t.Error("two locks share an environment")
	}
}

func TestEnvironmentIsMadeAnewWhereBroken(t *testing.T) {
	tests := []struct {
		name string
		harm func(env pyenv.Env) error
	}{
		{"no interpreter", func(env pyenv.Env) error { return os.Remove(env.Python) }},
		{"no marker", func(env pyenv.Env) error {
			return os.Remove(filepath.Join(filepath.Dir(env.Python), "../../complete.json"))
		}},
		{"half a marker", func(env pyenv.Env) error {
			return os.Truncate(filepath.Join(filepath.Dir(env.Python), "../../complete.json"), 9)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t)
			env := m.make()
			m.log()
			stray := filepath.Join(filepath.Dir(env.Python), "stray")
			if err := errors.Join(os.WriteFile(stray, nil, 0o666), test.harm(env)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(env, m.make()); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"venv", "pip uv", "uv sync", probeLine}, m.log()); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
			if _, err := os.Stat(stray); err == nil {
				t.Error("a file of the broken environment is still there")
			}
		})
	}
}

func TestEnvironmentWithoutUv(t *testing.T) {
	m := newMachine(t)
	m.write("broken uv")
	m.make()
	if diff := cmp.Diff([]string{"venv", "pip uv", "pip install", probeLine}, m.log()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	m = newMachine(t)
	m.options.Bootstrap = nil
	m.make()
	if diff := cmp.Diff([]string{"venv", "pip install", probeLine}, m.log()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// TestSourcePackagesAreBuilt has one package be built, and only that one, after
// those that build it are there.
func TestSourcePackagesAreBuilt(t *testing.T) {
	m := newMachine(t)
	m.options.Source = []string{"numpy"}
	var made string
	m.options.Progress = func(line string) { made += line + "\n" }
	m.make()
	want := []string{"venv", "pip uv", "uv sync", "pip install", probeLine}
	if diff := cmp.Diff(want, m.log()); diff != "" {
		t.Errorf("what was done (-want +got):\n%s", diff)
	}
	if !strings.Contains(made, "building numpy\n") {
		t.Errorf("progress %q", made)
	}
	locks := map[string]string{}
	err := filepath.WalkDir(m.options.CacheDir, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".lock") && d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			locks[d.Name()] = string(text)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(locks["sources.lock"], "numpy==2.4.6 \\\n    --hash=sha256:00\n") || strings.Contains(locks["sources.lock"], "onnxruntime") {
		t.Errorf("what is built is %q", locks["sources.lock"])
	}
	if strings.Contains(locks["requirements.lock"], "numpy") || !strings.Contains(locks["requirements.lock"], "onnxruntime==1.32.0") {
		t.Errorf("what is installed as it is: %q", locks["requirements.lock"])
	}
}

func TestEnvironmentErrors(t *testing.T) {
	tests := []struct {
		name   string
		change func(m *machine)
		want   string
		hint   string
	}{
		{"no python", func(m *machine) { m.options.Environ = []string{"PATH=/no/such"} }, "look for Python: there is no Python 3.11 in PATH", "install Python 3.11"},
		{"old python", func(m *machine) { m.write("broken version") }, "there is no Python 3.11 in PATH", "install Python 3.11"},
		{"wrong base", func(m *machine) { m.options.Base = "/bin/false" }, "/bin/false is not Python 3.11", "install Python 3.11"},
		{"no venv module", func(m *machine) { m.write("broken venv") }, "make environment: exit status 8:\n  ensurepip is not available", "install Python 3.11"},
		{"offline", func(m *machine) { m.write("broken uv"); m.write("broken pip") }, "install packages: exit status 1:\n  ERROR: No matching", "needs a package registry"},
		{"installed python without packages", func(m *machine) {
			m.write("broken packages")
			m.options.Python = filepath.Join(m.dir, "path", "python3.11")
		}, "numpy is 1.0, not 2.4.6", "install the packages of the lock there"},
		{"installed python is none", func(m *machine) { m.options.Python = "/bin/true" }, "check packages: ask /bin/true", "install the packages"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t)
			test.change(m)
			_, err := pyenv.Environment(t.Context(), m.options)
			var failed *pyenv.EnvError
			if !errors.As(err, &failed) {
				t.Fatalf("got error %v", err)
			}
			if !strings.Contains(err.Error(), test.want) || !strings.Contains(failed.Hint(), test.hint) {
				t.Errorf("got error %v, hint %q; want %q, %q", err, failed.Hint(), test.want, test.hint)
			}
		})
	}
}

func TestInstalledPythonIsUsedAsItIs(t *testing.T) {
	m := newMachine(t)
	m.options.Python = filepath.Join(m.dir, "path", "python3.11")
	if env := m.make(); env.Python != m.options.Python {
		t.Errorf("got %s", env.Python)
	}
	if diff := cmp.Diff([]string{probeLine}, m.log()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(m.options.CacheDir); err == nil {
		t.Error("something was written into the cache")
	}
}

func TestEnvironmentAtOnceIsMadeOnce(t *testing.T) {
	m := newMachine(t)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if _, err := pyenv.Environment(t.Context(), m.options); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if diff := cmp.Diff([]string{"venv", "pip uv", "uv sync", probeLine}, m.log()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestEnvironmentIsCancelled(t *testing.T) {
	m := newMachine(t)
	m.options.Base = filepath.Join(m.dir, "slow")
	if err := os.WriteFile(m.options.Base, []byte("#!/bin/sh\n/bin/sleep 100\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := pyenv.Environment(ctx, m.options); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v", err)
	}
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("cancelling took %v", took)
	}
}

func TestLockForm(t *testing.T) {
	for _, lock := range []string{
		"",
		"# nothing\n",
		"numpy>=2\n",
		"numpy\n",
		"-r other.txt\nnumpy==1\n",
		"--index-url https://example.org\nnumpy==1\n",
		"numpy @ file:///tmp/x\n",
		"--hash=md5:00\n",
	} {
		if _, err := pyenv.Environment(t.Context(), pyenv.EnvOptions{CacheDir: t.TempDir(), Lock: []byte(lock)}); err == nil {
			t.Errorf("lock %q is accepted", lock)
		}
	}
}

func TestCommandHoldsNumbersStill(t *testing.T) {
	env := pyenv.Env{Python: "/venv/bin/python"}
	got := env.Command("/trainers/worker.py", []string{"PATH=/bin", "PYTHONPATH=/x", "OMP_NUM_THREADS=8", "HOME=/h"}, nil)
	want := pyenv.Command{
		Path: "/venv/bin/python",
		Args: []string{"-P", "-s", "-B", "/trainers/worker.py"},
		Dir:  "/trainers",
		Env: []string{
			"PATH=/bin", "HOME=/h", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1",
			"PYTHONHASHSEED=0", "PYTHONUTF8=1", "TZ=UTC", "LC_ALL=C.UTF-8",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
}
