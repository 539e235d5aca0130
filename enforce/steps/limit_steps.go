package steps

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// Rlimit sets the soft and the hard limit of a resource (setrlimit(2)).
func (l *List) Rlimit(name string, resource int, soft, hard uint64, origin int) {
	b := l.memory.bytes(16)
	binary.NativeEndian.PutUint64(b[0:], soft)
	binary.NativeEndian.PutUint64(b[8:], hard)
	l.begin(Rlimit, origin, name, name, " ", strconv.FormatUint(soft, 10))
	l.add(unix.SYS_PRLIMIT64, arg{}, value(resource), address(b), arg{})
}

// Numbers bounds the numbers that processes and threads get in this PID
// namespace, and with them how many there can be: kernel.pid_max, which is the
// namespace's own since Linux 6.14. On an older kernel it is the machine's, and
// must not be touched.
func (l *List) Numbers(highest uint64, origin int) {
	const file = "/proc/sys/kernel/pid_max"
	text := strconv.FormatUint(highest, 10)
	l.begin(Rlimit, origin, "processes", "numbers of processes below ", text, " (kernel.pid_max)")
	l.add(unix.SYS_OPENAT, cwd, l.text(file), value(unix.O_WRONLY|unix.O_CLOEXEC), arg{}).into(0)
	l.add(unix.SYS_WRITE, slot(0), l.text(text), value(len(text)))
	l.add(unix.SYS_CLOSE, slot(0))
}

// Clock makes a PID 1 end by itself, and the sandbox with it, after so many
// seconds (setitimer(2), which counts while the process sleeps or others are
// stopped): the parent watches the time, and a parent can be stopped.
func (l *List) Clock(seconds uint64, origin int) {
	timer := l.memory.bytes(32) // struct itimerval: interval, then value
	binary.NativeEndian.PutUint64(timer[16:], min(seconds, 1<<40))
	l.begin(Rlimit, origin, "wall_time", "init ends after ", strconv.FormatUint(seconds, 10), " s")
	l.add(unix.SYS_SETITIMER, value(unix.ITIMER_REAL), address(timer), arg{})
}
