// Command setup makes the Python environment that tests of Spark need, in the
// cache, and prints a shell assignment that says where it is:
//
//	eval "$(go run ./pkg/engine/spark/setup)"
//
// MLP_TEST_SPARK_PYTHON is the interpreter, which mlp itself makes on first use
// too; MLP_TEST_SPARK_JARS is a directory with what Spark reads s3a:// with, of
// 670 MB.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
	o := spark.Options{CacheDir: cache, Environ: os.Environ(), Master: "local[1]", Conf: map[string]string{"spark.jars.packages": hadoopAWS},
		Progress: func(line string) { fmt.Fprintln(os.Stderr, line) }}
	env, err := spark.Environment(ctx, o)
	if err != nil {
		return err
	}
	jars := filepath.Join(cache, "ivy", "jars")
	complete := filepath.Join(jars, "complete-"+strings.ReplaceAll(hadoopAWS, ":", "-"))
	if _, err := os.Stat(complete); err != nil {
		if err := fetch(ctx, o); err != nil {
			return err
		}
		if err := os.WriteFile(complete, nil, 0o666); err != nil {
			return err
		}
	}
	fmt.Printf("export MLP_TEST_SPARK_PYTHON=%q MLP_TEST_SPARK_JARS=%q\n", env.Python, jars)
	return nil
}

// hadoopAWS is s3a of the Hadoop that Spark 4.3.0 is built with.
const hadoopAWS = "org.apache.hadoop:hadoop-aws:3.5.0"

// fetch has Spark fetch its packages, as it does for users.
func fetch(ctx context.Context, o spark.Options) error {
	fmt.Fprintln(os.Stderr, "fetching "+hadoopAWS+", of 670 MB, once")
	s, err := spark.Open(ctx, o)
	if err != nil {
		return err
	}
	_, err = s.Run(ctx, spark.Job{Name: "fetch", Queries: []spark.Query{{Name: "one", SQL: "SELECT 1"}}})
	return errors.Join(err, s.Close())
}
