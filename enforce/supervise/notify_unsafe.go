package supervise

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// notification is struct seccomp_notif (seccomp_unotify(2)).
type notification struct {
	id    uint64
	pid   uint32 // of the thread, in the PID namespace of who reads it
	flags uint32
	call  int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

// response is struct seccomp_notif_resp.
type response struct {
	id    uint64
	value int64
	errno int32 // negative
	flags uint32
}

func ioctl(fd int, request uintptr, arg unsafe.Pointer) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
	if errno != 0 {
		return errno
	}
	return nil
}

// receive takes the next notification; ENOENT where its caller is gone.
func receive(listener int) (n notification, err error) {
	err = ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n))
	return n, err
}

// alive says whether the caller still waits for the answer. While it does, its
// thread's number is nobody else's.
func alive(listener int, id uint64) bool {
	return ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&id)) == nil
}

// respond answers; a caller that is gone needs none.
func respond(listener int, id uint64, errno unix.Errno) {
	r := response{id: id, errno: -int32(errno)}
	_ = ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r))
}

// goOn lets the kernel carry out the call as it stands.
func goOn(listener int, id uint64) {
	r := response{id: id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	_ = ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r))
}

// wakeOnThisCPU has the two sides of a notification run on one processor, as
// only one of them ever does (Linux 6.6; without it they are slower).
func wakeOnThisCPU(listener int) {
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
}

// connect makes a connection to an address as it was copied. An address of no
// bytes is one too.
func connect(fd int, address []byte) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(address))), uintptr(len(address)))
	return errno
}

// boundFile opens the file that a unix socket is bound to, with O_PATH
// (SIOCUNIXFILE, unix(7)). It needs CAP_NET_ADMIN over the socket's network
// namespace, which the maker of a user namespace has over those inside.
func boundFile(fd int) (int, error) {
	const getFile = 0x89E0 // SIOCUNIXFILE
	r, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), getFile, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(r), nil
}
