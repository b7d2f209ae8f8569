// Command spark writes the questions that answers.py answers, to standard
// output.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"

	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
)

func main() {
	seed := flag.Uint64("seed", 1, "other expressions for another seed")
	flag.Parse()
	if err := run(*seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(seed uint64) error {
	questions, err := answers.Generate(seed)
	if err != nil {
		return fmt.Errorf("make questions: %w", err)
	}
	out := bufio.NewWriter(os.Stdout)
	if err := answers.Write(out, questions); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write questions: %w", err)
	}
	return nil
}
