package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

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
finds. A project's .husk.hcl is looked at over your profiles. The exit status is 1 where
there is an error. JSON (for editors) goes to standard output, text to standard error.`,
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
	diags, err := p.checkFiles(files)
	if err != nil {
		return err
	}
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

// checkFiles checks the files, all profiles of the user's where none is named.
// Projects' files are looked at over those.
func (p *pipeline) checkFiles(files []string) (hcl.Diagnostics, error) {
	isProject := func(file string) bool { return filepath.Base(file) == projectFile }
	profiles := slices.DeleteFunc(slices.Clone(files), isProject)
	var diags hcl.Diagnostics
	if len(profiles) > 0 {
		p.profiles, diags = hcl.LoadFiles(p.options, profiles)
	} else {
		p.profiles, diags = hcl.Load(p.options)
	}
	if len(files) == 0 || len(profiles) > 0 {
		diags = diags.And(p.profiles.Check())
	}
	for _, file := range files {
		if !isProject(file) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return diags, err
		}
		_, found := p.profiles.LoadProject(file, text)
		diags = diags.And(found)
	}
	return diags, nil
}
