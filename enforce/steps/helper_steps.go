package steps

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// Registers of the late drop, kept from one step to the next.
const (
	emptyRootReg  Reg = registers - 3
	helperEndReg  Reg = registers - 4
	programEndReg Reg = registers - 5
)

// EmptyRoot makes an empty directory that nobody can ever write, whoever they
// are: a read-only file system that is mounted nowhere (fsmount(2)).
func (l *List) EmptyRoot(origin int) {
	const attributes = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	l.begin(Mount, origin, "empty root", "tmpfs nowhere, read-only: an empty root for later")
	l.add(unix.SYS_FSOPEN, l.text("tmpfs"), value(unix.FSOPEN_CLOEXEC)).into(0)
	for _, o := range [][2]string{{"mode", "0555"}, {"size", "4k"}} {
		l.add(unix.SYS_FSCONFIG, slot(0), value(unix.FSCONFIG_SET_STRING), l.text(o[0]), l.text(o[1]), arg{})
	}
	l.add(unix.SYS_FSCONFIG, slot(0), value(unix.FSCONFIG_CMD_CREATE), arg{}, arg{}, arg{})
	l.add(unix.SYS_FSMOUNT, slot(0), value(unix.FSMOUNT_CLOEXEC), value(attributes)).into(emptyRootReg)
	l.add(unix.SYS_CLOSE, slot(0))
}

// AllowEmptyRoot is [List.AllowBeneath] for the empty root.
func (l *List) AllowEmptyRoot(access uint64, text string, origin int) {
	l.begin(Landlock, origin, "empty root", "empty root: ", text)
	rule := l.memory.bytes(12)
	binary.NativeEndian.PutUint64(rule, access)
	l.storeInt32(rule, 8, emptyRootReg)
	l.add(unix.SYS_LANDLOCK_ADD_RULE, slot(rulesetReg), value(unix.LANDLOCK_RULE_PATH_BENEATH), address(rule), arg{})
}

// StartHelper makes a socket pair, starts the helper on one end and leaves the
// other one to the program as descriptor fd. confine adds what the helper does
// before it serves; the program's process waits until that has worked. It is for
// the program's part of a list whose [Process] has Options.Helper.
func (l *List) StartHelper(fd int, pipe [2]int, origin int, confine func()) {
	l.begin(Helper, origin, "socket", "a pair of sockets, one as descriptor ", strconv.Itoa(fd))
	pair := l.memory.bytes(8)
	l.add(unix.SYS_SOCKETPAIR, value(unix.AF_UNIX), value(unix.SOCK_STREAM|unix.SOCK_CLOEXEC), arg{}, address(pair))
	for i, end := range []Reg{helperEndReg, programEndReg} { // out of fd's way
		l.loadInt32(pair, 4*i, 0)
		l.add(unix.SYS_FCNTL, slot(0), value(unix.F_DUPFD_CLOEXEC), value(10)).into(end)
		l.add(unix.SYS_CLOSE, slot(0))
	}
	l.add(unix.SYS_DUP3, slot(programEndReg), value(fd), value(unix.O_CLOEXEC))
	l.add(unix.SYS_CLOSE, slot(programEndReg))
	l.begin(Helper, origin, "helper", "start the late drop's helper")
	l.add(0).op = startHelper
	l.add(unix.SYS_CLOSE, slot(helperEndReg))

	// The first call gives the report pipe its number: until then the helper tells
	// of a failure through the program's.
	l.helping = true
	l.begin(Helper, origin, "descriptors", "socket, empty root and report pipe are all that it has")
	l.add(unix.SYS_DUP3, value(pipe[1]), value(helperPipe), arg{})
	l.add(unix.SYS_DUP3, slot(helperEndReg), value(helperSocket), arg{})
	l.add(unix.SYS_DUP3, slot(emptyRootReg), value(helperRoot), arg{})
	l.add(unix.SYS_CLOSE_RANGE, value(helperPipe+1), value(uint64(^uint32(0))), arg{})
	l.OwnGroup(-1)
	l.StillDieWithParent([2]int{-1, helperPipe})
	confine()
	l.begin(Close, origin, "report pipe", "report pipe")
	l.add(unix.SYS_CLOSE, value(helperPipe))
	l.helping = false

	// A helper that has failed has told why; then the write fails, since nobody is
	// left at the other end.
	word := l.memory.bytes(8)
	greeting := l.data([]byte{helperGreeted})
	l.begin(Helper, origin, "helper", "wait until the helper is confined")
	l.add(unix.SYS_READ, value(fd), address(word), value(1))
	l.add(unix.SYS_WRITE, value(fd), greeting, value(1))
}

// KeepCapability leaves the process one capability and takes all others, once
// its bounding set is empty ([List.BoundCapabilities]).
func (l *List) KeepCapability(number int, name string) {
	l.begin(Caps, noOrigin, "capabilities", "none but ", name)
	header, data := l.memory.bytes(8), l.memory.bytes(24)
	binary.NativeEndian.PutUint32(header, unix.LINUX_CAPABILITY_VERSION_3)
	binary.NativeEndian.PutUint32(data[0:], 1<<number) // effective
	binary.NativeEndian.PutUint32(data[4:], 1<<number) // permitted
	l.add(unix.SYS_CAPSET, address(header), address(data))
}
