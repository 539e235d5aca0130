package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// actionAvailable asks the kernel for a filter's return action.
func actionAvailable(action uint32) error {
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	if errno != 0 {
		return errno
	}
	return nil
}
