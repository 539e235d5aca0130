package enforce

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// closedStreams finds the standard streams that the caller had closed. Go's
// runtime opens /dev/null, for reading and writing, in the place of each
// before main, so that no file gets their numbers. A caller that really passes
// such a descriptor (daemon(3) does) passes one, duplicated; the runtime opens
// one per stream. Where the kernel can't compare descriptors
// (F_DUPFD_QUERY, Linux 6.10), the streams stay what they are.
func closedStreams() []int {
	var null []int
	for fd := range 3 {
		if isReadWriteNull(fd) {
			null = append(null, fd)
		}
	}
	for i, fd := range null {
		for _, other := range null[:i] {
			same, err := unix.FcntlInt(uintptr(fd), dupfdQuery, other)
			if err != nil || same == 1 {
				return nil
			}
		}
	}
	return null
}

// dupfdQuery is F_DUPFD_QUERY of fcntl(2): 1 where both descriptors are one
// open file description.
const dupfdQuery = 1024 + 3

func isReadWriteNull(fd int) bool {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFCHR || st.Rdev != unix.Mkdev(1, 3) {
		return false
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_ACCMODE == unix.O_RDWR
}

// letGo lets go of standard input and output where they are pipes or sockets and
// the program has its own by now: whoever is at the other end must see when the
// program closes its end, though the wrapper lives on. Standard error stays, for
// what the wrapper has to say. It must come when nothing is to be started any
// more: when the program has been executed.
func (s *start) letGo() {
	if s.gone {
		return
	}
	s.gone = true
	for _, fd := range s.passed {
		_ = unix.Close(fd)
	}
	null := -1
	for fd := range 2 {
		if !isPipe(fd) {
			continue
		}
		if null < 0 {
			var err error
			if null, err = unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0); err != nil {
				return // they stay, which only delays an end
			}
		}
		_ = unix.Dup3(null, fd, 0)
	}
	if null >= 0 {
		_ = unix.Close(null)
	}
}

// openDescriptors gives those of the named descriptors that the caller left open. A
// descriptor that came through execve(2) has no close-on-exec flag, and each that
// this program opened by itself has one: so none of husk's own is mistaken for
// the caller's.
func openDescriptors(named []int) []int {
	var open []int
	for _, fd := range named {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 {
			open = append(open, fd)
		}
	}
	return open
}

// hidePlan closes the descriptor that husk run passes the plan through, which is
// not one of the caller's.
func hidePlan(file string) {
	if number, ok := strings.CutPrefix(file, "/proc/self/fd/"); ok {
		if fd, err := strconv.Atoi(number); err == nil {
			_ = unix.Close(fd)
		}
	}
}
