// Command setup makes the Python environments that tests need, in the cache,
// and prints shell assignments that say where they are:
//
//	eval "$(go run ./trainers/setup)"
//
// MLP_TEST_PYTHON is the trainers' interpreter, which mlp itself makes on
// first use too; MLP_TEST_ONNXRUNTIME is the runtime's library in it, and
// MLP_TEST_PYTEST an interpreter that has pytest besides.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/trainers"
)

func main() {
	if err := setup(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "setup:", err)
		os.Exit(1)
	}
}

func setup(ctx context.Context) error {
	cache := os.Getenv("MLP_CACHE_DIR")
	if cache == "" {
		return fmt.Errorf("MLP_CACHE_DIR is not set")
	}
	bootstrap, err := fs.ReadFile(trainers.Files, trainers.Bootstrap)
	if err != nil {
		return err
	}
	environment := func(lock []byte) (trainer.Env, error) {
		return trainer.Environment(ctx, trainer.EnvOptions{CacheDir: cache, Python: "", Lock: lock, Bootstrap: bootstrap, Environ: os.Environ(),
			Progress: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	}
	lock, err := fs.ReadFile(trainers.Files, trainers.Lock)
	if err != nil {
		return err
	}
	main, err := environment(lock)
	if err != nil {
		return err
	}
	testLock, err := os.ReadFile("trainers/tests/requirements.lock")
	if err != nil {
		return err
	}
	tests, err := environment(testLock)
	if err != nil {
		return err
	}
	fmt.Printf("export MLP_TEST_PYTHON=%q MLP_TEST_ONNXRUNTIME=%q MLP_TEST_PYTEST=%q\n", main.Python, main.OnnxRuntime, tests.Python)
	return nil
}
