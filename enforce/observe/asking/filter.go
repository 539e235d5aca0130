// Package asking holds the filter that stands beside the profile's own in a
// sandbox that is watched (package observe). A process has one tracer, so a
// debugger inside would be refused; this filter makes the kernel stop a process
// that calls ptrace(2) and tell the watcher (SECCOMP_RET_TRACE, seccomp(2)),
// which then lets go of whomever the debugger wants.
//
// It is a package of its own because the enforcer loads the filter, and links
// nothing of the watcher. A filter permits nothing: what the profile's own
// refuses stays refused, since the stricter answer of the two holds, and without
// a watcher the call fails with ENOSYS.
package asking

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Mark is what the watcher gets with a stop (PTRACE_GETEVENTMSG), to tell it from
// those of filters that the program loads itself, which want another tracer.
const Mark = 0x6875

// Filter gives a program for seccomp(2), an array of struct sock_filter.
func Filter() []byte {
	const (
		load, equal, answer = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
		number, arch        = 0, 4 // in struct seccomp_data
	)
	var p []byte
	for _, i := range []unix.SockFilter{
		{Code: load, K: arch},
		{Code: equal, K: nativeArch, Jf: 3},
		{Code: load, K: number},
		{Code: equal, K: unix.SYS_PTRACE, Jf: 1},
		{Code: answer, K: unix.SECCOMP_RET_TRACE | Mark},
		{Code: answer, K: unix.SECCOMP_RET_ALLOW},
	} {
		p = binary.LittleEndian.AppendUint16(p, i.Code)
		p = append(p, i.Jt, i.Jf)
		p = binary.LittleEndian.AppendUint32(p, i.K)
	}
	return p
}
