package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mlpdev/mlp/pkg/diag"
)

// usageError says that a command line is wrong. It ends with status 1.
type usageError struct {
	cmd     *cobra.Command
	message string
	near    string // what was probably meant; may be empty
}

// Error says what is wrong.
func (e *usageError) Error() string { return e.message }

// Hint says what was probably meant and where the help is.
func (e *usageError) Hint() string {
	see := fmt.Sprintf("see %s --help", e.cmd.CommandPath())
	if e.near == "" {
		return see
	}
	return fmt.Sprintf("did you mean %q? %s", e.near, see)
}

// subcommandOnly is the Args of a command that only groups others: every
// argument that reaches it names no command.
func subcommandOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	near, _ := diag.Nearest(args[0], names)
	return &usageError{cmd: cmd, near: near,
		message: fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())}
}

// newGroupCmd returns a command that only groups others.
func newGroupCmd(name, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use:   name,
		Short: short,
		Args:  subcommandOnly,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(commands...)
	return group
}

// exactArgs is the Args of a command that takes one argument for each name.
// The last name may end in "...", for one or more.
func exactArgs(names ...string) cobra.PositionalArgs {
	many := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "...")
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			missing := strings.TrimSuffix(names[len(args)], "...")
			return &usageError{cmd: cmd, message: fmt.Sprintf("%s: missing argument %s", cmd.CommandPath(), missing)}
		}
		if len(args) > len(names) && !many {
			return &usageError{cmd: cmd, message: fmt.Sprintf("%s: unexpected argument %q", cmd.CommandPath(), args[len(names)])}
		}
		return nil
	}
}

// anyArgs is the Args of a command that takes any number of arguments.
func anyArgs(*cobra.Command, []string) error { return nil }

// optionalArg is the Args of a command that takes one argument or none.
func optionalArg(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return &usageError{cmd: cmd, message: fmt.Sprintf("%s: unexpected argument %q behind %s", cmd.CommandPath(), args[1], name)}
		}
		return nil
	}
}

// flagError turns what pflag says into a usage error.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	u := &usageError{cmd: cmd, message: fmt.Sprintf("%s: %v", cmd.CommandPath(), err)}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		if near, ok := diag.Nearest(unknown.GetSpecifiedName(), names); ok {
			u.near = "--" + near
		}
	}
	return u
}

// choice is the value of a flag that takes one of a few words.
type choice struct {
	value   *string
	allowed []string
}

// String implements [pflag.Value].
func (c *choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Type implements [pflag.Value].
func (c *choice) Type() string { return strings.Join(c.allowed, "|") }

// Set implements [pflag.Value].
func (c *choice) Set(word string) error {
	if !slices.Contains(c.allowed, word) {
		return fmt.Errorf("want one of %s", strings.Join(c.allowed, ", "))
	}
	*c.value = word
	return nil
}

// Values of --format.
const (
	formatText     = "text"
	formatJSON     = "json"
	formatGitHub   = "github"
	formatMarkdown = "markdown"
	formatJUnit    = "junit"
)

// addFormat gives cmd the flag --format; the first of the allowed words is
// the default. The value stands in a.format, which report reads too.
func (a *app) addFormat(cmd *cobra.Command, allowed ...string) {
	format := &choice{value: &a.format, allowed: allowed}
	cmd.Flags().Var(format, "format", "form of the output")
	flag := cmd.Flags().Lookup("format")
	flag.DefValue = allowed[0]
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
}

// oneOf is the Args of a command that takes one argument out of a few words.
func oneOf(name string, allowed ...string) cobra.PositionalArgs {
	exact := exactArgs(name)
	return func(cmd *cobra.Command, args []string) error {
		if err := exact(cmd, args); err != nil {
			return err
		}
		if slices.Contains(allowed, args[0]) {
			return nil
		}
		near, _ := diag.Nearest(args[0], allowed)
		return &usageError{cmd: cmd, near: near,
			message: fmt.Sprintf("%s: %s is %q, want one of %s", cmd.CommandPath(), name, args[0], strings.Join(allowed, ", "))}
	}
}
