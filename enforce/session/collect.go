package session

import (
	"errors"
	"strconv"
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
	fd, err := openLeft(dir, name, euid)
	if fd < 0 || err != nil {
		return false, err
	}
	defer unix.Close(fd)
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

// openLeft opens a directory that may have been left behind, -1 where there is
// nothing of ours. The owner is looked at first, through a descriptor that
// needs no rights; then it may be given the mode that a program took from it.
// The directory is named by that descriptor: in a shared directory a name can
// be somebody else's the next moment.
func openLeft(dir int, name string, euid int) (int, error) {
	if strings.HasSuffix(name, keptSuffix) {
		return -1, nil
	}
	path, err := unix.Openat(dir, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	switch err {
	case nil:
	case unix.ENOENT, unix.ENOTDIR, unix.ELOOP:
		return -1, nil // gone, or nothing of ours
	default:
		return -1, err
	}
	defer unix.Close(path)
	var st unix.Stat_t
	if err := unix.Fstat(path, &st); err != nil || int(st.Uid) != euid {
		return -1, err
	}
	byDescriptor := "/proc/self/fd/" + strconv.Itoa(path)
	if st.Mode&0o700 != 0o700 {
		if err := unix.Chmod(byDescriptor, 0o700); err != nil {
			return -1, err
		}
	}
	return unix.Open(byDescriptor, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}
