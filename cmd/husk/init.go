package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
)

func (a *app) initCommand() *cobra.Command {
	var profiles string
	cmd := &cobra.Command{
		Use:   "init [bash|zsh|fish]",
		Short: "write a first profile and print the line for the shell's start-up file",
		Long: `Writes a commented first profile, where there is none of yours, and prints the line that
belongs at the end of the shell's start-up file (of your own shell, where none is named).
A file that is there is never changed.`,
		Args:      arguments(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: shells,
		RunE: func(_ *cobra.Command, args []string) error {
			shell := "bash" // most have it, and the note says whose line it is
			if given := a.host.getenv("SHELL"); given != "" {
				shell = filepath.Base(given)
			}
			if len(args) == 1 {
				shell = args[0]
			}
			return a.init(profiles, shell)
		},
	}
	cmd.Flags().StringVar(&profiles, "profiles", "", "directory of profiles to use instead of the user's")
	_ = cmd.MarkFlagDirname("profiles")
	return cmd
}

// starterName is the file that init writes.
const starterName = "first.hcl"

func (a *app) init(profiles, shell string) error {
	if profiles != "" { // it may be one that init makes
		dir, err := a.host.absolute(profiles)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	l, err := a.locations(profiles, "")
	if err != nil {
		return err
	}
	if err := a.writeStarter(l.profiles); err != nil {
		return err
	}
	line, ok := hookLines[shell]
	if !ok {
		a.printer().note("husk has no start-up line for the shell %s: put %s first on PATH yourself, or name one of bash, zsh, fish", quoted(shell), l.bin)
		return nil
	}
	a.printer().note("this line belongs at the end of %s; after that, husk apply renders the wrappers", startUpFiles[shell])
	_, err = fmt.Fprintln(a.stdout, line)
	return err
}

var hookLines = map[string]string{
	"bash": `eval "$(husk hook bash)"`,
	"zsh":  `eval "$(husk hook zsh)"`,
	"fish": `husk hook fish | source`,
}

var startUpFiles = map[string]string{
	"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/config.fish",
}

// writeStarter writes the first profile, unless there is any.
func (a *app) writeStarter(dir string) error {
	files, err := profileFiles(dir)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if len(files) > 0 {
		a.printer().note("%s has profiles already, so none is written", dir)
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, starterName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(starterHead + a.starterProfile())
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	a.printer().note("wrote %s", path)
	return nil
}

// starterProfile is one for a tool that is installed, so that the first apply
// works.
func (a *app) starterProfile() string {
	on := func(name string) bool {
		return slices.ContainsFunc(a.host.path(), func(dir string) bool {
			fi, err := os.Stat(filepath.Join(dir, name))
			return filepath.IsAbs(dir) && err == nil && fi.Mode().IsRegular() && fi.Mode().Perm()&0o111 != 0
		})
	}
	switch {
	case on("npm") && on("npx"):
		return starterNPM
	case on("curl"):
		return starterCurl
	}
	return starterNothing
}

const starterHead = `# Profiles say what commands may do. What is not granted here, or by a profile that
# is inherited, is not there for the command. All *.hcl files of this directory
# belong together; their order doesn't matter.
#
#   husk check             looks for mistakes
#   husk apply             renders a wrapper for each command
#   husk explain NAME      shows all rules, with the lines they come from
#   husk why NAME read F   says why something is allowed or denied, and what to write
#   husk list --library    shows what the library has to inherit from

`

const starterNPM = `profile "npm" {
  description = "npm as the library has it, with what this machine needs"
  inherits    = ["library/npm"]
  commands    = ["npm", "npx"]

  filesystem {
    # read = ["${home}/.config/some-tool"]
    # hide = ["${project}/secrets"]
  }

  environment {
    # pass = ["HTTPS_PROXY"]
  }
}
`

const starterCurl = `profile "curl" {
  description = "curl as the library has it, with what this machine needs"
  inherits    = ["library/curl"]
  commands    = ["curl"]

  filesystem {
    # read = ["${home}/.config/some-tool"]
  }

  environment {
    # pass = ["HTTPS_PROXY"]
  }
}
`

const starterNothing = `# profile "tool" {
#   inherits = ["library/base"]
#   commands = ["tool"]
#
#   filesystem {
#     read  = ["${home}/.config/tool"]
#     write = ["${project}"]
#   }
# }
`
