package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/plan/encode"
	"github.com/husk-sandbox/husk/hcl"
	"github.com/husk-sandbox/husk/wrappers"
)

// runFlags are those of husk run and husk shell.
type runFlags struct {
	source
	read, write, connect []string
}

func (f *runFlags) register(cmd *cobra.Command) {
	f.flags(cmd)
	f.installFlags(cmd)
	cmd.Flags().StringArrayVar(&f.read, "allow-read", nil, "path to grant for reading, this once")
	cmd.Flags().StringArrayVar(&f.write, "allow-write", nil, "path to grant for writing, this once")
	cmd.Flags().StringArrayVar(&f.connect, "connect", nil, "HOST:PORT to permit connections to, this once")
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run PROFILE [--set NAME=VALUE] [--allow-read PATH] [--allow-write PATH] [--connect HOST:PORT] -- COMMAND [ARG…]",
		Short: "run one command without a wrapper",
		Long: `Runs a command in the sandbox that a profile describes. The exit status is the
command's own; 125 where the sandbox could not be set up, 126 or 127 where the command
could not be executed or found.

A command that the profile wraps is started as its wrapper would start it.`,
		Args: checkRunArguments,
		RunE: func(_ *cobra.Command, args []string) error {
			return noStart(a.run(f, args[0], args[1], args[2:]))
		},
		ValidArgsFunction: a.names(1, false),
	}
	f.register(cmd)
	return cmd
}

// checkRunArguments asks for the "--": without it, nobody could tell which of the
// two programs an option is for.
func checkRunArguments(cmd *cobra.Command, args []string) error {
	dash := cmd.ArgsLenAtDash()
	what := ""
	switch {
	case len(args) == 0:
		what = "run needs a profile and a command"
	case dash < 0 && len(args) > 1:
		what = "run needs -- before the command"
	case len(args) < 2:
		what = "run needs a command after --"
	case dash != 1:
		what = "run takes one profile before --"
	default:
		return nil
	}
	return failed{hinted{errors.New(what), "usage: " + cmd.UseLine()}, statusNoStart}
}

// noStart gives failures before the program starts their own exit status.
func noStart(err error) error {
	var quiet status
	var other failed
	switch {
	case err == nil:
		return nil
	case errors.As(err, &quiet):
		return status(statusNoStart)
	case errors.As(err, &other) && (other.status == statusNotFound || other.status == statusNotExecutable):
		return err
	}
	return failed{err, statusNoStart}
}

func (a *app) run(f runFlags, profile, command string, args []string) error {
	p, err := a.newPipeline(f.source, true, a.host.cwd)
	if err != nil {
		return err
	}
	if err := p.load(); err != nil {
		return err
	}
	return p.start(f, profile, command, args)
}

// start resolves the plan for one start and executes the enforcer with it.
func (p *pipeline) start(f runFlags, profile, command string, args []string) error {
	resolved, chosen, err := p.planForRun(profile, command)
	if err != nil {
		return err
	}
	if err := p.widen(resolved, f); err != nil {
		return err
	}
	if refused := checkEnforced(resolved); len(refused) > 0 {
		return errors.Join(refused...)
	}
	complete := p.finder.Complete
	if chosen {
		complete = p.finder.CompleteChosen
	}
	if _, err := complete(resolved); err != nil {
		if errors.Is(err, wrappers.ErrNotExecutable) {
			return failed{p.noProgram(resolved, err), statusNotExecutable}
		}
		return failed{p.noProgram(resolved, err), statusNotFound}
	}
	if err := p.compile(resolved); err != nil {
		return err
	}
	p.printWarnings()
	return p.app.enforce(p.enforcer, resolved, args)
}

