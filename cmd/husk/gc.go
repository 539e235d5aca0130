package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce/absent"
	"github.com/husk-sandbox/husk/enforce/cgroup"
	"github.com/husk-sandbox/husk/enforce/homes"
	"github.com/husk-sandbox/husk/enforce/session"
)

func (a *app) gcCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "gc [DIR…]",
		Short: "clean up after killed sandboxes",
		Long: `Removes session directories of yours in the temporary directory, and in each DIR, that no
running sandbox uses any more, and their cgroups, as the next wrapped command would. A DIR
is for what was started with another TMPDIR. The names of what was removed go to standard
output. Homes whose reset was interrupted are removed without a word.

What a killed sandbox's program made at a protected or hidden path that did not exist is
moved to husk's state directory, and said on standard error.`,
		Args: arguments(cobra.ArbitraryArgs),
		RunE: func(_ *cobra.Command, dirs []string) error { return a.gc(dirs) },
	}
}

func (a *app) gc(dirs []string) error {
	var errs []error
	bases := a.sessionBases()
	for _, dir := range dirs {
		base, err := a.host.absolute(dir)
		if err == nil {
			base, err = session.Validate(base, a.host.uid)
		}
		if err != nil {
			errs = append(errs, err)
		} else if !slices.Contains(bases, base) {
			bases = append(bases, base)
		}
	}
	var removed []string
	for _, base := range bases {
		dirs, err := session.Collect(base, a.host.uid)
		removed, errs = append(removed, dirs...), append(errs, err)
	}
	if h, err := cgroup.Host(); err == nil {
		groups, err := h.Collect(a.host.uid)
		removed, errs = append(removed, groups...), append(errs, err)
	}
	for _, dir := range removed {
		if _, err := a.stdout.Write([]byte(dir + "\n")); err != nil {
			return err
		}
	}
	return errors.Join(append(errs, a.gcState())...)
}

// gcState finishes what killed sandboxes and interrupted resets left in husk's
// state directory. Without a home there is none.
func (a *app) gcState() error {
	state, err := a.stateDir()
	if err != nil {
		return nil
	}
	moved, err := absent.Collect(state)
	for _, m := range moved {
		a.printer().warning("%s appeared while a sandbox ran that was killed, where its profile lets nothing appear: it was moved to %s", m.Path, m.To)
	}
	return errors.Join(err, homes.Sweep(state))
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
