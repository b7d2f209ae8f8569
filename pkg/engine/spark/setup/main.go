// Command setup makes the Python environment that tests of Spark need, in the
// cache, and prints a shell assignment that says where it is:
//
//	eval "$(go run ./pkg/engine/spark/setup)"
//
// MLP_TEST_SPARK_PYTHON is the interpreter, which mlp itself makes on first use
// too.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/mlpdev/mlp/pkg/engine/spark"
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
		return errors.New("MLP_CACHE_DIR is not set")
	}
	env, err := spark.Environment(ctx, spark.Options{CacheDir: cache, Environ: os.Environ(),
		Progress: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	if err != nil {
		return err
	}
	fmt.Printf("export MLP_TEST_SPARK_PYTHON=%q\n", env.Python)
	return nil
}
