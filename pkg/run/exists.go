package run

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
)

// Exists says what the store holds, for a plan.
type Exists struct {
	ctx         context.Context
	r           *Runner
	Err         error // the first failure of the store; the plan is not to be used
	known       map[digest.Digest]bool
	evaluations map[string]bool
	comparisons map[string]bool
	heads       map[string]*release.Entry // nil: the channel has no release
}

// Exists returns the view of the store that apply plans with: every key is
// looked up.
func (r *Runner) Exists(ctx context.Context) *Exists {
	return &Exists{ctx: ctx, r: r, known: map[digest.Digest]bool{}, heads: map[string]*release.Entry{}}
}

// maxLookups is how many entries are read at once ahead of a plan.
const maxLookups = 16

// LookAhead reads what a view is going to be asked for, many entries at once: in
// a store that is far away a plan would wait for each of them. What fails here
// fails again where it is asked for.
func (e *Exists) LookAhead(head *compile.Program) {
	if far, ok := e.r.Store.(store.Far); !ok || !far.Far() {
		return
	}
	var group errgroup.Group
	group.SetLimit(maxLookups)
	look := func(known bool, read func() error) {
		if !known {
			group.Go(func() error { _ = read(); return nil })
		}
	}
	for _, s := range plan.Make(plan.Input{Head: head, Exists: nothing{}}).Steps {
		x, ctx := e.r.Index, e.ctx
		switch s.Kind {
		case plan.Parse, plan.Features:
			look(e.known[s.Key], func() error { _, err := x.Frame(ctx, s.Key); return err })
			for _, f := range s.Fields {
				look(e.known[f.Key], func() error { _, err := x.Column(ctx, f.Key); return err })
			}
		case plan.TrainOn:
			look(e.known[s.Key], func() error { _, err := x.Model(ctx, s.Key); return err })
		case plan.Evaluate:
			_, known := e.evaluations[s.Key.String()]
			look(known, func() error { _, err := x.Evaluation(ctx, s.Key); return err })
		}
	}
	_ = group.Wait()
}

// nothing is a store without anything.
type nothing struct{}

func (nothing) Frame(digest.Digest) bool                          { return false }
func (nothing) Column(digest.Digest) bool                         { return false }
func (nothing) Model(digest.Digest) bool                          { return false }
func (nothing) Evaluation(digest.Digest) (passed, ok bool)        { return false, false }
func (nothing) Comparison(digest.Digest) (passed, ok bool)        { return false, false }
func (nothing) Released(string) (models map[string]digest.Digest) { return nil }

// ExistsApplied is a faster view, which takes the word of the applied state
// for what it lists.
func (r *Runner) ExistsApplied(ctx context.Context) *Exists {
	e := r.Exists(ctx)
	applied, err := r.readApplied(ctx)
	if err != nil {
		e.note(err)
		return e
	}
	for _, list := range [][]digest.Digest{applied.Frames, applied.Columns, applied.Models} {
		for _, key := range list {
			e.known[key] = true
		}
	}
	e.evaluations, e.comparisons = applied.Evaluations, applied.Comparisons
	return e
}

func (e *Exists) note(err error) {
	if e.Err == nil && err != nil {
		e.Err = err
	}
}

// Frame implements plan.Exists.
func (e *Exists) Frame(key digest.Digest) bool {
	if e.known[key] {
		return true
	}
	v, err := e.r.Index.Frame(e.ctx, key)
	e.note(err)
	return v != nil
}

// Column implements plan.Exists.
func (e *Exists) Column(key digest.Digest) bool {
	if e.known[key] {
		return true
	}
	v, err := e.r.Index.Column(e.ctx, key)
	e.note(err)
	return v != nil
}

// Model implements plan.Exists.
func (e *Exists) Model(key digest.Digest) bool {
	if e.known[key] {
		return true
	}
	v, err := e.r.Index.Model(e.ctx, key)
	e.note(err)
	return v != nil
}

// Evaluation implements plan.Exists.
func (e *Exists) Evaluation(key digest.Digest) (passed, ok bool) {
	if passed, ok := e.evaluations[key.String()]; ok {
		return passed, true
	}
	v, err := e.r.Index.Evaluation(e.ctx, key)
	e.note(err)
	return v != nil && v.Passed, v != nil
}

// Comparison implements plan.Exists.
func (e *Exists) Comparison(key digest.Digest) (passed, ok bool) {
	if passed, ok := e.comparisons[key.String()]; ok {
		return passed, true
	}
	v, err := e.r.Index.Comparison(e.ctx, key)
	e.note(err)
	return v != nil && v.Passed, v != nil
}

// Released implements plan.Exists.
func (e *Exists) Released(channel string) map[string]digest.Digest {
	head, ok := e.heads[channel]
	if !ok {
		var err error
		if head, err = e.r.head(e.ctx, channel); err != nil {
			e.note(err)
			head = nil
		}
		e.heads[channel] = head
	}
	out := map[string]digest.Digest{}
	if head != nil {
		for _, m := range head.Record.Models {
			out[m.Name] = m.EvaluationKey
		}
	}
	return out
}
