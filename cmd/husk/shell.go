package main

import (
	"path/filepath"

	"github.com/spf13/cobra"
)

func (a *app) shellCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "shell PROFILE",
		Short: "start an interactive shell in a profile's sandbox",
		Long: `Starts your shell (SHELL, else /bin/sh) in the sandbox that a profile describes, to look
at what its commands see. The wrapper directory is not on PATH inside.`,
		Args: func(cmd *cobra.Command, args []string) error {
			return noStart(arguments(cobra.ExactArgs(1))(cmd, args))
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return noStart(a.run(f, args[0], a.shell(), nil))
		},
		ValidArgsFunction: a.names(1, false),
	}
	f.register(cmd)
	return cmd
}

// shell is the user's shell. A relative SHELL could be anybody's.
func (a *app) shell() string {
	if shell := a.host.getenv("SHELL"); filepath.IsAbs(shell) {
		return filepath.Clean(shell)
	}
	return "/bin/sh"
}
