package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ioctlByte sends a request whose operand is one byte. A subcode that TIOCLINUX
// doesn't know is EINVAL, which reached counts as success.
func ioctlByte(fd, request uintptr) error {
	b := byte('#')
	if request&0xffffffff == unix.TIOCLINUX {
		b = 0xff
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(&b)))
	return reached(errno)
}
