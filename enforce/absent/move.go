package absent

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// check looks whether a rule's path exists now, and moves away what makes it
// exist. It goes name by name from the root of what the program could write and
// follows no link: what stands on the way must be a directory. A link there, or
// a file (".git" may be one that names another directory), leads somewhere else
// than the profile's author thought of, so it is moved itself.
func (r *Record) check(rule Rule) (*Moved, error) {
	if rule.quiet() {
		return nil, nil
	}
	dir, err := openDirectory(unix.AT_FDCWD, rule.Root)
	if err != nil {
		return nil, nil // the whole tree is gone or elsewhere
	}
	at := rule.Root
	rest := strings.Split(rule.Below, "/")
	for {
		name := rest[0]
		rest = rest[1:]
		kind, restore, err := look(dir, name)
		if err != nil || kind == 0 {
			restore()
			unix.Close(dir)
			return nil, err
		}
		at = strings.TrimSuffix(at, "/") + "/" + name
		if len(rest) == 0 && madeByInit(dir, rule.Below) {
			restore()
			unix.Close(dir)
			return nil, nil
		}
		if len(rest) == 0 || kind != unix.S_IFDIR {
			moved, err := r.move(dir, name, kind == unix.S_IFDIR)
			restore()
			unix.Close(dir)
			if moved != nil {
				moved.Path, moved.From = at, rule.From
				if moved.Aside != "" {
					moved.To = at[:len(at)-len(name)] + moved.To
				}
			}
			return moved, err
		}
		next, err := openDirectory(dir, name)
		restore()
		unix.Close(dir)
		if err != nil {
			return nil, err
		}
		dir = next
	}
}

// quiet says that not even the first name below the root is there: the usual
// case, for one call.
func (r Rule) quiet() bool {
	first, _, _ := strings.Cut(r.Below, "/")
	var st unix.Stat_t
	return unix.Lstat(strings.TrimSuffix(r.Root, "/")+"/"+first, &st) == unix.ENOENT
}

// openDirectory opens a directory (O_PATH) name by name; a link anywhere is an
// error. openat2(2) has a flag for that, but a filter outside may refuse it.
func openDirectory(dir int, path string) (int, error) {
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	start := "."
	if path[0] == '/' {
		start = "/"
	}
	at, err := unix.Openat(dir, start, flags, 0)
	if err != nil {
		return -1, err
	}
	for _, name := range strings.FieldsFunc(path, func(c rune) bool { return c == '/' }) {
		next, err := unix.Openat(at, name, flags, 0)
		unix.Close(at)
		if err != nil {
			return -1, err
		}
		at = next
	}
	return at, nil
}

// look gives the kind of what name is in dir, 0 for nothing. A program may have
// taken the rights away that looking and moving need: they are given for as
// long as it takes, until restore.
func look(dir int, name string) (kind uint32, restore func(), err error) {
	restore = func() {}
	var st unix.Stat_t
	err = unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	if err == unix.ENOENT {
		return 0, restore, nil
	}
	var parent unix.Stat_t
	if e := unix.Fstat(dir, &parent); e != nil {
		return 0, restore, e
	}
	if parent.Mode&0o300 != 0o300 && int(parent.Uid) == unix.Geteuid() {
		by := descriptor(dir)
		if e := unix.Chmod(by, parent.Mode&0o7777|0o700); e != nil {
			return 0, restore, e
		}
		restore = func() { _ = unix.Chmod(by, parent.Mode&0o7777) }
		err = unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err == unix.ENOENT {
		return 0, restore, nil
	}
	return st.Mode & unix.S_IFMT, restore, err
}

// descriptor names what an O_PATH descriptor has open, for calls that take none.
func descriptor(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// move takes name out of dir, to a directory of its own in husk's state. Where
// that cannot be (another file system, a full disk), it gets another name where
// it is: nobody looks for it there.
func (r *Record) move(dir int, name string, isDir bool) (*Moved, error) {
	if isDir {
		unlockDirectory(dir, name)
	}
	to, reason := r.moveOut(dir, name)
	if reason == nil {
		return &Moved{To: to}, nil
	}
	suffix, err := random()
	if err != nil {
		return nil, err
	}
	aside := name + ".husk-" + suffix
	if len(aside) > unix.NAME_MAX {
		aside = "husk-" + suffix
	}
	if err := unix.Renameat2(dir, name, dir, aside, unix.RENAME_NOREPLACE); err != nil {
		return nil, err
	}
	return &Moved{To: aside, Aside: reason.Error()}, nil
}

// unlockDirectory lets a directory be moved: its ".." changes, so its owner
// must be able to write it (rename(2), EACCES).
func unlockDirectory(dir int, name string) {
	fd, err := openDirectory(dir, name)
	if err != nil {
		return
	}
	var st unix.Stat_t
	if unix.Fstat(fd, &st) == nil && st.Mode&0o300 != 0o300 {
		_ = unix.Chmod(descriptor(fd), st.Mode&0o7777|0o700) // the move says what is wrong
	}
	unix.Close(fd)
}

func (r *Record) moveOut(dir int, name string) (string, error) {
	moved, err := r.state.subdirectory("moved", true)
	if err != nil {
		return "", errors.New(r.state.path + "/moved: " + err.Error())
	}
	defer unix.Close(moved)
	suffix, err := random()
	if err != nil {
		return "", err
	}
	own := stamp() + "-" + r.label + "-" + suffix[:8]
	if err := unix.Mkdirat(moved, own, 0o700); err != nil {
		return "", errors.New(r.state.path + "/moved/" + own + ": " + err.Error())
	}
	fd, err := openDirectory(moved, own)
	if err == nil {
		err = unix.Renameat2(dir, name, fd, name, unix.RENAME_NOREPLACE)
		unix.Close(fd)
	}
	if err != nil {
		_ = unix.Unlinkat(moved, own, unix.AT_REMOVEDIR)
		if err == unix.EXDEV {
			err = errors.New("husk's state is on another file system")
		}
		return "", err
	}
	return r.state.path + "/moved/" + own + "/" + name, nil
}
