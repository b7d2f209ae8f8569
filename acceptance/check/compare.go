package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/trainers"
)

// site pulls the release to a site and scores every raw file there.
func (c *check) site(ctx context.Context) error {
	site := filepath.Join(c.dir, "site.textproto")
	if _, err := c.call(ctx, c.project, "env", "export", "soc", "--out", site); err != nil {
		return err
	}
	if _, err := c.call(ctx, c.dir, "pull", "--config", site, "--dir", "site"); err != nil {
		return err
	}
	return c.captures(func(k *specpb.Contribution, file *specpb.RawFile, path string) error {
		fmt.Printf("$ mlp score --dir site --parser %s --final DATA/%s > alerts.jsonl\n", file.GetParser(), file.GetName())
		alerts, err := c.output(ctx, c.dir, "score", "--dir", "site", "--parser", file.GetParser(), "--final", "--rows", c.rows(file), path)
		if err != nil {
			return err
		}
		if len(alerts) == 0 && k.GetLabel().GetVerdict() != specpb.Verdict_BENIGN {
			return errors.New("no alert")
		}
		return nil
	})
}

// state pulls the newest release and scores a capture that comes in three
// parts, with what is open carried over: every alert is one that the whole
// capture gives, and none is missing.
func (c *check) state(ctx context.Context) error {
	if _, err := c.call(ctx, c.dir, "pull", "--config", "site.textproto", "--dir", "site"); err != nil {
		return err
	}
	raw, err := c.find("012-conn.log.labeled")
	if err != nil {
		return err
	}
	score := []string{"score", "--dir", "site", "--parser", "zeek_conn"}
	whole, err := c.output(ctx, c.dir, append(score, "--final", raw)...)
	if err != nil {
		return err
	}
	parts, err := c.cut(raw, 3)
	if err != nil {
		return err
	}
	var alerts []byte
	for i, part := range parts {
		args := append(slices.Clone(score), "--state", "state", part)
		if i == len(parts)-1 {
			args = append(args, "--final")
		}
		out, err := c.call(ctx, c.dir, args...)
		if err != nil {
			return err
		}
		alerts = append(alerts, out...)
	}
	want, err := alertIDs(whole)
	if err != nil {
		return err
	}
	if c.alerts, err = alertIDs(alerts); err != nil {
		return err
	}
	if len(want) == 0 || !slices.Equal(want, c.alerts) {
		return fmt.Errorf("a capture in parts gives %d alerts, the whole one %d, or others", len(c.alerts), len(want))
	}
	return nil
}

// cut cuts a raw file into n files of whole lines, each behind the header.
func (c *check) cut(path string, n int) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var header, lines []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			header = append(header, line)
		} else {
			lines = append(lines, line)
		}
	}
	var out []string
	for i := range n {
		part := slices.Concat(header, lines[len(lines)*i/n:len(lines)*(i+1)/n])
		name := fmt.Sprintf("part%d.log", i+1)
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(strings.Join(part, "")), 0o644); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, nil
}

// rows is where the rows stand that the site scored of a raw file.
func (c *check) rows(file *specpb.RawFile) string {
	return filepath.Join(c.dir, file.GetParser()+"."+file.GetName()+".rows.jsonl")
}

// compare holds the site's features and scores of every capture against those
// of training, row by row.
func (c *check) compare(ctx context.Context) error {
	runner, closeRunner, err := c.reader(ctx)
	if err != nil {
		return err
	}
	defer closeRunner()
	for _, m := range runner.Program.Models {
		scored := map[string]map[string]score.ScoredRow{} // by contribution
		for _, k := range m.Dataset.Contributions {
			if scored[k.Name], err = readRows(c.rows(k.Spec.GetFiles()[0]), m.Name); err != nil {
				return err
			}
		}
		compared := 0
		err := runner.Rows(ctx, m, func(r run.Row) error {
			compared++
			id := identity(m, r)
			s, ok := scored[r.Contribution][id]
			if !ok {
				return fmt.Errorf("model %s: the site has no row %s of %s", m.Name, id, r.Contribution)
			}
			return c.difference(m, r, s)
		})
		if err != nil {
			return err
		}
		if compared == 0 {
			return fmt.Errorf("model %s: %w", m.Name, errNoRows)
		}
		fmt.Printf("%s: %d labelled rows are equal at the site\n", m.Name, compared)
	}
	return nil
}

