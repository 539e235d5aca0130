package steps

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"
)

// A tree that is foreign can be changed by others than husk while the list
// runs: the user's own trees, by any process of that user, and a persistent
// home, by what the program left in it the last time. A name that was looked up
// there may be a link the next moment, and a link would lead out of the new
// root, since the process's root is still the host's. So everything in such a
// tree is opened without following any link, and what is made or mounted goes
// by that descriptor (CVE-2024-42472).

// openExact opens path (O_PATH) into register r and fails with ELOOP where a
// symbolic link stands anywhere on the way (openat2(2), RESOLVE_NO_SYMLINKS).
func (l *List) openExact(path string, r Reg) {
	how := l.memory.bytes(24)
	binary.NativeEndian.PutUint64(how[0:], unix.O_PATH|unix.O_CLOEXEC)
	binary.NativeEndian.PutUint64(how[16:], unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS)
	l.add(unix.SYS_OPENAT2, cwd, l.text(path), address(how), value(len(how))).into(r)
}

// openNames opens what openExact opens, name by name, with openat(2) alone. A
// link on the way fails with ENOTDIR; one in the last place is opened itself
// (open(2), O_NOFOLLOW with O_PATH). spare is a register for the time being.
func (l *List) openNames(path string, r, spare Reg) {
	names := strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
	start, at, next := ".", r, spare
	if path[0] == '/' {
		start = "/"
	}
	if len(names)%2 == 1 {
		at, next = next, at // the last one goes to r
	}
	l.add(unix.SYS_OPENAT, cwd, l.text(start), value(unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC), arg{}).into(at)
	for i, name := range names {
		flags := unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC
		if i < len(names)-1 {
			flags |= unix.O_DIRECTORY
		}
		l.add(unix.SYS_OPENAT, slot(at), l.text(name), value(flags), arg{}).into(next)
		l.add(unix.SYS_CLOSE, slot(at))
		at, next = next, at
	}
}

// PinLink makes a symbolic link a mount point, so that it can't be renamed,
// removed or replaced inside, and fails where no link stands at path any more:
// what was decided about the path it leads to would be about something else.
func (l *List) PinLink(path string, origin int) {
	l.begin(Bind, origin, path, "link ", path, " at itself")
	how := l.memory.bytes(24)
	// With both flags the link itself is opened (openat2(2), RESOLVE_NO_SYMLINKS).
	binary.NativeEndian.PutUint64(how[0:], unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC)
	binary.NativeEndian.PutUint64(how[16:], unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS)
	l.add(unix.SYS_OPENAT2, cwd, l.text(path), address(how), value(len(how))).into(sourceReg)
	target := l.memory.bytes(8) // what it says doesn't matter
	l.add(unix.SYS_READLINKAT, slot(sourceReg), l.text(""), address(target), value(len(target)))
	l.add(unix.SYS_OPEN_TREE, slot(sourceReg), l.text(""),
		value(uint64(unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH))).into(treeReg)
	l.attach(sourceReg)
	l.add(unix.SYS_CLOSE, slot(treeReg))
	l.add(unix.SYS_CLOSE, slot(sourceReg))
}

// foreignTarget makes a mount's target where it is missing, and opens it into
// targetReg.
func (l *List) foreignTarget(target string, o BindOptions) {
	if !o.Existing {
		l.openExact(parent(target), targetReg)
		if o.File {
			l.add(unix.SYS_MKNODAT, slot(targetReg), l.text(last(target)), value(unix.S_IFREG|0o444), arg{}).unless(exists)
		} else {
			l.add(unix.SYS_MKDIRAT, slot(targetReg), l.text(last(target)), value(0o755)).unless(exists)
		}
		l.add(unix.SYS_CLOSE, slot(targetReg))
	}
	l.openExact(target, targetReg)
}

// MkdirForeign makes a directory in a tree that others can change; one that
// exists is fine.
func (l *List) MkdirForeign(path string, mode uint32, origin int) {
	l.begin(Mkdir, origin, path, path)
	l.openExact(parent(path), targetReg)
	l.add(unix.SYS_MKDIRAT, slot(targetReg), l.text(last(path)), value(mode)).unless(exists)
	l.add(unix.SYS_CLOSE, slot(targetReg))
}

