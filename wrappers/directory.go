package wrappers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// directory is an open wrapper directory. Files are reached through the open
// descriptor, so that the directory cannot be exchanged for another in between.
type directory struct {
	path string // without symbolic links
	root *os.Root
	fd   *os.File
	lock *os.File
}

// ErrNoDirectory is returned for a wrapper directory that does not exist.
var ErrNoDirectory = errors.New("the wrapper directory does not exist")

// openDirectory opens the wrapper directory after checking who can write to it.
// With create it makes it first, with parents.
func openDirectory(path string, create bool) (*directory, error) {
	if create {
		if err := makeDirectory(path); err != nil {
			return nil, err
		}
	}
	real, err := filepath.EvalSymlinks(path)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("%w: %s", ErrNoDirectory, path)
	}
	if err != nil {
		return nil, err
	}
	if err := CheckDirectory(real); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return nil, err
	}
	fd, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &directory{path: real, root: root, fd: fd}, nil
}

// makeDirectory makes the directory with a mode that doesn't depend on the
// umask: with 002 it would be refused the next time.
func makeDirectory(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o755); os.IsExist(err) {
		return nil // another one has made it meanwhile; what it is is looked at later
	} else if err != nil {
		return err
	}
	return os.Chmod(path, 0o755)
}

func (d *directory) close() error {
	err := errors.Join(d.fd.Close(), d.root.Close())
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close()) // ends the lock
	}
	return err
}

// CheckDirectory refuses a wrapper directory in which somebody else could put a
// program under the name of a wrapper: one that is not the caller's, or that
// group or others may write to; and one below a directory that others could use
// to exchange it. The path is absolute and free of symbolic links.
func CheckDirectory(path string) error {
	st, err := lstat(path)
	if err != nil {
		return err
	}
	mode := st.Mode & 0o7777
	switch {
	case st.Mode&syscall.S_IFMT != syscall.S_IFDIR:
		return fmt.Errorf("%s is not a directory", path)
	case int(st.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to user %d, not to you: anybody who can write there decides what your commands are", path, st.Uid)
	case mode&0o022 != 0:
		return fmt.Errorf("%s can be written to by others (mode %04o): chmod go-w it first", path, mode)
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if err := checkParent(dir); err != nil {
			return err
		}
		if dir == "/" {
			return nil
		}
	}
}

// checkParent refuses a directory whose entries others may rename. A sticky one
// protects its entries. A group-writable one passes where the group is the
// caller's own: with user-private groups, ~/.local is such a directory on many
// systems.
func checkParent(dir string) error {
	st, err := lstat(dir)
	if err != nil {
		return err
	}
	sticky := st.Mode&syscall.S_ISVTX != 0
	switch {
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to user %d, who could exchange the wrapper directory below it", dir, st.Uid)
	case st.Mode&0o002 != 0 && !sticky:
		return fmt.Errorf("%s can be written to by everybody, who could exchange the wrapper directory below it", dir)
	case st.Mode&0o020 != 0 && !sticky && st.Gid != 0 && int(st.Gid) != os.Getegid():
		return fmt.Errorf("%s can be written to by group %d, which could exchange the wrapper directory below it", dir, st.Gid)
	}
	return nil
}

func lstat(path string) (*unix.Stat_t, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return nil, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	return &st, nil
}

// lockTimeout is how long another apply is waited for.
const lockTimeout = 30 * time.Second

// acquire takes the directory's lock, waiting for another husk to let go of it.
// The lock ends with the process, however that ends.
func (d *directory) acquire() error {
	f, err := d.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	for end := time.Now().Add(lockTimeout); ; time.Sleep(20 * time.Millisecond) {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			d.lock = f
			return nil
		}
		if err != unix.EWOULDBLOCK && err != unix.EINTR || time.Now().After(end) {
			return errors.Join(fmt.Errorf("%s: another husk holds the lock: %w", filepath.Join(d.path, lockName), err), f.Close())
		}
	}
}

// removeLeftovers takes away what a husk that was killed left half written. The
// caller holds the lock, so nobody is writing.
func (d *directory) removeLeftovers() error {
	names, err := d.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, tempPrefix) {
			if err := d.root.Remove(name); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
	}
	return nil
}

func (d *directory) names() ([]string, error) {
	f, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	return names, errors.Join(err, f.Close())
}

// writeTemp makes a new file of that name, content and mode (whatever the umask).
func (d *directory) writeTemp(name string, mode fs.FileMode, content []byte) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(mode)
	}
	return errors.Join(err, f.Close())
}

// sync puts what was written so far on the disk, in one call for all files:
// rename(2) after it leaves the old or the new content even when the machine
// stops, where without it a file system may keep the name and lose the content.
func (d *directory) sync() error {
	return os.NewSyscallError("syncfs", unix.Syncfs(int(d.fd.Fd())))
}

// rename gives the temporary file its name. Without replace it fails where the
// name is taken, also by a file that came in the meantime.
func (d *directory) rename(temp, name string, replace bool) error {
	fd := int(d.fd.Fd())
	flags := uint(unix.RENAME_NOREPLACE)
	if replace {
		flags = 0
	}
	if err := unix.Renameat2(fd, temp, fd, name, flags); err != nil {
		return &os.LinkError{Op: "rename", Old: temp, New: filepath.Join(d.path, name), Err: err}
	}
	return nil
}
