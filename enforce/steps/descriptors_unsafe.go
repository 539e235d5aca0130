package steps

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// descriptorMessage prepares a struct msghdr of one byte with n descriptors,
// which are written into the second result, 4 bytes each, before it is sent
// (unix(7), SCM_RIGHTS; cmsg(3)).
func (l *List) descriptorMessage(n int) (message, descriptors []byte) {
	control := l.memory.bytes(unix.CmsgSpace(4 * n))
	header := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(control)))
	header.Level, header.Type = unix.SOL_SOCKET, unix.SCM_RIGHTS
	header.SetLen(unix.CmsgLen(4 * n))

	content := l.memory.bytes(1)
	vector := l.memory.bytes(int(unsafe.Sizeof(unix.Iovec{})))
	v := (*unix.Iovec)(unsafe.Pointer(unsafe.SliceData(vector)))
	v.Base = unsafe.SliceData(content) // an arena's: it stays where it is
	v.SetLen(1)

	message = l.memory.bytes(int(unsafe.Sizeof(unix.Msghdr{})))
	m := (*unix.Msghdr)(unsafe.Pointer(unsafe.SliceData(message)))
	m.Iov = v
	m.SetIovlen(1)
	m.Control = unsafe.SliceData(control)
	m.SetControllen(len(control))
	return message, control[unix.CmsgLen(0):]
}

// lender is what PID 1 needs to make sockets in its network namespace for its
// parent, one each time it is asked (MakeSocket).
type lender struct {
	to      uintptr // the socket they are sent over
	family  uintptr
	message uintptr
	slot    *int32
}

// Lend makes PID 1 give its parent sockets over the socket to, one for each
// signal with the value [MakeSocket]. It must stay open there.
func (l *List) Lend(to int, v6 bool) {
	message, descriptors := l.descriptorMessage(1)
	family := unix.AF_INET
	if v6 {
		family = unix.AF_INET6
	}
	l.lend = &lender{to: uintptr(to), family: uintptr(family), message: address(message).value,
		slot: (*int32)(unsafe.Pointer(unsafe.SliceData(descriptors)))}
}
