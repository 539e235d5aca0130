package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/homes"
)

func (a *app) homeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "home list|open|reset",
		Short: "look after the persistent homes of profiles",
		Long: `A profile with home { mode = "persistent" } has a home directory of its own below husk's
state directory. What is in there was written by programs in the sandbox.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError(hinted{errors.New("home needs to be told what to do"), "usage: " + cmd.UseLine()})
		},
	}
	one := arguments(cobra.ExactArgs(1))
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "list the homes that exist", Args: arguments(cobra.NoArgs),
			Long: "Prints a line per home: the profile, whether a sandbox uses it now, and its directory.",
			RunE: func(*cobra.Command, []string) error { return a.homeList() },
		},
		&cobra.Command{
			Use: "open PROFILE", Short: "start your shell in a home", Args: one, ValidArgsFunction: a.homeNames,
			Long: `Starts your shell ($SHELL), outside of any sandbox, with the home as working directory; HOME
stays your own. A program has written what is there: look at it before you use it. husk
shell PROFILE starts a shell inside.`,
			RunE: func(_ *cobra.Command, args []string) error { return a.homeOpen(args[0]) },
		},
		&cobra.Command{
			Use: "reset PROFILE", Short: "remove a home with all that is in it", Args: one, ValidArgsFunction: a.homeNames,
			Long: "Removes a home; the profile's next start makes an empty one. A home that a sandbox uses is left alone.",
			RunE: func(_ *cobra.Command, args []string) error { return a.homeReset(args[0]) },
		},
	)
	for _, sub := range cmd.Commands() {
		sub.DisableFlagsInUseLine = true
	}
	return cmd
}

// stateDir gives husk's state directory with its links resolved, as the enforcer
// does; "" where there is none.
func (a *app) stateDir() (string, error) {
	l, err := a.locations("", "")
	if err != nil {
		return "", err
	}
	return followed(l.state), nil
}

func (a *app) listHomes() ([]homes.Entry, error) {
	state, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	return homes.List(state)
}

func (a *app) homeList() error {
	entries, err := a.listHomes()
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		a.printer().note("no profile has a persistent home yet")
		return nil
	}
	rows := [][]string{}
	for _, e := range entries {
		use := "free"
		if e.Used {
			use = "in use"
		}
		rows = append(rows, []string{e.Profile, use, e.Path})
	}
	return a.printerOn(a.stdout).table(rows)
}

// homeNames completes with the profiles that have a home.
func (a *app) homeNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if entries, err := a.listHomes(); err == nil && len(args) == 0 {
		for _, e := range entries {
			names = append(names, e.Profile)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// home finds a profile's home.
func (a *app) home(profile string) (homes.Entry, error) {
	entries, err := a.listHomes()
	if err != nil {
		return homes.Entry{}, err
	}
	i := slices.IndexFunc(entries, func(e homes.Entry) bool { return e.Profile == profile })
	if i < 0 {
		return homes.Entry{}, hinted{fmt.Errorf("profile %s has no persistent home", profile), "husk home list shows those there are"}
	}
	return entries[i], nil
}

func (a *app) homeOpen(profile string) error {
	e, err := a.home(profile)
	if err != nil {
		return err
	}
	shell := a.host.getenv("SHELL")
	if shell == "" {
		shell = "/bin/sh"
	}
	if err := os.Chdir(e.Path); err != nil {
		return err
	}
	a.printer().note("this shell is not in a sandbox; what lies here was written by programs that were")
	return fmt.Errorf("%s: %w", shell, a.execve(shell, []string{shell}, os.Environ()))
}

func (a *app) homeReset(profile string) error {
	e, err := a.home(profile)
	if err != nil {
		return err
	}
	state, err := a.stateDir()
	if err != nil {
		return err
	}
	switch err := homes.Reset(state, profile); {
	case errors.Is(err, homes.ErrBusy):
		return hinted{fmt.Errorf("the home of %s is left alone: %w", profile, homes.ErrBusy), "end that first"}
	case errors.Is(err, unix.ENOENT):
		return nil // somebody was faster
	case err != nil:
		return err
	}
	_, err = fmt.Fprintln(a.stdout, e.Path)
	return err
}
