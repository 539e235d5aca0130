package steps

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// BlockSignals blocks every signal, for a PID 1 that takes them one at a time.
func (l *List) BlockSignals() {
	b := l.memory.bytes(8)
	binary.NativeEndian.PutUint64(b, ^uint64(0))
	l.begin(Signals, noOrigin, "signals", "block all")
	l.add(unix.SYS_RT_SIGPROCMASK, value(unix.SIG_SETMASK), address(b), arg{}, value(8))
}

// RestoreSignals gives the program the mask that the caller had.
func (l *List) RestoreSignals(mask uint64) {
	b := l.memory.bytes(8)
	binary.NativeEndian.PutUint64(b, mask)
	l.begin(Signals, noOrigin, "signals", "restore the caller's mask")
	l.add(unix.SYS_RT_SIGPROCMASK, value(unix.SIG_SETMASK), address(b), arg{}, value(8))
}

// ResetHandlers gives every signal its default action but those that can't
// have another (rt_sigaction(2)).
func (l *List) ResetHandlers() {
	action := l.memory.bytes(32) // struct sigaction of the kernel: SIG_DFL
	l.begin(Signals, noOrigin, "signals", "default actions")
	for sig := 1; sig <= 64; sig++ {
		if sig != int(unix.SIGKILL) && sig != int(unix.SIGSTOP) {
			l.add(unix.SYS_RT_SIGACTION, value(sig), address(action), arg{}, value(8))
		}
	}
}

// IgnoreSignals ignores signals, which a program inherits (execve(2)).
func (l *List) IgnoreSignals(signals []unix.Signal) {
	action := l.memory.bytes(32)
	binary.NativeEndian.PutUint64(action, 1) // SIG_IGN
	l.begin(Signals, noOrigin, "signals", "ignored, as the caller does")
	for _, sig := range signals {
		l.add(unix.SYS_RT_SIGACTION, value(int(sig)), address(action), arg{}, value(8))
	}
}

// DieWithParent asks for SIGKILL at the parent's death (prctl(2),
// PR_SET_PDEATHSIG), and then makes sure that the parent was not dead already:
// nobody would read the report pipe, and writing to it fails with EPIPE. The
// child's own copy of the reading end is closed before.
//
// That is not the whole of it where the parent is ending at this very moment: the
// thread that cloned may be gone, and another one still have the pipe open. So
// [Process.Run] hands out the rest of the list only after it has read what is
// written here, since a parent that can do that is one whose end the kernel tells
// of; and a child that waits for the rest looks now and then whether anybody is
// left to send it.
//
// It is the thread that cloned whose death counts; Go ends no thread before
// the process, but for goroutines that end while locked to one.
func (l *List) DieWithParent(pipe [2]int) {
	l.begin(Prctl, noOrigin, "death signal", "die with the parent")
	l.add(unix.SYS_PRCTL, value(unix.PR_SET_PDEATHSIG), value(int(unix.SIGKILL)))
	l.add(unix.SYS_CLOSE, value(pipe[0]))
	l.alive(pipe)
	l.bound = true
}

// StillDieWithParent asks once more: a change of user takes the death signal
// away (prctl(2), PR_SET_PDEATHSIG).
func (l *List) StillDieWithParent(pipe [2]int) {
	l.begin(Prctl, noOrigin, "death signal", "still die with the parent")
	l.add(unix.SYS_PRCTL, value(unix.PR_SET_PDEATHSIG), value(int(unix.SIGKILL)))
	l.alive(pipe)
}

// ChildOf fails with ESRCH where the parent is not pid any more: unlike the report
// pipe, which a thread that ends later may hold open, that changes together with
// the death signal's sending (forget_original_parent, kernel/exit.c). Both must be
// in one PID namespace.
func (l *List) ChildOf(pid int) {
	l.begin(Prctl, noOrigin, "death signal", "the parent is process ", strconv.Itoa(pid))
	l.add(unix.SYS_GETPPID).into(0)
	l.add(0, slot(0), value(pid)).op = equal
}

