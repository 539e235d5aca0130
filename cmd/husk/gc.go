package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce/session"
)

func (a *app) gcCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "gc",
		Short: "remove session directories that killed sandboxes left",
		Long: `Removes session directories of yours in the temporary directory that no running sandbox
uses any more, as the next wrapped command would. The names of what was removed go to
standard output.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return a.gc() },
	}
}

func (a *app) gc() error {
	var errs []error
	for _, base := range a.sessionBases() {
		removed, err := session.Collect(base, a.host.uid)
		errs = append(errs, err)
		for _, dir := range removed {
			if _, err := a.stdout.Write([]byte(dir + "\n")); err != nil {
				return err
			}
		}
	}
	return errors.Join(errs...)
}

// sessionBases are the directories in which sessions are made: TMPDIR, where it is
// one that the enforcer would use, and /tmp.
func (a *app) sessionBases() []string {
	var bases []string
	for _, dir := range []string{a.host.getenv("TMPDIR"), "/tmp"} {
		if dir == "" {
			continue
		}
		if real, err := session.Validate(dir, a.host.uid); err == nil && !slices.Contains(bases, real) {
			bases = append(bases, real)
		}
	}
	return bases
}
