// Package pyenv runs Python programs that mlp carries: it makes the environments
// they run in, and speaks with their processes in lines.
package pyenv

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	// MaxMessage is the longest line, in bytes, in either direction.
	MaxMessage = 16 << 20
	// drainTime is how long a process's pipes are read after its end: a process
	// that it left behind may hold them open.
	drainTime = time.Second
)

// Command says how to start a process.
type Command struct {
	// Path of the executable, its arguments and its working directory.
	Path string
	Args []string
	Dir  string
	// Env is the whole environment.
	Env []string
	// Stderr receives what the process and its libraries write; nil drops it.
	Stderr io.Writer
}

// Process is a running program that reads and writes lines. What it is called,
// as in "the trainer", stands in errors.
type Process struct {
	name    string
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	out     chan []byte
	tail    *tail
	lines   chan []byte
	done    chan struct{} // closed when the process is reaped
	ended   error         // the process's end; read after done
	badLine error         // why lines ended early; read after lines is closed
	kill    sync.Once
}

// Start starts a process.
func Start(name string, c Command) (*Process, error) {
	stdout, childStdout, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	// The child has its own copy once it runs; ours would hide its end.
	defer childStdout.Close()
	p := &Process{
		name:  name,
		cmd:   exec.Command(c.Path, c.Args...),
		tail:  &tail{next: c.Stderr},
		out:   make(chan []byte, 1),
		lines: make(chan []byte),
		done:  make(chan struct{}),
	}
	p.cmd.Dir, p.cmd.Env = c.Dir, c.Env
	p.cmd.Stdout, p.cmd.Stderr = childStdout, p.tail
	p.cmd.WaitDelay = drainTime
	ownGroup(p.cmd)
	if p.stdin, err = p.cmd.StdinPipe(); err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, stdout.Close())
	}
	go p.read(stdout)
	go p.write()
	go func() {
		p.ended = p.cmd.Wait()
		close(p.done)
		// An error here means that reading has ended already.
		_ = stdout.SetReadDeadline(time.Now().Add(drainTime))
	}()
	return p, nil
}

// Send writes a line, which must not hold another. It does not wait for a
// process that does not read: that one tells by its end, or is killed.
func (p *Process) Send(line []byte) {
	select {
	case p.out <- append(line, '\n'):
	case <-p.done:
	}
}

// write writes what is sent. Its error says less than the end of the process,
// which it means.
func (p *Process) write() {
	for {
		select {
		case line := <-p.out:
			_, _ = p.stdin.Write(line)
		case <-p.done:
			return
		}
	}
}

// Lines are the lines that the process writes. It is closed where there are no
// more; [Process.Why] says why.
func (p *Process) Lines() <-chan []byte { return p.lines }

// Why says why there are no more lines: a *CrashError where the process ended.
func (p *Process) Why(ctx context.Context) error {
	if p.badLine != nil {
		return p.badLine
	}
	select {
	case <-p.done:
	case <-ctx.Done():
	case <-time.After(drainTime):
		return fmt.Errorf("%s closed its output", p.name)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return p.crash()
}

func (p *Process) crash() error {
	return &CrashError{Name: p.name, State: p.cmd.ProcessState.String(), Stderr: p.tail.String()}
}

// Close closes the input, at which the process is to end, and ends it with its
// children where it does not in time: it has nothing left to do. It tells a bad
// end of its own.
func (p *Process) Close(patience time.Duration) error {
	// An error means that it has ended.
	_ = p.stdin.Close()
	go func() {
		for range p.lines { // it must not wait for a reader
		}
	}()
	slow := false
	select {
	case <-p.done:
	case <-time.After(patience):
		slow = true
	}
	p.Kill()
	if p.ended != nil && !slow {
		return p.crash()
	}
	return nil
}

// Terminate asks the process and its children to end.
func (p *Process) Terminate() {
	select {
	case <-p.done:
	default:
		endGroup(p.cmd)
	}
}

// Kill ends the process with its children, unless it has ended already, and
// frees everything.
func (p *Process) Kill() {
	p.kill.Do(func() {
		select {
		case <-p.done:
		default:
			killGroup(p.cmd)
		}
	})
	for range p.lines { // the reader must not wait for a reader
	}
	<-p.done
}

// Stderr returns the end of what the process wrote there.
func (p *Process) Stderr() string { return p.tail.String() }

// read sends the lines of the output until it ends or is no conversation any
// more.
func (p *Process) read(stdout *os.File) {
	defer close(p.lines)
	defer stdout.Close()
	scanner := bufio.NewScanner(stdout)
	scanner.Buffer(nil, MaxMessage)
	for scanner.Scan() {
		p.lines <- bytes.Clone(scanner.Bytes())
	}
	if errors.Is(scanner.Err(), bufio.ErrTooLong) {
		p.badLine = fmt.Errorf("%s wrote a line of more than %d bytes", p.name, MaxMessage)
	}
}

// CrashError is the end of a process that should have answered.
type CrashError struct {
	// Name is what the process is called.
	Name string
	// State is how the process ended, as in "exit status 1".
	State string
	// Stderr is the end of what it wrote, at most a few kilobytes.
	Stderr string
}

// Error returns the state and, on lines of their own, what was written last.
func (e *CrashError) Error() string {
	text := e.Name + " ended (" + e.State + ")"
	if e.Stderr == "" {
		return text
	}
	return text + ":\n  " + strings.ReplaceAll(e.Stderr, "\n", "\n  ")
}
