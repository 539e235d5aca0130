package session

import (
	"encoding/base32"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Dir is a session directory. While it is open, it is locked (flock(2)): the
// lock tells a collector that somebody still lives in it, and the kernel lets
// go of it however the holder ends.
type Dir struct {
	// Path is absolute and leads through no link.
	Path string

	base int // the directory it lies in
	name string
	fd   int
}

// Prefix is the beginning of every session directory's name.
func Prefix(euid int) string { return "husk-" + strconv.Itoa(euid) + "-" }

// keptSuffix ends the name of a directory that husk does not remove: its
// profile leaves that to the system (tmp { cleanup = "system" }), and no
// process of husk's stays to hold a lock. The mark is in the name because a
// program can change everything about its directory but that.
const keptSuffix = "-kept"

// attempts is how often another name is tried when one is taken. Collectors
// that run in the same moment take new directories away before they are
// locked; with 16 attempts and four collectors some starts failed (tried).
const attempts = 1000

// Make makes <base>/husk-<euid>-<profile>-<random> with mode 0700. base must
// have passed [Validate]. The random part has 80 bits from getrandom(2). With
// keep the directory is marked for the system to clean.
func Make(base, profile string, euid int, keep bool) (*Dir, error) {
	fd, err := unix.Open(base, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.New(base + ": " + err.Error())
	}
	for range attempts {
		suffix, err := random()
		if err != nil {
			unix.Close(fd)
			return nil, errors.New("getrandom: " + err.Error())
		}
		name := Prefix(euid) + profile + "-" + suffix
		if keep {
			name += keptSuffix
		}
		d, err := makeNamed(fd, base, name, euid)
		if err == nil {
			return d, nil
		}
		if !errors.Is(err, errTaken) {
			unix.Close(fd)
			return nil, errors.New(strings.TrimSuffix(base, "/") + "/" + name + ": " + err.Error())
		}
	}
	unix.Close(fd)
	return nil, errors.New(base + ": every name that was tried is taken")
}

// random gives an unpredictable name of 80 bits. getrandom(2) itself: package
// crypto/rand would be linked into every start.
func random() (string, error) {
	var b [10]byte
	if n, err := unix.Getrandom(b[:], 0); err != nil || n != len(b) {
		return "", err
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:])), nil
}

var errTaken = errors.New("the name is taken")

func makeNamed(base int, basePath, name string, euid int) (*Dir, error) {
	err := unix.Mkdirat(base, name, 0o700)
	if err == unix.EEXIST {
		return nil, errTaken
	}
	if err != nil {
		return nil, err
	}
	fd, err := openOwn(base, name) // the umask may have taken our own rights
	if err == unix.ENOENT {
		return nil, errTaken // a collector was faster
	}
	if err != nil {
		unix.Unlinkat(base, name, unix.AT_REMOVEDIR)
		return nil, err
	}
	d := &Dir{Path: strings.TrimSuffix(basePath, "/") + "/" + name, base: base, name: name, fd: fd}
	if err := d.claim(euid); err != nil {
		unix.Close(fd)
		if err != errTaken {
			unix.Unlinkat(base, name, unix.AT_REMOVEDIR)
		}
		return nil, err
	}
	return d, nil
}

// claim makes the new directory ours for good: lock, owner, mode. A collector
// that saw it before the lock has removed it or holds the lock; then another
// name is tried.
func (d *Dir) claim(euid int) error {
	if err := unix.Flock(d.fd, unix.LOCK_EX|unix.LOCK_NB); err == unix.EWOULDBLOCK {
		return errTaken
	} else if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(d.fd, &st); err != nil {
		return err
	}
	switch {
	case st.Nlink == 0:
		return errTaken
	case int(st.Uid) != euid:
		return errors.New("belongs to user " + strconv.Itoa(int(st.Uid)))
	case st.Mode&0o7777 != 0o700: // a default ACL, a set-gid parent, an odd umask
		return unix.Fchmod(d.fd, 0o700)
	}
	return nil
}

// Remove removes the directory with all that is in it, whatever modes the
// program gave its directories. It must be called after the last process of
// the sandbox has ended. A directory that is gone already is no error.
func (d *Dir) Remove() error {
	err := removeTree(d.base, d.name, d.fd)
	unix.Close(d.fd)
	unix.Close(d.base)
	if err != nil {
		return errors.New(d.Path + ": " + err.Error())
	}
	return nil
}
