package steps

import (
	"syscall"
	"unsafe"
)

// Values a parent sends along with a signal (sigqueue(3)), for PID 1 to act on.
const (
	// ToProgram passes the signal to the program alone.
	ToProgram = 0
	// ToGroup passes it to the program's process group, as a terminal would.
	ToGroup = 1
	// WithTerminal makes that group the terminal's foreground group first.
	WithTerminal = 2
	// MakeSocket passes nothing on: it asks for a socket ([List.Lend]).
	MakeSocket = 4
)

// Offsets in siginfo_t (sigaction(2); the same on x86-64 and arm64).
const (
	infoCode  = 8
	infoPid   = 16
	infoValue = 24
)

// reap is the life of PID 1: all signals are blocked and taken one at a time.
// Children are waited for, the program's stops and its end are reported, and
// what the parent sends is passed on. When the program ends, so does PID 1,
// and with it the kernel ends everything in the PID namespace
// (pid_namespaces(7)).
//
// It must not join the program's process group: a PID 1 that ends waits until
// every number of its namespace is free, and a group's number is not free
// while PID 1 itself is in the group. It would wait for itself (tried).
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) reap() {
	c.group = uint32(c.pid)
	for {
		c.collect()
		r, _, e := syscall.RawSyscall6(syscall.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&c.all)),
			uintptr(unsafe.Pointer(&c.info)), 0, 8, 0, 0)
		if e != 0 || r == uintptr(syscall.SIGCHLD) {
			continue
		}
		code := *(*int32)(unsafe.Pointer(&c.info[infoCode]))
		if r == uintptr(syscall.SIGALRM) && code == siKernel {
			// Its own clock ([List.Clock]): the time is up, and the parent, which
			// should have ended the program, is stopped.
			c.report(eventEnded, uint32(syscall.SIGKILL), 0)
			c.exit(0)
		}
		if code <= 0 && *(*int32)(unsafe.Pointer(&c.info[infoPid])) == 0 {
			// From outside the PID namespace: the sender has no number in here.
			// What a terminal sends (SI_KERNEL) is the parent's to pass on.
			c.forward(r, code)
		}
	}
}

// siKernel is SI_KERNEL, the code of a signal that the kernel sends by itself.
const siKernel = 0x80

// siQueue is SI_QUEUE, the code of signals that carry a value.
const siQueue = -1

//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) forward(signal uintptr, code int32) {
	how := uint32(ToProgram)
	if code == siQueue {
		how = *(*uint32)(unsafe.Pointer(&c.info[infoValue]))
	}
	if how&MakeSocket != 0 {
		c.lendSocket()
		return
	}
	if how&WithTerminal != 0 && c.tty != ^uintptr(0) {
		syscall.RawSyscall6(syscall.SYS_IOCTL, c.tty, syscall.TIOCSPGRP, uintptr(unsafe.Pointer(&c.group)), 0, 0, 0)
	}
	target := c.pid
	if how&ToGroup != 0 {
		target = -target
	}
	syscall.RawSyscall6(syscall.SYS_KILL, target, signal, 0, 0, 0, 0)
}

// collect waits for every child that has something to say.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) collect() {
	for {
		r, _, e := syscall.RawSyscall6(syscall.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(&c.status)),
			syscall.WNOHANG|syscall.WUNTRACED, 0, 0, 0)
		if e != 0 || r == 0 {
			return
		}
		if r != c.pid {
			continue
		}
		if c.status&0xff == 0x7f { // WIFSTOPPED, wait(2)
			c.report(eventStopped, c.status>>8&0xff, 0)
			continue
		}
		c.report(eventEnded, c.status, 0)
		c.exit(0)
	}
}

// lendSocket makes a socket and sends it out. Whoever asked notices when none
// comes.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) lendSocket() {
	if c.lend == nil {
		return
	}
	fd, _, e := syscall.RawSyscall6(syscall.SYS_SOCKET, c.lend.family,
		syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0, 0, 0, 0)
	if e != 0 {
		return
	}
	*c.lend.slot = int32(fd)
	syscall.RawSyscall6(syscall.SYS_SENDMSG, c.lend.to, c.lend.message, syscall.MSG_NOSIGNAL|syscall.MSG_DONTWAIT, 0, 0, 0)
	syscall.RawSyscall6(syscall.SYS_CLOSE, fd, 0, 0, 0, 0, 0)
}
