// Package session makes, removes and collects the session directory: the one
// place below the host's temporary directory that a sandboxed program may
// write, gone when the program is gone.
//
// What it guards against, each with a test: a name that another user took in
// advance; a TMPDIR that leads, by a link or a directory of somebody else, to
// where another user can look or exchange things; a directory left by a killed
// parent; a collector that takes away what is just being made.
package session

import (
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links a path may lead through, as in the
// kernel (path_resolution(7)).
const maxLinks = 40

// Validate checks every component of dir for the user euid and gives the path
// with its links resolved. No component may belong to anybody but root and
// euid; a directory that group or others may write must be sticky; a symbolic
// link must belong to the owner of what it points to. The error names the
// component.
func Validate(dir string, euid int) (string, error) {
	if !path.IsAbs(dir) {
		return "", errors.New(strconv.Quote(dir) + " is not an absolute path")
	}
	v := validator{euid: uint32(euid), complete: everybodyHasANumber}
	return v.walk(dir)
}

type validator struct {
	euid  uint32
	links int
	// complete says whether all users have a number, asked when one may have none.
	complete func() bool
	// rootless says that the owner of / has none.
	rootless bool
}

func (v *validator) walk(dir string) (string, error) {
	at := "/"
	rest := strings.Split(path.Clean(dir), "/")
	if err := v.directory(at); err != nil {
		return "", err
	}
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		if name == "" || name == "." {
			continue
		}
		if name == ".." {
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, name)
		var st syscall.Stat_t
		if err := syscall.Lstat(next, &st); err != nil {
			return "", errors.New(next + ": " + err.Error())
		}
		if st.Mode&syscall.S_IFMT == syscall.S_IFLNK {
			target, err := v.link(next, &st)
			if err != nil {
				return "", err
			}
			if path.IsAbs(target) {
				at = "/"
			}
			rest = append(strings.Split(target, "/"), rest...)
			continue
		}
		if err := v.directory(next); err != nil {
			return "", err
		}
		at = next
	}
	return at, nil
}

// link checks a symbolic link and gives what it says.
func (v *validator) link(name string, st *syscall.Stat_t) (string, error) {
	if v.links++; v.links > maxLinks {
		return "", errors.New(name + ": too many symbolic links")
	}
	if err := v.owner(name, st.Uid); err != nil {
		return "", errors.New(name + " is a link that " + err.Error())
	}
	var target syscall.Stat_t
	if err := syscall.Stat(name, &target); err != nil {
		return "", errors.New(name + ": " + err.Error())
	}
	if target.Uid != st.Uid {
		return "", errors.New(name + " is a link of user " + strconv.Itoa(int(st.Uid)) +
			" to something that belongs to user " + strconv.Itoa(int(target.Uid)))
	}
	var buffer [syscall.PathMax]byte
	n, err := syscall.Readlink(name, buffer[:])
	if err != nil {
		return "", errors.New(name + ": " + err.Error())
	}
	return string(buffer[:n]), nil
}

func (v *validator) directory(name string) error {
	var st syscall.Stat_t
	if err := syscall.Lstat(name, &st); err != nil {
		return errors.New(name + ": " + err.Error())
	}
	switch {
	case st.Mode&syscall.S_IFMT != syscall.S_IFDIR:
		return errors.New(name + " is not a directory")
	case st.Mode&0o022 != 0 && st.Mode&syscall.S_ISVTX == 0:
		return errors.New(name + " may be written by others and is not sticky")
	}
	if err := v.owner(name, st.Uid); err != nil {
		return errors.New(name + " " + err.Error())
	}
	return nil
}

// owner checks whose a directory or a link is: root's or the caller's. The
// error says whose it is.
func (v *validator) owner(name string, uid uint32) error {
	if uid == 0 || (uid == v.euid && uid != nobodys) {
		return nil
	}
	if uid != nobodys || v.complete() {
		if uid == v.euid {
			return nil
		}
		return errors.New("belongs to user " + strconv.Itoa(int(uid)))
	}
	v.rootless = v.rootless || name == "/"
	if v.rootless && slices.Contains(systemDirectories, name) {
		return nil
	}
	return errors.New("belongs to a user without a number in this user namespace, who may be anybody")
}
