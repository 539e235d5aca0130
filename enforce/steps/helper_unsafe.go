package steps

import (
	"syscall"
	"unsafe"
)

// The helper's descriptors; it has no others.
const (
	helperSocket = 0
	helperRoot   = 1 // the directory that becomes the program's root
	helperPipe   = 2 // for a report while it confines itself, closed then
)

// What the two ends of the late drop's socket say. The first two are the
// interface of the setuid sandbox helpers that had it first.
const (
	// AskRoot asks for the empty root.
	AskRoot = 'C'
	// RootGiven answers that the program has it.
	RootGiven = 'O'
	// RootRefused answers that it has not, and never will.
	RootRefused = 'E'

	helperReady   = 'R' // the helper is confined; before the program starts
	helperGreeted = 'G' // the program's process has seen it
)

// startHelper starts the process that lends the program CAP_SYS_CHROOT once. It
// shares the file system attributes (CLONE_FS), so that its chroot(2) is the
// program's, and is the program's sibling (CLONE_PARENT), so that it never
// stands among the children that the program waits for. Its memory is the
// parent's, its stack its own.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) startHelper(k *call) {
	h := c.helper
	if h == nil {
		c.fail(uint32(k.step), uint32(syscall.ENOSYS))
	}
	h.regs = c.regs
	const flags = syscall.CLONE_VM | syscall.CLONE_FS | syscall.CLONE_PARENT | uintptr(syscall.SIGCHLD)
	stack := uintptr(unsafe.Pointer(unsafe.SliceData(h.stack)))
	_, e := cloneShared(syscall.SYS_CLONE, flags, stack+stackSize, h)
	if e != 0 {
		c.fail(uint32(k.step), uint32(e))
	}
}

// serve is the life of the helper, once it is confined: one request, one answer.
// It ends without one when the last process that could ask is gone or has closed
// its end.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) serve() {
	buffer := uintptr(unsafe.Pointer(&c.info))
	c.info[0] = helperReady
	syscall.RawSyscall6(syscall.SYS_WRITE, helperSocket, buffer, 1, 0, 0, 0)
	if c.hear(1) != 1 || c.info[0] != helperGreeted {
		c.exit(exitSetup)
	}
	// What comes with the first byte, a shell's end of line above all, is read as
	// well: closing a socket with something unread is an error for the other end.
	if n := c.hear(uintptr(len(c.info))); int(n) <= 0 {
		c.exit(0)
	}
	// From now on a write fails at once: one request, also for who is fast.
	syscall.RawSyscall6(syscall.SYS_SHUTDOWN, helperSocket, syscall.SHUT_RD, 0, 0, 0, 0)
	answer := byte(RootRefused)
	if c.info[0] == AskRoot && c.giveRoot() {
		answer = RootGiven
	}
	c.info[0], c.info[1] = answer, '\n' // a shell reads lines
	syscall.RawSyscall6(syscall.SYS_WRITE, helperSocket, buffer, 2, 0, 0, 0)
	c.exit(0)
}

// hear reads at most n bytes.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) hear(n uintptr) uintptr {
	for {
		r, _, e := syscall.RawSyscall6(syscall.SYS_READ, helperSocket, uintptr(unsafe.Pointer(&c.info)), n, 0, 0, 0)
		if e == 0 {
			return r
		}
		if e != syscall.EINTR {
			return 0
		}
	}
}

// giveRoot makes the empty directory the root and the working directory, of both
// processes. Without the second chdir a working directory above the root would
// stay reachable (chroot(2)).
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) giveRoot() bool {
	c.info[0], c.info[1], c.info[2], c.info[3] = '.', 0, '/', 0
	dot := uintptr(unsafe.Pointer(&c.info))
	if _, _, e := syscall.RawSyscall6(syscall.SYS_FCHDIR, helperRoot, 0, 0, 0, 0, 0); e != 0 {
		return false
	}
	if _, _, e := syscall.RawSyscall6(syscall.SYS_CHROOT, dot, 0, 0, 0, 0, 0); e != 0 {
		return false
	}
	_, _, e := syscall.RawSyscall6(syscall.SYS_CHDIR, dot+2, 0, 0, 0, 0, 0)
	return e == 0
}
