package trainer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/mlpdev/mlp/pkg/pyenv"
)

const (
	// protocol is the version of the conversation that both sides speak.
	protocol = 1
	// startTime is how long a worker may take to say that it is ready.
	startTime = 2 * time.Minute
	// closeTime is how long it may take to end.
	closeTime = 5 * time.Second
	// quietTime is how long it may say nothing while it trains: whoever works
	// speaks every 10 s.
	quietTime = 5 * time.Minute
)

// Command says how to start a worker.
type Command struct {
	pyenv.Command
	// Quiet is how long the worker may say nothing while it trains, before it
	// counts as hanging. 0 means 5 minutes.
	Quiet time.Duration
}

// CommandOf returns how to start the worker of the trainers unpacked in dir.
// base is the environment variables to keep.
func CommandOf(env pyenv.Env, dir string, base []string) Command {
	return Command{Command: env.Command(filepath.Join(dir, "worker.py"), base, nil)}
}

// Worker is a warm trainer process. It serves one request at a time; its
// methods may be called by several goroutines.
type Worker struct {
	process process
	quiet   time.Duration
	broken  error         // guarded by turn
	turn    chan struct{} // holds one token: whose turn it is
	unwatch func() bool
}

// process is a running program that speaks in lines: a *pyenv.Process.
type process interface {
	Send(line []byte)
	Lines() <-chan []byte
	Why(ctx context.Context) error
	Close(patience time.Duration) error
	Kill()
}

// Start starts a worker and waits until it is ready. Cancelling ctx, now or
// later, kills it with all its children.
func Start(ctx context.Context, c Command) (*Worker, error) {
	p, err := pyenv.Start("the trainer", c.Command)
	if err != nil {
		return nil, fmt.Errorf("start trainer: %w", err)
	}
	w := &Worker{process: p, quiet: cmp.Or(c.Quiet, quietTime), turn: make(chan struct{}, 1), unwatch: context.AfterFunc(ctx, p.Kill)}
	ready, cancel := context.WithTimeoutCause(ctx, startTime, errors.New("it took too long to get ready"))
	defer cancel()
	m, err := w.next(ready)
	if err == nil && (m.Event != "ready" || m.Protocol != protocol) {
		err = fmt.Errorf("it does not speak protocol %d", protocol)
	}
	if err != nil {
		w.end()
		return nil, fmt.Errorf("start trainer: %w", err)
	}
	w.turn <- struct{}{}
	return w, nil
}

// Train sends a request and waits for its result; event, which may be nil, is
// called for each progress report, in order, from the calling goroutine. A
// refusal by the worker is a *ReplyError and leaves the worker usable, as does
// a request that cannot be sent. After every other error, a cancelled ctx
// included, the process group is dead and the Worker is of no more use.
func (w *Worker) Train(ctx context.Context, r Request, event func(Event)) (Result, error) {
	if len(r.Params) == 0 {
		r.Params = json.RawMessage("{}")
	}
	line, err := json.Marshal(r)
	if err != nil {
		return Result{}, fmt.Errorf("train %s: %w", r.Trainer, err)
	}
	if len(line) >= pyenv.MaxMessage {
		return Result{}, fmt.Errorf("train %s: the request has %d bytes, more than %d", r.Trainer, len(line), pyenv.MaxMessage)
	}
	select {
	case <-w.turn:
		defer func() { w.turn <- struct{}{} }()
	case <-ctx.Done():
		return Result{}, fmt.Errorf("train %s: %w", r.Trainer, context.Cause(ctx))
	}
	result, err := w.exchange(ctx, r, line, event)
	if err != nil {
		return Result{}, fmt.Errorf("train %s: %w", r.Trainer, err)
	}
	return result, nil
}

func (w *Worker) exchange(ctx context.Context, r Request, line []byte, event func(Event)) (Result, error) {
	if w.broken != nil {
		return Result{}, fmt.Errorf("the trainer has ended: %w", w.broken)
	}
	result, err := w.converse(ctx, r, line, event)
	var refused *ReplyError
	if err != nil && !errors.As(err, &refused) {
		w.broken = err
		w.end()
	}
	return result, err
}

func (w *Worker) converse(ctx context.Context, r Request, line []byte, event func(Event)) (Result, error) {
	w.process.Send(line)
	for {
		m, err := w.nextInTime(ctx)
		switch {
		case err != nil:
			return Result{}, err
		case m.Event == "progress" && m.ID == r.ID:
			if event != nil {
				event(Event(m.reported))
			}
		case m.Event != "":
			return Result{}, fmt.Errorf("the trainer reported %.64q for request %.64q, which was not asked", m.Event, m.ID)
		case m.ID != r.ID:
			return Result{}, fmt.Errorf("the trainer answered request %.64q, not %.64q", m.ID, r.ID)
		case m.Error != nil:
			return Result{}, m.Error
		default:
			return m.Result, checkResult(m.Result, r)
		}
	}
}

// checkResult holds the worker to the directory that it was given.
func checkResult(result Result, r Request) error {
	for _, path := range []string{result.Model, result.Predictions} {
		if filepath.Dir(path) != filepath.Clean(r.Out) {
			return fmt.Errorf("the trainer wrote %.256q, which is not in %q", path, r.Out)
		}
	}
	return nil
}

// reported are the members of a progress report.
type reported Event

// message is any line that a worker writes.
type message struct {
	ID       string `json:"id"`
	Event    string `json:"event"`
	Protocol int    `json:"protocol"`
	reported
	Result
	Error *ReplyError `json:"error"`
}

// nextInTime is next for a worker that trains: it must not be silent for long.
func (w *Worker) nextInTime(ctx context.Context) (message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, w.quiet, fmt.Errorf("the trainer hangs: it said nothing for %v", w.quiet))
	defer cancel()
	return w.next(ctx)
}

// next returns the worker's next message, or why there is none.
func (w *Worker) next(ctx context.Context) (message, error) {
	select {
	case <-ctx.Done():
		return message{}, context.Cause(ctx)
	case line, ok := <-w.process.Lines():
		if !ok {
			return message{}, w.process.Why(ctx)
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return message{}, fmt.Errorf("the trainer wrote a line of %d bytes that is no message: %w", len(line), err)
		}
		return m, nil
	}
}

// Broken reports whether the worker is of no more use. It waits for a request
// that is being served.
func (w *Worker) Broken() bool {
	<-w.turn
	defer func() { w.turn <- struct{}{} }()
	return w.broken != nil
}

// Close lets the worker end by itself, for a few seconds at most, and ends it
// then: it has nothing left to do. It waits for a request that is being served.
// It may be called more than once.
func (w *Worker) Close() error {
	<-w.turn
	defer func() { w.turn <- struct{}{} }()
	if w.broken != nil {
		return nil
	}
	w.broken = errors.New("it was closed")
	defer w.unwatch()
	if err := w.process.Close(closeTime); err != nil {
		return fmt.Errorf("close trainer: %w", err)
	}
	return nil
}

// end kills what still runs and frees everything.
func (w *Worker) end() {
	w.process.Kill()
	w.unwatch()
}
