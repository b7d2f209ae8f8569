package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Names of engines; the last one is for both of them.
const (
	engineDuckDB = "duckdb"
	engineSpark  = "spark"
	engineBoth   = "both"
)

// engineFlag is the value of --engine.
type engineFlag struct {
	name    string
	allowed []string
}

// add adds the flag to a command. The first of the engines that it allows is
// taken where none is named.
func (f *engineFlag) add(cmd *cobra.Command, usage string, allowed ...string) {
	f.allowed = allowed
	cmd.Flags().StringVar(&f.name, "engine", allowed[0], usage)
	_ = cmd.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
}

// check reports a name that is none of the engines.
func (f *engineFlag) check() error {
	if slices.Contains(f.allowed, f.name) {
		return nil
	}
	last := len(f.allowed) - 1
	return fmt.Errorf("--engine: %q is not an engine; there are %s and %s", f.name, strings.Join(f.allowed[:last], ", "), f.allowed[last])
}
