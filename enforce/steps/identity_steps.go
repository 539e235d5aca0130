package steps

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// umaskReg keeps the caller's umask while init has another one.
const umaskReg Reg = registers - 2

// Note adds a step of which somebody else does the work, for who reads the list.
func (l *List) Note(kind Kind, origin int, object string, words ...string) {
	l.begin(kind, origin, object, words...)
}

// OpenUmask gives init the usual umask and keeps the caller's for
// [List.RestoreUmask]: what init makes for a program of another user must be
// readable for that one.
func (l *List) OpenUmask() {
	l.begin(Prctl, noOrigin, "umask", "umask 022")
	l.add(unix.SYS_UMASK, value(0o022)).into(umaskReg)
}

// RestoreUmask gives the program the caller's umask.
func (l *List) RestoreUmask() {
	l.begin(Prctl, noOrigin, "umask", "the caller's umask")
	l.add(unix.SYS_UMASK, slot(umaskReg))
}

// SetUser makes the process another user's, for good: no supplementary groups,
// then the group, then the user, since each needs what the next one gives up
// (setgroups(2), setresgid(2), setresuid(2)).
func (l *List) SetUser(uid, gid, origin int) {
	u, g := value(uid), value(gid)
	l.begin(User, origin, "user", "user ", strconv.Itoa(uid), ", group ", strconv.Itoa(gid), ", no other groups")
	l.add(unix.SYS_SETGROUPS, arg{}, arg{})
	l.add(unix.SYS_SETRESGID, g, g, g)
	l.add(unix.SYS_SETRESUID, u, u, u)
}
