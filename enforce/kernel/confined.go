package kernel

import (
	"os"
	"strings"
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
