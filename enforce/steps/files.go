package steps

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// exists is the errno of a directory or file that is there already.
const exists = uint16(unix.EEXIST)

// cwd is AT_FDCWD as a system call argument: a negative number, sign-extended.
var cwd = value(uint64(1<<64 + unix.AT_FDCWD))

// Mkdir makes a directory; one that exists is fine.
func (l *List) Mkdir(path string, mode uint32, origin int) {
	l.begin(Mkdir, origin, path, path)
	l.add(unix.SYS_MKDIRAT, cwd, l.text(path), value(mode)).unless(exists)
}

// Symlink makes path a symbolic link to target.
func (l *List) Symlink(target, path string, origin int) {
	l.begin(Symlink, origin, path, path, " -> ", target)
	l.add(unix.SYS_SYMLINKAT, l.text(target), cwd, l.text(path)).unless(exists)
}

// File makes a file with content, which nobody may change from now on.
func (l *List) File(path string, mode uint32, content []byte, origin int) {
	l.begin(File, origin, path, path, " (", strconv.Itoa(len(content)), " bytes)")
	l.add(unix.SYS_OPENAT, cwd, l.text(path),
		value(unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC), value(mode)).into(0)
	if len(content) > 0 {
		l.add(unix.SYS_WRITE, slot(0), l.keep(content), value(len(content)))
	}
	l.add(unix.SYS_CLOSE, slot(0))
}

// Write writes content into a file that exists: the id maps of /proc/self.
func (l *List) Write(path string, content string, origin int) {
	l.begin(Map, origin, path, path, " ", strconv.Quote(content))
	l.add(unix.SYS_OPENAT, cwd, l.text(path), value(unix.O_WRONLY|unix.O_CLOEXEC), arg{}).into(0)
	l.add(unix.SYS_WRITE, slot(0), l.text(content), value(len(content)))
	l.add(unix.SYS_CLOSE, slot(0))
}

// Chdir changes the working directory.
func (l *List) Chdir(path string) {
	l.begin(Root, noOrigin, path, "chdir ", path)
	l.add(unix.SYS_CHDIR, l.text(path))
}

// noOrigin is plan.NoOrigin; this package knows nothing of plans.
const noOrigin = -1

// Remove removes a file.
func (l *List) Remove(path string) {
	l.begin(File, noOrigin, path, path, " removed")
	l.add(unix.SYS_UNLINKAT, cwd, l.text(path), arg{})
}
