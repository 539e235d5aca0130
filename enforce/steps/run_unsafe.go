package steps

import (
	"syscall"
	"unsafe"
)

// The three hooks around fork(2) that package syscall itself uses; gVisor
// relies on the same ones. BeforeFork blocks all signals, AfterFork restores
// them, AfterForkInChild resets the handlers: a signal would run Go's handler
// on a thread that Go doesn't know.

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

//go:linkname afterForkInChild syscall.runtime_AfterForkInChild
func afterForkInChild()

// sysClone3 has one number on every architecture (since Linux 5.3).
const sysClone3 = 435

// child is everything that the cloned process reads. It is filled before
// clone(2); nothing in it is allocated after.
type child struct {
	calls   []call
	program int
	pipe    uintptr // write end of the report pipe
	tty     uintptr // controlling terminal, or ^0
	reaper  bool    // PID 1 stays; else the clone is the program itself
	regs    [registers]uintptr
	event   [eventSize]byte
	info    [128]byte // siginfo_t
	status  uint32
	group   uint32 // the program's process group, for TIOCSPGRP
	pid     uintptr
	all     uint64 // every signal, for rt_sigtimedwait(2)
	clone   cloneArgs
}

// cloneArgs is struct clone_args, the version that every kernel with clone3(2)
// takes: 64 bytes.
type cloneArgs struct {
	flags, pidfd, childTID, parentTID, exitSignal, stack, stackSize, tls uint64
}

// clearSighand is CLONE_CLEAR_SIGHAND of clone3(2): the child has no handlers.
// Without it every handler of Go's would have to be reset by a call of its own.
const clearSighand = 0x100000000

// start clones the process with flags and lets the child run the list.
//
// The child returns nowhere: it ends in execve(2), in PID 1's loop, or in
// exit. It runs on the parent's copied stack, hence nosplit all the way down.
// All signals are blocked around the clone, and stay so in the child.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) start(flags uintptr) (pid int, errno syscall.Errno) {
	c.clone.flags = uint64(flags) | clearSighand
	c.clone.exitSignal = uint64(syscall.SIGCHLD)
	beforeFork()
	r, _, e := syscall.RawSyscall6(sysClone3, uintptr(unsafe.Pointer(&c.clone)), unsafe.Sizeof(c.clone), 0, 0, 0, 0)
	if e == 0 && r == 0 {
		c.main()
	}
	if e == syscall.ENOSYS {
		// A container's filter hides clone3 so that flags can be checked.
		r, _, e = syscall.RawSyscall6(syscall.SYS_CLONE, flags|uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
		if e == 0 && r == 0 {
			afterForkInChild()
			c.main()
		}
	}
	afterFork()
	return int(r), e
}

// vfork is clone(2) with CLONE_VM|CLONE_VFORK: no page table is copied, and
// the caller sleeps until the child has executed a program or ended. Written
// in assembly because the two share a stack.
//
//go:noescape
func vfork(number uintptr) (pid, errno uintptr)

// main is the child's life.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) main() {
	if !c.reaper {
		c.interpret(0, len(c.calls))
		c.exit(exitSetup)
	}
	c.interpret(0, c.program)
	r, e := vfork(syscall.SYS_CLONE)
	if e != 0 {
		c.fail(uint32(c.program), uint32(e))
	}
	if r == 0 {
		c.interpret(c.program, len(c.calls))
		c.exit(exitSetup)
	}
	c.pid = r
	c.reap()
}

// interpret makes the calls from index from up to index to.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) interpret(from, to int) {
	for i := from; i < to; i++ {
		k := &c.calls[i]
		a := &k.args
		if k.regs == 0 {
			c.one(i, k, a[0], a[1], a[2], a[3], a[4], a[5])
			continue
		}
		var v [6]uintptr
		for j := range v {
			v[j] = a[j]
			if k.regs&(1<<j) != 0 {
				v[j] = c.regs[a[j]&(registers-1)]
			}
		}
		if k.store != nil {
			*(*int32)(k.store) = int32(v[0])
			continue
		}
		c.one(i, k, v[0], v[1], v[2], v[3], v[4], v[5])
	}
}

//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) one(i int, k *call, a, b, d, e, f, g uintptr) {
	r, _, errno := syscall.RawSyscall6(k.number, a, b, d, e, f, g)
	if errno != 0 && uintptr(errno) != uintptr(k.ignore) {
		c.fail(uint32(i), uint32(errno))
	}
	if k.save >= 0 {
		c.regs[k.save&(registers-1)] = r
	}
}

// fail reports the call that did not work and ends the process.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) fail(index, errno uint32) {
	c.report(eventFailed, index, errno)
	c.exit(exitSetup)
}

// report writes one event. A pipe takes up to PIPE_BUF bytes in one piece
// (pipe(7)), so reports of PID 1 and of the program never mix.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) report(kind, a, b uint32) {
	p := (*[3]uint32)(unsafe.Pointer(&c.event))
	p[0], p[1], p[2] = kind, a, b
	syscall.RawSyscall6(syscall.SYS_WRITE, c.pipe, uintptr(unsafe.Pointer(&c.event)), eventSize, 0, 0, 0)
}

//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) exit(status uintptr) {
	for {
		syscall.RawSyscall6(syscall.SYS_EXIT_GROUP, status, 0, 0, 0, 0, 0)
	}
}
