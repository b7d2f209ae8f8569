package trainer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/pyenv"
	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/trainers"
)

// A realPool is a pool of real workers, and what is known of them.
type realPool struct {
	*trainer.Pool
	t       *testing.T
	dir     string // of the trainers, its own
	started int
	notes   []string
}

// newRealPool makes a pool of workers that count as hanging when they say
// nothing for so long.
func newRealPool(t *testing.T, env pyenv.Env, quiet time.Duration) *realPool {
	t.Helper()
	dir, err := trainer.Unpack(trainers.Files, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &realPool{t: t, dir: dir}
	p.Pool = trainer.NewPool(func(string) (*trainer.Worker, error) {
		p.started++
		c := trainer.CommandOf(env, dir, os.Environ())
		c.Quiet = quiet
		return trainer.Start(t.Context(), c)
	}, func(note string) { p.notes = append(p.notes, note) })
	return p
}

// close ends the pool, after which no process of it may be there.
func (p *realPool) close() {
	p.t.Helper()
	if err := p.Close(); err != nil {
		p.t.Error(err)
	}
	if left := p.processes(); len(left) > 0 {
		p.t.Errorf("processes %v still run", left)
	}
}

// processes are those of the pool that run.
func (p *realPool) processes() []int {
	p.t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(files) == 0 {
		p.t.Skip("there is no /proc to find processes in")
	}
	var found []int
	for _, file := range files {
		line, err := os.ReadFile(file)
		pid, errPID := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && errPID == nil && bytes.Contains(line, []byte(p.dir)) && !dead(pid) {
			found = append(found, pid)
		}
	}
	return found
}

// signal sends the one worker that runs a signal.
func (p *realPool) signal(s syscall.Signal) {
	p.t.Helper()
	running := p.processes()
	if len(running) != 1 {
		p.t.Errorf("processes %v run, want one", running)
		return
	}
	if err := syscall.Kill(running[0], s); err != nil {
		p.t.Error(err)
	}
}

// forest is a request that takes a worker a second or two.
func forest(t *testing.T, python string) trainer.Request {
	return trainer.Request{ID: "1", Trainer: "mlp.trainers.sklearn.RandomForest", Params: []byte(`{"n_estimators":60,"max_leaf_nodes":16}`),
		Seed: 3, Matrix: realMatrix(t, python), Features: []string{"a", "b"}}
}

// train returns the bytes of the model and of the predictions.
func (p *realPool) train(ctx context.Context, r trainer.Request, event func(trainer.Event)) ([]string, error) {
	p.t.Helper()
	r.Out = p.t.TempDir()
	result, err := p.Train(ctx, r, event)
	if err != nil {
		return nil, err
	}
	return []string{string(readFile(p.t, result.Model)), string(readFile(p.t, result.Predictions))}, nil
}

// inTheMiddle calls do the first times that a training comes to its third fold.
func inTheMiddle(times int, do func()) func(trainer.Event) {
	return func(e trainer.Event) {
		if e.Stage == "fold 3/5" && times > 0 {
			times--
			do()
		}
	}
}

func TestPoolReplacesAWorkerThatIsLost(t *testing.T) {
	env := realPython(t)
	r := forest(t, env.Python)
	undisturbed := newRealPool(t, env, 0)
	want, err := undisturbed.train(t.Context(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	undisturbed.close()
	for _, test := range []struct {
		name   string
		signal syscall.Signal
		quiet  time.Duration
		note   string
	}{
		{"killed", syscall.SIGKILL, 0, "the trainer ended (signal: killed)"},
		{"hangs", syscall.SIGSTOP, 8 * time.Second, "the trainer hangs: it said nothing for 8s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newRealPool(t, env, test.quiet)
			got, err := p.train(t.Context(), r, inTheMiddle(1, func() { p.signal(test.signal) }))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("the model is not that of an undisturbed run")
			}
			if p.started != 2 || len(p.notes) != 1 || !strings.Contains(p.notes[0], test.note) || !strings.HasSuffix(p.notes[0], "; trying once more") {
				t.Errorf("%d workers were started, notes %q", p.started, p.notes)
			}
			// The second one stays.
			if got, err = p.train(t.Context(), r, nil); err != nil || cmp.Diff(want, got) != "" || p.started != 2 {
				t.Errorf("another request: error %v, %d workers started", err, p.started)
			}
			p.close()
		})
	}
}

func TestPoolGivesUpAfterTwo(t *testing.T) {
	env := realPython(t)
	r := forest(t, env.Python)
	p := newRealPool(t, env, 0)
	_, err := p.train(t.Context(), r, inTheMiddle(2, func() { p.signal(syscall.SIGKILL) }))
	var lost *trainer.LostError
	if !errors.As(err, &lost) || lost.ExitStatus() != 4 {
		t.Fatalf("got error %v", err)
	}
	want := "two workers in turn were lost: train mlp.trainers.sklearn.RandomForest: the trainer ended (signal: killed)"
	if !strings.HasPrefix(err.Error(), want) || p.started != 2 {
		t.Errorf("got error %v after %d workers, want %s", err, p.started, want)
	}
	if left := p.processes(); len(left) > 0 {
		t.Errorf("processes %v still run", left)
	}
	if _, err := p.train(t.Context(), r, nil); err != nil || p.started != 3 {
		t.Errorf("the next request: error %v, %d workers", err, p.started)
	}
	p.close()
}

func TestPoolIsCancelled(t *testing.T) {
	env := realPython(t)
	p := newRealPool(t, env, 0)
	ctx, cancel := context.WithCancel(t.Context())
	var at atomic.Int64
	_, err := p.train(ctx, forest(t, env.Python), inTheMiddle(1, func() {
		at.Store(time.Now().UnixNano())
		cancel()
	}))
	if took := time.Since(time.Unix(0, at.Load())); took > 5*time.Second {
		t.Errorf("cancelling took %v", took)
	}
	if !errors.Is(err, context.Canceled) || p.started != 1 || len(p.notes) > 0 {
		t.Errorf("got error %v after %d workers, notes %q", err, p.started, p.notes)
	}
	if left := p.processes(); len(left) > 0 {
		t.Errorf("processes %v still run", left)
	}
	p.close()
}

// chatter wraps a trainer in one that does what libraries do: it writes to both
// streams, from Python, from C and from a child, also while a model is fitted.
const chatter = `
import ctypes, os, subprocess, sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from mlp_worker.kinds import Kinds
from pathlib import Path

quiet = Kinds(Path(__file__).parents[1]).trainer("%s")
C = ctypes.CDLL(None)

def talk():
    print('{"event":"ready","protocol":1}')
    print('{"id":"1","error":{"kind":"x","message":"y"}}', flush=True)
    os.write(1, b'{"id":"1","model":"/etc/passwd","predictions":"/etc/passwd"}\n')
    os.write(1, b"half a line, \xff\x00")
    C.printf(b'{"id":"1","event":"progress"}\n')
    C.puts(b"from C")
    C.fflush(None)
    C.dprintf(1, b'{"id":"other"}\n')
    subprocess.run("echo '{}'; echo child >&2", shell=True, check=True)
    os.write(2, b"x" * (1 << 20) + b"\n")
    print("warning", file=sys.stderr)

def parse(params):
    talk()
    return quiet.parse(params)

def fit(params, task):
    talk()
    return quiet.fit(params, task)
`

func TestPrintsDoNotBreakTheStream(t *testing.T) {
	env := realPython(t)
	r := forest(t, env.Python)
	p := newRealPool(t, env, 0)
	want, err := p.train(t.Context(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.close()
	p = newRealPool(t, env, 0)
	noisy := filepath.Join(p.dir, "noisy")
	if err := errors.Join(os.Mkdir(noisy, 0o777),
		os.WriteFile(filepath.Join(noisy, "loud.py"), fmt.Appendf(nil, chatter, r.Trainer), 0o666),
		os.WriteFile(filepath.Join(noisy, "trainer.json"), []byte(`{"epoch":1,"pins":[],"messages":{"mlp.trainers.noisy.Loud":"loud"}}`), 0o666)); err != nil {
		t.Fatal(err)
	}
	r.Trainer = "mlp.trainers.noisy.Loud"
	var stages []string
	got, err := p.train(t.Context(), r, func(e trainer.Event) { stages = append(stages, e.Stage) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("the model is not that of the trainer that says nothing")
	}
	if diff := cmp.Diff([]string{"read", "fold 1/5", "fold 2/5", "fold 3/5", "fold 4/5", "fold 5/5", "fit", "export"}, stages); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	p.close()
}
