package supervisor

import (
	"errors"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	rights "github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
)

// confine gives up what the supervisor does not need: whoever takes it over
// through a message from the sandbox gets a process that can write no file but
// the log and the session directory's, and start no program. What the profile
// does without on this kernel, it does without as well.
func (s *supervisor) confine(log string) error {
	// The promise is a thread's own, and seccomp(2) asks the thread that calls it;
	// the filter brings it to all others (SECCOMP_FILTER_FLAG_TSYNC).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return errors.New("no new privileges: " + err.Error())
	}
	if err := s.confineFiles(log); err != nil {
		return errors.New("Landlock: " + err.Error())
	}
	if s.does(plan.DegradeSeccomp) {
		return nil
	}
	if err := confineCalls(); err != nil {
		return errors.New("seccomp: " + err.Error())
	}
	return nil
}

// does says whether the profile may do without something.
func (s *supervisor) does(without string) bool {
	for _, d := range s.session.Plan.Degrade {
		if d == without {
			return true
		}
	}
	return false
}

// removal is what it takes to remove a tree whose directories are moved up
// first (package session).
const removal landlock.AccessFSSet = ll.AccessFSReadDir | ll.AccessFSRemoveDir | ll.AccessFSRemoveFile | ll.AccessFSMakeDir | ll.AccessFSRefer

// confineFiles restricts the process with Landlock. Signals are not scoped: the
// child is one that these restrictions don't hold for, and must be reached.
func (s *supervisor) confineFiles(log string) error {
	abi, err := rights.ABI()
	if err == nil && abi < rights.ABIFiles {
		err = errors.New("this kernel's is too old: version " + strconv.Itoa(abi))
	}
	if err != nil && s.does(plan.DegradeLandlock) {
		return nil
	}
	if err != nil {
		return err
	}
	config, err := landlock.NewConfig(landlock.AccessFSSet(rights.HandledBy(abi).FS))
	if err != nil {
		return err
	}
	rules := []landlock.Rule{
		landlock.RODirs(append(resolverDirectories(), "/proc")...),
		landlock.RWDirs(log),
	}
	for _, dir := range []string{s.session.SessionDirectory(), s.session.BusDirectory()} {
		if dir != "" {
			rules = append(rules, landlock.PathAccess(removal, dir), landlock.PathAccess(ll.AccessFSRemoveDir, filepath.Dir(dir)))
		}
	}
	return config.RestrictPaths(rules...)
}

// resolverDirectories hold what the host's resolver reads, and what links there
// lead to.
func resolverDirectories() []string {
	dirs := []string{"/etc"}
	for _, name := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf"} {
		if real, err := filepath.EvalSymlinks(name); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	return dirs
}

// calls is the supervisor's own policy, on top of what every sandbox is
// refused: it starts threads, but no process and no program, and looks into
// nobody's memory.
var calls = plan.Syscalls{
	Default: "allow", ForeignABI: "kill", Origin: plan.NoOrigin,
	Lists: []plan.SyscallList{{Action: "errno:EPERM", Origin: plan.NoOrigin, Names: []string{
		"execve", "execveat", "vfork", "fork", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
	}}},
	Rules: []plan.SyscallRule{{Call: "clone", When: "arg0 & CLONE_THREAD == 0", Action: "errno:EPERM", Origin: plan.NoOrigin}},
}

// callsFor gives that policy for an architecture: arm64 has neither fork nor
// vfork.
func callsFor(goarch string) plan.Syscalls {
	policy := calls
	if goarch == "arm64" {
		policy.Lists = []plan.SyscallList{policy.Lists[0]}
		policy.Lists[0].Names = []string{"execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"}
	}
	return policy
}

func confineCalls() error {
	compiled, err := seccomp.Compile(callsFor(runtime.GOARCH), runtime.GOARCH)
	if err != nil {
		return err
	}
	return loadFilter(compiled.Program)
}
