package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
	// minTries is how often a request is tried, however long each took.
	minTries = 3
	// moving is how many bytes within a stall's time are no stall.
	moving = 64 << 10
)

// errStalled is why a watch ends a request.
var errStalled = errors.New("the connection stands still")

// again is an error after which another try may help.
type again struct{ error }

// Unwrap returns the error itself.
func (a again) Unwrap() error { return a.error }

// try calls do until its error is nil or none after which another try helps,
// or the budget is spent. Each try gets a context that ends when nothing moves.
func (s *Store) try(ctx context.Context, do func(context.Context, *watch) error) error {
	end, pause := time.Now().Add(s.budget), firstPause
	for tries := 1; ; tries++ {
		err := s.attempt(ctx, do)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		var retry again
		if !errors.As(err, &retry) && !transient(err) {
			return err
		}
		wait := pause/2 + rand.N(pause/2)
		pause = min(2*pause, lastPause)
		if tries >= minTries && time.Now().Add(wait).After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// attempt is one try.
func (s *Store) attempt(ctx context.Context, do func(context.Context, *watch) error) error {
	if _, err := s.creds.Retrieve(ctx); err != nil {
		return &hinted{fmt.Errorf("no credentials for %s: %w", s.Location(), err), hintCredentials}
	}
	w := s.watch(ctx)
	defer w.stop()
	return w.explain(do(w.ctx, w))
}

// watch ends the context of a request that moves too few bytes.
type watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	moved  atomic.Int64
}

func (s *Store) watch(ctx context.Context) *watch {
	w := &watch{}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(s.stall, func() {
		if w.moved.Swap(0) < moving {
			w.cancel(errStalled)
			return
		}
		w.timer.Reset(s.stall)
	})
	return w
}

// stop ends the watch and the context.
func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// explain returns why a request failed: the cause, where the watch ended it.
func (w *watch) explain(err error) error {
	if err != nil && errors.Is(context.Cause(w.ctx), errStalled) {
		return again{errStalled}
	}
	return err
}

// sent counts what is read from the body of a request.
type sent struct {
	io.ReadSeeker
	w *watch
}

func (s sent) Read(p []byte) (int, error) {
	n, err := s.ReadSeeker.Read(p)
	s.w.moved.Add(int64(n))
	return n, err
}
