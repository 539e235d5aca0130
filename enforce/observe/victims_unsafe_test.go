package observe_test

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// call makes the call that a filter may end the process at, with arguments that
// are looked for, and gives its errno.
func call() int {
	text := [...]byte{'f', 'i', 'l', 'e', 0, 'x'}
	_, _, errno := unix.Syscall(unix.SYS_GETPRIORITY, 99, 4242, uintptr(unsafe.Pointer(&text)))
	return int(errno)
}

// load puts the whole process under a filter. The promise that it takes without
// privileges is a thread's own, so both calls have to be one thread's.
func load(program []byte) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	const instruction = 8 // sizeof(struct sock_filter)
	fprog := unix.SockFprog{Len: uint16(len(program) / instruction), Filter: (*unix.SockFilter)(unsafe.Pointer(unsafe.SliceData(program)))}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return errno
	}
	return nil
}

// reset gives a signal its default action, which Go's runtime has taken.
func reset(signal unix.Signal) {
	var action [32]byte // struct sigaction as rt_sigaction(2) takes it
	_, _, errno := unix.Syscall6(unix.SYS_RT_SIGACTION, uintptr(signal), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
	if errno != 0 {
		panic(errno)
	}
}
