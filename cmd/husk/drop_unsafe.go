package main

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// executeOpened executes an open file, which has no name any more (execveat(2),
// AT_EMPTY_PATH). It returns only with an error.
func executeOpened(program *os.File, argv, env []string) error {
	args, err := syscall.SlicePtrFromStrings(argv)
	if err != nil {
		return err
	}
	environ, err := syscall.SlicePtrFromStrings(env)
	if err != nil {
		return err
	}
	empty := [1]byte{}
	_, _, errno := unix.RawSyscall6(unix.SYS_EXECVEAT, program.Fd(), uintptr(unsafe.Pointer(&empty[0])),
		uintptr(unsafe.Pointer(&args[0])), uintptr(unsafe.Pointer(&environ[0])), unix.AT_EMPTY_PATH, 0)
	runtime.KeepAlive(program)
	return errno
}
