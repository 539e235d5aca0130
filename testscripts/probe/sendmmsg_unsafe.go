package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// sendmmsg sends one message to an address (sendmmsg(2)).
func sendmmsg(fd int, name, text []byte) error {
	vector := unix.Iovec{Base: &text[0], Len: uint64(len(text))}
	message := struct {
		header unix.Msghdr
		length uint32
	}{header: unix.Msghdr{Name: &name[0], Namelen: uint32(len(name)), Iov: &vector, Iovlen: 1}}
	_, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&message)), 1, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
