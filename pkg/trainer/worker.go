package trainer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// protocol is the version of the conversation that both sides speak.
	protocol = 1
	// maxMessage is the longest line, in bytes, in either direction.
	maxMessage = 16 << 20
	// startTime is how long a worker may take to say that it is ready.
	startTime = 2 * time.Minute
	// closeTime is how long it may take to end.
	closeTime = 5 * time.Second
	// quietTime is how long it may say nothing while it trains: whoever works
	// speaks every 10 s.
	quietTime = 5 * time.Minute
	// drainTime is how long its pipes are read after its end: a process that it
	// left behind may hold them open.
	drainTime = time.Second
)

// Command says how to start a worker.
type Command struct {
	// Path of the executable, its arguments and its working directory.
	Path string
	Args []string
	Dir  string
	// Env is the whole environment.
	Env []string
	// Stderr receives what the worker and its libraries write; nil drops it.
	Stderr io.Writer
	// Quiet is how long the worker may say nothing while it trains, before it
	// counts as hanging. 0 means 5 minutes.
	Quiet time.Duration
}

// Worker is a warm trainer process. It serves one request at a time; its
// methods may be called by several goroutines.
type Worker struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	tail   *tail
	lines  <-chan []byte
	quiet  time.Duration
	broken error         // guarded by turn
	turn   chan struct{} // holds one token: whose turn it is

	done     chan struct{} // closed when the process is reaped
	ended    error         // the process's end; read after done
	badLine  error         // why lines ended early; read after lines is closed
	killOnce sync.Once
	unwatch  func() bool
}

// Start starts a worker and waits until it is ready. Cancelling ctx, now or
// later, kills it with all its children.
func Start(ctx context.Context, c Command) (*Worker, error) {
	w, err := spawn(c)
	if err != nil {
		return nil, fmt.Errorf("start trainer: %w", err)
	}
	w.unwatch = context.AfterFunc(ctx, w.kill)
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

func spawn(c Command) (*Worker, error) {
	stdout, childStdout, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	// The child has its own copy once it runs; ours would hide its end.
	defer childStdout.Close()
	w := &Worker{
		cmd:   exec.Command(c.Path, c.Args...),
		tail:  &tail{next: c.Stderr},
		quiet: cmp.Or(c.Quiet, quietTime),
		turn:  make(chan struct{}, 1),
		done:  make(chan struct{}),
	}
	w.cmd.Dir, w.cmd.Env = c.Dir, c.Env
	w.cmd.Stdout, w.cmd.Stderr = childStdout, w.tail
	w.cmd.WaitDelay = drainTime
	ownGroup(w.cmd)
	if w.stdin, err = w.cmd.StdinPipe(); err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, stdout.Close())
	}
	lines := make(chan []byte)
	w.lines = lines
	go w.read(stdout, lines)
	go func() {
		w.ended = w.cmd.Wait()
		close(w.done)
		// An error here means that reading has ended already.
		_ = stdout.SetReadDeadline(time.Now().Add(drainTime))
	}()
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
	if len(line) >= maxMessage {
		return Result{}, fmt.Errorf("train %s: the request has %d bytes, more than %d", r.Trainer, len(line), maxMessage)
	}
	select {
	case <-w.turn:
		defer func() { w.turn <- struct{}{} }()
	case <-ctx.Done():
		return Result{}, fmt.Errorf("train %s: %w", r.Trainer, context.Cause(ctx))
	}
	result, err := w.exchange(ctx, r, append(line, '\n'), event)
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
	// In a goroutine: a worker that does not read would block the write. Its
	// error says less than the end of the process, which it means.
	go func() { _, _ = w.stdin.Write(line) }()
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
	case line, ok := <-w.lines:
		if !ok {
			return message{}, w.whyEnded(ctx)
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return message{}, fmt.Errorf("the trainer wrote a line of %d bytes that is no message: %w", len(line), err)
		}
		return m, nil
	}
}

// whyEnded explains why there are no more lines.
func (w *Worker) whyEnded(ctx context.Context) error {
	if w.badLine != nil {
		return w.badLine
	}
	select {
	case <-w.done:
	case <-ctx.Done():
	case <-time.After(drainTime):
		return errors.New("the trainer closed its output")
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &CrashError{State: w.cmd.ProcessState.String(), Stderr: w.tail.String()}
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
	// The worker ends when its input does; an error means that it has.
	_ = w.stdin.Close()
	slow := false
	select {
	case <-w.done:
	case <-time.After(closeTime):
		slow = true
	}
	w.end()
	if w.ended != nil && !slow {
		return fmt.Errorf("close trainer: %w", &CrashError{State: w.cmd.ProcessState.String(), Stderr: w.tail.String()})
	}
	return nil
}

// end kills what still runs and frees everything.
func (w *Worker) end() {
	w.kill()
	w.unwatch()
	for range w.lines { // the reader must not wait for a reader
	}
	<-w.done
}

// kill ends the process group, unless the process has ended already.
func (w *Worker) kill() {
	w.killOnce.Do(func() {
		select {
		case <-w.done:
		default:
			killGroup(w.cmd)
		}
	})
}

// CrashError is the end of a worker that should have answered.
type CrashError struct {
	// State is how the process ended, as in "exit status 1".
	State string
	// Stderr is the end of what it wrote, at most a few kilobytes.
	Stderr string
}

// Error returns the state and, on lines of their own, what was written last.
func (e *CrashError) Error() string {
	text := "the trainer ended (" + e.State + ")"
	if e.Stderr == "" {
		return text
	}
	return text + ":\n  " + strings.ReplaceAll(e.Stderr, "\n", "\n  ")
}
