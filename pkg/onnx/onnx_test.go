package onnx_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/onnx"
)

// library opens the runtime that all tests of the process share, or skips.
func library(t *testing.T) *onnx.Runtime {
	t.Helper()
	path := os.Getenv("MLP_TEST_ONNXRUNTIME")
	if path == "" {
		t.Skip("MLP_TEST_ONNXRUNTIME names no library of the ONNX runtime")
	}
	r, err := onnx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func load(t *testing.T, text []byte, inputs int) *onnx.Model {
	t.Helper()
	m, err := library(t).Load(text, inputs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestOpenOfNoLibrary(t *testing.T) {
	dir := t.TempDir()
	if _, err := onnx.Open(filepath.Join(dir, "none.so")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := onnx.Open(dir); err == nil {
		t.Error("a directory was opened")
	}
	text := filepath.Join(dir, "text.so")
	if err := os.WriteFile(text, []byte("not a library"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.Open(text); err == nil {
		t.Error("a text was opened")
	}
	// A failed Open leaves the way free for a good one.
	library(t)
}

func TestOpenTwice(t *testing.T) {
	r := library(t)
	link := filepath.Join(t.TempDir(), "link.so")
	if err := os.Symlink(r.Path(), link); err != nil {
		t.Fatal(err)
	}
	if again, err := onnx.Open(link); err != nil || again != r {
		t.Errorf("the same file: %v, %v", again, err)
	}
	other := filepath.Join(t.TempDir(), "other.so")
	if err := os.WriteFile(other, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.Open(other); err == nil || !strings.Contains(err.Error(), "is already open") {
		t.Errorf("another file: %v", err)
	}
	if version := r.Version(); !strings.HasPrefix(version, "1.") {
		t.Errorf("version %q", version)
	}
}

func TestScore(t *testing.T) {
	for _, keepDims := range []uint64{0, 1} {
		means := meanModel(3)
		means.keepDims = keepDims
		m := load(t, means.bytes(), 3)
		// More rows than one batch holds.
		const n = 200_000
		rows, want := make([]float32, 3*n), make([]float32, n)
		for i := range want {
			rows[3*i], rows[3*i+2] = float32(i), float32(2*i)
			want[i] = float32(i)
		}
		got, err := m.Score(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keepdims %d: scores (-want +got):\n%.500s", keepDims, diff)
		}
	}
}

func TestScoreEdges(t *testing.T) {
	m := load(t, meanModel(2).bytes(), 2)
	if got, err := m.Score(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("no rows: %v, %v", got, err)
	}
	if _, err := m.Score(t.Context(), make([]float32, 3)); err == nil {
		t.Error("one and a half rows were scored")
	}
	nan := float32(math.NaN())
	if got, err := m.Score(t.Context(), []float32{nan, 1, 2, 4}); err != nil || got[0] == got[0] || got[1] != 3 {
		t.Errorf("missing value: %v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Score(ctx, []float32{1, 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for range 2 {
		if err := m.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if _, err := m.Score(t.Context(), []float32{1, 2}); err == nil || !strings.Contains(err.Error(), "the model is closed") {
		t.Errorf("closed: %v", err)
	}
}

func TestScoreAtOnce(t *testing.T) {
	m := load(t, meanModel(2).bytes(), 2)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			got, err := m.Score(t.Context(), []float32{float32(i), float32(i)})
			if err != nil || got[0] != float32(i) {
				t.Errorf("%d: got %v, %v", i, got, err)
			}
		})
	}
	wait.Wait()
}

func TestLoadRefuses(t *testing.T) {
	r := library(t)
	tests := []struct {
		name   string
		change func(m *model)
		inputs int
		want   string
	}{
		{"no inputs", func(*model) {}, 0, "0 inputs"},
		{"other width", func(*model) {}, 4, "the model's features is [-1 3]"},
		{"any width", func(m *model) { m.width = 0 }, 3, "the model's features"},
		{"other input", func(m *model) { m.input = "x" }, 3, `not the one "features"`},
		{"other output", func(m *model) { m.output = "y" }, 3, `no output "score"`},
		{"doubles", func(m *model) { m.elements = 11 }, 3, "not floats"},
		{"no such operator", func(m *model) { m.operator = "Mystery" }, 3, "Mystery"},
		{"foreign operator", func(m *model) { m.domain, m.opset = "com.microsoft", "com.microsoft" }, 3, "domain"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := meanModel(3)
			test.change(&m)
			_, err := r.Load(m.bytes(), test.inputs)
			if err == nil || !strings.HasPrefix(err.Error(), "load model: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

// trainOne trains a model on awkward features through the worker's own modules
// and writes the model, its rows and the native model's scores.
const trainOne = `
import json
import pathlib
import sys

import numpy as np

trainers, out = map(pathlib.Path, sys.argv[1:3])
sys.path.append(str(trainers))
from mlp_worker import export, kinds, training

rng = np.random.default_rng(0)
x = rng.normal(size=(70_001, 5)).astype(np.float32)
y = (x[:, 0] + rng.normal(size=len(x)) > 1).astype(np.int8)
x[rng.random(x.shape) < 0.1] = np.nan
x[:, 1] = 7
x[:, 2] = np.where(x[:, 2] > 0, np.float32(3e38), np.float32(-3e38))
x[:, 3] = x[:, 3] * 1e6 + 1.7e9
module = kinds.Kinds(trainers).trainer("mlp.trainers." + sys.argv[3])
capture = np.arange(len(x)) % 10
model = module.fit(module.parse(json.loads(sys.argv[4])), kinds.Task(x, y, capture, 0))
(out / "model.onnx").write_bytes(export.finish(model.export(), 5))
x.astype("<f4").tofile(out / "rows")
training.predict(model, x).astype("<f8").tofile(out / "scores")
`

func TestScoresEqualPython(t *testing.T) {
	library(t)
	for _, test := range []struct{ python, trainer, params string }{
		{"MLP_TEST_PYTHON", "sklearn.LogisticRegression", "{}"},
		{"MLP_TEST_PYTHON", "sklearn.RandomForest", `{"n_estimators":20,"max_leaf_nodes":200}`},
		{"MLP_TEST_PYTHON", "sklearn.HistGradientBoosting", `{"max_iter":20}`},
		{"MLP_TEST_TENSORFLOW", "tensorflow.Dense", `{"max_epochs":2,"dropout":0.1}`},
		{"MLP_TEST_TENSORFLOW", "tensorflow.Autoencoder", `{"max_epochs":2,"bottleneck":2}`},
	} {
		t.Run(test.trainer, func(t *testing.T) {
			python := os.Getenv(test.python)
			if python == "" {
				t.Skip(test.python + " names no Python with the packages of the kind's requirements.lock")
			}
			out := t.TempDir()
			cmd := exec.CommandContext(t.Context(), python, "-P", "-B", "-c", trainOne, filepath.Join("..", "..", "trainers"), out,
				test.trainer, test.params)
			cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1")
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("train: %v\n%s", err, output)
			}
			checkScores(t, out)
		})
	}
}

// checkScores compares the scores of the model in a directory with those that
// Python wrote beside it.
func checkScores(t *testing.T, out string) {
	t.Helper()
	m := load(t, read(t, out, "model.onnx"), 5)
	rows := make([]float32, 5*70_001)
	want := make([]float64, 70_001)
	decode(t, read(t, out, "rows"), rows)
	decode(t, read(t, out, "scores"), want)
	got, err := m.Score(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	var largest, spread float64
	for i := range want {
		// Written so that a NaN is the largest difference.
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= largest) {
			largest = d
		}
		spread = max(spread, math.Abs(want[i]-want[0]))
	}
	if !(largest <= 1e-6) {
		t.Errorf("largest difference of scores is %g", largest)
	}
	if spread < 0.1 {
		t.Errorf("all scores are within %g: they show nothing", spread)
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if n, err := binary.Decode(text, binary.LittleEndian, into); err != nil || n != len(text) {
		t.Fatalf("decoded %d of %d bytes: %v", n, len(text), err)
	}
}
