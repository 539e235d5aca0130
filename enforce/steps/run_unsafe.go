package steps

import (
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The hooks around fork(2) that package syscall itself uses; gVisor relies on
// the same ones. BeforeFork blocks all signals, so that the child starts with
// all of them blocked, and AfterFork restores the parent's mask.

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

// sysClone3 has one number on every architecture (since Linux 5.3).
const sysClone3 = 435

// clearSighand is CLONE_CLEAR_SIGHAND of clone3(2): the child has no handlers.
// Without it every handler of Go's has to be reset by a call of its own.
const clearSighand = 0x100000000

// stackSize is the child's. Its functions need a few hundred bytes.
const stackSize = 64 << 10

// intoCgroup is CLONE_INTO_CGROUP of clone3(2), since Linux 5.7.
const intoCgroup = 0x200000000

// cloneArgs is struct clone_args. Every kernel with clone3(2) takes the first 64
// bytes; the rest is given where a cgroup is.
type cloneArgs struct {
	flags, pidfd, childTID, parentTID, exitSignal, stack, stackSize, tls uint64
	setTID, setTIDSize, cgroup                                           uint64
}

const firstCloneArgs = 64

// child is everything that the cloned process reads. The two processes share
// their memory until the program is executed: nothing is copied for it, and
// the parent writes the rest of the list while the kernel still makes the
// namespaces. It lies outside of the garbage collector's moves and is kept
// reachable by the Process.
type child struct {
	early   []call // what needs no list: made at once
	first   []call // the beginning of the rest, read once ready is partly; empty where there is none
	calls   []call // the whole rest, read once ready is complete
	program int
	starts  uint32  // the step that starts the program's process
	ready   uint32  // futex: how much of the list is there
	pipe    uintptr // write end of the report pipe
	tty     uintptr // controlling terminal, or ^0
	tell    bool    // that the program was executed
	reaper  bool    // PID 1 stays; else the clone is the program itself
	passed  []int   // descriptors above 2 that are the program's
	regs    [registers]uintptr
	event   [eventSize]byte
	info    [128]byte // siginfo_t
	status  uint32
	group   uint32 // the program's process group, for TIOCSPGRP
	pid     uintptr
	all     uint64 // every signal, for rt_sigtimedwait(2)
	lend    *lender
	clone   cloneArgs
	cgroup  int // descriptor, 0 for none
	stack   []byte
	helper  *child // nil where the list has none
	serves  bool   // this is a helper

	reader    unix.PollFd // the report pipe's
	instantly syscall.Timespec
}

// cloneShared and vfork are written in assembly: the child has another stack,
// or the same one at the same time. c must lie on the heap, since stacks move:
// without go:noescape the compiler takes it to escape.
func cloneShared(number, first, second uintptr, c *child) (pid, errno uintptr)

//go:noescape
func vfork(number uintptr) (pid, errno uintptr)

// start clones the process with flags; the child runs childMain. reset says
// that the kernel has no clone3 (a container's filter may hide it, so that
// clone's flags can be checked), and the child still has Go's handlers.
//
//go:norace
//go:nocheckptr
func (c *child) start(flags uintptr) (pid int, reset bool, errno syscall.Errno) {
	const shared = syscall.CLONE_VM
	stack := uintptr(unsafe.Pointer(unsafe.SliceData(c.stack)))
	c.clone = cloneArgs{
		flags: uint64(flags) | shared | clearSighand, exitSignal: uint64(syscall.SIGCHLD),
		stack: uint64(stack), stackSize: stackSize,
	}
	size := uintptr(firstCloneArgs)
	if c.cgroup != 0 {
		c.clone.flags |= intoCgroup
		c.clone.cgroup, size = uint64(c.cgroup), unsafe.Sizeof(c.clone)
	}
	beforeFork()
	r, e := cloneShared(sysClone3, uintptr(unsafe.Pointer(&c.clone)), size, c)
	if syscall.Errno(e) == syscall.ENOSYS {
		reset = true
		r, e = cloneShared(syscall.SYS_CLONE, flags|shared|uintptr(syscall.SIGCHLD), stack+stackSize, c)
	}
	afterFork()
	return int(r), reset, syscall.Errno(e)
}

// What of the list a waiting child can read.
const (
	partly   = 1
	complete = 2
)

// begin hands the beginning of the rest to the waiting child, which may not even
// be cloned yet.
func (c *child) begin(first []call) {
	c.first = first
	c.wake(partly)
}

func (c *child) wake(ready uint32) {
	atomic.StoreUint32(&c.ready, ready)
	syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&c.ready)), futexWakePrivate, 1, 0, 0, 0)
}

// publish hands the whole list to the waiting child.
func (c *child) publish(calls, helper []call, program, starts int) {
	c.calls, c.program, c.starts = calls, program, uint32(starts)
	if c.helper != nil {
		c.helper.calls = helper
	}
	c.wake(complete)
}

// Operations of futex(2), both on memory that only sharers of it can name.
const (
	futexWaitPrivate = 0 | 128
	futexWakePrivate = 1 | 128
)

var _ = childMain // called by clone_*.s alone

