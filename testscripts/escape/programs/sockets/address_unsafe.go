package main

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawAddress is an address in memory that another thread may change while the
// kernel reads it.
type rawAddress struct {
	raw    *unix.RawSockaddrUnix
	length uintptr
}

func newRawAddress(name string) *rawAddress {
	a := &rawAddress{raw: &unix.RawSockaddrUnix{Family: unix.AF_UNIX}, length: uintptr(3 + len(name))}
	for i := range name {
		a.set(i, name[i])
	}
	return a
}

// set changes one byte of the name.
func (a *rawAddress) set(i int, c byte) {
	word := (*uint32)(unsafe.Add(unsafe.Pointer(a.raw), (2+i)&^3))
	shift := uint((2+i)&3) * 8 // little-endian, as amd64 and arm64 are
	atomic.StoreUint32(word, atomic.LoadUint32(word)&^(0xff<<shift)|uint32(c)<<shift)
}

// connect makes a new socket and connects it, wherever the address leads.
func (a *rawAddress) connect() (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if _, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(a.raw)), a.length); errno != 0 {
		_ = unix.Close(fd)
		return -1, errno
	}
	return fd, nil
}
