package main

import (
	"github.com/spf13/cobra"
)

type completionOptions struct {
	*app
	root  *cobra.Command
	shell string
}

func newCompletionCmd(a *app) *cobra.Command {
	o := &completionOptions{app: a}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes mlp's commands in a shell",
		Example: `  source <(mlp completion bash)
  mlp completion zsh > "${fpath[1]}/_mlp"
  mlp completion fish > ~/.config/fish/completions/mlp.fish
  mlp completion powershell | Out-String | Invoke-Expression`,
		Args:      oneOf("SHELL", "bash", "zsh", "fish", "powershell"),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.root, o.shell = cmd.Root(), args[0]
			return o.run()
		},
	}
}

func (o *completionOptions) run() error {
	switch o.shell {
	case "bash":
		return o.root.GenBashCompletionV2(o.stdout, true)
	case "zsh":
		return o.root.GenZshCompletion(o.stdout)
	case "fish":
		return o.root.GenFishCompletion(o.stdout, true)
	default:
		return o.root.GenPowerShellCompletionWithDesc(o.stdout)
	}
}
