package run

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/engine/spark"
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
func onSpark(t *testing.T) func(context.Context) (Cluster, error) {
	t.Helper()
	python := os.Getenv("MLP_TEST_SPARK_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_SPARK_PYTHON is not set; make test sets it")
	}
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
	return func(context.Context) (Cluster, error) { return s.session, nil }
}

// TestSparkForms applies the example with its logs in every form on Spark: the
// store has what DuckDB makes of it, entry by entry, models and releases too.
func TestSparkForms(t *testing.T) {
	cluster := onSpark(t)
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
				t.Error(err)
			}
			if diff := cmp.Diff(results(t, want), results(t, s)); diff != "" {
				t.Errorf("stores (-DuckDB +Spark):\n%s", diff)
			}
		})
	}
}
