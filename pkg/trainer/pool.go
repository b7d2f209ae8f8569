package trainer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Pool keeps a warm worker for each kind of trainer that was asked for. Its
// methods may be called by several goroutines.
type Pool struct {
	start   func(kind string) (*Worker, error)
	note    func(string)
	mu      sync.Mutex
	workers map[string]*Worker
}

// NewPool returns a pool that starts the worker of a kind when it is first
// needed, and again where one broke. note is told of what broke.
func NewPool(start func(kind string) (*Worker, error), note func(string)) *Pool {
	return &Pool{start: start, note: note, workers: map[string]*Worker{}}
}

// Train has the worker of the request's kind train. A worker that dies, hangs
// or talks nonsense is replaced and the request sent once more: the same request
// gives the same model. Where that one breaks as well it is a *LostError. What a
// worker refuses is refused.
func (p *Pool) Train(ctx context.Context, r Request, event func(Event)) (Result, error) {
	for again := false; ; again = true {
		w, err := p.worker(KindOf(r.Trainer))
		if err != nil {
			return Result{}, err
		}
		result, err := w.Train(ctx, r, event)
		if err == nil || ctx.Err() != nil || !w.Broken() {
			return result, err
		}
		p.drop(w)
		if again {
			return result, &LostError{Err: err}
		}
		p.note(fmt.Sprintf("%v; trying once more", err))
	}
}

func (p *Pool) worker(kind string) (*Worker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.workers[kind]; w != nil {
		return w, nil
	}
	w, err := p.start(kind)
	if err == nil {
		p.workers[kind] = w
	}
	return w, err
}

// drop forgets a worker that broke, if nobody has yet.
func (p *Pool) drop(w *Worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for kind, kept := range p.workers {
		if kept == w {
			delete(p.workers, kind)
		}
	}
}

// LostError says that two workers in turn broke over one request.
type LostError struct {
	// Err is why the second one did.
	Err error
}

// Error returns why, and that it was not the first time.
func (e *LostError) Error() string { return "two workers in turn were lost: " + e.Err.Error() }

// Unwrap returns Err.
func (e *LostError) Unwrap() error { return e.Err }

// ExitStatus is that of what may work when tried again.
func (e *LostError) ExitStatus() int { return 4 }

// Hint returns what to do about it.
func (e *LostError) Hint() string {
	return "run the same command again; a worker that is killed often wants more memory than there is"
}

// Close ends all workers; the pool starts none after that.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.start = func(string) (*Worker, error) { return nil, errors.New("the trainers were closed") }
	var errs []error
	for _, kind := range slices.Sorted(maps.Keys(p.workers)) {
		errs = append(errs, p.workers[kind].Close())
	}
	clear(p.workers)
	return errors.Join(errs...)
}