// planForRun gives the plan. chosen says that the command line names a file: then
// it is started even where the sandbox may write it.
func (p *pipeline) planForRun(profile, command string) (resolved *plan.Plan, chosen bool, err error) {
	chosen = strings.Contains(command, "/")
	own := ""
	if !chosen {
		commands, diags := p.profiles.Commands(profile)
		if err := p.report(diags); err != nil {
			return nil, false, err
		}
		if slices.ContainsFunc(commands, func(c hcl.Command) bool { return c.Name == command }) {
			own = command
		}
	}
	if resolved, err = p.resolve(profile, own); err != nil || own != "" {
		return resolved, false, err
	}
	resolved.Command = filepath.Base(command)
	resolved.Program = plan.Program{Path: command}
	if chosen {
		resolved.Program.Path, err = p.app.host.absolute(command)
	}
	return resolved, chosen, err
}

// widen adds what the command line allows for this start.
func (p *pipeline) widen(resolved *plan.Plan, f runFlags) error {
	origin := func(flag string) int {
		resolved.Origins = append(slices.Clip(resolved.Origins), plan.Origin{Profile: resolved.Profile, File: "the command line, " + flag})
		return len(resolved.Origins) - 1
	}
	for _, grants := range []struct {
		flag  string
		paths []string
		into  *[]plan.PathRule
	}{{"--allow-read", f.read, &resolved.Filesystem.Read}, {"--allow-write", f.write, &resolved.Filesystem.Write}} {
		for _, path := range grants.paths {
			absolute, err := p.app.host.absolute(path)
			if err != nil {
				return err
			}
			if home, err := p.app.host.home(); grants.flag == "--allow-write" && err == nil && wrappers.Covers(absolute, home) {
				return fmt.Errorf("--allow-write %s would let the command write your whole home directory: name what it writes", path)
			}
			rule := plan.PathRule{Path: plan.Path{Path: absolute}, Required: true, Origin: origin(grants.flag)}
			*grants.into = append(slices.Clip(*grants.into), rule)
		}
	}
	for _, target := range f.connect {
		host, port, err := hostPort(target)
		if err != nil {
			return err
		}
		if err := hcl.CheckHost(host); err != nil {
			return fmt.Errorf("--connect %s: %w", target, err)
		}
		switch resolved.Network.Mode {
		case plan.NetworkHost:
			p.app.printer().note("--connect %s adds nothing: the profile has the host's network", target)
			continue
		case plan.NetworkNone:
			resolved.Network.Mode = plan.NetworkFiltered
		}
		rule := plan.Connect{Host: host, Ports: []int{port}, Origin: origin("--connect")}
		resolved.Network.Connect = append(slices.Clip(resolved.Network.Connect), rule)
	}
	resolved.Supervisor = p.supervisor(resolved)
	return nil
}

// hostPort reads HOST:PORT.
func hostPort(text string) (string, int, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" {
		return "", 0, usageError(fmt.Errorf("%s is not HOST:PORT", quoted(text)))
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return "", 0, usageError(fmt.Errorf("%s has no port from 1 to 65535", quoted(text)))
	}
	return strings.ToLower(strings.TrimSuffix(host, ".")), n, nil
}

// enforce becomes the enforcer, with the plan in a sealed file without a name.
func (a *app) enforce(enforcer string, p *plan.Plan, args []string) error {
	text, err := encode.Plan(p)
	if err != nil {
		return err
	}
	fd, err := sealedFile("husk-plan", text)
	if err != nil {
		return err
	}
	argv := append([]string{enforcer, "/proc/self/fd/" + strconv.Itoa(fd)}, args...)
	err = a.execve(enforcer, argv, a.host.environ)
	return fmt.Errorf("cannot start the enforcer %s: %w", enforcer, errors.Join(err, unix.Close(fd)))
}

// sealedFile makes an anonymous file that nobody can change any more. It stays
// open across execve(2); the enforcer closes it.
func sealedFile(name string, content []byte) (int, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_ALLOW_SEALING)
	if err != nil {
		return 0, os.NewSyscallError("memfd_create", err)
	}
	for rest := content; len(rest) > 0; {
		n, err := unix.Write(fd, rest)
		if err != nil && err != unix.EINTR {
			return 0, errors.Join(os.NewSyscallError("write", err), unix.Close(fd))
		}
		rest = rest[max(n, 0):]
	}
	seals := unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return 0, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(fd))
	}
	return fd, nil
}
