package main

import (
	"github.com/spf13/cobra"
)

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "print completions for a shell",
		Long: `Prints code that completes husk's commands, flags, profiles and wrapped commands.

  bash   source <(husk completion bash)          in ~/.bashrc, with bash-completion
  zsh    husk completion zsh > DIR/_husk         in a directory of $fpath
  fish   husk completion fish | source           in ~/.config/fish/config.fish`,
		Args:      arguments(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			}
			return root.GenFishCompletion(a.stdout, true)
		},
	}
}
