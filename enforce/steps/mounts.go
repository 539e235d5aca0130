package steps

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Private stops mounts from being handed on in either direction: a disk that
// the host mounts below a granted directory does not appear in the sandbox
// (mount_namespaces(7)).
func (l *List) Private() {
	l.begin(Attr, noOrigin, "/", "/ private, recursively")
	l.add(unix.SYS_MOUNT, arg{}, l.text("/"), arg{}, value(unix.MS_REC|unix.MS_PRIVATE), arg{})
}

// Mount mounts a new file system of the given type at target (mount(2)).
func (l *List) Mount(fstype, target string, flags uintptr, data string, origin int) {
	l.begin(Mount, origin, target, fstype, " at ", target, optional(data))
	l.add(unix.SYS_MOUNT, l.text(fstype), l.text(target), l.text(fstype), value(flags), l.text(data))
}

func optional(data string) string {
	if data == "" {
		return ""
	}
	return " (" + data + ")"
}

// BindOptions say how a tree is shown at another place.
type BindOptions struct {
	Writable  bool
	Devices   bool // device files may be opened
	NoExec    bool
	Recursive bool // with everything mounted below
	// Exact is for what others than root can exchange: everything that a profile
	// grants. The source is opened once and goes by descriptor from then on, and
	// it is refused if it leads through a symbolic link: the path was resolved
	// before, so a link that stands there now was put there since
	// (CVE-2024-42472).
	Exact bool
	// Tree is the descriptor of a copy of the source with all its attributes,
	// made before the clone; 0 for none. It is shown as it is.
	Tree int
	// File makes the target a file, else a directory. With Existing the target
	// is there already.
	File, Existing bool
	// Foreign says that the target lies in a tree that others than husk can
	// change: see [List.foreignTarget].
	Foreign bool
	Origin  int
}

// Attributes gives the MOUNT_ATTR_* bits; nothing that is shown keeps set-id
// bits, and only devices are devices.
func (o BindOptions) Attributes() uint64 {
	set := uint64(unix.MOUNT_ATTR_NOSUID)
	if !o.Writable {
		set |= unix.MOUNT_ATTR_RDONLY
	}
	if !o.Devices {
		set |= unix.MOUNT_ATTR_NODEV
	}
	if o.NoExec {
		set |= unix.MOUNT_ATTR_NOEXEC
	}
	return set
}

func (o BindOptions) String() string {
	switch {
	case o.Tree > 0 && o.Writable:
		return ", writable, owners mapped"
	case o.Tree > 0:
		return ", read-only, owners mapped"
	case o.Writable && o.Recursive:
		return ", writable, with what is mounted below"
	case o.Writable:
		return ", writable"
	case o.Recursive:
		return ", read-only, with what is mounted below"
	}
	return ", read-only"
}

// Bind shows source at target. With Exact, a copy of what was opened gets its
// attributes while it is attached nowhere, and only then it appears
// (open_tree(2), mount_setattr(2), move_mount(2)).
func (l *List) Bind(source, target string, o BindOptions) {
	l.begin(Bind, o.Origin, source, source, " at ", target, o.String())
	if o.Tree > 0 {
		l.showTree(target, o)
		return
	}
	if !o.Exact && !o.Foreign {
		l.bindByPath(source, target, o)
		return
	}
	flags := uint64(unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC)
	attr := uint64(unix.AT_EMPTY_PATH)
	if o.Recursive {
		flags |= unix.AT_RECURSIVE
		attr |= unix.AT_RECURSIVE
	}
	if o.Exact {
		l.openExact(source, sourceReg)
		l.add(unix.SYS_OPEN_TREE, slot(sourceReg), l.text(""), value(flags|unix.AT_EMPTY_PATH)).into(treeReg)
	} else {
		l.add(unix.SYS_OPEN_TREE, cwd, l.text(source), value(flags)).into(treeReg)
	}
	l.add(unix.SYS_MOUNT_SETATTR, slot(treeReg), l.text(""), value(attr),
		address(l.mountAttr(o.Attributes(), 0)), value(mountAttrSize))
	switch {
	case source == target && o.Exact: // over itself: the very object that was opened
		l.attach(sourceReg)
	case o.Foreign:
		l.foreignTarget(target, o)
		l.attach(targetReg)
		l.add(unix.SYS_CLOSE, slot(targetReg))
	default:
		l.target(target, o)
		l.add(unix.SYS_MOVE_MOUNT, slot(treeReg), l.text(""), cwd, l.text(target), value(unix.MOVE_MOUNT_F_EMPTY_PATH))
	}
	l.add(unix.SYS_CLOSE, slot(treeReg))
	if o.Exact {
		l.add(unix.SYS_CLOSE, slot(sourceReg))
	}
}

