package run

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// TestMain lets the test binary stand in for mlp on executors of Spark.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == spark.FrameCommand {
		if err := spark.Frame(os.Stdin, os.Stdout); err != nil {
			_, _ = os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	status := m.Run()
	if s := theSpark.session; s != nil {
		if err := s.Close(); err != nil {
			status = 1
		}
		_ = os.RemoveAll(theSpark.dir)
	}
	os.Exit(status)
}

// theSpark is the session of all tests: to start one takes ten seconds.
var theSpark struct {
	once    sync.Once
	dir     string
	session *spark.Session
	err     error
}

// onSpark returns the real session, or skips where there is no Python for it.
func onSpark(t *testing.T) *Spark {
	t.Helper()
	python := enginetest.ParityPython(t)
	s := &theSpark
	s.once.Do(func() {
		self, err := os.Executable()
		must(t, err)
		s.dir, err = os.MkdirTemp("", "mlp-run-spark-*")
		must(t, err)
		s.session, s.err = spark.Open(context.Background(), spark.Options{Python: python, Environ: os.Environ(), Framer: self,
			Master: "local[2]", Scratch: filepath.Join(s.dir, "scratch"),
			Conf: map[string]string{"spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "4"}})
	})
	must(t, s.err)
	return &Spark{Open: func(context.Context) (Cluster, error) { return s.session, nil }}
}

// TestParityForms applies the example with its logs in every form on Spark: it
// makes the columns that DuckDB makes, and models of them.
func TestParityForms(t *testing.T) {
	cluster := onSpark(t)
	var counts enginetest.Parity
	defer func() { counts.Report(t) }()
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			p := f.project(t)
			// What Spark wrote must lie where DuckDB may read it.
			want := p.newStore(t)
			mustApply(t, p, want)
			s := p.newStore(t)
			r := p.runner(t, s)
			r.Spark = cluster
			if _, _, err := apply(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			p.sameColumns(t, want, s, &counts)
		})
	}
}

// generatedCapture is the capture of acceptance that is not real. What it is for,
// line ends in values, is in TestParityForms.
const generatedCapture = "two_lines.csv"

// TestParityAcceptance computes all columns of the acceptance specs over their
// real captures, on both engines; a sample is of one capture a dataset.
func TestParityAcceptance(t *testing.T) {
	data := os.Getenv("MLP_REAL_DATA")
	if data == "" {
		t.Skip("MLP_REAL_DATA is not set; make test sets it")
	}
	cluster := onSpark(t)
	p := emptyProject(t)
	must(t, fs.WalkDir(os.DirFS("../../acceptance"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "check/") {
			return err
		}
		text, err := os.ReadFile(filepath.Join("../../acceptance", name))
		p.files[name] = &fstest.MapFile{Data: text}
		return err
	}))
	p.captures(t, data)
	var counts enginetest.Parity
	defer func() { counts.Report(t) }()
	stores := make([]store.Store, 2)
	for i, on := range []*Spark{nil, cluster} {
		stores[i] = p.newStore(t)
		r := p.runner(t, stores[i])
		r.Spark = on
		made, err := planOf(t.Context(), r)
		must(t, err)
		for _, s := range made.Steps {
			k := s.Frame.Contribution
			if k == nil || k.Spec.GetFiles()[0].GetName() == generatedCapture || !enginetest.ParityFull() && k != s.Frame.Dataset.Contributions[0] {
				continue
			}
			switch s.Kind {
			case plan.Parse:
				must(t, r.parseStep(t.Context(), s, nil))
			case plan.Features:
				must(t, r.featuresStep(t.Context(), s, nil))
			}
		}
	}
	p.sameColumns(t, stores[0], stores[1], &counts)
}

