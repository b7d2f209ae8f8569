package run

import (
	"context"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/store"
)

// countingStore counts the names that are read.
type countingStore struct {
	store.Store
	reads []string
}

func (s *countingStore) Read(ctx context.Context, name string) ([]byte, error) {
	s.reads = append(s.reads, name)
	return s.Store.Read(ctx, name)
}

// With an applied state a plan reads that and the newest release, and comes to
// the same.
func TestAppliedStateSparesReads(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	counted := &countingStore{Store: s}
	r := p.runner(t, counted)
	exists := r.ExistsApplied(t.Context())
	made := plan.Make(plan.Input{Base: r.Program, Head: r.Program, Exists: exists})
	must(t, exists.Err)
	if len(made.Steps) != 0 {
		t.Errorf("%d steps after apply", len(made.Steps))
	}
	for _, name := range counted.reads {
		if strings.HasPrefix(name, "index/") {
			t.Errorf("%s is read, though it is listed", name)
		}
	}
}

// What the applied state does not list, or one that does not verify, is looked
// up: the plan is the same.
func TestAppliedStateIsNotTrustedBlindly(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	r := p.runner(t, s)
	name := r.appliedName()
	good, err := s.Read(t.Context(), name)
	must(t, err)
	for _, bad := range []string{"", "{}", strings.Replace(string(good), "a", "b", 1), strings.ReplaceAll(string(good), "applied", "index")} {
		current, err := s.Read(t.Context(), name)
		must(t, err)
		must(t, s.Swap(t.Context(), name, digest.Of(current), []byte(bad)))
		exists := p.runner(t, s).ExistsApplied(t.Context())
		if len(exists.known) != 0 {
			t.Errorf("%.20q: %d keys are believed", bad, len(exists.known))
		}
		made := plan.Make(plan.Input{Base: r.Program, Head: r.Program, Exists: exists})
		must(t, exists.Err)
		if len(made.Steps) != 0 {
			t.Errorf("%.20q: %d steps after apply", bad, len(made.Steps))
		}
	}
}
