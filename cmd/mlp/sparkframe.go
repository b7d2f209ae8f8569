package main

import (
	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/engine/spark"
)

// newSparkFrameCmd is the framer, which executors of Spark run.
func newSparkFrameCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    spark.FrameCommand,
		Short:  "Frame a chunk from stdin for Spark",
		Hidden: true,
		Args:   exactArgs(),
		RunE:   func(*cobra.Command, []string) error { return spark.Frame(a.stdin, a.stdout) },
	}
}
