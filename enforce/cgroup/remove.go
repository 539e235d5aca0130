package cgroup

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// patience bounds the wait for killed processes, in tries of a tenth of a second.
const patience = 100

// remove kills what is in the group (cgroup.kill, since Linux 5.14) and removes
// it once that is gone. A group that is gone already is no error.
func remove(parent int, name string, fd int) error {
	for range patience {
		err := unix.Unlinkat(parent, name, unix.AT_REMOVEDIR)
		if err == nil || err == unix.ENOENT {
			return nil // the usual case: the last process is gone
		}
		if err != unix.EBUSY {
			return err
		}
		if err := writeFile(fd, "cgroup.kill", "1"); err != nil {
			return err
		}
		if err := waitEmpty(fd); err != nil {
			return err
		}
	}
	return unix.EBUSY
}

// waitEmpty waits a while for cgroup.events to change, which says whether
// anything is still alive in a group (cgroup-v2.rst, "[Un]populated
// Notification").
func waitEmpty(dir int) error {
	fd, err := unix.Openat(dir, "cgroup.events", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var buffer [256]byte
	n, err := unix.Read(fd, buffer[:])
	if err != nil || strings.Contains(string(buffer[:max(n, 0)]), "populated 0") {
		return err
	}
	_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLPRI}}, 100)
	if err == unix.EINTR {
		return nil
	}
	return err
}

// Collect removes the groups of euid that killed sessions left in the caller's
// own group and in those above it that it may write. It gives their paths.
func (h Hierarchy) Collect(euid int) (removed []string, err error) {
	var failures []error
	for dir := h.Own; ; dir = path.Dir(dir) {
		if at := path.Join(h.Mount, dir); unix.Access(at, unix.W_OK) == nil {
			some, err := collectIn(at, euid)
			removed = append(removed, some...)
			failures = append(failures, err)
		}
		if dir == "/" {
			return removed, errors.Join(failures...)
		}
	}
}

// Collect removes the groups of euid that killed sessions left in p.
func (p Place) Collect(euid int) (removed []string, err error) { return collectIn(p.Path, euid) }

func collectIn(dir string, euid int) (removed []string, err error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.New(dir + ": " + err.Error())
	}
	defer unix.Close(fd)
	var names []string
	buffer := make([]byte, 8<<10)
	for {
		n, err := unix.ReadDirent(fd, buffer)
		if err != nil {
			return nil, errors.New(dir + ": " + err.Error())
		}
		if n == 0 {
			break
		}
		_, _, names = unix.ParseDirent(buffer[:n], -1, names)
	}
	var failures []error
	for _, name := range names {
		if !strings.HasPrefix(name, Prefix(euid)) {
			continue
		}
		done, err := collectOne(fd, name, euid)
		if err != nil {
			failures = append(failures, errors.New(path.Join(dir, name)+": "+err.Error()))
		}
		if done {
			removed = append(removed, path.Join(dir, name))
		}
	}
	return removed, errors.Join(failures...)
}

// collectOne removes one group, if it is euid's and nobody holds it.
func collectOne(parent int, name string, euid int) (bool, error) {
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err == unix.ENOENT || err == unix.ENOTDIR || err == unix.ELOOP {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || int(st.Uid) != euid {
		return false, err
	}
	switch err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err {
	case nil:
	case unix.EWOULDBLOCK:
		return false, nil // its session lives
	default:
		return false, err
	}
	// Nothing is killed here: what a killed parent had started dies with it.
	err = unix.Unlinkat(parent, name, unix.AT_REMOVEDIR)
	if err == unix.EBUSY || err == unix.ENOENT {
		return false, nil
	}
	return err == nil, err
}
