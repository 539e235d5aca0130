package supervisor

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// loadFilter puts every thread of this process under a filter (seccomp(2),
// SECCOMP_FILTER_FLAG_TSYNC), an array of struct sock_filter.
func loadFilter(program []byte) error {
	const instruction = 8 // sizeof(struct sock_filter)
	fprog := unix.SockFprog{
		Len:    uint16(len(program) / instruction),
		Filter: (*unix.SockFilter)(unsafe.Pointer(unsafe.SliceData(program))),
	}
	r, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return errno
	}
	if r != 0 { // a thread that could not be put under it
		return unix.ESRCH
	}
	return nil
}
