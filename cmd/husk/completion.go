package main

import (
	"bytes"
	"errors"

	"github.com/spf13/cobra"
)

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "print completions for a shell",
		Long: `Prints code that completes husk's commands, flags, profiles and wrapped commands.

  bash   source <(husk completion bash)          in ~/.bashrc
  zsh    husk completion zsh > DIR/_husk         in a directory of $fpath
  fish   husk completion fish | source           in ~/.config/fish/config.fish`,
		Args:      arguments(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return a.bashCompletion(root)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			}
			return root.GenFishCompletion(a.stdout, true)
		},
	}
}

// cobraWords is the line of cobra's script that needs the bash-completion
// package; ownWords does without where that isn't loaded: then words are as bash
// splits them.
const (
	cobraWords = "    _get_comp_words_by_ref \"$@\" cur prev words cword\n"
	ownWords   = `    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref "$@" cur prev words cword
    else
        words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
        cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    fi
`
)

func (a *app) bashCompletion(root *cobra.Command) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	if bytes.Count(script.Bytes(), []byte(cobraWords)) != 1 {
		return errors.New("the completion script of this version of cobra has another form")
	}
	_, err := a.stdout.Write(bytes.Replace(script.Bytes(), []byte(cobraWords), []byte(ownWords), 1))
	return err
}
