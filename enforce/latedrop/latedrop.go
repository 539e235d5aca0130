// Package latedrop offers a program the interface of the old setuid sandbox
// helpers: on a descriptor that the environment names, it asks once for an empty
// root directory.
//
// The chroot(2) is made by a helper that shares the file system attributes with
// the program's process. It is started before the program, keeps CAP_SYS_CHROOT
// when that gives up everything, and can do nothing else: no other capability,
// no descriptor but its socket and the empty directory, and a filter that kills
// it for any other call.
package latedrop

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// Variable is the environment variable with the descriptor's number.
const Variable = "SBX_D"

// Descriptor chooses the number: the first one above the standard streams that
// is not in use, with one digit, since dash takes no longer ones in ">&$SBX_D".
// It gives 0 where all are in use.
func Descriptor(used ...int) int {
	for n := 3; n <= 9; n++ {
		free := true
		for _, u := range used {
			free = free && u != n
		}
		if free {
			return n
		}
	}
	return 0
}

// Offer is what a start knows about it.
type Offer struct {
	// Descriptor is the program's end of the socket.
	Descriptor int
	// Pipe is the report pipe.
	Pipe [2]int
	// LastCapability is the kernel's highest one.
	LastCapability int
	// Seccomp is false where the kernel has no filters and the profile does without.
	Seccomp bool
	Origin  int
}

// Steps adds what the program's process does for it, while it still has its
// capabilities.
func (o Offer) Steps(l *steps.List) {
	l.EmptyRoot(o.Origin)
	l.StartHelper(o.Descriptor, o.Pipe, o.Origin, func() {
		l.Prctl("not dumpable", unix.PR_SET_DUMPABLE, 0)
		l.BoundCapabilities(o.LastCapability)
		l.KeepCapability(unix.CAP_SYS_CHROOT, "CAP_SYS_CHROOT")
		l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1)
		if o.Seccomp {
			l.Seccomp(Filter(), 0, o.Origin)
		}
	})
}

// calls are all that the helper makes from the filter on.
var calls = []uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_CLOSE, unix.SYS_SHUTDOWN,
	unix.SYS_FCHDIR, unix.SYS_CHROOT, unix.SYS_CHDIR, unix.SYS_EXIT_GROUP,
}

// Filter gives the helper's filter, an array of struct sock_filter (seccomp(2)).
// Calls of another ABI and any other call kill it.
func Filter() []byte {
	const (
		loadWord = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal    = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		answer   = unix.BPF_RET | unix.BPF_K
		number   = 0 // offsets in struct seccomp_data
		arch     = 4
	)
	var program []byte
	add := func(code uint16, yes, no uint8, k uint32) {
		program = binary.NativeEndian.AppendUint16(program, code)
		program = append(program, yes, no)
		program = binary.NativeEndian.AppendUint32(program, k)
	}
	n := uint8(len(calls))
	add(loadWord, 0, 0, arch)
	add(equal, 0, n+1, auditArch)
	add(loadWord, 0, 0, number)
	for i, call := range calls {
		add(equal, n-uint8(i), 0, call)
	}
	add(answer, 0, 0, unix.SECCOMP_RET_KILL_PROCESS)
	add(answer, 0, 0, unix.SECCOMP_RET_ALLOW)
	return program
}
