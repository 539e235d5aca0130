package kernel

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// AnsweredAlready says whether a filter with a listener holds for this process:
// the kernel takes no second one then (EBUSY, seccomp(2)). Only a process that
// has a filter finds out by trying.
func AnsweredAlready() bool {
	mode, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	if err == nil && mode == 0 {
		return false
	}
	permit := binary.NativeEndian.AppendUint16(nil, unix.BPF_RET|unix.BPF_K)
	permit = binary.NativeEndian.AppendUint32(append(permit, 0, 0), unix.SECCOMP_RET_ALLOW)
	l := steps.New()
	l.BlockSignals()
	l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1)
	l.Seccomp(permit, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, -1)
	return run(l, 0) == unix.EBUSY
}
