package run

import (
	"context"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/receipt"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/status"
)

// Status reads what runs where.
func (r *Runner) Status(ctx context.Context, now time.Time) (*status.Status, error) {
	in := status.Input{Program: r.Program, Heads: map[string]*release.Entry{}, Now: now}
	var err error
	for _, channel := range r.channels() {
		if in.Heads[channel], err = r.head(ctx, channel); err != nil {
			return nil, err
		}
	}
	if in.Receipts, in.Unreadable, err = receipt.List(ctx, r.Store); err != nil {
		return nil, err
	}
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
	in.Measured = func(key digest.Digest) ([]string, bool, bool) {
		e, err := r.Index.Evaluation(ctx, key)
		note(err)
		if e == nil {
			return nil, false, false
		}
		return e.Reasons, e.Passed, true
	}
	out := status.Of(in)
	return out, failed
}
