package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/faultstore"
)

// TestFaults breaks writes of a run: the plain re-run finishes with the keys,
// content digests and the one release of an undisturbed run. By default it
// tries one write in eleven and those of the release, each with another kind of
// fault; MLP_TEST_FAULTS=all tries every kind at every write.
func TestFaults(t *testing.T) {
	p := newProject(t)
	whole := p.newStore(t)
	counted := faultstore.New(whole, 0, faultstore.Fail)
	mustApply(t, p, counted)
	want, writes := results(t, whole), counted.Writes()
	if writes < 50 {
		t.Fatalf("a run has only %d writes", writes)
	}
	tried := map[faultstore.Fault]int{}
	for _, f := range faults(writes, os.Getenv("MLP_TEST_FAULTS") == "all") {
		tried[f.kind]++
		name := fmt.Sprintf("%s at %d of %d", f.kind, f.write, writes)
		if !t.Run(name, func(t *testing.T) { oneFault(t, p, f, want) }) {
			t.FailNow()
		}
	}
	for _, kind := range faultKinds() {
		if tried[kind] < 2 {
			t.Errorf("%s was tried %d times", kind, tried[kind])
		}
	}
}

func faultKinds() []faultstore.Fault {
	return []faultstore.Fault{faultstore.Fail, faultstore.Unclear, faultstore.Crash, faultstore.CrashAfter}
}

// faults says which writes of a run to break, and how.
func faults(writes int, all bool) []fault {
	const last = 4 // the record of the release and what comes just before it
	var out []fault
	kinds := faultKinds()
	for n := 1; n <= writes; n++ {
		switch {
		case all || n == writes:
			for _, kind := range kinds {
				out = append(out, fault{n, kind})
			}
		case n%11 == 1 || n > writes-last:
			out = append(out, fault{n, kinds[len(out)%len(kinds)]})
		}
	}
	return out
}

type fault struct {
	write int
	kind  faultstore.Fault
}

func oneFault(t *testing.T, p *project, f fault, want map[string]string) {
	s := p.newStore(t)
	_, _, err := apply(t.Context(), p.runner(t, faultstore.New(s, f.write, f.kind)))
	// Only the record of a release is read back after an unclear answer.
	if err != nil && (!errors.Is(err, faultstore.ErrInjected) || !errors.Is(err, store.ErrUnavailable)) {
		t.Errorf("got %v, want the injected fault", err)
	}
	if err == nil && f.kind != faultstore.Unclear {
		t.Error("nobody noticed the fault")
	}
	for name, text := range results(t, s) {
		if want[name] != text {
			t.Errorf("after the fault %s is not what an undisturbed run writes", name)
		}
	}
	finish(t, p, s, want)
}

// finish runs again, plainly, and compares with an undisturbed run.
func finish(t *testing.T, p *project, s store.Store, want map[string]string) {
	t.Helper()
	mustApply(t, p, s)
	if diff := cmp.Diff(want, results(t, s)); diff != "" {
		t.Errorf("the re-run gives other names (-undisturbed +got):\n%s", diff)
	}
	if v := mustVerify(t, p, s); v.Releases != 1 || v.Released != 2 {
		t.Errorf("%d releases with %d models, want 1 with 2", v.Releases, v.Released)
	}
}

// TestCancel ends runs at random moments.
func TestCancel(t *testing.T) {
	p := newProject(t)
	whole := p.newStore(t)
	start := time.Now()
	mustApply(t, p, whole)
	took := time.Since(start)
	want := results(t, whole)
	random := rand.New(rand.NewPCG(7, 11))
	stopped := 0
	for range 5 {
		s := p.newStore(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.Int64N(int64(took))))
		_, _, err := apply(ctx, p.runner(t, s))
		cancel()
		if err != nil {
			stopped++
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the context's error", err)
			}
		}
		finish(t, p, s, want)
	}
	if stopped < 2 {
		t.Errorf("only %d runs were stopped", stopped)
	}
}

// TestCancelEarly has a context that is over.
func TestCancelEarly(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	r := p.runner(t, s)
	made, err := planOf(t.Context(), r)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Apply(ctx, made); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if len(results(t, s)) > 0 {
		t.Error("a cancelled run wrote")
	}
}

// TestTwoRunners lets runners apply one project to one store at once: the
// releases are dense, and all of the same models.
func TestTwoRunners(t *testing.T) {
	p := newProject(t)
	whole := p.newStore(t)
	mustApply(t, p, whole)
	undisturbed := results(t, whole)
	for round := range 2 {
		s := p.newStore(t)
		runners := []*Runner{p.runner(t, s), p.runner(t, s)}
		errs := make([]error, len(runners))
		var wait sync.WaitGroup
		for i, r := range runners {
			wait.Go(func() { _, _, errs[i] = apply(t.Context(), r) })
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		got := releases(t, p, s)
		if len(got) < 1 || len(got) > 2 {
			t.Fatalf("round %d: %d releases", round, len(got))
		}
		for i, e := range got {
			if e.Record.Number != int64(i+1) {
				t.Errorf("round %d: release %d has number %d", round, i+1, e.Record.Number)
			}
			if diff := cmp.Diff(got[0].Record.Models, e.Record.Models); diff != "" {
				t.Errorf("round %d: the releases differ (-first +other):\n%s", round, diff)
			}
		}
		after := results(t, s)
		for name, text := range undisturbed {
			// The applied state names the newest release.
			if after[name] != text && !strings.HasPrefix(name, "state/") {
				t.Errorf("round %d: %s is not what one runner writes", round, name)
			}
		}
		if again, err := planOf(t.Context(), p.runner(t, s)); err != nil || len(again.Steps) > 0 {
			t.Errorf("round %d: %d steps are left (%v)", round, len(again.Steps), err)
		}
		mustVerify(t, p, s)
	}
}
