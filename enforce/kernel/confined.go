package kernel

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Confined says whether this process is under a system call filter already: in
// a container, or in another sandbox (proc_pid_status(5), Seccomp: 2 is
// SECCOMP_MODE_FILTER).
func Confined() bool {
	text, err := os.ReadFile("/proc/self/status")
	return err == nil && statusField(string(text), "Seccomp") == "2"
}

// statusField gives a field of /proc/PID/status, "" where it is not there.
func statusField(text, name string) string {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Openat2 says whether openat2(2) can be called. Every kernel that husk runs on
// has it; a filter that is in force already may refuse it, since the flags lie
// in memory where it cannot look (husk's own baseline does).
func Openat2() bool {
	_, err := unix.Openat2(-1, "", &unix.OpenHow{Resolve: ^uint64(0)}) // EINVAL, whatever the path
	return err == unix.EINVAL
}
