package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// newRootCmd returns the whole command tree.
func newRootCmd(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "mlp",
		Short: "Turn security logs into models and alerts, from specs in Git",
		Long: `mlp turns security logs into models and alerts. Specs in a Git repository say how
logs are parsed, which features are computed and which models are trained on
them; mlp plans what a change affects and applies exactly that.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              subcommandOnly,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.flags.chdir, "chdir", "", "run as if started in `DIR`")
	flags.BoolVarP(&a.flags.verbose, "verbose", "v", false, "say more")
	flags.BoolVarP(&a.flags.quiet, "quiet", "q", false, "print results and errors only")
	flags.BoolVar(&a.flags.noColor, "no-color", false, "do not use colours (as NO_COLOR does)")
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpTemplate(helpTemplate + exitStatusHelp())
	root.SetHelpCommand(newHelpCmd())
	root.AddCommand(
		newInitCmd(a),
		newDatasetCmd(a),
		newValidateCmd(a),
		newFmtCmd(a),
		newTestCmd(a),
		newPreviewCmd(a),
		newSQLCmd(a),
		newPlanCmd(a),
		newShowCmd(a),
		newApplyCmd(a),
		newGraphCmd(a),
		newModelCmd(a),
		newReleaseCmd(a),
		newStatusCmd(a),
		newVerifyCmd(a),
		newDoctorCmd(a),
		newExplainCmd(a),
		newEnvCmd(a),
		newPullCmd(a),
		newScoreCmd(a),
		newFeedbackCmd(a),
		newGitHubCmd(a),
		newCompletionCmd(a),
		newVersionCmd(a),
		newSparkFrameCmd(a),
	)
	return root
}

// newHelpCmd replaces cobra's own, which exits 0 on a command that is none.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return subcommandOnly(target, rest)
			}
			// Cobra adds --help when a command runs; this one does not run.
			target.InitDefaultHelpFlag()
			return target.Help()
		},
	}
}

// exitStatusHelp returns the section on exit statuses that ends every help.
func exitStatusHelp() string {
	var b strings.Builder
	b.WriteString("\nExit status:\n")
	for _, s := range exitStatuses() {
		b.WriteString("  " + s.String() + "\n")
	}
	return b.String()
}

const helpTemplate = `{{with or .Long .Short}}{{. | trimTrailingWhitespaces}}

{{end}}{{.UsageString}}`

const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{- if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}
{{- if .HasExample}}

Examples:
{{.Example | trimTrailingWhitespaces}}{{end}}
{{- if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
{{- if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`
