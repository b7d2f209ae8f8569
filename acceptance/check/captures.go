package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// golden is a golden dataset as it is committed.
type golden struct {
	name string
	text []byte
	spec *specpb.Dataset
}

func (g golden) file() string { return filepath.Join("datasets", g.name, "dataset.textproto") }

// tests reports whether a contribution is on the test side as a whole.
func (g golden) tests(contribution string) bool {
	return slices.Contains(g.spec.GetSplit().GetTest(), contribution)
}

// readGolden reads the committed datasets: they say which captures there are,
// so that the list stands in one place.
func (c *check) readGolden() error {
	dirs, err := os.ReadDir(filepath.Join(c.specs, "datasets"))
	if err != nil {
		return err
	}
	for _, d := range dirs {
		g := golden{name: d.Name(), spec: &specpb.Dataset{}}
		if g.text, err = os.ReadFile(filepath.Join(c.specs, g.file())); err != nil {
			return err
		}
		if _, diags := spec.Read(g.file(), g.text, g.spec, nil); diags.HasErrors() {
			return diags.Err()
		}
		c.golden = append(c.golden, g)
	}
	return nil
}

// find returns the path of a raw file: a real one below the data, or one that
// was generated.
func (c *check) find(name string) (string, error) {
	if path, ok := c.files[name]; ok {
		return path, nil
	}
	return "", fmt.Errorf("%s has no file %s", c.data, name)
}

// index lists the real files by name, and writes the generated one.
func (c *check) index() error {
	c.files = map[string]string{}
	err := filepath.WalkDir(c.data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			c.files[d.Name()] = path
		}
		return err
	})
	if err != nil {
		return err
	}
	generated := filepath.Join(c.dir, "two_lines.csv")
	c.files[filepath.Base(generated)] = generated
	return os.WriteFile(generated, twoLines(), 0o644)
}

// twoLines returns values that hold line ends, quotes and commas, in quoted
// CSV with "\r\n" between records: attacks and everyday texts.
func twoLines() []byte {
	var b strings.Builder
	b.WriteString("\"payload\",\"length\",\"attack_type\",\"label\"\r\n")
	write := func(value, kind, label string) {
		fmt.Fprintf(&b, "\"%s\",\"%d\",\"%s\",\"%s\"\r\n", strings.ReplaceAll(value, `"`, `""`), len(value), kind, label)
	}
	for i := range 100 {
		write(fmt.Sprintf("%d Garden Road,\nflat \"%c\"", i, 'A'+i%26), "norm", "norm")
		write(fmt.Sprintf("1' OR %d=%d\nUNION SELECT name,\nNULL FROM users -- \"", i, i), "sqli", "anom")
	}
	return []byte(b.String())
}

// build makes a project of the specs and the captures, by the commands.
func (c *check) build(ctx context.Context) error {
	if _, err := c.call(ctx, c.dir, "init", "acceptance", "--empty"); err != nil {
		return err
	}
	if err := c.copySpecs("parsers", "functions", "lists", "features"); err != nil {
		return err
	}
	for _, g := range c.golden {
		if err := c.addAll(ctx, g); err != nil {
			return err
		}
	}
	if err := c.copySpecs("models", "environments"); err != nil {
		return err
	}
	return c.sameDatasets()
}

func (c *check) copySpecs(dirs ...string) error {
	for _, dir := range dirs {
		dir = filepath.Join("specs", dir)
		if err := copyTree(filepath.Join(c.specs, dir), filepath.Join(c.project, dir)); err != nil {
			return err
		}
	}
	return nil
}

// addAll makes a dataset: what stands before its contributions is copied, and
// each capture is added by the command.
func (c *check) addAll(ctx context.Context, g golden) error {
	head, _, _ := strings.Cut(string(g.text), "\ncontributions {")
	path := filepath.Join(c.project, g.file())
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(head), 0o644); err != nil {
		return err
	}
	for _, k := range g.spec.GetContributions() {
		file := k.GetFiles()[0]
		raw, err := c.find(file.GetName())
		if err != nil {
			return err
		}
		args := []string{"dataset", "add", g.name, raw, "--parser", file.GetParser(), "--contribution", k.GetName(),
			"--origin", k.GetOrigin(), "--licence", k.GetLicence(), "--note", k.GetNote()}
		if verdict := k.GetLabel().GetVerdict(); verdict != 0 {
			args = append(args, "--label", strings.ToLower(verdict.String()))
		} else {
			args = append(args, "--label-expr", k.GetLabel().GetExpression())
		}
		if g.tests(k.GetName()) {
			args = append(args, "--test")
		}
		if filepath.Ext(raw) == ".json" {
			args = append(args, "--allow-missing") // Zeek leaves out what is not set
		}
		if _, err := c.call(ctx, c.project, args...); err != nil {
			return err
		}
	}
	return nil
}

// sameDatasets checks that what was added is what the committed datasets name,
// or writes them.
func (c *check) sameDatasets() error {
	for _, g := range c.golden {
		made, err := os.ReadFile(filepath.Join(c.project, g.file()))
		if err != nil {
			return err
		}
		if c.write {
			if err := os.WriteFile(filepath.Join(c.specs, g.file()), []byte(timeless(made)), 0o644); err != nil {
				return err
			}
			continue
		}
		if timeless(g.text) != timeless(made) {
			return fmt.Errorf("%s is not what adding the captures gives; compare with %s (-keep DIR keeps it), or run with -write",
				filepath.Join(c.specs, g.file()), filepath.Join(c.project, g.file()))
		}
	}
	return nil
}

// timeless leaves out of a dataset when and by whom captures were added.
func timeless(text []byte) string {
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "added") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// captures calls do with each raw file once, however many datasets it is in.
func (c *check) captures(do func(k *specpb.Contribution, file *specpb.RawFile, path string) error) error {
	seen := map[digest.Digest]bool{}
	for _, g := range c.golden {
		for _, k := range g.spec.GetContributions() {
			for _, file := range k.GetFiles() {
				path, err := c.find(file.GetName())
				if err != nil {
					return err
				}
				id := digest.Of([]byte(file.GetParser() + " " + path))
				if seen[id] {
					continue
				}
				seen[id] = true
				if err := do(k, file, path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// countLines counts the lines of the captures here, not by mlp.
func (c *check) countLines() (lines int64, err error) {
	err = c.captures(func(_ *specpb.Contribution, _ *specpb.RawFile, path string) error {
		n, err := countLines(path)
		lines += n
		return err
	})
	return lines, err
}

// errNoRows says that a step that compares had nothing to compare.
var errNoRows = errors.New("nothing to compare")
