package main

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/latedrop"
	"github.com/husk-sandbox/husk/enforce/steps"
)

func (a *app) dropCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "drop [-- COMMAND [ARG…]]",
		Short: "inside a sandbox: give up the root directory",
		Long: `Works in a sandbox whose profile has late_drop { chroot = true }, once. The process that
the sandbox was started with gets an empty root directory: a script's shell, which has its
built-in commands left then.

With a COMMAND husk must be that process itself, and becomes COMMAND afterwards, which must
be a statically linked program.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return usageError(hinted{errors.New("husk drop takes a command behind --"), "usage: " + cmd.UseLine()})
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.drop(args) },
	}
}

// drop asks for the empty root. What a COMMAND needs is checked before: the offer
// is good for one time only.
func (a *app) drop(argv []string) error {
	socket, err := strconv.Atoi(a.host.getenv(latedrop.Variable))
	if err != nil {
		return hinted{errors.New("there is no root to drop: " + latedrop.Variable + " names no descriptor"),
			"husk drop works in a sandbox whose profile has late_drop { chroot = true }"}
	}
	if len(argv) == 0 {
		return askForDrop(socket)
	}
	owner, err := unix.GetsockoptUcred(socket, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return fmt.Errorf("descriptor %d, which %s names: %w", socket, latedrop.Variable, err)
	}
	if int(owner.Pid) != os.Getpid() {
		return failed{hinted{errors.New("this process would keep its root: only the one that the sandbox was started with can drop it"),
			"in a script: exec husk drop -- COMMAND; or husk run PROFILE -- husk drop -- COMMAND"}, statusNoStart}
	}
	program, err := openStatic(argv[0])
	if err != nil {
		return err
	}
	if err := askForDrop(socket); err != nil {
		return err
	}
	_ = unix.Close(socket)
	err = executeOpened(program, argv, withoutVariable(a.host.environ, latedrop.Variable))
	return failed{fmt.Errorf("cannot execute %s: %w", argv[0], err), statusNotExecutable}
}

// askForDrop sends the request and reads the answer.
func askForDrop(socket int) error {
	if _, err := unix.Write(socket, []byte{steps.AskRoot}); err != nil {
		if errors.Is(err, unix.EPIPE) {
			return errors.New("the root cannot be dropped: it was asked for before, or the helper is gone")
		}
		return fmt.Errorf("cannot ask for the drop on descriptor %d, which %s names: %w", socket, latedrop.Variable, err)
	}
	var answer [1]byte
	for {
		n, err := unix.Read(socket, answer[:])
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("no answer about the drop: %w", err)
		case n == 1 && answer[0] == steps.RootGiven:
			return nil
		default:
			return errors.New("the root was not dropped: the helper refused, or is gone")
		}
	}
}

// openStatic opens a program that needs no other file to start.
func openStatic(name string) (*os.File, error) {
	path, err := exec.LookPath(name)
	if errors.Is(err, os.ErrPermission) {
		return nil, failed{fmt.Errorf("cannot execute %s: %w", name, err), statusNotExecutable}
	}
	if err != nil {
		return nil, failed{fmt.Errorf("there is no program %s: %w", quoted(name), err), statusNotFound}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, failed{err, statusNotExecutable}
	}
	why := ""
	if file, err := elf.NewFile(f); err != nil {
		why = "it is a script, or no program of this machine"
	} else {
		for _, p := range file.Progs {
			if p.Type == elf.PT_INTERP {
				why = "it is dynamically linked, and its loader is looked up by name"
			}
		}
	}
	if why != "" {
		f.Close()
		return nil, failed{hinted{errors.New(path + " could not start without a root: " + why), "nothing was dropped; name a statically linked program"}, statusNotExecutable}
	}
	return f, nil
}

// withoutVariable gives an environment without a variable.
func withoutVariable(env []string, name string) []string {
	var kept []string
	for _, entry := range env {
		if !strings.HasPrefix(entry, name+"=") {
			kept = append(kept, entry)
		}
	}
	return kept
}
