package trainer_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/pyenv"
	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/trainers"
)

const logistic = "mlp.trainers.sklearn.LogisticRegression"

// writeMatrix is what makes the matrix of the tests below: 300 rows in which
// the first feature tells the classes apart, and the second is often missing.
const writeMatrix = `
import sys
import pyarrow as pa
import pyarrow.parquet as pq

rows = range(300)
pq.write_table(
    pa.table({
        "side": ["test" if i % 5 == 0 else "train" for i in rows],
        "label": pa.array([int(i % 7 == 0) for i in rows], pa.int8()),
        "capture": pa.array([0 for i in rows], pa.int32()),
        "a": pa.array([(i % 7 == 0) + (i * 37 % 11) / 10 for i in rows], pa.float32()),
        "b": pa.array([None if i % 3 else float(i) for i in rows], pa.float32()),
    }),
    sys.argv[1],
)
`

// realPython returns an environment with the lock's packages, or skips.
func realPython(t *testing.T) pyenv.Env {
	t.Helper()
	python := os.Getenv("MLP_TEST_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_PYTHON names no Python with the packages of trainers/sklearn/requirements.lock")
	}
	lock, err := os.ReadFile("../../trainers/sklearn/requirements.lock")
	if err != nil {
		t.Fatal(err)
	}
	env, err := pyenv.Environment(t.Context(), pyenv.EnvOptions{Python: python, Lock: lock, Environ: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func realMatrix(t *testing.T, python string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "matrix.parquet")
	out, err := exec.CommandContext(t.Context(), python, "-c", writeMatrix, path).CombinedOutput()
	if err != nil {
		t.Fatalf("write matrix: %v\n%s", err, out)
	}
	return path
}

// realWorker starts a worker on the trainers, unpacked as mlp does it.
func realWorker(t *testing.T, env pyenv.Env) *trainer.Worker {
	t.Helper()
	dir, err := trainer.Unpack(trainers.Files, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := trainer.Start(t.Context(), trainer.CommandOf(env, dir, os.Environ()))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func closeWorker(t *testing.T, w *trainer.Worker) {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestRealTrainer(t *testing.T) {
	env := realPython(t)
	w := realWorker(t, env)
	defer closeWorker(t, w)
	r := trainer.Request{
		ID: "1", Trainer: logistic, Params: []byte(`{"c":0.5}`), Seed: 1,
		Matrix: realMatrix(t, env.Python), Features: []string{"a", "b"},
	}
	var models [][]byte
	for range 2 {
		r.Out = t.TempDir()
		result, err := w.Train(t.Context(), r, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkInfo(t, result.Info)
		models = append(models, readFile(t, result.Model))
	}
	if !bytes.Equal(models[0], models[1]) {
		t.Error("the same request gave two models")
	}
	r.Features = []string{"a", "c"}
	_, err := w.Train(t.Context(), r, nil)
	var refused *trainer.ReplyError
	if !errors.As(err, &refused) {
		t.Fatalf("got error %v", err)
	}
	if diff := cmp.Diff(&trainer.ReplyError{Kind: "matrix", Message: "column 'c' is missing"}, refused); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestRealTrees trains models of trees one after the other in one worker, with
// refusals between them.
func TestRealTrees(t *testing.T) {
	env := realPython(t)
	w := realWorker(t, env)
	defer closeWorker(t, w)
	matrix := realMatrix(t, env.Python)
	for _, test := range []struct {
		trainer, params, bad, refusal string
		want                          trainer.Info
	}{
		{"RandomForest", `{"n_estimators":20,"max_leaf_nodes":8,"max_features":"ALL"}`, `{"n_estimators":0}`,
			"n_estimators is not an integer from 1 to 5000", trainer.Info{Trees: 20}},
		{"HistGradientBoosting", `{"max_iter":10,"max_leaf_nodes":8,"class_weight":"UNIFORM"}`, `{"learning_rate":2}`,
			"learning_rate is not a number above 0 and at most 1", trainer.Info{Trees: 10, Iterations: 10}},
	} {
		t.Run(test.trainer, func(t *testing.T) {
			r := trainer.Request{ID: "1", Trainer: "mlp.trainers.sklearn." + test.trainer, Params: []byte(test.bad),
				Seed: 1, Matrix: matrix, Features: []string{"a", "b"}, Out: t.TempDir()}
			_, err := w.Train(t.Context(), r, nil)
			var refused *trainer.ReplyError
			if !errors.As(err, &refused) || refused.Kind != "params" || refused.Message != test.refusal {
				t.Fatalf("got error %v, want %s", err, test.refusal)
			}
			r.Params = []byte(test.params)
			var stages []string
			result, err := w.Train(t.Context(), r, func(e trainer.Event) { stages = append(stages, e.Stage) })
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"read", "fold 1/5", "fold 2/5", "fold 3/5", "fold 4/5", "fold 5/5", "fit", "export"}
			if diff := cmp.Diff(want, stages); diff != "" {
				t.Errorf("stages (-want +got):\n%s", diff)
			}
			checkTrees(t, test.want, result.Info)
		})
	}
}

func checkTrees(t *testing.T, want, got trainer.Info) {
	t.Helper()
	if got.Trees != want.Trees || got.Iterations != want.Iterations || got.Leaves <= got.Trees || got.Leaves > 8*got.Trees {
		t.Errorf("info: %+v", got)
	}
	if len(got.Features) != 2 || got.Features[0].Name != "a" || got.Features[1].Missing != 160 {
		t.Fatalf("features: %+v", got.Features)
	}
	a, b := got.Features[0].Importance, got.Features[1].Importance
	if a < 0.5 || a <= b || math.Abs(a+b-1) > 1e-9 {
		t.Errorf("importances: %g and %g", a, b)
	}
}

func checkInfo(t *testing.T, info trainer.Info) {
	t.Helper()
	if info.TrainRows != 240 || info.TestRows != 60 || info.Folds != 5 || info.Iterations < 1 {
		t.Errorf("info: %+v", info)
	}
	if len(info.Features) != 2 || info.Features[0].Name != "a" || info.Features[0].Coefficient < 1 {
		t.Fatalf("features: %+v", info.Features)
	}
	if b := info.Features[1]; b.Missing != 160 || b.Scale <= 0 || math.Abs(b.Impute-150) > 30 {
		t.Errorf("feature b: %+v", b)
	}
	if info.Versions["scikit-learn"] == "" {
		t.Errorf("versions: %v", info.Versions)
	}
}

func TestRealTrainerIsCancelled(t *testing.T) {
	env := realPython(t)
	dir, err := filepath.Abs("../../trainers")
	if err != nil {
		t.Fatal(err)
	}
	w, err := trainer.Start(t.Context(), trainer.CommandOf(env, dir, os.Environ()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := trainer.Request{
		ID: "1", Trainer: logistic, Seed: 1, Out: t.TempDir(),
		Matrix: realMatrix(t, env.Python), Features: []string{"a"},
	}
	var begun time.Time
	_, err = w.Train(ctx, r, func(trainer.Event) {
		begun = time.Now()
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("cancelling took %v", took)
	}
}