// captures adds the real files that the project's datasets name.
func (p *project) captures(t *testing.T, data string) {
	t.Helper()
	paths := map[string]string{}
	must(t, filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths[d.Name()] = path
		}
		return err
	}))
	chunks := memstore.New()
	program := p.compileOnly(t)
	for _, d := range program.Datasets {
		for _, k := range d.Contributions {
			for _, f := range k.Spec.GetFiles() {
				if f.GetName() == generatedCapture {
					continue
				}
				parser, _ := compile.ByName(program.Parsers, f.GetParser())
				added, err := dataset.Add(t.Context(), dataset.AddOptions{Store: chunks, Path: paths[f.GetName()], Parser: parser.Name, Dataset: &specpb.Dataset{},
					Source: source.Options{Format: parser.Format, Optional: parser.Raw}})
				must(t, err)
				p.keepChunks(t, chunks, added.File)
			}
		}
	}
}

// columnsOf returns what the store's index has of columns, by address and key.
func columnsOf(t *testing.T, s store.Store) map[string]ColumnEntry {
	t.Helper()
	out := map[string]ColumnEntry{}
	for name, text := range names(t, s) {
		if !strings.HasPrefix(name, "index/column/") {
			continue
		}
		payload, err := dsse.Unverified([]byte(text), entryType("column"))
		must(t, err)
		var c ColumnEntry
		must(t, json.Unmarshal(payload, &c))
		out[c.Address+" "+c.Key.String()] = c
	}
	return out
}

// sameColumns compares the columns of two stores: by their content, and floating
// numbers, which depend on the library of a machine in their last digits, within
// 1e-9 of their size.
func (p *project) sameColumns(t *testing.T, duck, spark store.Store, counts *enginetest.Parity) {
	t.Helper()
	want, got := columnsOf(t, duck), columnsOf(t, spark)
	if len(want) == 0 || len(want) != len(got) {
		t.Errorf("DuckDB made %d columns, Spark %d", len(want), len(got))
	}
	counts.Cases += len(want)
	for name, w := range want {
		g := got[name]
		if cmp.Equal(w.Content, g.Content) && w.Nulls == g.Nulls {
			continue
		}
		if len(w.Files) != len(g.Files) || w.Nulls != g.Nulls {
			counts.Differ++
			t.Errorf("%s: DuckDB %+v, Spark %+v", name, w, g)
			continue
		}
		for i := range w.Files {
			if w.Content[i] == g.Content[i] {
				continue
			}
			if n, typ := p.apart(t, p.parquet(t, duck, w, i), p.parquet(t, spark, g, i)); n > 0 || typ != "DOUBLE" && typ != "FLOAT" {
				counts.Differ++
				t.Errorf("%s: %d values of type %s differ", name, n, typ)
			}
		}
	}
}

// parquet returns a SELECT of the values of a part of a column.
func (p *project) parquet(t *testing.T, s store.Store, c ColumnEntry, part int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "part.parquet")
	path = filepath.Join(p.root, "scratch", strings.ReplaceAll(path, "/", "-"))
	must(t, os.WriteFile(path, readObject(t, s, c.Files[part]), 0o666))
	return "(SELECT " + sql.Quote(c.Name) + " AS v FROM read_parquet(" + sql.Text(path) + "))"
}

// apart counts the values of two columns, side by side, that are not the same
// number, and gives the type of both.
func (p *project) apart(t *testing.T, a, b string) (n int64, typ string) {
	t.Helper()
	conn, err := p.db.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	must(t, conn.Query(t.Context(), "SELECT count(*) FILTER (a.v IS DISTINCT FROM b.v AND coalesce(abs(a.v::DOUBLE - b.v::DOUBLE) <= 1e-9 * greatest(abs(a.v::DOUBLE), abs(b.v::DOUBLE)), false) IS NOT TRUE)::BIGINT, "+
		"any_value(typeof(a.v)) FROM "+a+" AS a POSITIONAL JOIN "+b+" AS b", func(row []any) error {
		n, _ = row[0].(int64)
		typ, _ = row[1].(string)
		return nil
	}))
	return n, typ
}
