package enforce

import (
	"encoding/binary"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// signalMask gives the mask that the program is to inherit (sigprocmask(2)).
func signalMask() (uint64, error) {
	var mask uint64
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_BLOCK, 0, uintptr(unsafe.Pointer(&mask)), 8, 0, 0)
	if errno != 0 {
		return 0, &Failure{Text: "cannot read the signal mask: " + errno.Error()}
	}
	return mask, nil
}

// setSignalMask sets this thread's mask (sigprocmask(2)).
func setSignalMask(mask uint64) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&mask)), 0, 8, 0, 0)
	if errno != 0 {
		return &Failure{Text: "cannot set the signal mask: " + errno.Error()}
	}
	return nil
}

// blockSignals makes the signals that are caught wait.
func blockSignals() error {
	var mask uint64
	for _, sig := range append(passedOn, unix.SIGCHLD) {
		mask |= 1 << (sig - 1)
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_BLOCK, uintptr(unsafe.Pointer(&mask)), 0, 8, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// queue sends a signal with a value (rt_sigqueueinfo(2)); PID 1 reads from the
// value whom it is for. The process is a child that was not waited for, so its
// number is still its own.
func queue(pid int, sig unix.Signal, value int) {
	const siQueue = -1 // SI_QUEUE
	var info [128]byte // siginfo_t
	code := int32(siQueue)
	binary.NativeEndian.PutUint32(info[0:], uint32(sig))
	binary.NativeEndian.PutUint32(info[8:], uint32(code))
	binary.NativeEndian.PutUint32(info[24:], uint32(value))
	unix.RawSyscall(unix.SYS_RT_SIGQUEUEINFO, uintptr(pid), uintptr(sig), uintptr(unsafe.Pointer(&info)))
}

// askByDescriptor sends a process that is held by a descriptor a value, with a
// real-time signal: those are never merged (pidfd_send_signal(2), signal(7)).
func askByDescriptor(fd, value int) {
	const siQueue, realTime = -1, 40
	var info [128]byte // siginfo_t
	code := int32(siQueue)
	binary.NativeEndian.PutUint32(info[0:], realTime)
	binary.NativeEndian.PutUint32(info[8:], uint32(code))
	binary.NativeEndian.PutUint32(info[24:], uint32(value))
	unix.RawSyscall6(unix.SYS_PIDFD_SEND_SIGNAL, uintptr(fd), realTime, uintptr(unsafe.Pointer(&info)), 0, 0, 0)
}

// kernelAction is struct sigaction as rt_sigaction(2) takes it; all zero it is
// the default action.
type kernelAction [32]byte

// byDefault sends sig to this very thread with the default action, whatever
// Go's handler would do, and gives the action it had before. The goroutine stays on
// the thread: a signal to one's own arrives before tgkill(2) returns, one to another
// thread, or one that this thread blocks, when the process may have ended already.
func byDefault(sig unix.Signal) (before kernelAction) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var action kernelAction
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)),
		uintptr(unsafe.Pointer(&before)), 8, 0, 0)
	set := uint64(1) << (uint(sig) - 1)
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_UNBLOCK, uintptr(unsafe.Pointer(&set)), 0, 8, 0, 0)
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), sig)
	return before
}

// stopBy stops this process by sig and returns when SIGCONT has come.
func stopBy(sig unix.Signal) {
	before := byDefault(sig)
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&before)), 0, 8, 0, 0)
}

// dieBy ends this process by sig without a core file; Go's handlers would
// print goroutines for some signals. It returns if the signal does not end
// the process.
func dieBy(sig unix.Signal) {
	_ = unix.Prlimit(0, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
	// A program that takes core dumps gets them whatever the limit is (core(5)).
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	byDefault(sig)
}
