package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newNetworkShop is a workshop in which a network of TensorFlow is trained, for
// some seconds, beside a model of scikit-learn.
func newNetworkShop(t *testing.T) workshop {
	t.Helper()
	if os.Getenv("MLP_TEST_TENSORFLOW") == "" {
		t.Skip("MLP_TEST_TENSORFLOW names no Python with the packages of trainers/tensorflow/requirements.lock")
	}
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc to find workers in")
	}
	w := newWorkshop(t)
	w.env = append(w.env, "MLP_PYTHON_TENSORFLOW="+os.Getenv("MLP_TEST_TENSORFLOW"))
	w.edit(t, "specs/models/scan_conn.textproto", "sklearn.LogisticRegression] { c: 1.0 }",
		"tensorflow.Dense] { units: 16 dropout: 0.1 max_epochs: 200 validation: 0 }")
	w.edit(t, "specs/models/scan_conn.textproto", "gates { min_recall: 0.8  }", "gates { min_recall: 0.1 }")
	return w
}

// workers are the trainers' processes that a process has started.
func workers(t *testing.T, parent int) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	var found []int
	for _, file := range files {
		stat, err := os.ReadFile(file)
		_, rest, ok := bytes.Cut(stat, []byte(") "))
		fields := strings.Fields(string(rest))
		if err != nil || !ok || len(fields) < 2 || fields[0] == "Z" || fields[1] != strconv.Itoa(parent) {
			continue // it is gone, or another's
		}
		line, err := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		pid, errPID := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && errPID == nil && bytes.Contains(line, []byte("worker.py")) {
			found = append(found, pid)
		}
	}
	return found
}

// disturb applies and, the first times that a worker tells of an epoch, calls
// do with it. It returns what the command said, its exit status, and the
// workers that do was called with.
func (w workshop) disturb(t *testing.T, times int, do func(mlp *os.Process, worker int) error) (said string, status int, seen []int) {
	t.Helper()
	cmd := w.command("--chdir", w.project, "apply", "--verbose")
	stderr, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	var out strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		fmt.Fprintln(&out, lines.Text())
		if len(seen) == times || !strings.Contains(lines.Text(), ", epoch ") {
			continue
		}
		// Lines may come late, of a worker that is gone.
		running := slices.DeleteFunc(workers(t, cmd.Process.Pid), func(pid int) bool { return slices.Contains(seen, pid) })
		if len(running) == 1 {
			seen = append(seen, running[0])
			must(t, do(cmd.Process, running[0]))
		}
	}
	if err := cmd.Wait(); err != nil {
		fmt.Fprintln(&out, err)
	}
	return out.String(), cmd.ProcessState.ExitCode(), seen
}

// TestLostNetworkWorkers disturbs trainings of a network in every way: whatever
// happens, what is in the store at the end is what an undisturbed run on an
// empty store makes, to the byte.
func TestLostNetworkWorkers(t *testing.T) {
	w := newNetworkShop(t)
	whole := w.copied(t)
	whole.must(t, "--chdir", whole.project, "apply")
	want := whole.made(t)
	if len(want.Releases) != 1 || len(want.Releases[0].Models) != 2 {
		t.Fatalf("an undisturbed run makes %d releases", len(want.Releases))
	}
	kill := func(_ *os.Process, worker int) error { return syscall.Kill(worker, syscall.SIGKILL) }
	killMLP := func(mlp *os.Process, _ int) error { return mlp.Kill() }
	interrupt := func(mlp *os.Process, _ int) error { return mlp.Signal(os.Interrupt) }
	for _, test := range []struct {
		name   string
		times  int
		do     func(*os.Process, int) error
		status int
		says   string
	}{
		{"undisturbed", 0, nil, 0, ""},
		{"killed once", 1, kill, 0, "train mlp.trainers.tensorflow.Dense: the trainer ended (signal: killed); trying once more\n"},
		{"killed twice", 2, kill, statusUnreachable, "two workers in turn were lost: train mlp.trainers.tensorflow.Dense: the trainer ended (signal: killed)\n"},
		{"mlp killed", 1, killMLP, -1, "signal: killed\n"},
		{"interrupted", 1, interrupt, statusInterrupted, "error: interrupted\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := w.copied(t)
			said, status, seen := c.disturb(t, test.times, test.do)
			if status != test.status || !strings.Contains(said, test.says) || len(seen) != test.times {
				t.Fatalf("status %d after %d disturbances, want %d and %q:\n%s", status, len(seen), test.status, test.says, said)
			}
			for _, pid := range seen {
				wantGone(t, pid)
			}
			if status != 0 {
				c.must(t, "--chdir", c.project, "apply")
			}
			if diff := cmp.Diff(want, c.made(t)); diff != "" {
				t.Errorf("(-undisturbed +finished):\n%s", diff)
			}
		})
	}
}

// wantGone checks that a process ends, which was told to.
func wantGone(t *testing.T, pid int) {
	t.Helper()
	for range 50 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}

