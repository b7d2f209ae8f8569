// Command setup makes the Python environments that tests need, in the cache,
// and prints shell assignments that say where they are:
//
//	eval "$(go run ./trainers/setup)"
//
// MLP_TEST_PYTHON and MLP_TEST_TENSORFLOW are the trainers' interpreters, which
// mlp itself makes on first use too; MLP_TEST_ONNXRUNTIME is the runtime's
// library, and MLP_TEST_PYTEST a directory with pytest, for PYTHONPATH.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mlpdev/mlp/pkg/pyenv"
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
	environment := func(tree fs.FS, path string) (env pyenv.Env, err error) {
		lock, err := fs.ReadFile(tree, path)
		if err != nil {
			return env, err
		}
		return pyenv.Environment(ctx, pyenv.EnvOptions{CacheDir: cache, Python: "", Lock: lock, Bootstrap: bootstrap, Environ: os.Environ(),
			Progress: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	}
	sklearn, err := environment(trainers.Files, trainers.Lock("sklearn"))
	if err != nil {
		return err
	}
	tensorflow, err := environment(trainers.Files, trainers.Lock("tensorflow"))
	if err != nil {
		return err
	}
	pytest, err := environment(os.DirFS("trainers/tests"), "pytest.lock")
	if err != nil {
		return err
	}
	packages, err := filepath.Glob(filepath.Join(filepath.Dir(pytest.Python), "../lib/python*/site-packages"))
	if err != nil || len(packages) != 1 {
		return errors.Join(fmt.Errorf("no packages beside %s", pytest.Python), err)
	}
	fmt.Printf("export MLP_TEST_PYTHON=%q MLP_TEST_TENSORFLOW=%q MLP_TEST_ONNXRUNTIME=%q MLP_TEST_PYTEST=%q\n",
		sklearn.Python, tensorflow.Python, sklearn.OnnxRuntime, packages[0])
	return nil
}
