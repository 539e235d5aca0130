package session

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"
)

// Collect removes the session directories in base that belong to euid and that
// nobody lives in any more: those whose lock can be had. It gives the paths of
// what it removed. Directories that a profile leaves to the system stay.
func Collect(base string, euid int) (removed []string, err error) {
	dir, err := unix.Open(base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.New(base + ": " + err.Error())
	}
	defer unix.Close(dir)
	entries, err := names(dir)
	if err != nil {
		return nil, errors.New(base + ": " + err.Error())
	}
	var failures []error
	for _, name := range entries {
		if !strings.HasPrefix(name, Prefix(euid)) {
			continue
		}
		full := strings.TrimSuffix(base, "/") + "/" + name
		done, err := collectOne(dir, name, euid)
		if err != nil {
			failures = append(failures, errors.New(full+": "+err.Error()))
		}
		if done {
			removed = append(removed, full)
		}
	}
	return removed, errors.Join(failures...)
}

func collectOne(dir int, name string, euid int) (bool, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	switch err {
	case nil:
	case unix.ENOENT, unix.ENOTDIR, unix.ELOOP:
		return false, nil // gone, or nothing of ours
	default:
		return false, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return false, err
	}
	if int(st.Uid) != euid || st.Mode&systemMark != 0 {
		return false, nil
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err == unix.EWOULDBLOCK {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if err := removeTree(dir, name, fd); err != nil {
		return false, err
	}
	return true, nil
}