// alive fails where nobody reads the report pipe any more.
func (l *List) alive(pipe [2]int) {
	alive := l.memory.bytes(eventSize)
	binary.NativeEndian.PutUint32(alive, eventAlive)
	l.add(unix.SYS_WRITE, value(pipe[1]), address(alive), value(eventSize))
}

// Prctl changes an attribute of the process (prctl(2)).
func (l *List) Prctl(text string, option int, args ...uintptr) {
	l.begin(Prctl, noOrigin, text, text)
	var a [5]arg
	a[0] = value(option)
	for i, v := range args {
		a[i+1] = value(v)
	}
	l.add(unix.SYS_PRCTL, a[:]...)
}

// Unshare enters new namespaces (unshare(2)).
func (l *List) Unshare(text string, flags uintptr) {
	l.begin(Namespace, noOrigin, text, text)
	l.add(unix.SYS_UNSHARE, value(flags))
}

// LoopbackUp brings the interface lo up; a new network namespace has it down
// (netdevice(7), SIOCSIFFLAGS).
func (l *List) LoopbackUp() {
	request := l.memory.bytes(40) // sizeof(struct ifreq)
	copy(request, "lo")
	binary.NativeEndian.PutUint16(request[16:], unix.IFF_UP|unix.IFF_RUNNING)
	l.begin(Network, noOrigin, "lo", "lo up")
	l.add(unix.SYS_SOCKET, value(unix.AF_INET), value(unix.SOCK_DGRAM|unix.SOCK_CLOEXEC), arg{}).into(0)
	l.add(unix.SYS_IOCTL, slot(0), value(unix.SIOCSIFFLAGS), address(request))
	l.add(unix.SYS_CLOSE, slot(0))
}

// CloseAllBut closes every descriptor above 2 except those given.
func (l *List) CloseAllBut(keep ...int) {
	l.begin(Close, noOrigin, "descriptors", "all above 2 but init's own")
	from := 3
	for from > 0 {
		next := 0 // the lowest kept one from here on
		for _, k := range keep {
			if k >= from && (next == 0 || k < next) {
				next = k
			}
		}
		switch {
		case next == 0:
			l.add(unix.SYS_CLOSE_RANGE, value(from), value(uint64(^uint32(0))), arg{})
			from = 0
		case next > from:
			l.add(unix.SYS_CLOSE_RANGE, value(from), value(next-1), arg{})
			from = next + 1
		default:
			from = next + 1
		}
	}
}

// CloseOnExec marks every descriptor above 2, so that none reaches the program
// (CVE-2024-21626) and a later step can still report (close_range(2)).
func (l *List) CloseOnExec() {
	l.begin(Close, noOrigin, "descriptors", "all above 2 when the program is executed")
	l.add(unix.SYS_CLOSE_RANGE, value(3), value(uint64(^uint32(0))), value(unix.CLOSE_RANGE_CLOEXEC))
}

// KeepOnExec lets the program have a descriptor above 2 (fcntl(2), F_SETFD).
func (l *List) KeepOnExec(fd int) {
	l.begin(Close, noOrigin, "descriptor", "descriptor ", strconv.Itoa(fd), " stays open")
	l.add(unix.SYS_FCNTL, value(fd), value(unix.F_SETFD), arg{})
}

// CloseStream closes a standard stream that the caller had closed.
func (l *List) CloseStream(fd int) {
	l.begin(Close, noOrigin, "standard stream", "standard stream ", strconv.Itoa(fd), ", closed by the caller")
	l.add(unix.SYS_CLOSE, value(fd))
}

// OwnGroup gives the program a process group of its own, so that what it sends
// to "my group" stays inside, and makes it the foreground group of terminal
// where that is a descriptor, as a shell does for a job (tcsetpgrp(3)).
func (l *List) OwnGroup(terminal int) {
	l.begin(Group, noOrigin, "process group", "a process group of its own")
	l.add(unix.SYS_SETPGID, arg{}, arg{})
	if terminal < 0 {
		return
	}
	l.begin(Group, noOrigin, "terminal", "terminal's foreground group")
	group := l.memory.bytes(8)
	l.add(unix.SYS_GETPID).into(0)
	l.storeInt32(group, 0, 0)
	l.add(unix.SYS_IOCTL, value(terminal), value(unix.TIOCSPGRP), address(group))
}

