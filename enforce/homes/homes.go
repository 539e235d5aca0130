// Package homes keeps the persistent homes: one directory per profile below
// husk's state directory, which stands at the home directory's place in the
// sandboxes of that profile. A program may write everything in its home, so
// nothing in it is trusted and no link in it is followed; what lies above it is
// checked to be the user's own.
package homes

import (
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/session"
)

// directory is where homes lie in the state directory.
const directory = "homes"

// leftover begins the names of homes whose removal was interrupted.
const leftover = ".reset-"

// Path gives where a profile's home lies.
func Path(state, profile string) string { return path.Join(state, directory, profile) }

// ErrBusy says that a sandbox uses a home.
var ErrBusy = errors.New("a sandbox is using it")

// Home is one home, in use for as long as it is open (flock(2), shared).
type Home struct{ fd int }

// Close ends the use.
func (h *Home) Close() { unix.Close(h.fd) }

// Descriptor gives the descriptor that holds the lock, for a process that goes on
// in this one's place.
func (h *Home) Descriptor() int { return h.fd }

// Open makes a profile's home where it is missing, with mode 0700, and marks it
// as used. state exists and leads through no link.
func Open(state, profile string) (*Home, error) {
	all, err := openAll(state, true)
	if err != nil {
		return nil, err
	}
	defer unix.Close(all)
	for {
		if err := unix.Mkdirat(all, profile, 0o700); err != nil && err != unix.EEXIST {
			return nil, errors.New(Path(state, profile) + ": " + err.Error())
		}
		fd, err := openOwn(all, profile)
		if err != nil {
			return nil, errors.New(Path(state, profile) + ": " + err.Error())
		}
		if err := unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB); err == unix.EWOULDBLOCK {
			unix.Close(fd)
			return nil, errors.New(Path(state, profile) + ": it is being reset")
		} else if err != nil {
			unix.Close(fd)
			return nil, errors.New(Path(state, profile) + ": " + err.Error())
		}
		if same(all, profile, fd) {
			return &Home{fd}, nil
		}
		unix.Close(fd) // reset between the two
	}
}

// same says whether name is still what fd has open.
func same(dir int, name string, fd int) bool {
	var a, b unix.Stat_t
	return unix.Fstat(fd, &a) == nil && unix.Fstatat(dir, name, &b, unix.AT_SYMLINK_NOFOLLOW) == nil && a.Dev == b.Dev && a.Ino == b.Ino
}

// openAll opens the directory that the homes lie in.
func openAll(state string, create bool) (int, error) {
	dir, err := unix.Open(state, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &pathError{state, err}
	}
	defer unix.Close(dir)
	if create {
		if err := unix.Mkdirat(dir, directory, 0o700); err != nil && err != unix.EEXIST {
			return -1, &pathError{state + "/" + directory, err}
		}
	}
	fd, err := openOwn(dir, directory)
	if err != nil {
		return -1, &pathError{state + "/" + directory, err}
	}
	return fd, nil
}

type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string { return e.path + ": " + e.err.Error() }
func (e *pathError) Unwrap() error { return e.err }

// openOwn opens a directory of the caller's and gives it back the mode 0700,
// which a program may have changed.
func openOwn(dir int, name string) (int, error) {
	at, err := unix.Openat(dir, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(at)
	var st unix.Stat_t
	if err := unix.Fstat(at, &st); err != nil {
		return -1, err
	}
	if int(st.Uid) != unix.Geteuid() {
		return -1, errors.New("belongs to user " + strconv.Itoa(int(st.Uid)))
	}
	by := "/proc/self/fd/" + strconv.Itoa(at)
	if st.Mode&0o7777 != 0o700 {
		if err := unix.Chmod(by, 0o700); err != nil {
			return -1, err
		}
	}
	return unix.Open(by, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// Entry is a home that exists.
type Entry struct {
	Profile string
	Path    string
	Used    bool
}

// List gives the homes that exist, by name. Without a state directory there are
// none.
func List(state string) ([]Entry, error) {
	all, err := openAll(state, false)
	if errors.Is(err, unix.ENOENT) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer unix.Close(all)
	names, err := session.Names(all)
	if err != nil {
		return nil, errors.New(state + "/" + directory + ": " + err.Error())
	}
	slices.Sort(names)
	var entries []Entry
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			continue
		}
		fd, err := openOwn(all, name)
		if err != nil {
			return nil, errors.New(Path(state, name) + ": " + err.Error())
		}
		used := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil
		unix.Close(fd)
		entries = append(entries, Entry{Profile: name, Path: Path(state, name), Used: used})
	}
	return entries, nil
}

// Reset removes a profile's home with all that is in it, unless a sandbox uses
// it ([ErrBusy]). The error is unix.ENOENT where there is none. It also
// removes what an interrupted reset left.
func Reset(state, profile string) error {
	all, err := openAll(state, false)
	if err != nil {
		return err
	}
	defer unix.Close(all)
	if err := reset(all, profile); err != nil {
		return &pathError{Path(state, profile), err}
	}
	return sweep(all, state)
}

// reset takes the home away from its name first: what a killed reset leaves is
// no home.
func reset(all int, profile string) error {
	fd, err := openOwn(all, profile)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err == unix.EWOULDBLOCK {
		return ErrBusy
	} else if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	aside := leftover + strconv.FormatUint(st.Ino, 10)
	if err := unix.Renameat2(all, profile, all, aside, unix.RENAME_NOREPLACE); err != nil {
		return err
	}
	return session.RemoveTree(all, aside, fd)
}

// Sweep removes what interrupted resets left.
func Sweep(state string) error {
	all, err := openAll(state, false)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(all)
	return sweep(all, state)
}

func sweep(all int, state string) error {
	names, err := session.Names(all)
	if err != nil {
		return errors.New(state + "/" + directory + ": " + err.Error())
	}
	for _, name := range names {
		if !strings.HasPrefix(name, leftover) {
			continue
		}
		fd, err := openOwn(all, name)
		if err == unix.ENOENT {
			continue
		}
		if err == nil {
			err = session.RemoveTree(all, name, fd)
			unix.Close(fd)
		}
		if err != nil {
			return errors.New(Path(state, name) + ": " + err.Error())
		}
	}
	return nil
}
