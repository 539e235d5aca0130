// Package kernel finds out what the running kernel offers a sandbox. It tries
// things where trying is possible: a switch in /proc/sys says less than a
// namespace that was made.
package kernel

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// Feature is one thing that husk uses.
type Feature struct {
	Name      string
	Available bool
	// Detail says what was found, Hint how to get what is missing.
	Detail, Hint string
	// Degrade is the word of a profile's degrade that lets it do without; ""
	// where nothing can.
	Degrade string
}

// Probe asks for every feature, in the order in which a start needs them.
func Probe() []Feature {
	return []Feature{
		release(),
		namespace("user namespaces", unix.CLONE_NEWUSER, plan.DegradeNamespaces),
		namespace("mount, PID, IPC, UTS and cgroup namespaces", unix.CLONE_NEWUSER|unix.CLONE_NEWNS|unix.CLONE_NEWPID|
			unix.CLONE_NEWIPC|unix.CLONE_NEWUTS|unix.CLONE_NEWCGROUP, plan.DegradeNamespaces),
		namespace("network namespaces", unix.CLONE_NEWUSER|unix.CLONE_NEWNET, plan.DegradeNetworkNamespace),
		timeNamespace(),
		landlockFeature("Landlock for files", landlock.ABIFiles, "6.2", plan.DegradeLandlock),
		landlockFeature("Landlock for the network", landlock.ABINetwork, "6.7", plan.DegradeLandlockNetwork),
		landlockFeature("Landlock for signals and abstract sockets", landlock.ABIScope, "6.12", plan.DegradeLandlockScope),
		seccomp(),
	}
}

// Oldest is the first release with every call that husk makes for a sandbox of
// its own: mount_setattr(2) came with 5.12, limits on processes per user
// namespace with 5.14.
const oldestMajor, oldestMinor = 5, 14

func release() Feature {
	f := Feature{Name: "Linux 5.14 or newer"}
	var uts unix.Utsname
	if err := unix.Uname(&uts); err != nil {
		f.Detail = err.Error()
		return f
	}
	f.Detail = unix.ByteSliceToString(uts.Release[:])
	major, rest, _ := strings.Cut(f.Detail, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(strings.TrimRightFunc(minor, func(r rune) bool { return r < '0' || r > '9' }))
	f.Available = errA == nil && errB == nil && (a > oldestMajor || (a == oldestMajor && b >= oldestMinor))
	if !f.Available {
		f.Hint = "a newer kernel"
	}
	return f
}

// namespace makes the namespaces with a child that maps its user and ends.
func namespace(name string, flags uintptr, degrade string) Feature {
	l := steps.New()
	l.BlockSignals()
	l.Write("/proc/self/setgroups", "deny", plan.NoOrigin)
	l.Write("/proc/self/uid_map", "0 "+strconv.Itoa(unix.Getuid())+" 1", plan.NoOrigin)
	return try(Feature{Name: name, Degrade: degrade}, l, flags)
}

func timeNamespace() Feature {
	l := steps.New()
	l.BlockSignals()
	l.Unshare("time namespace", unix.CLONE_NEWTIME)
	return try(Feature{Name: "time namespaces", Degrade: plan.DegradeNamespaces}, l, unix.CLONE_NEWUSER)
}

func try(f Feature, l *steps.List, flags uintptr) Feature {
	if err := run(l, flags); err != nil {
		f.Detail = err.Error()
		f.Hint = NamespaceHint(err)
		return f
	}
	f.Available, f.Detail = true, "made one"
	return f
}

func run(l *steps.List, flags uintptr) error {
	pipe, err := steps.Pipe()
	if err != nil {
		return err
	}
	p := l.Process(steps.Options{Flags: flags, Terminal: -1, Pipe: pipe})
	l.Program()
	if err := p.Clone(); err != nil {
		_ = unix.Close(pipe[0])
		_ = unix.Close(pipe[1])
		return err
	}
	if err := p.Run(); err != nil {
		p.Abort()
		return err
	}
	e, _ := p.Next()
	_, err = unix.Wait4(p.Pid, nil, 0, nil)
	for err == unix.EINTR {
		_, err = unix.Wait4(p.Pid, nil, 0, nil)
	}
	if e.Failed != nil {
		return e.Failed.Errno
	}
	return err
}

// NamespaceHint explains why the kernel refuses a namespace
// (user_namespaces(7)).
func NamespaceHint(err error) string {
	if switchedOn("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") {
		return "AppArmor restricts unprivileged user namespaces on this system: give husk-enforce a profile that has the rule " +
			"\"userns,\", or, for everybody, sysctl kernel.apparmor_restrict_unprivileged_userns=0"
	}
	switch {
	case Confined() && (errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOSYS)):
		return "this runs inside another sandbox or a container, whose system call filter allows no new namespaces: " +
			"use that one's protection, or start the command outside of it"
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EUSERS):
		return "a limit on namespaces is reached: look at sysctl user.max_user_namespaces and its siblings; 0 switches them off"
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return "unprivileged user namespaces are switched off: sysctl kernel.unprivileged_userns_clone=1 on Debian's older kernels; " +
			"in a container, its seccomp profile must allow clone with CLONE_NEWUSER"
	case errors.Is(err, unix.EINVAL):
		return "this kernel is built without one of the namespaces that are asked for"
	}
	return "husk doctor shows what this kernel offers"
}

// switchedOn says whether a switch below /proc/sys is there and not 0.
func switchedOn(file string) bool {
	text, err := os.ReadFile(file)
	return err == nil && len(text) > 0 && text[0] != '0'
}

// LandlockHint says how to get Landlock.
const LandlockHint = "Landlock needs CONFIG_SECURITY_LANDLOCK=y and \"landlock\" in the lsm= list of the kernel's command line"

func landlockFeature(name string, needs int, since, degrade string) Feature {
	f := Feature{Name: name, Degrade: degrade}
	abi, err := landlock.ABI()
	switch {
	case err != nil:
		f.Detail, f.Hint = err.Error(), LandlockHint
	case abi < needs:
		f.Detail = "ABI " + strconv.Itoa(abi) + ", " + strconv.Itoa(needs) + " is needed"
		f.Hint = "Linux " + since + " or newer"
	default:
		f.Available, f.Detail = true, "ABI "+strconv.Itoa(abi)
	}
	return f
}

// seccomp asks whether filters may kill a process (seccomp(2),
// SECCOMP_GET_ACTION_AVAIL), without loading one.
func seccomp() Feature {
	f := Feature{Name: "seccomp filters", Degrade: plan.DegradeSeccomp}
	if err := Seccomp(); err != nil {
		f.Detail, f.Hint = err.Error(), "a kernel with CONFIG_SECCOMP_FILTER=y"
		return f
	}
	f.Available, f.Detail = true, "kill, trap, errno, log and notify"
	return f
}

// Seccomp gives the reason why no filter could be loaded, nil where one can.
func Seccomp() error { return actionAvailable(unix.SECCOMP_RET_KILL_PROCESS) }
