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

	"github.com/mlpdev/mlp/pkg/trainer"
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
        "a": pa.array([(i % 7 == 0) + (i * 37 % 11) / 10 for i in rows], pa.float32()),
        "b": pa.array([None if i % 3 else float(i) for i in rows], pa.float32()),
    }),
    sys.argv[1],
)
`

// realPython returns an environment with the lock's packages, or skips.
func realPython(t *testing.T) trainer.Env {
	t.Helper()
	python := os.Getenv("MLP_TEST_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_PYTHON names no Python with the packages of trainers/requirements.lock")
	}
	lock, err := os.ReadFile("../../trainers/requirements.lock")
	if err != nil {
		t.Fatal(err)
	}
	env, err := trainer.Environment(t.Context(), trainer.EnvOptions{Python: python, Lock: lock, Environ: os.Environ()})
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

func TestRealTrainer(t *testing.T) {
	env := realPython(t)
	dir, err := trainer.Unpack(os.DirFS("../../trainers"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := trainer.Start(t.Context(), env.Command(dir, os.Environ(), nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
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
		model, err := os.ReadFile(result.Model)
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, model)
	}
	if !bytes.Equal(models[0], models[1]) {
		t.Error("the same request gave two models")
	}
	r.Features = []string{"a", "c"}
	_, err = w.Train(t.Context(), r, nil)
	var refused *trainer.ReplyError
	if !errors.As(err, &refused) {
		t.Fatalf("got error %v", err)
	}
	if diff := cmp.Diff(&trainer.ReplyError{Kind: "matrix", Message: "column 'c' is missing"}, refused); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
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
	w, err := trainer.Start(t.Context(), env.Command(dir, os.Environ(), nil))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := trainer.Request{
		ID: "1", Trainer: logistic, Seed: 1, Out: t.TempDir(),
		Matrix: realMatrix(t, env.Python), Features: []string{"a"},
	}
	begun := time.Now()
	_, err = w.Train(ctx, r, func(trainer.Event) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("cancelling took %v", took)
	}
}
