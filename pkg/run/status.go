package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/receipt"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/status"
)

// sites reads receipts and the releases that they are compared with.
func (r *Runner) sites(ctx context.Context) (status.Input, error) {
	in := status.Input{Program: r.Program, Heads: map[string]*release.Entry{}}
	var err error
	for _, channel := range r.channels() {
		if in.Heads[channel], err = r.head(ctx, channel); err != nil {
			return in, err
		}
	}
	in.Receipts, in.Unreadable, err = receipt.List(ctx, r.Store)
	return in, err
}

// Drift returns, for a plan, the environments whose sites do not all run the
// newest release.
func (r *Runner) Drift(ctx context.Context) ([]plan.Elsewhere, error) {
	in, err := r.sites(ctx)
	if err != nil {
		return nil, err
	}
	total, behind := map[string]int{}, map[string][]string{}
	for _, s := range in.Sites() {
		total[s.Environment]++
		if !s.Current {
			behind[s.Environment] = append(behind[s.Environment], s.Site+": "+s.Drift)
		}
	}
	out := []plan.Elsewhere{}
	for _, name := range slices.Sorted(maps.Keys(behind)) {
		sites := behind[name]
		reason := fmt.Sprintf("%d of %d sites do not run the newest release: %s", len(sites), total[name], sites[0])
		if len(sites) > 1 {
			reason += "; …"
		}
		out = append(out, plan.Elsewhere{Address: "env/" + name, Reason: reason})
	}
	return out, nil
}

// Status reads what runs where.
func (r *Runner) Status(ctx context.Context, now time.Time) (*status.Status, error) {
	in, err := r.sites(ctx)
	if err != nil {
		return nil, err
	}
	in.Now = now
	// The first failure of the store, which the functions below cannot return.
	var failed error
	note := func(err error) {
		if failed == nil {
			failed = err
		}
	}
	in.Trained = func(key digest.Digest) bool {
		m, err := r.Index.Model(ctx, key)
		note(err)
		return m != nil
	}
	in.Measured = func(key, released digest.Digest) ([]string, bool, bool) {
		e, err := r.Index.Evaluation(ctx, key)
		note(err)
		if e == nil || !e.Passed || released == (digest.Digest{}) {
			return reasons(e), e != nil && e.Passed, e != nil
		}
		c, err := r.Index.Comparison(ctx, plan.ComparisonKey(key, released))
		note(err)
		if c == nil {
			return nil, true, true
		}
		return c.Reasons, c.Passed, true
	}
	out := status.Of(in)
	return out, failed
}

func reasons(e *EvaluationEntry) []string {
	if e == nil {
		return nil
	}
	return e.Reasons
}
