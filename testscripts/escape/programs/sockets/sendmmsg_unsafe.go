package main

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmsghdr is struct mmsghdr of sendmmsg(2).
type mmsghdr struct {
	header unix.Msghdr
	length uint32
	_      [4]byte
}

// sendmmsg sends one datagram to the socket of that name.
func sendmmsg(fd int, text []byte, name string) error {
	to := unix.RawSockaddrUnix{Family: unix.AF_UNIX}
	for i := range name {
		to.Path[i] = int8(name[i])
	}
	vector := unix.Iovec{Base: &text[0]}
	vector.SetLen(len(text))
	message := mmsghdr{header: unix.Msghdr{
		Name: (*byte)(unsafe.Pointer(&to)), Namelen: uint32(3 + len(name)), Iov: &vector,
	}}
	message.header.SetIovlen(1)
	_, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&message)), 1, 0, 0, 0)
	runtime.KeepAlive(text)
	if errno != 0 {
		return errno
	}
	return nil
}