func (c *check) difference(m *compile.Model, r run.Row, s score.ScoredRow) error {
	var at []*float64
	for _, f := range m.Features {
		at = append(at, s.Features[f.Name].Numbers(f.Width())...)
	}
	for i, name := range m.Inputs() {
		if (at[i] == nil) != (r.Inputs[i] == nil) {
			return fmt.Errorf("model %s: feature %s is NULL on one side only", m.Name, name)
		}
		if at[i] != nil {
			c.featureDifference = math.Max(c.featureDifference, math.Abs(*at[i]-*r.Inputs[i]))
		}
	}
	if s.Score == nil {
		return fmt.Errorf("model %s: no score", m.Name)
	}
	c.scoreDifference = math.Max(c.scoreDifference, math.Abs(*s.Score-r.Score))
	if !(c.featureDifference <= tolerance) || !(c.scoreDifference <= tolerance) {
		return fmt.Errorf("model %s: difference of a feature %g, of a score %g, above %g", m.Name, c.featureDifference, c.scoreDifference, tolerance)
	}
	return nil
}

// identity says which row it is, as training knows it.
func identity(m *compile.Model, r run.Row) string {
	if m.FeatureSet.Group == nil {
		return fmt.Sprint(r.Record)
	}
	// Both sides list the key by the names of its columns.
	byName := map[string]string{}
	for i, k := range m.FeatureSet.Group.Keys {
		byName[k.Name] = r.Key[i]
	}
	var keys []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		keys = append(keys, byName[name])
	}
	return fmt.Sprintf("%s@%d", strings.Join(keys, ","), r.Start)
}

// readRows reads the rows of a file that a site scored by a model, by identity.
func readRows(path, model string) (map[string]score.ScoredRow, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]score.ScoredRow{}
	decoder := json.NewDecoder(f)
	for {
		var s score.ScoredRow
		if err := decoder.Decode(&s); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		if s.Model != model {
			continue
		}
		id := ""
		if s.Row.Record != nil {
			id = fmt.Sprint(*s.Row.Record)
		} else {
			var keys []string
			for _, name := range slices.Sorted(maps.Keys(s.Row.Key)) {
				keys = append(keys, fmt.Sprint(s.Row.Key[name]))
			}
			id = fmt.Sprintf("%s@%d", strings.Join(keys, ","), s.Row.Start.UnixMicro())
		}
		out[id] = s
	}
}

// reader opens what training left in the store.
func (c *check) reader(ctx context.Context) (*run.Runner, func(), error) {
	ws, diags := spec.Load(os.DirFS(c.project), trainers.Files)
	if err := diags.Err(); err != nil {
		return nil, nil, err
	}
	known, err := run.Trainers(trainers.Files)
	if err != nil {
		return nil, nil, err
	}
	program, diags := compile.Compile(ws, known)
	if err := diags.Err(); err != nil {
		return nil, nil, err
	}
	dir := filepath.Join(c.project, ".mlp", "store")
	s, err := filestore.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	db, err := duckdb.Open(ctx, duckdb.Options{Dirs: []string{dir}, TempDir: c.dir, Setup: sql.DuckDBMacros()})
	if err != nil {
		return nil, nil, err
	}
	keys, err := pull.Trusted(program.Project.GetKeys(), compile.DefaultChannel)
	if err != nil {
		return nil, nil, err
	}
	r := &run.Runner{Store: s, Index: run.NewIndex(s, nil, keys), Program: program, DB: db, Cache: store.NewCache(c.dir, 0)}
	return r, func() { db.Close() }, nil
}
