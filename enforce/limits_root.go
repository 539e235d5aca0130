package enforce

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// reservedNumbers is how many of a PID namespace's numbers are not given out a
// second time (RESERVED_PIDS in the kernel's pid.c): so many more there must be
// for the bound to leave as many processes as the profile says at any time.
const reservedNumbers = 300

// rootLimit holds the limit on processes where RLIMIT_NPROC does not: the
// kernel exempts root of the host from it (setrlimit(2); copy_process() compares
// with INIT_USER), in every user namespace. The numbers of the PID namespace
// are bounded in its place.
func (s *start) rootLimit() error {
	s.numbers = 0
	l, ok := limit(s.plan, plan.LimitProcesses)
	if !ok || s.anchors.UID != 0 || s.group != nil || s.user != nil || s.tier.lacks(plan.DegradeLimits) || !hostRoot() {
		return nil
	}
	if s.reaps() && ownNumbers() {
		s.numbers = min(bound(l), 1<<22) + reservedNumbers + 1
		return nil
	}
	if l.Origin == plan.NoOrigin {
		// A profile that shares the PID namespace, or does without, gives this up
		// with it (docs/limits.md).
		if !s.reaps() {
			return nil
		}
		s.notices = append(s.notices, "the limit on processes does not hold for root here, whom the kernel exempts from it")
		return nil
	}
	return s.tier.lack(s.plan, plan.DegradeLimits, "nothing here holds the limit on processes for root, whom the kernel exempts from it",
		"Linux 6.14 can, in a PID namespace of the sandbox's own, and so can a cgroup v2 with the controller pids")
}

// hostRoot says whether user 0 of this process may be the host's.
func hostRoot() bool {
	text, err := readFile("/proc/self/uid_map")
	fields := strings.Fields(string(text))
	return err != nil || len(fields) < 2 || fields[0] == "0" && fields[1] == "0"
}

// ownNumbers says whether kernel.pid_max belongs to the PID namespace: since
// Linux 6.14. Before, it is the machine's, and root could change it from inside.
func ownNumbers() bool {
	var uts unix.Utsname
	if unix.Uname(&uts) != nil || !atLeast(unix.ByteSliceToString(uts.Release[:]), 6, 14) {
		return false
	}
	return unix.Access("/proc/sys/kernel/pid_max", unix.W_OK) == nil
}

// atLeast compares a kernel's release, "6.14.2-arch1", with a version.
func atLeast(release string, major, minor int) bool {
	first, rest, _ := strings.Cut(release, ".")
	second := rest
	if end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		second = rest[:end]
	}
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(second)
	return errA == nil && errB == nil && (a > major || a == major && b >= minor)
}
