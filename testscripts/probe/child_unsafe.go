package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// inChild makes a child by the clone call with the given flags, has it make one
// more call, and gives back the first error of the two. The child runs no Go
// code that needs the run-time: raw calls only.
func inChild(clone, flags, call, arg uintptr) error {
	child, _, errno := unix.RawSyscall6(clone, flags, 0, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	if child == 0 {
		_, _, errno := unix.RawSyscall(call, arg, 0, 0)
		for {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, uintptr(errno), 0, 0)
		}
	}
	var status unix.WaitStatus
	for {
		_, _, errno := unix.Syscall6(unix.SYS_WAIT4, child, uintptr(unsafe.Pointer(&status)), 0, 0, 0, 0)
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return errno
		}
		break
	}
	// getpid's result is not an errno, and its errno is 0.
	if code := status.ExitStatus(); code != 0 {
		return unix.Errno(code)
	}
	return nil
}
