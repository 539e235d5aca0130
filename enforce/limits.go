package enforce

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/cgroup"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// rlimits says which resource carries which limit (setrlimit(2)).
//
// processes: since Linux 5.14 the kernel counts them per user namespace, so
// the bound is the sandbox's own; root of the host is exempt from it
// (limits_root.go). memory is the private writable memory of each process
// (RLIMIT_DATA); address space would be the wrong measure, since node and the
// JVM reserve far more than they use.
var rlimits = map[string]int{
	plan.LimitProcesses: unix.RLIMIT_NPROC,
	plan.LimitFiles:     unix.RLIMIT_NOFILE,
	plan.LimitMemory:    unix.RLIMIT_DATA,
	plan.LimitFileSize:  unix.RLIMIT_FSIZE,
	plan.LimitCPUTime:   unix.RLIMIT_CPU,
	plan.LimitCore:      unix.RLIMIT_CORE,
}

// graceCPU is how many seconds after SIGXCPU a program gets SIGKILL.
const graceCPU = 5

// noCore is the limit on core dumps where none is allowed, in bytes. No file
// holds one so small (min_coredump, fs/binfmt_elf.c), and it is the value at which
// the kernel starts no program that takes dumps either, which it does at 0
// (coredump_pipe, fs/coredump.c).
const noCore = 1

// limit gives a bound of the plan; ok is false where there is none.
func limit(p *plan.Plan, name string) (l plan.Limit, ok bool) {
	for _, l := range p.Limits {
		if l.Name == name {
			return l, l.Value != plan.Unlimited
		}
	}
	return plan.Limit{}, false
}

// addLimits writes the steps. A bound never raises what the caller has, neither
// the hard limit nor the soft one: a program that needs more descriptors than
// its shell gives raises its own, up to the bound.
func (s *start) addLimits() error {
	for _, l := range s.plan.Limits {
		resource, ok := rlimits[l.Name]
		switch {
		case !ok && l.Name != plan.LimitWallTime && l.Name != plan.LimitCPU: // the parent's, and the cgroup's
			return &Failure{Text: "unknown limit " + l.Name, From: where(s.plan, l.Origin)}
		case !ok || l.Value == plan.Unlimited:
			continue
		}
		var now unix.Rlimit
		if err := unix.Prlimit(0, resource, nil, &now); err != nil {
			return &Failure{Text: "cannot read the limit " + l.Name + ": " + err.Error(), From: where(s.plan, l.Origin)}
		}
		if l.Name == plan.LimitCore && l.Value == 0 {
			// The soft limit is raised, too, which shells have at 0.
			s.list.Rlimit(l.Name, resource, min(noCore, now.Max), min(noCore, now.Max), l.Origin)
			continue
		}
		soft := s.beside(l, bound(l))
		hard := soft
		if l.Name == plan.LimitCPUTime {
			hard = min(hard, plan.Unlimited-graceCPU) + graceCPU
		}
		s.list.Rlimit(l.Name, resource, min(soft, now.Cur), min(hard, now.Max), l.Origin)
	}
	return nil
}

// beside gives what of a bound is to be set where the kernel counts all of the
// user's processes, since the sandbox has no user namespace: husk's own default is
// for what comes to those that there are. One that a profile names means what it
// says.
func (s *start) beside(l plan.Limit, bound uint64) uint64 {
	if l.Name != plan.LimitProcesses || l.Origin != plan.NoOrigin || s.tier.namespaces && s.flags&unix.CLONE_NEWUSER != 0 {
		return bound
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return bound
	}
	return bound + uint64(info.Procs) // everybody's, which is as many at least
}

// bound gives a limit's value for this machine. husk's own defaults give way to
// a small one: memory is not more than three quarters of what there is, and so
// many processes that all of them want to run at once would make whoever shares
// a processor with them wait for seconds (4400 on two: minutes, tried).
func bound(l plan.Limit) uint64 {
	if l.Origin != plan.NoOrigin || l.Value == plan.Unlimited {
		return l.Value
	}
	switch l.Name {
	case plan.LimitMemory:
		var info unix.Sysinfo_t
		if unix.Sysinfo(&info) == nil {
			return min(l.Value, info.Totalram*uint64(info.Unit)/4*3)
		}
	case plan.LimitProcesses:
		return min(l.Value, 512+512*uint64(runtime.NumCPU()))
	}
	return l.Value
}

// wallTime gives the seconds a session may last, 0 for no bound.
func wallTime(p *plan.Plan) uint64 {
	l, ok := limit(p, plan.LimitWallTime)
	if !ok {
		return 0
	}
	return min(l.Value, maxWallTime)
}

// maxWallTime is far beyond what anybody waits for, and can be counted in
// nanoseconds.
const maxWallTime = 1 << 32

// sessionLimits is what bounds a session as a whole.
type sessionLimits struct {
	group   *cgroup.Group // nil for none
	groupIn cgroup.Place  // where it lies
	numbers uint64        // bound on the PID namespace's numbers, 0 for none
}

// decideLimits finds out what holds the session's limits, and makes its cgroup,
// before the child is cloned into it.
func (s *start) decideLimits() error {
	s.notices = nil // of an attempt that was given up
	if err := s.makeGroup(); err != nil {
		return err
	}
	return s.rootLimit()
}

// reaps says whether a PID 1 of husk's stays in the sandbox.
func (s *start) reaps() bool { return s.tier.namespaces && s.flags&unix.CLONE_NEWPID != 0 }

// cloneFlags gives the namespaces that the child is cloned into. A cgroup
// namespace has the group as its root that its maker is in (cgroup_namespaces(7)),
// so the child makes that itself, once it is in the session's.
func (s *start) cloneFlags() uintptr {
	if s.group != nil {
		return s.flags &^ unix.CLONE_NEWCGROUP
	}
	return s.flags
}

// addSessionLimits writes init's part of the steps.
func (s *start) addSessionLimits() {
	if s.group != nil && s.flags&unix.CLONE_NEWCGROUP != 0 {
		s.list.Unshare("cgroup namespace", unix.CLONE_NEWCGROUP)
	}
	if s.numbers > 0 {
		l, _ := limit(s.plan, plan.LimitProcesses)
		s.list.Numbers(s.numbers, l.Origin)
	}
	// PID 1 watches the wall time as well: the parent is stopped with its job when
	// the program is, and what else runs in the sandbox goes on.
	if seconds := wallTime(s.plan); seconds > 0 && s.reaper {
		l, _ := limit(s.plan, plan.LimitWallTime)
		s.list.Clock(seconds+uint64(graceWall.Seconds())+5, l.Origin)
	}
}

// firstOut has the kernel choose the sandbox before anything else when the
// machine is out of memory (proc_pid_oom_score_adj(5)): a bound per process and
// one on their number do not add up to one that protects the machine. It is
// set here, for all that is started from now on; this process does not matter,
// the largest one goes first. No bound, and so no reason not to start: where it
// cannot be set, as in a sandbox whose proc is read-only, it is inherited.
func (s *start) firstOut() {
	if _, ok := limit(s.plan, plan.LimitMemory); !ok || s.dry {
		return
	}
	fd, err := unix.Open("/proc/self/oom_score_adj", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	_, _ = unix.Write(fd, []byte("1000"))
	_ = unix.Close(fd)
}
