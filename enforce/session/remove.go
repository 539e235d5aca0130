package session

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// removeTree removes name in the directory base; fd is name, opened. It uses
// two descriptors and no recursion however deep the tree is: a directory found
// two levels down is moved up to the first level, where a later round finds
// it. Links are never followed.
func removeTree(base int, name string, fd int) error {
	if err := unix.Unlinkat(base, name, unix.AT_REMOVEDIR); err == nil || err == unix.ENOENT {
		return nil // the usual case: the program left nothing
	}
	r := remover{root: fd}
	if err := unix.Fchmod(fd, 0o700); err != nil {
		return err
	}
	for {
		left, err := r.round()
		if err != nil {
			return err
		}
		if !left {
			break
		}
	}
	if err := unix.Unlinkat(base, name, unix.AT_REMOVEDIR); err != nil && err != unix.ENOENT {
		return err
	}
	return nil
}

type remover struct {
	root  int
	moved int // numbers the directories that were moved up
}

// round takes one pass over the root; left says whether it found directories.
func (r *remover) round() (left bool, err error) {
	entries, err := names(r.root)
	if err != nil {
		return false, err
	}
	for _, name := range entries {
		err := unix.Unlinkat(r.root, name, 0)
		if err == unix.EISDIR {
			left = true
			err = r.level(name)
		}
		if err != nil && err != unix.ENOENT {
			return false, err
		}
	}
	return left, nil
}

// level empties and removes a directory of the root.
func (r *remover) level(name string) error {
	fd, err := openOwn(r.root, name)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	entries, err := names(fd)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		err := unix.Unlinkat(fd, entry, 0)
		if err == unix.EISDIR {
			err = r.up(fd, entry)
		}
		if err != nil && err != unix.ENOENT {
			return err
		}
	}
	return unix.Unlinkat(r.root, name, unix.AT_REMOVEDIR)
}

// up moves a directory to the root under a name of ours. To move a directory
// one must be able to write it, since its ".." changes (rename(2)).
func (r *remover) up(from int, name string) error {
	if err := unix.Unlinkat(from, name, unix.AT_REMOVEDIR); err == nil {
		return nil
	}
	fd, err := openOwn(from, name)
	if err != nil {
		return err
	}
	unix.Close(fd)
	for {
		r.moved++
		err := unix.Renameat2(from, name, r.root, "husk-"+strconv.Itoa(r.moved), unix.RENAME_NOREPLACE)
		if err != unix.EEXIST {
			return err
		}
	}
}

// openOwn opens a directory and makes sure that it can be listed and
// emptied: programs leave directories of mode 000.
func openOwn(dir int, name string) (int, error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(dir, name, flags, 0)
	if err == unix.EACCES {
		// fchmodat(2) would follow a link; O_DIRECTORY|O_NOFOLLOW above got as
		// far as the permission check, so this is a directory.
		if err = unix.Fchmodat(dir, name, 0o700, 0); err != nil {
			return -1, err
		}
		fd, err = unix.Openat(dir, name, flags, 0)
	}
	if err != nil {
		return -1, err
	}
	if err := unix.Fchmod(fd, 0o700); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// names lists a directory without "." and "..".
func names(fd int) ([]string, error) {
	if _, err := unix.Seek(fd, 0, 0); err != nil {
		return nil, err
	}
	var all []string
	buffer := make([]byte, 16<<10)
	for {
		n, err := unix.ReadDirent(fd, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return all, err
		}
		_, _, all = unix.ParseDirent(buffer[:n], -1, all)
	}
}
