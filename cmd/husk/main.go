// Command husk writes sandboxes for commands: it turns profiles into wrappers
// that stand first on PATH, runs a command in a profile's sandbox, and says what a
// profile allows and why.
//
// Each subcommand is one file. Everything that is printed for a person goes
// through printer.go; everything that becomes a plan goes through pipeline.go.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce"
	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/supervise/supervisor"
	"github.com/husk-sandbox/husk/enforce/violation"
)

func main() {
	os.Exit(realMain(os.Args[1:]))
}

// realMain gives the exit status.
func realMain(args []string) int {
	if len(args) == 2 && args[0] == enforce.SuperviseCommand {
		return supervisor.Main(args[1], os.Environ()) // at once: a program is running already
	}
	if len(args) == 1 && args[0] == enforce.ObserveCommand {
		return violation.Main(os.Environ())
	}
	// husk is gone within a second: collecting garbage seldom is a third faster
	// with a thousand profiles, for some tens of megabytes.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(256 << 20) // bytes; from there on it is collected more often
	a := &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		host: thisHost(), systemProfiles: systemProfiles, execve: syscall.Exec, probe: kernel.Probe,
	}
	return a.main(args)
}

// app is what every subcommand works with. Tests give it another host.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	host           host
	systemProfiles string
	// execve replaces this process (execve(2)); it returns only with an error.
	execve func(path string, argv, env []string) error
	// probe asks the kernel what it offers.
	probe func() []kernel.Feature
}

// Exit statuses of husk itself. Those of `husk run` and `husk shell` are the
// program's own, and 125 where it could not be started.
const (
	statusOK            = 0
	statusProblem       = 1
	statusUsage         = 2
	statusNoStart       = 125
	statusNotExecutable = 126
	statusNotFound      = 127
)

// status ends the command with that exit status and no message: what was to be
// said is said.
type status int

func (s status) Error() string { return "exit status" }

// failed is an error with another status than 1.
type failed struct {
	error
	status int
}

func (f failed) Unwrap() error { return f.error }

// usageError is a wrong call.
func usageError(err error) error { return failed{err, statusUsage} }

// main runs the command line and gives the exit status.
func (a *app) main(args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.Execute()
	var quiet status
	var other failed
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &quiet):
		return int(quiet)
	}
	a.printer().error(err)
	if errors.As(err, &other) {
		return other.status
	}
	return statusProblem
}

// root builds the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "husk",
		Short: "put a sandbox in front of a command without changing how it is typed",
		Long: `husk puts a sandbox in front of a command without changing how it is typed.

A profile says what a command may do. husk apply makes one wrapper per command in a
directory that stands first on PATH; each wrapper starts the real program in the
sandbox that its profile describes.`,
		Args:              noSuchCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},

		SuggestionsMinimumDistance: 2,
	}
	root.AddCommand(
		a.initCommand(), a.applyCommand(), a.runCommand(), a.shellCommand(), a.listCommand(),
		a.checkCommand(), a.explainCommand(), a.diffCommand(), a.whyCommand(), a.fmtCommand(),
		a.trustCommand(), a.logCommand(), a.gcCommand(), a.dropCommand(), a.doctorCommand(), a.hookCommand(),
		a.completionCommand(),
		a.homeCommand(), a.versionCommand(), a.manCommand(), a.renderCommand(),
	)
	for _, cmd := range root.Commands() {
		// Their own lines name the flags that matter.
		cmd.DisableFlagsInUseLine = true
	}
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Short = "show the help of a command"
		help.Args = func(_ *cobra.Command, args []string) error {
			if cmd, _, err := root.Find(args); err != nil || cmd == root {
				return noSuchCommand(root, args)
			}
			return nil
		}
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		err = hinted{err, "see " + cmd.CommandPath() + " --help"}
		if cmd.Name() == "run" || cmd.Name() == "shell" {
			return failed{err, statusNoStart}
		}
		return usageError(err)
	})
	return root
}

// noSuchCommand answers a first word that is no subcommand.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := errors.New("there is no command " + quoted(args[0]))
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usageError(hinted{err, "did you mean husk " + strings.Join(near, " or husk ") + "?"})
	}
	return usageError(hinted{err, "see husk --help"})
}

// oneOf makes it a usage error to give two flags together.
func oneOf(cmd *cobra.Command, a, b string) {
	cmd.MarkFlagsMutuallyExclusive(a, b) // for completion
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if !cmd.Flags().Changed(a) || !cmd.Flags().Changed(b) {
			return nil
		}
		return usageError(hinted{fmt.Errorf("--%s and --%s exclude each other", a, b), "usage: " + cmd.UseLine()})
	}
}

// arguments makes a wrong number of arguments a usage error that shows how the
// command is called.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		if !strings.HasPrefix(err.Error(), "invalid argument") { // else their number is wrong
			err = errors.New(cmd.CommandPath() + " cannot be called with " + count(len(args), "argument"))
		}
		return usageError(hinted{err, "usage: " + cmd.UseLine()})
	}
}
