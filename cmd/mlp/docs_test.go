package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// docsFile is the reference of the command line, made from the commands.
const docsFile = "../../docs/cli.md"

func TestDocsAreCurrent(t *testing.T) {
	want := commandReference()
	if *update {
		if err := os.MkdirAll("../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(docsFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/cli.md is not what the commands say; run go generate ./cmd/mlp (-want +got):\n%s", diff)
	}
}

// TestCommandsAreDescribed holds each command to the same form.
func TestCommandsAreDescribed(t *testing.T) {
	walkCommands(newRootCmd(&app{}), func(c *cobra.Command) {
		switch {
		case c.Short == "" || strings.HasSuffix(c.Short, "."):
			t.Errorf("%s: Short is %q, want a phrase without a full stop", c.CommandPath(), c.Short)
		case c.Args == nil && c.Name() != "help":
			t.Errorf("%s: no Args, so a stray argument would be ignored", c.CommandPath())
		case !c.HasSubCommands() && !c.HasExample() && c.Name() != "help":
			t.Errorf("%s: no example", c.CommandPath())
		}
	})
}

func walkCommands(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			walkCommands(sub, visit)
		}
	}
}

// commandReference returns the text of docs/cli.md.
func commandReference() []byte {
	root := newRootCmd(&app{})
	root.InitDefaultHelpCmd()
	var b bytes.Buffer
	b.WriteString("<!-- Made from the commands by `go generate ./cmd/mlp`; do not edit. -->\n\n# The command line\n\n")
	fmt.Fprintf(&b, "%s\n\n| command | what it does |\n|---|---|\n", root.Long)
	walkCommands(root, func(c *cobra.Command) {
		if c.HasParent() {
			anchor := strings.ReplaceAll(c.CommandPath(), " ", "-")
			fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", c.CommandPath(), anchor, c.Short)
		}
	})
	fmt.Fprintf(&b, "\nA setting comes from the flag, else from its `MLP_` variable, else from `mlp.textproto`, else it has its default.\n")
	fmt.Fprintf(&b, "Flags may follow arguments. Every command has these:\n\n```text\n%s```\n", root.PersistentFlags().FlagUsages())
	b.WriteString("\n## Exit status\n\n| status | meaning |\n|---|---|\n")
	for _, s := range exitStatuses() {
		fmt.Fprintf(&b, "| %d | %s |\n", s.status, s.meaning)
	}
	walkCommands(root, func(c *cobra.Command) {
		if c.HasParent() {
			describeCommand(&b, c)
		}
	})
	return b.Bytes()
}

func describeCommand(b *bytes.Buffer, c *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n", c.CommandPath())
	if c.Long != "" {
		fmt.Fprintf(b, "%s\n", strings.TrimSpace(c.Long))
	} else {
		fmt.Fprintf(b, "%s.\n", c.Short)
	}
	fmt.Fprintf(b, "\n```text\n%s\n", c.UseLine())
	if flags := c.NonInheritedFlags(); flags.HasAvailableFlags() {
		fmt.Fprintf(b, "\n%s", flags.FlagUsages())
	}
	b.WriteString("```\n")
	if c.HasExample() {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", unindent(c.Example))
	}
}

// unindent removes the two spaces that examples begin with in the help.
func unindent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n "), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "  ")
	}
	return strings.Join(lines, "\n")
}
