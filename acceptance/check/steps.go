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

	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/run"
)

// check is one acceptance run.
type check struct {
	mlp, specs, data, keep string

	dir     string // works here
	project string

	verified                           run.Verified
	featureDifference, scoreDifference float64
}

// label is the label of the captures: what is neither is background traffic,
// unlabelled.
const label = "CASE label WHEN 'Malicious' THEN TRUE WHEN 'Benign' THEN FALSE END"

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
	c.project = filepath.Join(c.dir, "acceptance")
	return err
}

// build makes a project of the specs and the captures, by the commands.
func (c *check) build(ctx context.Context) error {
	if _, err := c.call(ctx, c.dir, "init", "acceptance", "--empty"); err != nil {
		return err
	}
	for _, dir := range []string{"specs/parsers", "specs/features"} {
		if err := copyTree(filepath.Join(c.specs, dir), filepath.Join(c.project, dir)); err != nil {
			return err
		}
	}
	for _, k := range captures() {
		args := []string{"dataset", "add", "inbound_attack", filepath.Join(c.data, k.file), "--parser", "zeek_conn", "--contribution", k.name,
			"--label-expr", label, "--origin", "Stratosphere Laboratory, CTU Prague", "--licence", "GPL-2.0", "--technique", "T1595", "--note", "24 hours of a Windows host"}
		if k.test {
			args = append(args, "--test")
		}
		if _, err := c.call(ctx, c.project, args...); err != nil {
			return err
		}
	}
	for _, dir := range []string{"specs/models", "specs/environments"} {
		if err := copyTree(filepath.Join(c.specs, dir), filepath.Join(c.project, dir)); err != nil {
			return err
		}
	}
	return c.sameDataset()
}

// sameDataset checks that what was added is what the committed dataset names.
func (c *check) sameDataset() error {
	const file = "datasets/inbound_attack/dataset.textproto"
	committed, err := os.ReadFile(filepath.Join(c.specs, file))
	if err != nil {
		return err
	}
	made, err := os.ReadFile(filepath.Join(c.project, file))
	if err != nil {
		return err
	}
	timeless := func(b []byte) string {
		var lines []string
		for line := range strings.Lines(string(b)) {
			if !strings.HasPrefix(strings.TrimSpace(line), "added") {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "")
	}
	if timeless(committed) != timeless(made) {
		return fmt.Errorf("%s is not what adding the captures gives; compare with %s (-keep DIR keeps it)", filepath.Join(c.specs, file), filepath.Join(c.project, file))
	}
	return nil
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
	var lines int64
	for _, k := range captures() {
		n, err := countLines(filepath.Join(c.data, k.file))
		if err != nil {
			return err
		}
		lines += n
	}
	// Both models read the captures through one parser: its frames count once.
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

// change edits one feature: one column a capture is computed, and only the
// model that reads it is trained.
func (c *check) change(ctx context.Context) error {
	path := filepath.Join(c.project, "specs/features/source_5min.textproto")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	edited := bytes.Replace(text, []byte("IN (80, 443)"), []byte("IN (80, 443, 8080)"), 1)
	if bytes.Equal(text, edited) {
		return fmt.Errorf("%s: no feature to edit", path)
	}
	if err := os.WriteFile(path, edited, 0o644); err != nil {
		return err
	}
	if _, err := c.call(ctx, c.project, "plan"); err != nil {
		return err
	}
	p, err := c.plan(ctx)
	if err != nil {
		return err
	}
	if err := oneColumn(p); err != nil {
		return err
	}
	out, err := c.call(ctx, c.project, "apply")
	if err == nil && !bytes.HasPrefix(out, []byte(fmt.Sprintf("Applied: %d columns, 1 model trained", len(captures())))) {
		err = errors.New("apply did not do what was planned")
	}
	return err
}

// oneColumn checks the plan after the edit of one feature.
func oneColumn(p *plan.Plan) error {
	features, trained := 0, 0
	for _, s := range p.Steps {
		switch s.Kind {
		case plan.Parse:
			return fmt.Errorf("an edited feature makes %s parse again", s.Target)
		case plan.Features:
			features++
			if len(s.Columns) != 1 {
				return fmt.Errorf("an edited feature computes %q in %s", s.Columns, s.Target)
			}
		case plan.TrainOn:
			trained++
			if s.Target != "model/inbound_source" {
				return fmt.Errorf("an edited feature trains %s, which does not read it", s.Target)
			}
		}
	}
	if features != len(captures()) || trained != 1 {
		return fmt.Errorf("an edited feature is computed in %d captures and trains %d models, want %d and 1", features, trained, len(captures()))
	}
	return nil
}

func (c *check) plan(ctx context.Context) (*plan.Plan, error) {
	out, err := c.output(ctx, c.project, "plan", "--format", "json")
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{}
	return p, json.Unmarshal(out, p)
}

// call runs mlp and shows what it printed.
func (c *check) call(ctx context.Context, dir string, args ...string) ([]byte, error) {
	shown := make([]string, len(args))
	for i, a := range args {
		shown[i] = strings.ReplaceAll(a, c.data, "DATA")
		if strings.ContainsAny(a, " '") {
			shown[i] = fmt.Sprintf("%q", shown[i])
		}
	}
	fmt.Printf("$ mlp %s\n", strings.Join(shown, " "))
	out, err := c.output(ctx, dir, args...)
	os.Stdout.Write(out)
	return out, err
}

// output runs mlp with a configuration of its own.
func (c *check) output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.mlp, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(c.dir, "config"), "MLP_USER=acceptance")
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("mlp %s: %w", strings.Join(args, " "), err)
	}
	return out, nil
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
