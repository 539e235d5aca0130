package steps

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// sigqueue sends a signal with a value (rt_sigqueueinfo(2)).
func sigqueue(pid int, sig unix.Signal, value int) error {
	var info struct {
		signo, errno, code, _ int32
		pid, uid              int32
		value                 int64
		_                     [96]byte
	}
	info.signo, info.code, info.value = int32(sig), siQueue, int64(value)
	_, _, errno := unix.RawSyscall(unix.SYS_RT_SIGQUEUEINFO, uintptr(pid), uintptr(sig), uintptr(unsafe.Pointer(&info)))
	if errno != 0 {
		return errno
	}
	return nil
}
