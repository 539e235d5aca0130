package enforce

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// tellViolation says that the program was ended by SIGSYS, and which call it
// was where that can be known: of calls that end a process the kernel's log has
// a record (SECCOMP_RET_KILL_PROCESS, seccomp(2)), which root may read, and
// others where sysctl kernel.dmesg_restrict is 0. A call that traps leaves none.
func (s *start) tellViolation(status unix.WaitStatus) {
	if !s.tier.seccomp || !status.Signaled() || status.Signal() != unix.SIGSYS || s.observer.told {
		return
	}
	if s.observer.lost != "" {
		warn("which call it was is not known: " + s.observer.lost)
	}
	name := s.plan.Command
	v, ok := lastViolation(kernelLog(), s.anchors.UID, time.Now())
	switch {
	case !ok:
		say(name + " was ended by SIGSYS, as a system call policy does to a call that it traps or kills, and to calls of other ABIs")
		hint("the kernel's log may name the call (type=1326); default = \"log\" finds all calls that a list lacks; " +
			"husk why " + s.plan.Profile + " syscall CALL says what decides about one, and what permits it")
	case v.foreign:
		say(name + " was ended by SIGSYS: it made call " + v.call + " of another ABI than the machine's own, which no profile permits")
		hint("use a 64-bit build of the program, or answer such calls with an error: foreign_abi = \"errno:ENOSYS\"")
	default:
		say(name + " was ended by SIGSYS: the profile's syscalls block does not permit call " + v.call + ", made at " + v.at)
		hint("husk why " + s.plan.Profile + " syscall " + v.call + " names the call and the line, and what permits it")
	}
}

// violation is a record of the kernel's log.
type violation struct {
	call    string // its number
	at      string // the program counter
	foreign bool
}

// recent is how old a record may be that is about a program which has just
// ended.
const recent = 2 * time.Second

// lastViolation finds the only recent record about a process of that user. Of
// several none is taken: nothing says which process of the sandbox one is about.
func lastViolation(log string, uid int, now time.Time) (v violation, found bool) {
	for _, line := range strings.Split(log, "\n") {
		_, record, ok := strings.Cut(line, "type=1326 audit(")
		if !ok || word(record, "sig") != "31" || word(record, "uid") != strconv.Itoa(uid) {
			continue
		}
		seconds, _, _ := strings.Cut(record, ":")
		at, err := strconv.ParseFloat(seconds, 64)
		if age := now.Sub(time.UnixMilli(int64(at * 1000))); err != nil || age > recent || age < -recent {
			continue
		}
		if found {
			return violation{}, false
		}
		found = true
		v = violation{call: word(record, "syscall"), at: word(record, "ip"), foreign: word(record, "arch") != nativeAudit}
	}
	if number, err := strconv.ParseUint(v.call, 10, 32); err != nil || number >= foreignNumbers {
		v.foreign = true
	}
	return v, found
}

// foreignNumbers is where the numbers of x32 calls begin (__X32_SYSCALL_BIT).
const foreignNumbers = 0x40000000

// word gives the value of NAME=VALUE in a record.
func word(record, name string) string {
	for _, w := range strings.Fields(record) {
		if value, ok := strings.CutPrefix(w, name+"="); ok {
			return value
		}
	}
	return ""
}

// kernelLog gives the end of the kernel's log, "" where it may not be read
// (syslog(2), SYSLOG_ACTION_READ_ALL).
func kernelLog() string {
	const readAll = 3
	b := make([]byte, 64<<10)
	n, err := unix.Klogctl(readAll, b)
	if err != nil {
		return ""
	}
	return string(b[:n])
}