// childMain is the child's life. It is nosplit all the way down: its stack is
// none that the runtime knows.
//
//go:norace
//go:nocheckptr
//go:nosplit
func childMain(c *child) {
	if c.serves {
		// The report pipe gets the number that it keeps; until it has it, a failure is
		// told through the one that it had.
		c.interpret(c.calls[:1])
		c.pipe = helperPipe
		c.interpret(c.calls[1:])
		c.serve()
	}
	c.interpret(c.early)
	c.await(partly)
	c.interpret(c.first)
	c.await(complete)
	if !c.reaper {
		c.interpret(c.calls[len(c.first):])
		c.exit(exitSetup)
	}
	c.interpret(c.calls[len(c.first):c.program])
	r, e := vfork(syscall.SYS_CLONE)
	if syscall.Errno(e) == syscall.EINVAL {
		// Before Linux 6.0 a process that shares its memory can't go into another
		// time namespace: then the memory is copied.
		var errno syscall.Errno
		r, _, errno = syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
		e = uintptr(errno)
	}
	if e != 0 {
		c.fail(c.starts, uint32(e))
	}
	if r == 0 {
		c.interpret(c.calls[c.program:])
		c.exit(exitSetup)
	}
	c.pid = r
	c.letGo()
	if c.tell {
		c.report(eventStarted, 0, 0)
	}
	c.reap()
}

// patience is how long a child waits for the rest of its list before it looks
// whether anybody is left to send it ([List.DieWithParent]).
var patience = syscall.Timespec{Nsec: 100e6}

// await waits until that much of the list is there. Nobody reads the report pipe
// of a parent that is gone: poll(2) says POLLERR then.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) await(much uint32) {
	c.reader = unix.PollFd{Fd: int32(c.pipe)}
	for {
		ready := atomic.LoadUint32(&c.ready)
		if ready >= much {
			return
		}
		_, _, e := syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&c.ready)), futexWaitPrivate, uintptr(ready),
			uintptr(unsafe.Pointer(&patience)), 0, 0)
		if e != syscall.ETIMEDOUT {
			continue
		}
		c.instantly = syscall.Timespec{} // the kernel writes what is left of it here
		n, _, e := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&c.reader)), 1,
			uintptr(unsafe.Pointer(&c.instantly)), 0, 0, 0)
		if e == 0 && n > 0 {
			c.exit(exitSetup)
		}
	}
}

// letGo closes what the program's process inherited and PID 1 has no use for: the
// reader of a pipe must see its end when the program closes it, not when the
// session ends.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) letGo() {
	syscall.RawSyscall6(unix.SYS_CLOSE_RANGE, 0, 2, 0, 0, 0, 0)
	for _, fd := range c.passed {
		syscall.RawSyscall6(syscall.SYS_CLOSE, uintptr(fd), 0, 0, 0, 0, 0)
	}
}

// interpret makes the calls in their order.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) interpret(calls []call) {
	for i := range calls {
		k := &calls[i]
		a := &k.args
		if k.op != systemCall {
			c.pseudo(k)
			continue
		}
		if k.regs == 0 {
			c.one(k, a[0], a[1], a[2], a[3], a[4], a[5])
			continue
		}
		var v [6]uintptr
		for j := range v {
			v[j] = a[j]
			if k.regs&(1<<j) != 0 {
				v[j] = c.regs[a[j]&(registers-1)]
			}
		}
		c.one(k, v[0], v[1], v[2], v[3], v[4], v[5])
	}
}

// pseudo does what is no system call.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) pseudo(k *call) {
	switch k.op {
	case store:
		*(*int32)(k.memory) = int32(c.regs[k.args[0]&(registers-1)])
	case load:
		c.regs[k.save&(registers-1)] = uintptr(*(*int32)(k.memory))
	case expect:
		if e := *(*int32)(k.memory); e != 0 {
			c.fail(uint32(k.step), uint32(-e))
		}
	case equal:
		if c.regs[k.args[0]&(registers-1)] != k.args[1] {
			c.fail(uint32(k.step), uint32(syscall.ESRCH))
		}
	case startHelper:
		c.startHelper(k)
	}
}

// inPlace makes one call for a process that reads the answer itself.
func (c *child) inPlace(k *call) syscall.Errno {
	switch k.op {
	case startHelper:
		return syscall.ENOSYS // there is nobody whose child it could be
	case expect:
		return syscall.Errno(-*(*int32)(k.memory))
	case store, load:
		c.pseudo(k)
		return 0
	case equal:
		if c.regs[k.args[0]&(registers-1)] != k.args[1] {
			return syscall.ESRCH
		}
		return 0
	}
	var v [6]uintptr
	for j := range v {
		v[j] = k.args[j]
		if k.regs&(1<<j) != 0 {
			v[j] = c.regs[k.args[j]&(registers-1)]
		}
	}
	r, _, errno := syscall.RawSyscall6(k.number, v[0], v[1], v[2], v[3], v[4], v[5])
	if errno != 0 && !k.tolerates(uintptr(errno)) {
		return errno
	}
	if k.save >= 0 {
		c.regs[k.save&(registers-1)] = r
	}
	return 0
}

//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) one(k *call, a, b, d, e, f, g uintptr) {
	r, _, errno := syscall.RawSyscall6(k.number, a, b, d, e, f, g)
	if errno != 0 && !k.tolerates(uintptr(errno)) {
		c.fail(uint32(k.step), uint32(errno))
	}
	if k.save >= 0 {
		c.regs[k.save&(registers-1)] = r
	}
}

// fail reports the step that did not work and ends the process.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) fail(step, errno uint32) {
	c.report(eventFailed, step, errno)
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
