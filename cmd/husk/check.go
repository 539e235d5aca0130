package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/hcl"
)

func (a *app) checkCommand() *cobra.Command {
	var s source
	var format string
	cmd := &cobra.Command{
		Use:   "check [FILE…] [--format text|json]",
		Short: "look for mistakes in profiles",
		Long: `Checks all profiles of yours, or the files named, and prints every problem that it
finds. The exit status is 1 where there is an error. JSON (for editors) goes to standard
output, text to standard error.`,
		RunE: func(_ *cobra.Command, args []string) error { return a.check(s, args, format) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"hcl", "json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	s.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	_ = cmd.RegisterFlagCompletionFunc("format", words("text", "json"))
	return cmd
}

func (a *app) check(s source, files []string, format string) error {
	if format != "text" && format != "json" {
		return usageError(fmt.Errorf("--format is text or json, not %s", quoted(format)))
	}
	p, err := a.newPipeline(s, false, "")
	if err != nil {
		return err
	}
	var diags hcl.Diagnostics
	if len(files) > 0 {
		p.profiles, diags = hcl.LoadFiles(p.options, files)
	} else {
		p.profiles, diags = hcl.Load(p.options)
	}
	diags = diags.And(p.profiles.Check())
	if format == "json" {
		text, err := hcl.DiagnosticsJSON(diags)
		if err != nil {
			return err
		}
		if _, err := a.stdout.Write(text); err != nil {
			return err
		}
	} else {
		a.printer().diagnostics(diags)
	}
	if diags.HasErrors() {
		return status(statusProblem)
	}
	return nil
}
