package enforce

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// restoreOpenFiles gives this process, and so the program, the soft limit on open
// files that the caller had (getrlimit(2), RLIMIT_NOFILE). Go raises it to one
// below the hard one before main and remembers the old one for programs that it
// starts by itself; it hands that back in no other way than by [syscall.Exec],
// which sets it before it calls execve(2). That of an empty name fails, with
// nothing else changed.
func restoreOpenFiles() {
	var now unix.Rlimit
	if unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &now) == nil && now.Cur == now.Max-1 {
		_ = syscall.Exec("", nil, nil) // ENOENT
	}
}
