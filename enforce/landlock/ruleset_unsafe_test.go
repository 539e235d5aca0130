package landlock

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// createRuleset is landlock_create_ruleset(2).
func createRuleset(attr []byte) (int, error) {
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(unsafe.SliceData(attr))), uintptr(len(attr)), 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}
