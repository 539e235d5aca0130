package enforce

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/namespaces"
)

// create makes a missing directory that a profile marks with create(): a
// tool's cache on its first run. It is made only below the home directory,
// where it would be the user's in any case, with mode 0700.
func (r *policy) create(at resolved, origin int) (resolved, error) {
	if r.home == "" || !namespaces.Within(at.path, r.home) || at.path == r.home {
		return at, r.failure(origin, at.path+" does not exist, and husk makes directories below the home directory only", "make it yourself")
	}
	if err := mkdirAll(r.home, at.path); err != nil {
		return at, r.failure(origin, "cannot make "+at.path+": "+err.Error(), "")
	}
	made, ok := resolve(at.path)
	if !ok || made.path != at.path || !made.isDir() {
		return at, r.failure(origin, at.path+" was exchanged while it was made", "")
	}
	return made, nil
}

// mkdirAll makes the directories between an existing base and dir. It goes by
// descriptor and follows no link.
func mkdirAll(base, dir string) error {
	fd, err := unix.Open(base, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	for _, name := range strings.Split(strings.TrimPrefix(path.Clean(dir), base), "/") {
		if name == "" {
			continue
		}
		if err := unix.Mkdirat(fd, name, 0o700); err != nil && err != unix.EEXIST {
			unix.Close(fd)
			return err
		}
		next, err := unix.Openat(fd, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		unix.Close(fd)
		if err != nil {
			return err
		}
		fd = next
	}
	return unix.Close(fd)
}