// showTree shows a tree that was prepared before the clone.
func (l *List) showTree(target string, o BindOptions) {
	if o.Foreign {
		l.foreignTarget(target, o)
		l.add(unix.SYS_MOVE_MOUNT, value(o.Tree), l.text(""), slot(targetReg), l.text(""),
			value(unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH))
		l.add(unix.SYS_CLOSE, slot(targetReg))
	} else {
		l.target(target, o)
		l.add(unix.SYS_MOVE_MOUNT, value(o.Tree), l.text(""), cwd, l.text(target), value(unix.MOVE_MOUNT_F_EMPTY_PATH))
	}
	l.add(unix.SYS_CLOSE, value(o.Tree))
}

// Registers of the steps that mount by descriptor.
const (
	sourceReg Reg = iota // what is shown, opened
	treeReg              // the mount, attached nowhere
	targetReg            // where it is attached to
)

// attach makes the detached mount in treeReg appear over what register r has
// open (move_mount(2)).
func (l *List) attach(r Reg) {
	l.add(unix.SYS_MOVE_MOUNT, slot(treeReg), l.text(""), slot(r), l.text(""),
		value(unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH))
}

// bindByPath is for what only root can exchange: system directories, devices.
// It takes half the calls, and the moment between them is seen by nobody, since
// nothing runs in the sandbox yet.
func (l *List) bindByPath(source, target string, o BindOptions) {
	flags, recursive := uint64(unix.MS_BIND), uint64(0)
	if o.Recursive {
		flags, recursive = flags|unix.MS_REC, unix.AT_RECURSIVE
	}
	l.target(target, o)
	l.add(unix.SYS_MOUNT, l.text(source), l.text(target), arg{}, value(flags), arg{})
	l.add(unix.SYS_MOUNT_SETATTR, cwd, l.text(target), value(recursive),
		address(l.mountAttr(o.Attributes(), 0)), value(mountAttrSize))
}

// Part makes a directory of the working directory's file system a mount of its
// own, which stays writable when the root becomes read-only.
func (l *List) Part(path string, mode uint32, noExec bool, origin int) {
	l.begin(Bind, origin, path, path, " at ", path, ", writable")
	dir := l.text(path)
	l.add(unix.SYS_FCHMODAT, cwd, dir, value(mode)) // mkdir(2) left it to the umask
	l.add(unix.SYS_MOUNT, dir, dir, arg{}, value(unix.MS_BIND), arg{})
	if noExec {
		l.add(unix.SYS_MOUNT_SETATTR, cwd, dir, arg{}, address(l.mountAttr(unix.MOUNT_ATTR_NOEXEC, 0)), value(mountAttrSize))
	}
}

func (l *List) target(target string, o BindOptions) {
	switch {
	case o.Existing:
	case o.File:
		l.add(unix.SYS_MKNODAT, cwd, l.text(target), value(unix.S_IFREG|0o444), arg{}).unless(exists)
	default:
		l.add(unix.SYS_MKDIRAT, cwd, l.text(target), value(0o755)).unless(exists)
	}
}

// mountAttrSize is sizeof(struct mount_attr).
const mountAttrSize = 32

func (l *List) mountAttr(set, clear uint64) []byte {
	b := l.memory.bytes(mountAttrSize)
	binary.NativeEndian.PutUint64(b[0:], set)
	binary.NativeEndian.PutUint64(b[8:], clear)
	return b
}

// ReadOnly makes the mount at path read-only, without those below it.
func (l *List) ReadOnly(path string, origin int) {
	l.begin(Attr, origin, path, path, " read-only")
	l.add(unix.SYS_MOUNT_SETATTR, cwd, l.text(path), arg{},
		address(l.mountAttr(unix.MOUNT_ATTR_RDONLY, 0)), value(mountAttrSize))
}

// PivotRoot makes the working directory the root and lets go of the old one.
// pivot_root(".", ".") stacks the two on one place, so no directory for the
// old root is needed; the old one is on top and is detached (pivot_root(2)).
func (l *List) PivotRoot() {
	l.begin(Root, noOrigin, ".", "pivot_root . and detach the old root")
	dot := l.text(".")
	l.add(unix.SYS_PIVOT_ROOT, dot, dot)
	l.add(unix.SYS_UMOUNT2, dot, value(unix.MNT_DETACH))
	l.add(unix.SYS_CHDIR, l.text("/"))
}