// fakeInstaller is a Python whose environments are links to another one, made in
// no time; it writes down what was to be installed.
const fakeInstaller = `#!/bin/sh
case "$*" in
*"-m venv"*)
	for dir; do :; done
	mkdir -p "$dir/bin" && printf '#!/bin/sh\nFAKE_ENV="%%s" exec "%%s" "$@"\n' "$dir" "$0" > "$dir/bin/python" && chmod +x "$dir/bin/python" ;;
*"-m pip install"*--target*)
	for tools; do :; done
	mkdir -p "$tools/bin" && printf '#!/bin/sh\necho "$@" >> %[1]s/installed\nfor lock; do :; done\ncp "$lock" "$(dirname "$lock")/installed.lock"\n' > "$tools/bin/uv" && chmod +x "$tools/bin/uv" ;;
*)
	if [ -n "$FAKE_ENV" ] && grep -q '^tensorflow' "$FAKE_ENV/../installed.lock"; then exec %[2]s "$@"; fi
	exec %[3]s "$@" ;;
esac
`

// TestEnvironmentsAreMadeOnFirstUse holds that a team without networks never
// makes the environment of TensorFlow, and that one with networks makes it when
// the first is trained, and says so.
func TestEnvironmentsAreMadeOnFirstUse(t *testing.T) {
	network := newNetworkShop(t)
	network.edit(t, "specs/models/scan_conn.textproto", "max_epochs: 200", "max_epochs: 2")
	network.edit(t, "specs/models/scan_conn.textproto", "gates { min_recall: 0.1 }", "")
	plain := network.copied(t)
	plain.edit(t, "specs/models/scan_conn.textproto", "tensorflow.Dense] { units: 16 dropout: 0.1 max_epochs: 2 validation: 0 }", "sklearn.LogisticRegression] {}")
	bin := filepath.Join(network.dir, "bin")
	must(t, os.Mkdir(bin, 0o777))
	script := fmt.Sprintf(fakeInstaller, network.dir, os.Getenv("MLP_TEST_TENSORFLOW"), os.Getenv("MLP_TEST_PYTHON"))
	must(t, os.WriteFile(filepath.Join(bin, "python3.11"), []byte(script), 0o777))
	apply := func(w workshop) (said string, locks []string) {
		t.Helper()
		w.env = append(w.env, "MLP_CACHE_DIR="+filepath.Join(network.dir, "cache"), "MLP_PYTHON=", "MLP_PYTHON_TENSORFLOW=", "MLP_PYTHON_SKLEARN=",
			"PATH="+bin+":"+os.Getenv("PATH"))
		said = w.must(t, "--chdir", w.project, "apply")
		locks, err := filepath.Glob(filepath.Join(network.dir, "cache", "python", "*", "installed.lock"))
		must(t, err)
		return said, locks
	}
	said, locks := apply(plain)
	if len(locks) != 1 || strings.Contains(said, "tensorflow") {
		t.Fatalf("a project without networks made %d environments and said\n%s", len(locks), said)
	}
	sklearn := locks[0]
	if lock, err := os.ReadFile(sklearn); err != nil || bytes.Contains(lock, []byte("tensorflow")) || !bytes.Contains(lock, []byte("scikit-learn==")) {
		t.Errorf("the environment of a project without networks is made of %s (%v)", lock, err)
	}
	said, locks = apply(network)
	for _, want := range []string{"tensorflow: making a Python environment in ", "tensorflow: installing "} {
		if strings.Count(said, want) != 1 {
			t.Errorf("the first network does not say %q:\n%s", want, said)
		}
	}
	locks = slices.DeleteFunc(locks, func(lock string) bool { return lock == sklearn })
	if lock, err := os.ReadFile(strings.Join(locks, " ")); err != nil || !bytes.Contains(lock, []byte("tensorflow-cpu==")) {
		t.Errorf("the environment of a network is made of %s (%v)", lock, err)
	}
	log, err := os.ReadFile(filepath.Join(network.dir, "installed"))
	must(t, err)
	if n := strings.Count(string(log), "--compile-bytecode"); n != 2 {
		t.Errorf("%d environments have bytecode, want 2:\n%s", n, log)
	}
	network.edit(t, "specs/models/scan_conn.textproto", "max_epochs: 2", "max_epochs: 3")
	if said, _ := apply(network); strings.Contains(said, "tensorflow: ") {
		t.Errorf("a second network makes an environment:\n%s", said)
	}
}

// TestEnvironmentHasBytecode looks at the real environment of TensorFlow, which
// mlp's own code has made: without bytecode each start would take seconds more.
func TestEnvironmentHasBytecode(t *testing.T) {
	python := os.Getenv("MLP_TEST_TENSORFLOW")
	if python == "" {
		t.Skip("MLP_TEST_TENSORFLOW names no Python with the packages of trainers/tensorflow/requirements.lock")
	}
	const ask = `
import importlib.util, pathlib
for name in ("tensorflow", "keras", "tf2onnx", "onnx"):
    root = pathlib.Path(importlib.util.find_spec(name).origin).parent
    sources = list(root.rglob("*.py"))
    missing = [s for s in sources if not pathlib.Path(importlib.util.cache_from_source(s)).exists()]
    assert len(sources) > 50, (name, len(sources))
    assert len(missing) <= len(sources) / 100, (name, missing[:5], len(missing), len(sources))
`
	if out, err := exec.Command(python, "-I", "-c", ask).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
