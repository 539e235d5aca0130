package steps

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// rulesetReg keeps the ruleset's descriptor from its creation to the
// restriction; no other step uses it.
const rulesetReg Reg = registers - 1

// Ruleset creates a Landlock ruleset (landlock_create_ruleset(2)) from the
// bytes of its attributes.
func (l *List) Ruleset(attr []byte, text string) {
	l.begin(Landlock, noOrigin, "ruleset", text)
	l.add(unix.SYS_LANDLOCK_CREATE_RULESET, l.data(attr), value(len(attr)), arg{}).into(rulesetReg)
}

// WithoutOpenat2 says that openat2(2) can't be had for the rules that follow: a
// system call filter that is in force already refuses it.
func (l *List) WithoutOpenat2() { l.noOpenat2 = true }

// AllowBeneath lets the ruleset's subject do access below path
// (landlock_add_rule(2), LANDLOCK_RULE_PATH_BENEATH). path leads through no
// link: one that stands on the way now was put there since the path was
// resolved, and the right would be given to what it leads to. Without openat2 (see
// [List.WithoutOpenat2]) a link in the last place gets the right itself, which
// gives nobody anything.
func (l *List) AllowBeneath(path string, access uint64, text string, origin int) {
	l.begin(Landlock, origin, path, path, ": ", text)
	rule := l.memory.bytes(12) // struct landlock_path_beneath_attr is packed
	binary.NativeEndian.PutUint64(rule, access)
	if l.noOpenat2 {
		l.openNames(path, sourceReg, treeReg)
	} else {
		l.openExact(path, sourceReg)
	}
	l.storeInt32(rule, 8, sourceReg)
	l.add(unix.SYS_LANDLOCK_ADD_RULE, slot(rulesetReg), value(unix.LANDLOCK_RULE_PATH_BENEATH), address(rule), arg{})
	l.add(unix.SYS_CLOSE, slot(sourceReg))
}

// AllowBeneathIfThere does so for what others may remove at any moment. What is
// gone needs no rule: the calls after a failed open get no descriptor, which is
// no failure either. A link that stands there instead is not followed.
func (l *List) AllowBeneathIfThere(path string, access uint64, text string, origin int) {
	l.begin(Landlock, origin, path, path, ": ", text, ", if it is still there")
	rule := l.memory.bytes(12)
	binary.NativeEndian.PutUint64(rule, access)
	l.add(unix.SYS_OPENAT, cwd, l.text(path), value(unix.O_PATH|unix.O_CLOEXEC|unix.O_NOFOLLOW), arg{}).
		into(0).unless(uint16(unix.ENOENT))
	l.storeInt32(rule, 8, 0)
	// EINVAL: a file where a directory was. Rights for directories are not given to it.
	l.add(unix.SYS_LANDLOCK_ADD_RULE, slot(rulesetReg), value(unix.LANDLOCK_RULE_PATH_BENEATH), address(rule), arg{}).
		unless(uint16(unix.EBADF), uint16(unix.EINVAL))
	l.add(unix.SYS_CLOSE, slot(0)).unless(uint16(unix.EBADF))
}

// AllowPort lets the subject do access on a TCP port (LANDLOCK_RULE_NET_PORT).
func (l *List) AllowPort(port int, access uint64, text string, origin int) {
	name := "port " + strconv.Itoa(port)
	l.begin(Landlock, origin, name, name, ": ", text)
	rule := l.memory.bytes(16)
	binary.NativeEndian.PutUint64(rule, access)
	binary.NativeEndian.PutUint64(rule[8:], uint64(port))
	const netPort = 2 // LANDLOCK_RULE_NET_PORT, linux/landlock.h
	l.add(unix.SYS_LANDLOCK_ADD_RULE, slot(rulesetReg), value(netPort), address(rule), arg{})
}

// Restrict puts the process under the ruleset (landlock_restrict_self(2)).
func (l *List) Restrict() {
	l.begin(Landlock, noOrigin, "restriction", "restrict the process")
	l.add(unix.SYS_LANDLOCK_RESTRICT_SELF, slot(rulesetReg), arg{})
	l.add(unix.SYS_CLOSE, slot(rulesetReg))
}