// NewSession leaves the controlling terminal (setsid(2)).
func (l *List) NewSession() {
	l.begin(Group, noOrigin, "session", "a session of its own, without the terminal")
	l.add(unix.SYS_SETSID)
}

// NewKeyring joins a fresh, empty session keyring (keyctl(2)): the caller's
// holds credentials, and it is inherited otherwise. Joining one without a name
// answers neither EPERM nor ENOSYS by itself: a filter does, of a container or
// of another sandbox, which then binds the program as well, or the kernel has
// no keyrings.
func (l *List) NewKeyring() {
	l.begin(Key, noOrigin, "session keyring", "a new, empty session keyring")
	l.add(unix.SYS_KEYCTL, value(unix.KEYCTL_JOIN_SESSION_KEYRING), arg{}).unless(uint16(unix.EPERM), uint16(unix.ENOSYS))
}

// Securebits: root's uid gives no capabilities, exec keeps none, and neither
// can be changed back (capabilities(7)).
const securebits = 1<<0 | 1<<1 | // NOROOT and its lock
	1<<2 | 1<<3 | // NO_SETUID_FIXUP and its lock
	1<<5 | // KEEP_CAPS_LOCKED
	1<<6 | 1<<7 // NO_CAP_AMBIENT_RAISE and its lock

// DropCapabilities empties all five sets for good. last is the kernel's
// highest capability number.
func (l *List) DropCapabilities(last int) {
	l.BoundCapabilities(last)
	l.ClearCapabilities()
}

// BoundCapabilities empties the bounding set and locks the securebits: what the
// process has it keeps until [List.ClearCapabilities], also when it changes its
// user, and it never gets more.
func (l *List) BoundCapabilities(last int) {
	l.begin(Caps, noOrigin, "capability bounding set", "bounding set empty")
	for c := 0; c <= last; c++ {
		l.add(unix.SYS_PRCTL, value(unix.PR_CAPBSET_DROP), value(c))
	}
	l.begin(Caps, noOrigin, "securebits", "securebits locked")
	l.add(unix.SYS_PRCTL, value(unix.PR_SET_SECUREBITS), value(securebits))
}

// ClearCapabilities empties the sets that need no privilege to empty.
func (l *List) ClearCapabilities() {
	l.begin(Caps, noOrigin, "capabilities", "ambient, effective, permitted and inheritable sets empty")
	l.add(unix.SYS_PRCTL, value(unix.PR_CAP_AMBIENT), value(unix.PR_CAP_AMBIENT_CLEAR_ALL), arg{}, arg{}, arg{})
	header, data := l.memory.bytes(8), l.memory.bytes(24)
	binary.NativeEndian.PutUint32(header, unix.LINUX_CAPABILITY_VERSION_3)
	l.add(unix.SYS_CAPSET, address(header), address(data))
}

// instruction is sizeof(struct sock_filter).
const instruction = 8

// Seccomp loads a filter: an array of struct sock_filter (seccomp(2)).
func (l *List) Seccomp(program []byte, flags uint64, origin int) {
	l.begin(Seccomp, origin, "filter", "filter of ", strconv.Itoa(len(program)/instruction), " instructions")
	l.loadFilter(program, flags)
}

func (l *List) loadFilter(program []byte, flags uint64) *call {
	fprog := l.memory.bytes(16)
	binary.NativeEndian.PutUint16(fprog[0:], uint16(len(program)/instruction))
	binary.NativeEndian.PutUint64(fprog[8:], uint64(l.data(program).value))
	return l.add(unix.SYS_SECCOMP, value(unix.SECCOMP_SET_MODE_FILTER), value(flags), address(fprog), arg{}, arg{}, value(l.token))
}

// Exec executes the program (execve(2)); it is the last step.
func (l *List) Exec(path string, argv, env []string) {
	l.begin(Exec, noOrigin, path, path)
	l.add(unix.SYS_EXECVE, l.text(path), l.pointers(argv), l.pointers(env))
}
