// Package inherited keeps what this process got from its caller and Go changes
// before main: package syscall raises the soft limit on open files when it is
// initialised. This package imports nothing, so that it is initialised before
// (The Go Programming Language Specification, "Program initialization": packages
// are sorted by import path, and initialised as soon as their imports are).
package inherited

// Files is the limit on open files as the caller had it: the soft and the hard
// one (getrlimit(2), RLIMIT_NOFILE). Both are 0 where it could not be read.
var Files = filesLimit()

// prlimit is prlimit64(2) of this process, asking only. It gives 0 or the
// negative errno.
//
//go:noescape
func prlimit(resource uintptr, limit *[2]uint64) (result uintptr)

func filesLimit() (limit [2]uint64) {
	const nofile = 7 // RLIMIT_NOFILE
	if prlimit(nofile, &limit) != 0 {
		return [2]uint64{}
	}
	return limit
}
