package pull

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store/filestore"
)

// world is a store with two releases and a site that runs the first.
type world struct {
	store         *filestore.Store
	dir           string
	first, second release.Entry
}

func newWorld(t *testing.T) world {
	t.Helper()
	s, err := filestore.Init(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := world{store: s, dir: t.TempDir()}
	w.first = publish(t, s, parts{"a": "model a", "b": "model b"})
	mustPull(t, options(t, w.dir, s))
	w.second = publish(t, s, parts{"a": "model a", "b": "model b2"})
	return w
}

// runs returns which of the two releases the site runs, checked to be whole.
func (w world) runs(t *testing.T) release.Entry {
	t.Helper()
	a, err := Current(w.dir)
	if err != nil {
		t.Fatalf("Current: %v", err)
	}
	want := w.first
	if a.Number == 2 {
		want = w.second
	}
	wantRuns(t, w.dir, want)
	return want
}

// countSteps returns the number of steps of an undisturbed pull.
func countSteps(t *testing.T) int {
	w := newWorld(t)
	var n atomic.Int64
	o := options(t, w.dir, w.store)
	o.before = func(string) error { n.Add(1); return nil }
	mustPull(t, o)
	wantRuns(t, w.dir, w.second)
	return int(n.Load())
}

// TestKill kills a pull with SIGKILL ahead of each of its steps: the site runs
// the old release or the new one, whole, and the plain re-run finishes.
func TestKill(t *testing.T) {
	if at := os.Getenv("MLP_TEST_PULL"); at != "" {
		pullAndDie(t, at)
		return
	}
	steps := countSteps(t)
	if steps < 15 {
		t.Fatalf("a pull has only %d steps", steps)
	}
	old := 0
	for at := 1; at <= steps; at++ {
		w := newWorld(t)
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "MLP_TEST_PULL="+strings.Join([]string{strconv.Itoa(at), w.dir, w.store.Location()}, "|"))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("step %d: the pull was not killed: %v\n%s", at, err, out)
		}
		if w.runs(t).Record.Number == 1 {
			old++
		}
		mustPull(t, options(t, w.dir, w.store))
		wantRuns(t, w.dir, w.second)
		wantTidy(t, w.dir, 2)
	}
	if old == 0 || old == steps {
		t.Errorf("of %d kills, %d left the old release: the switch is not among them", steps, old)
	}
}

// pullAndDie is the process that is killed.
func pullAndDie(t *testing.T, env string) {
	f := strings.Split(env, "|")
	at, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	s, err := filestore.Open(strings.TrimPrefix(f[2], "file:"))
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	o := options(t, f[1], s)
	o.before = func(string) error {
		if n.Add(1) == at {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}
	t.Log(Run(t.Context(), o))
}

// TestFailingSteps makes each step fail as a broken disk would: the site runs
// what the error says, nothing is left behind, and a re-run finishes.
func TestFailingSteps(t *testing.T) {
	steps := countSteps(t)
	for at := 1; at <= steps; at++ {
		w := newWorld(t)
		var n atomic.Int64
		var name atomic.Value
		o := options(t, w.dir, w.store)
		o.before = func(step string) error {
			if int(n.Add(1)) == at {
				name.Store(step)
				return syscall.EIO
			}
			return nil
		}
		_, err := Run(t.Context(), o)
		if name.Load() == "sweep" {
			if err != nil {
				t.Errorf("sweep: %v, want the pull to go on", err)
			}
			continue
		}
		var f *Failed
		if !errors.As(err, &f) || !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: %v, want a Failed of EIO", name.Load(), err)
			continue
		}
		running := w.runs(t)
		if want := "local#" + strconv.FormatInt(running.Record.Number, 10); f.Active != want {
			t.Errorf("%s: the error says that %s is active, it is %s", name.Load(), f.Active, want)
		}
		if after := name.Load() == "sync switch"; after != (running.Record.Number == 2) {
			t.Errorf("%s: the site runs release %d", name.Load(), running.Record.Number)
		}
		mustPull(t, options(t, w.dir, w.store))
		wantRuns(t, w.dir, w.second)
		wantTidy(t, w.dir, 2)
	}
}
