package run

import (
	"context"

	"github.com/mlpdev/mlp/pkg/digest"
)

// Exists says what the store holds, for a plan.
type Exists struct {
	ctx   context.Context
	r     *Runner
	Err   error // the first failure of the store; the plan is not to be used
	heads map[string]map[string]digest.Digest
}

// Exists returns the view of the store that a plan is made with.
func (r *Runner) Exists(ctx context.Context) *Exists {
	return &Exists{ctx: ctx, r: r, heads: map[string]map[string]digest.Digest{}}
}

func (e *Exists) note(err error) {
	if e.Err == nil && err != nil {
		e.Err = err
	}
}

// Frame implements plan.Exists.
func (e *Exists) Frame(key digest.Digest) bool {
	v, err := e.r.Index.Frame(e.ctx, key)
	e.note(err)
	return v != nil
}

// Column implements plan.Exists.
func (e *Exists) Column(key digest.Digest) bool {
	v, err := e.r.Index.Column(e.ctx, key)
	e.note(err)
	return v != nil
}

// Model implements plan.Exists.
func (e *Exists) Model(key digest.Digest) bool {
	v, err := e.r.Index.Model(e.ctx, key)
	e.note(err)
	return v != nil
}

// Evaluation implements plan.Exists.
func (e *Exists) Evaluation(key digest.Digest) (passed, ok bool) {
	v, err := e.r.Index.Evaluation(e.ctx, key)
	e.note(err)
	return v != nil && v.Passed, v != nil
}

// Released implements plan.Exists.
func (e *Exists) Released(channel string) map[string]digest.Digest {
	if known, ok := e.heads[channel]; ok {
		return known
	}
	out := map[string]digest.Digest{}
	head, err := e.r.head(e.ctx, channel)
	e.note(err)
	if head != nil {
		for _, m := range head.Record.Models {
			out[m.Name] = m.EvaluationKey
		}
	}
	e.heads[channel] = out
	return out
}
