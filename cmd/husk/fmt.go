package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/hcl"
	"github.com/husk-sandbox/husk/wrappers"
)

func (a *app) fmtCommand() *cobra.Command {
	var profiles string
	var check, diff bool
	cmd := &cobra.Command{
		Use:   "fmt [FILE…|-] [--check] [--diff]",
		Short: "lay profile files out in the canonical way",
		Long: `Rewrites profile files, all of yours where none is named, in the canonical layout. Comments
and order stay. "-" reads standard input and writes standard output. --check writes nothing,
prints the names of files that would change, and ends with status 1 where there are any;
--diff prints the changes, with the same status.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if slices.Contains(args, "-") {
				if len(args) > 1 || check || diff {
					return usageError(errors.New("- stands alone"))
				}
				return a.formatStream()
			}
			return a.format(profiles, args, check, diff)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"hcl", "json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	cmd.Flags().StringVar(&profiles, "profiles", "", "directory of profiles to use instead of the user's")
	cmd.Flags().BoolVar(&check, "check", false, "only name the files that would change")
	cmd.Flags().BoolVar(&diff, "diff", false, "print the change as a diff and write nothing")
	_ = cmd.MarkFlagDirname("profiles")
	return cmd
}

func (a *app) formatStream() error {
	text, err := io.ReadAll(a.stdin)
	if err != nil {
		return err
	}
	out, err := a.formatted(text, "standard input.hcl")
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(out)
	return err
}

// formatted gives the canonical layout; syntax errors are printed.
func (a *app) formatted(text []byte, name string) ([]byte, error) {
	out, diags := hcl.Format(text, name)
	if diags.HasErrors() {
		a.printer().diagnostics(diags)
		return nil, status(statusProblem)
	}
	return out, nil
}

func (a *app) format(profiles string, files []string, check, diff bool) error {
	if len(files) == 0 {
		l, err := a.locations(profiles, "")
		if err != nil {
			return err
		}
		if files, err = profileFiles(l.profiles); err != nil {
			return err
		}
	}
	changed, broken := 0, false
	for _, file := range files {
		differs, err := a.formatFile(file, check, diff)
		var quiet status
		switch {
		case errors.As(err, &quiet):
			broken = true
		case err != nil:
			return err
		case differs:
			changed++
		}
	}
	if broken || (check || diff) && changed > 0 {
		return status(statusProblem)
	}
	return nil
}

// formatFile rewrites one file where its layout differs. Through a link, the file
// that it leads to is rewritten.
func (a *app) formatFile(file string, check, diff bool) (differs bool, err error) {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return false, err
	}
	fi, err := os.Stat(real)
	if err != nil {
		return false, err
	}
	if !fi.Mode().IsRegular() {
		return false, fmt.Errorf("%s is not a regular file", file)
	}
	before, err := os.ReadFile(real)
	if err != nil {
		return false, err
	}
	after, err := a.formatted(before, file)
	if err != nil || bytes.Equal(before, after) {
		return false, err
	}
	switch {
	case diff:
		_, err = a.stdout.Write(wrappers.UnifiedDiff(path.Join("a", file), path.Join("b", file), before, after))
	case check:
		_, err = fmt.Fprintln(a.stdout, file)
	default:
		if err = replaceFile(real, after, fi.Mode().Perm()); err == nil {
			a.printer().note("formatted %s", file)
		}
	}
	return true, err
}

// profileFiles lists the profile files of a directory.
func profileFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if hcl.IsProfileFile(e.Name()) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}
