package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/wrappers"
)

// shells are those that hook and completion know.
var shells = []string{"bash", "zsh", "fish"}

func (a *app) hookCommand() *cobra.Command {
	var bin string
	cmd := &cobra.Command{
		Use:   "hook bash|zsh|fish",
		Short: "print shell code that keeps the wrapper directory first on PATH",
		Long: `Prints code for a shell's start-up file. It puts the wrapper directory first on PATH,
exactly once, and puts it back there before each prompt: version managers and direnv change
PATH while the shell runs. Only the wrapper directory of a single project (husk apply
--project) may stand before it.

  bash   eval "$(husk hook bash)"                at the end of ~/.bashrc
  zsh    eval "$(husk hook zsh)"                 at the end of ~/.zshrc
  fish   husk hook fish | source                 at the end of ~/.config/fish/config.fish

Shells that run scripts don't read these files: where they should use the wrappers too, put
the directory on PATH where the session starts (~/.profile).`,
		Args:      arguments(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: shells,
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := a.locations("", bin)
			if err != nil {
				return err
			}
			if strings.ContainsAny(l.bin, ":\n") {
				return fmt.Errorf("the wrapper directory %s can't stand on PATH: its name holds a colon or a line break", quoted(l.bin))
			}
			_, err = a.stdout.Write([]byte(hook(args[0], l.bin, filepath.Join(l.data, projectsDir))))
			return err
		},
	}
	cmd.Flags().StringVar(&bin, "bin", "", "wrapper directory to use instead of the user's")
	_ = cmd.MarkFlagDirname("bin")
	return cmd
}

// hook is the code for a shell. It is safe to run twice, keeps the exit status
// that the prompt shows, and starts no process. projects is where the wrappers of
// single projects are: such a directory may stand before dir.
func hook(shell, dir, projects string) string {
	quote, code := wrappers.QuotePOSIX, posixHook+map[string]string{"bash": bashHook, "zsh": zshHook}[shell]
	if shell == "fish" {
		quote, code = wrappers.QuoteFish, fishHook
	}
	return strings.NewReplacer("DIR", quote(dir), "PROJECTS", quote(projects+"/")).Replace(code)
}

// posixHook takes the directory out of PATH wherever it is and puts it in front.
const posixHook = `# husk: keeps the wrapper directory first on PATH, exactly once
__husk_path() {
	local dir=DIR projects=PROJECTS first= rest=$PATH new=
	case $rest in
	"$projects"*:*) first=${rest%%:*} rest=${rest#*:} ;;
	"$projects"*) first=$rest rest= ;;
	esac
	rest=":$rest:"
	while :; do
		case $rest in
		*":$dir:"*) rest="${rest%%":$dir:"*}:${rest#*":$dir:"}" ;;
		*) break ;;
		esac
	done
	rest=${rest#:}
	rest=${rest%:}
	new="${first:+$first:}$dir${rest:+:$rest}"
	if [ "$PATH" != "$new" ]; then
		PATH=$new
		export PATH
	fi
}
__husk_path
`

// bashHook runs it before each prompt. PROMPT_COMMAND is an array since bash 5.1,
// or one string; either form is kept. The prompt's exit status is restored.
const bashHook = `__husk_prompt() {
	local status=$?
	__husk_path
	return $status
}
if [[ ";${PROMPT_COMMAND[*]-};" != *__husk_prompt* ]]; then
	if [[ "$(declare -p PROMPT_COMMAND 2>/dev/null)" == "declare -a"* ]]; then
		PROMPT_COMMAND+=(__husk_prompt)
	else
		PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__husk_prompt"
	fi
fi
`

const zshHook = `autoload -Uz add-zsh-hook
add-zsh-hook precmd __husk_path
`

const fishHook = `# husk: keeps the wrapper directory first on PATH, exactly once
function __husk_path --on-event fish_prompt
	set -l dir DIR
	set -l projects PROJECTS
	set -l first
	set -l rest
	set -l entries $PATH
	if test (string sub -l (string length -- $projects) -- "$entries[1]") = $projects
		set first $entries[1]
		set -e entries[1]
	end
	for entry in $entries
		if test "$entry" != "$dir"
			set -a rest $entry
		end
	end
	set -l new $first $dir $rest
	if test "$PATH" != "$new"
		set -gx PATH $new
	end
end
__husk_path
`
