package enforce

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// terminal is the caller's controlling terminal and how the program relates to
// it.
//
// The program has a process group of its own, so a shell's job (the wrapper's
// group) and the program's group are two. Where nothing else can be in the job,
// the program's group becomes the foreground group, as a shell does it. In a
// pipeline it does not: the pager behind the pipe needs the terminal too. There
// the wrapper stays in the foreground and passes on what the terminal sends;
// should the program ask for the terminal itself, it is stopped by SIGTTIN or
// SIGTTOU, gets it, and goes on.
type terminal struct {
	fd    int // the controlling terminal, -1 for none
	group int // the wrapper's own process group
	give  bool
	std   string // path of the terminal behind the standard streams
	piped bool   // a standard stream is a pipe or a socket
}

// openTerminal looks at the terminal. newSession is for a program that is to
// have none.
func openTerminal(newSession bool) terminal {
	t := terminal{fd: -1, group: unix.Getpgrp()}
	if newSession {
		return t
	}
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return t // ENXIO: there is no controlling terminal
	}
	t.fd = fd
	t.piped = pipelined()
	t.give = t.foreground() && !t.piped
	t.std = standardTerminal()
	return t
}

// foreground says whether the wrapper's group has the terminal.
func (t *terminal) foreground() bool {
	if t.fd < 0 {
		return false
	}
	group, err := unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	return err == nil && group == t.group
}

// handed gives the descriptor whose foreground group the program becomes.
func (t *terminal) handed() int {
	if t.give {
		return t.fd
	}
	return -1
}

func (t *terminal) console() string { return t.std }

// take makes the wrapper's group the foreground group again.
func (t *terminal) take() { t.set(t.group) }

// set makes group the foreground group. A background group that asks is
// stopped by SIGTTOU, unless the asking thread blocks it (tcsetpgrp(3)). An
// error is the terminal's end, and what ends with it is told by SIGHUP.
func (t *terminal) set(group int) {
	if t.fd < 0 {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	block, before := unix.Sigset_t{}, unix.Sigset_t{}
	block.Val[0] = 1 << (unix.SIGTTOU - 1)
	if unix.PthreadSigmask(unix.SIG_BLOCK, &block, &before) != nil {
		return
	}
	_ = unix.IoctlSetPointerInt(t.fd, unix.TIOCSPGRP, group)
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
}

// pipelined says whether a standard stream is a pipe or a socket: then other
// processes may be in this job.
func pipelined() bool {
	return isPipe(0) || isPipe(1) || isPipe(2)
}

func isPipe(fd int) bool {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return false
	}
	kind := st.Mode & unix.S_IFMT
	return kind == unix.S_IFIFO || kind == unix.S_IFSOCK
}

// standardTerminal gives the path of the terminal behind the first standard
// stream that is one.
func standardTerminal() string {
	for fd := range 3 {
		if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
			name := readlink("/proc/self/fd/" + string(rune('0'+fd)))
			var byFD, byName unix.Stat_t
			if unix.Fstat(fd, &byFD) == nil && unix.Stat(name, &byName) == nil && byFD.Rdev == byName.Rdev && byFD.Ino == byName.Ino {
				return name
			}
		}
	}
	return ""
}
