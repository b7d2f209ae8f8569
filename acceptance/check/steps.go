package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/run"
)

// check is one acceptance run.
type check struct {
	mlp, specs, data, keep string
	from                   string // step to begin with
	write                  bool   // the committed datasets

	dir     string // works here
	project string
	golden  []golden
	files   map[string]string // paths of raw files by name

	config  string    // directory of the user's configuration
	quiet   bool      // show no transcript
	written []writing // commands that changed something
	killer  *killer   // nil: let commands finish
	alerts  []string  // of a site that keeps its state, by their ids, sorted

	verified                           run.Verified
	featureDifference, scoreDifference float64
}

func (c *check) prepare(context.Context) error {
	var err error
	if c.mlp, err = filepath.Abs(c.mlp); err != nil {
		return err
	}
	if c.data, err = filepath.Abs(c.data); err != nil {
		return err
	}
	if c.dir = c.keep; c.dir == "" {
		c.dir, err = os.MkdirTemp("", "mlp-acceptance-*")
	} else {
		err = os.MkdirAll(c.dir, 0o755)
	}
	c.project, c.config = filepath.Join(c.dir, "acceptance"), filepath.Join(c.dir, "config")
	if err != nil {
		return err
	}
	return errors.Join(c.readGolden(), c.index())
}

func (c *check) apply(ctx context.Context) error {
	for _, args := range [][]string{{"validate"}, {"plan"}, {"apply"}, {"model", "ls"}} {
		if _, err := c.call(ctx, c.project, args...); err != nil {
			return err
		}
	}
	return nil
}

// verify reads the counts of the records of runs, and holds them against lines
// counted here.
func (c *check) verify(ctx context.Context) error {
	out, err := c.call(ctx, c.project, "verify", "--format", "json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, &c.verified); err != nil {
		return err
	}
	lines, err := c.countLines()
	if err != nil {
		return err
	}
	// However many models and datasets read a capture, its frame counts once.
	if got := c.verified.Counts.Lines; got != lines {
		return fmt.Errorf("%d lines are on record, the files have %d", got, lines)
	}
	return c.verified.Counts.Check()
}

// again applies a second time, which must do nothing.
func (c *check) again(ctx context.Context) error {
	p, err := c.plan(ctx)
	if err != nil {
		return err
	}
	if len(p.Steps) > 0 {
		return fmt.Errorf("a second apply would take %d steps, the first one %s %s", len(p.Steps), p.Steps[0].Kind, p.Steps[0].Target)
	}
	out, err := c.call(ctx, c.project, "apply")
	if err == nil && !bytes.HasPrefix(out, []byte("Nothing to do")) {
		err = errors.New("a second apply did something")
	}
	return err
}

func (c *check) plan(ctx context.Context) (*plan.Plan, error) {
	out, err := c.output(ctx, c.project, "plan", "--format", "json")
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{}
	return p, json.Unmarshal(out, p)
}

// call runs mlp and shows what it printed. What a killer disturbs is run again;
// alerts count whichever run wrote them.
func (c *check) call(ctx context.Context, dir string, args ...string) ([]byte, error) {
	c.show(args)
	var early []byte
	if c.killer != nil && verb(args) != "" {
		out, finished, err := c.killer.kill(func() *exec.Cmd { return c.command(ctx, dir, args) })
		if err != nil || finished && strings.HasSuffix(verb(args), " add") {
			return nil, err
		}
		early = out
	}
	cmd := c.command(ctx, dir, args)
	start := time.Now()
	out, err := c.outputOf(cmd)
	took := time.Since(start)
	if c.killer != nil && alreadyDone(args, err) {
		return out, nil
	}
	if verb(args) != "" && err == nil {
		worked := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		c.written = append(c.written, writing{args, min(took, worked), bytes.HasPrefix(out, []byte("Applied"))})
	}
	if args[0] == "score" {
		return append(early, out...), err
	}
	if !c.quiet {
		os.Stdout.Write(out)
	}
	return out, err
}

func (c *check) show(args []string) {
	if c.quiet {
		return
	}
	shown := make([]string, len(args))
	for i, a := range args {
		shown[i] = strings.ReplaceAll(a, c.data, "DATA")
		if strings.ContainsAny(a, " '") {
			shown[i] = fmt.Sprintf("%q", shown[i])
		}
	}
	fmt.Printf("$ mlp %s\n", strings.Join(shown, " "))
}

// command is mlp with a configuration of its own.
func (c *check) command(ctx context.Context, dir string, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.mlp, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+c.config, "MLP_USER=acceptance")
	return cmd
}

func (c *check) output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	return c.outputOf(c.command(ctx, dir, args))
}

func (c *check) outputOf(cmd *exec.Cmd) ([]byte, error) {
	var notes bytes.Buffer
	cmd.Stderr = &notes
	out, err := cmd.Output()
	if !c.quiet || err != nil && c.killer == nil {
		os.Stderr.Write(notes.Bytes())
	}
	if err != nil {
		return out, &commandError{args: cmd.Args[1:], notes: notes.String(), err: err}
	}
	return out, nil
}

// commandError is a command that did not end well, with what it said.
type commandError struct {
	args  []string
	notes string
	err   error
}

func (e *commandError) Error() string {
	return fmt.Sprintf("mlp %s: %v", strings.Join(e.args, " "), e.err)
}
func (e *commandError) Unwrap() error { return e.err }

// alreadyDone reports whether a command has nothing to add: the one that was
// killed had added it.
func alreadyDone(args []string, err error) bool {
	var failed *commandError
	return strings.HasSuffix(verb(args), " add") && errors.As(err, &failed) &&
		(strings.Contains(failed.notes, "nothing to add") || strings.Contains(failed.notes, "nothing new"))
}

// countLines counts the lines of a file: line feeds, and what stands behind the
// last one.
func countLines(path string) (int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	n := int64(bytes.Count(data, []byte("\n")))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		n++
	}
	return n, nil
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		out, err := os.Create(filepath.Join(to, rel))
		if err != nil {
			return err
		}
		_, err = io.Copy(out, in)
		return errors.Join(err, out.Close())
	})
}
