// Package kernel finds out what the running kernel offers a sandbox. It tries
// things where trying is possible: a switch in /proc/sys says less than a
// namespace that was made.
package kernel

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/identity"
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
	// Optional is for what only some profiles need.
	Optional bool
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
		mountView(),
		landlockFeature("Landlock for files", landlock.ABIFiles, "6.2", plan.DegradeLandlock),
		landlockFeature("Landlock for the network", landlock.ABINetwork, "6.7", plan.DegradeLandlockNetwork),
		landlockFeature("Landlock for signals and abstract sockets", landlock.ABIScope, "6.12", plan.DegradeLandlockScope),
		seccomp(),
		subordinateIDs(),
		controlGroup(),
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
		if err := restrict(abi); err != nil {
			f.Detail, f.Hint = "a process could not restrict itself: "+err.Error(), LandlockHint
			return f
		}
		f.Available, f.Detail = true, "ABI "+strconv.Itoa(abi)
	}
	return f
}

// restrict lets a child take everything from itself.
func restrict(abi int) error {
	handled := landlock.HandledBy(abi)
	l := steps.New()
	l.BlockSignals()
	l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1)
	l.Ruleset(handled.Attr(), "all")
	l.Restrict()
	return run(l, 0)
}

// mountView makes a root of its own with a proc in it, as a sandbox does, in a
// child: a container may allow the namespaces and no mount in them, or hide
// parts of /proc, and AppArmor takes a user namespace's capabilities away.
func mountView() Feature {
	l := steps.New()
	l.BlockSignals()
	l.Write("/proc/self/setgroups", "deny", plan.NoOrigin)
	l.Write("/proc/self/uid_map", "0 "+strconv.Itoa(unix.Getuid())+" 1", plan.NoOrigin)
	l.Private()
	l.Mount("proc", "/proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC|unix.MS_RDONLY, "hidepid=ptraceable", plan.NoOrigin)
	l.Mount("tmpfs", "/proc", unix.MS_NOSUID|unix.MS_NODEV, "mode=755,size=1m", plan.NoOrigin)
	f := Feature{Name: "a root directory and a /proc of one's own", Degrade: plan.DegradeNamespaces}
	err := run(l, unix.CLONE_NEWUSER|unix.CLONE_NEWNS|unix.CLONE_NEWPID)
	if err == nil {
		f.Available, f.Detail = true, "mounted"
		return f
	}
	f.Detail, f.Hint = err.Error(), NamespaceHint(err)
	if err == unix.EPERM && !currentSituation().appArmor && !Confined() {
		f.Hint = "a container that hides parts of /proc lets nobody mount a new one: profiles need namespaces { share = [\"pid\"] } here"
	}
	return f
}

// subordinateIDs looks for what gives a program a user of its own
// (newuidmap(1)).
func subordinateIDs() Feature {
	f := Feature{Name: "users of one's own (identity)", Optional: true}
	if _, err := identity.FindTools(); err != nil {
		f.Detail, f.Hint = err.Error(), "install them: the package is uidmap on Debian and Ubuntu, shadow-utils on Fedora"
		return f
	}
	f.Available, f.Detail = true, "newuidmap and newgidmap are there"
	return f
}

// loadFilter lets a child load a filter that allows everything.
func loadFilter() error {
	l := steps.New()
	l.BlockSignals()
	l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1)
	l.Seccomp([]byte{0x06, 0, 0, 0, 0, 0, 0xff, 0x7f}, 0, plan.NoOrigin) // return SECCOMP_RET_ALLOW
	return run(l, 0)
}

// seccomp asks whether filters may kill a process (seccomp(2),
// SECCOMP_GET_ACTION_AVAIL), and loads one.
func seccomp() Feature {
	f := Feature{Name: "seccomp filters", Degrade: plan.DegradeSeccomp}
	err := Seccomp()
	if err == nil {
		err = loadFilter()
	}
	if err != nil {
		f.Detail, f.Hint = err.Error(), "a kernel with CONFIG_SECCOMP_FILTER=y"
		return f
	}
	f.Available, f.Detail = true, "kill, trap, errno, log and notify"
	return f
}

// Seccomp gives the reason why no filter could be loaded, nil where one can.
func Seccomp() error { return actionAvailable(unix.SECCOMP_RET_KILL_PROCESS) }
