package main

import "golang.org/x/sys/unix"

// x32Bit marks a call of the x32 ABI (x86/entry/syscalls; __X32_SYSCALL_BIT).
const x32Bit = 0x40000000

// i386Calls are the numbers of the 32-bit table (asm/unistd_32.h).
var i386Calls = map[string]uint32{
	"getpid": 20, "mount": 21, "unshare": 310, "add_key": 286, "keyctl": 288,
	"bpf": 357, "userfaultfd": 374, "io_uring_setup": 425,
}

// int80 makes a 32-bit call with three arguments of -1.
func int80(number uint32) int32

func tryI386(args []string) (string, error) {
	number, ok := i386Calls[args[0]]
	if !ok {
		return "", errUsage
	}
	if result := int80(number); result < 0 && result > -4096 {
		return "", reached(unix.Errno(-result))
	}
	return "", nil
}

func tryX32(args []string) (string, error) {
	c, ok := calls[args[0]]
	if !ok {
		return "", errUsage
	}
	a := c.args
	_, _, errno := unix.RawSyscall6(c.number|x32Bit, a[0], a[1], a[2], a[3], a[4], a[5])
	return "", reached(errno)
}
