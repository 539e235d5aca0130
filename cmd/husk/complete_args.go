package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/wrappers"
)

// completer is cobra's type for completing positional arguments.
type completer = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// names completes the first n arguments with profiles, and with commands where
// the subcommand takes them.
func (a *app) names(n int, commands bool) completer {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		dir, err := cmd.Flags().GetString("profiles")
		if err != nil {
			dir = ""
		}
		return a.completeNames(commands)(dir), cobra.ShellCompDirectiveNoFileComp
	}
}

// words completes with a fixed list.
func words(list ...string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

// libraryNames completes a comma-separated list of library profiles.
func (a *app) libraryNames(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	before := word[:strings.LastIndexByte(word, ',')+1]
	var out []string
	for _, i := range a.libraryProfiles() {
		out = append(out, before+i.Name+"\t"+i.Description)
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// rendererNames completes --renderer.
func rendererNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return wrappers.Names(), cobra.ShellCompDirectiveNoFileComp
}
