package observe

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Requests of ptrace(2) and their data.
const (
	ntPRStatus         = 1      // NT_PRSTATUS: the general registers
	getSyscallInfo     = 0x420e // PTRACE_GET_SYSCALL_INFO, since Linux 5.3
	syscallInfoSize    = 88     // struct ptrace_syscall_info, its first version
	syscallInfoAtArch  = 4
	syscallInfoMinimum = 8
)

// registerSet reads a stopped thread's registers (ptrace(2), PTRACE_GETREGSET).
func registerSet(tid, set int, into []byte) (int, error) {
	vector := unix.Iovec{Base: unsafe.SliceData(into)}
	vector.SetLen(len(into))
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GETREGSET, uintptr(tid), uintptr(set), uintptr(unsafe.Pointer(&vector)), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(vector.Len), nil
}

// setRegisterSet writes what registerSet reads (PTRACE_SETREGSET).
func setRegisterSet(tid, set int, from []byte) error {
	vector := unix.Iovec{Base: unsafe.SliceData(from)}
	vector.SetLen(len(from))
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SETREGSET, uintptr(tid), uintptr(set), uintptr(unsafe.Pointer(&vector)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// callArch gives the ABI that a stopped thread made its last call by.
func callArch(tid int) uint32 {
	var info [syscallInfoSize]byte
	n, _, errno := unix.Syscall6(unix.SYS_PTRACE, getSyscallInfo, uintptr(tid), uintptr(len(info)), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 || n < syscallInfoMinimum {
		return 0
	}
	return binary.NativeEndian.Uint32(info[syscallInfoAtArch:])
}
