package spark

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/pyenv"
)

// progressMark begins a line of progress among what a job prints.
const progressMark = "mlp-progress "

// submit carries out a job by the command of the options, and returns its result
// manifest.
func (s *Session) submit(ctx context.Context, j Job, m manifest) ([]byte, error) {
	place := filepath.Join(s.dir, m.Run)
	if !isURL(m.Dir) || s.o.Storage != nil {
		place = m.Dir
	}
	manifest, result := place+"/manifest.json", place+"/result.json"
	script, err := s.script()
	if err != nil {
		return nil, fmt.Errorf("run %s on Spark: %w", j.Name, err)
	}
	text, err := json.Marshal(m)
	if err == nil {
		err = s.put(ctx, manifest, text)
	}
	if err != nil {
		return nil, fmt.Errorf("run %s on Spark: %w", j.Name, err)
	}
	// A driver elsewhere learns by this that nobody waits any more.
	defer func() {
		if place != m.Dir {
			_ = os.RemoveAll(place)
		}
	}()
	ended := s.execute(ctx, j, s.submission(map[string]string{"{job}": script, "{manifest}": manifest, "{result}": result, "{framer}": s.o.Framer}))
	if ctx.Err() != nil {
		return nil, fmt.Errorf("run %s on Spark: %w", j.Name, context.Cause(ctx))
	}
	text, err = s.get(ctx, result)
	switch {
	case err == nil:
		return text, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("run %s on Spark: read the result manifest: %w", j.Name, err)
	case ended != nil:
		return nil, ended
	}
	return nil, noManifest(j)
}

func (s *Session) put(ctx context.Context, place string, data []byte) error {
	if isURL(place) {
		return s.o.Storage.Put(ctx, place, data)
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o777); err != nil {
		return err
	}
	return os.WriteFile(place, data, 0o666)
}

func (s *Session) get(ctx context.Context, place string) ([]byte, error) {
	if !isURL(place) {
		return os.ReadFile(place)
	}
	in, err := s.o.Storage.Get(ctx, place)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}

// submission is the command with what stands for its placeholders.
func (s *Session) submission(values map[string]string) []string {
	args := slices.Clone(s.o.Submit)
	if !strings.Contains(strings.Join(args, " "), "{job}") {
		args = append(args, "{job}", "{manifest}", "{result}")
	}
	for i := range args {
		for name, value := range values {
			args[i] = strings.ReplaceAll(args[i], name, value)
		}
	}
	return args
}

// heard is written to by a process whose words are not read: that it speaks is
// enough.
type heard chan struct{}

// Write notes that something was said.
func (h heard) Write(p []byte) (int, error) {
	select {
	case h <- struct{}{}:
	default:
	}
	return len(p), nil
}

// execute runs a command to its end. Why it ended badly says less than a result
// manifest.
func (s *Session) execute(ctx context.Context, j Job, args []string) error {
	program, err := s.program(args[0])
	if err != nil {
		return &Error{Kind: KindSpark, Job: j.Name, Message: err.Error()}
	}
	stderr := make(heard, 1)
	process, err := pyenv.Start("the command", pyenv.Command{Path: program, Args: args[1:], Dir: s.dir, Env: s.submitEnviron(), Stderr: stderr})
	if err != nil {
		return &Error{Kind: KindSpark, Job: j.Name, Message: err.Error()}
	}
	silence := time.NewTimer(s.o.Deadline)
	defer silence.Stop()
	for {
		select {
		case <-ctx.Done():
			process.Terminate()
			_ = process.Close(cancelTime) // it was ended, so it ends badly
			return context.Cause(ctx)
		case <-silence.C:
			process.Kill()
			return &Error{Kind: KindUnavailable, Job: j.Name, Message: fmt.Sprintf("nothing was heard of %s for %s", args[0], s.o.Deadline), Output: process.Stderr()}
		case <-stderr:
		case line, ok := <-process.Lines():
			if !ok {
				return ending(process.Close(cancelTime), j, args[0])
			}
			s.report(line, j)
		}
		silence.Reset(s.o.Deadline)
	}
}

// report passes progress on.
func (s *Session) report(line []byte, j Job) {
	text, ok := bytes.CutPrefix(line, []byte(progressMark))
	var m message
	if ok && json.Unmarshal(text, &m) == nil {
		s.tell(m, j)
	}
}

// retried are words of those who submit that mean: later.
const retried = `Connection refused|Connection reset|timed out|UnknownHost|All masters are unresponsive|unresolved dependency|download failed|503`

// ending says how a command ended that wrote no result manifest.
func ending(err error, j Job, name string) error {
	var crash *pyenv.CrashError
	if !errors.As(err, &crash) {
		return nil
	}
	e := &Error{Kind: KindSpark, Job: j.Name, Message: name + " ended (" + crash.State + ")", Output: crash.Stderr}
	killed := regexp.MustCompile(`^signal|status (129|1[3-9]\d)$`).MatchString(crash.State)
	if killed || regexp.MustCompile(retried).MatchString(crash.Stderr) {
		e.Kind = KindUnavailable
	}
	return e
}

// program finds the command.
func (s *Session) program(name string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		return name, nil
	}
	dirs := filepath.SplitList(lookUp(s.o.Environ, "PATH"))
	if home := lookUp(s.o.Environ, "SPARK_HOME"); home != "" {
		dirs = append([]string{filepath.Join(home, "bin")}, dirs...)
	}
	for _, dir := range dirs {
		if path := filepath.Join(dir, name); filepath.IsAbs(path) && executable(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no %s in PATH, nor below SPARK_HOME", name)
}

// submitEnviron is the environment of the command: what belongs to Spark stays,
// but for what would turn the job into a client of another one.
func (s *Session) submitEnviron() []string {
	env := without(s.o.Environ, "SPARK_REMOTE=", "SPARK_CONNECT_MODE_ENABLED=", "MLP_SIGNING_KEY=")
	if s.o.Python != "" {
		python := cmp.Or(lookUp(env, "PYSPARK_PYTHON"), s.o.Python)
		env = append(env, "PYSPARK_PYTHON="+python)
	}
	return env
}