// SymlinkForeign makes path, in a tree that others can change, a symbolic link
// to target.
func (l *List) SymlinkForeign(target, path string, origin int) {
	l.begin(Symlink, origin, path, path, " -> ", target)
	l.openExact(parent(path), targetReg)
	l.add(unix.SYS_SYMLINKAT, l.text(target), slot(targetReg), l.text(last(path))).unless(exists)
	l.add(unix.SYS_CLOSE, slot(targetReg))
}

// MountForeign mounts a new, empty tmpfs over a directory of such a tree
// (fsopen(2), fsmount(2), move_mount(2)): mount(2) knows targets by path only.
// options are as for [List.Mount], attr the MOUNT_ATTR_* bits.
func (l *List) MountForeign(target string, attr uint64, options string, origin int) {
	l.begin(Mount, origin, target, "tmpfs at ", target, optional(options))
	l.add(unix.SYS_FSOPEN, l.text("tmpfs"), value(unix.FSOPEN_CLOEXEC)).into(sourceReg)
	for _, option := range strings.Split(options, ",") {
		key, val, _ := strings.Cut(option, "=")
		l.add(unix.SYS_FSCONFIG, slot(sourceReg), value(unix.FSCONFIG_SET_STRING), l.text(key), l.text(val), arg{})
	}
	l.add(unix.SYS_FSCONFIG, slot(sourceReg), value(unix.FSCONFIG_CMD_CREATE), arg{}, arg{}, arg{})
	l.add(unix.SYS_FSMOUNT, slot(sourceReg), value(unix.FSMOUNT_CLOEXEC), value(attr)).into(treeReg)
	l.openExact(target, targetReg)
	l.attach(targetReg)
	for _, r := range []Reg{sourceReg, treeReg, targetReg} {
		l.add(unix.SYS_CLOSE, slot(r))
	}
}

// Hold keeps a tree for later, attached nowhere: what will lie below another
// mount by the time it is shown. held counts from 0 to [MaxHeld].
func (l *List) Hold(source string, held int, o BindOptions) {
	l.begin(Bind, o.Origin, source, source, " held", o.String())
	flags, attr := uint64(unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC), uint64(unix.AT_EMPTY_PATH)
	if o.Recursive {
		flags, attr = flags|unix.AT_RECURSIVE, attr|unix.AT_RECURSIVE
	}
	l.openExact(source, sourceReg)
	l.add(unix.SYS_OPEN_TREE, slot(sourceReg), l.text(""), value(flags|unix.AT_EMPTY_PATH)).into(heldReg + Reg(held))
	l.add(unix.SYS_CLOSE, slot(sourceReg))
	l.add(unix.SYS_MOUNT_SETATTR, slot(heldReg+Reg(held)), l.text(""), value(attr),
		address(l.mountAttr(o.Attributes(), 0)), value(mountAttrSize))
}

// ShowHeld shows what [List.Hold] kept.
func (l *List) ShowHeld(source, target string, held int, o BindOptions) {
	l.begin(Bind, o.Origin, source, source, " at ", target, o.String())
	l.target(target, o)
	l.add(unix.SYS_MOVE_MOUNT, slot(heldReg+Reg(held)), l.text(""), cwd, l.text(target), value(unix.MOVE_MOUNT_F_EMPTY_PATH))
	l.add(unix.SYS_CLOSE, slot(heldReg+Reg(held)))
}

// MaxHeld is how many trees can be held at once; heldReg is the first one's
// register.
const (
	MaxHeld     = 6
	heldReg Reg = 8
)

// parent gives the directory of a path that may be relative.
func parent(path string) string {
	switch i := strings.LastIndexByte(path, '/'); i {
	case -1:
		return "."
	case 0:
		return "/"
	default:
		return path[:i]
	}
}

// last gives a path's last name.
func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
