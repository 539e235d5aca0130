package enforce

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// orphaned says whether nobody is left who could continue the wrapper's process
// group when it is stopped: no ancestor that is in this session and in another
// group. Such a group is not stopped by the terminal's signals (setpgid(2)).
func orphaned(group int) bool {
	session, err := unix.Getsid(0)
	if err != nil {
		return true
	}
	for pid := unix.Getppid(); pid > 0; pid = parentOf(pid) {
		if s, err := unix.Getsid(pid); err != nil || s != session {
			return true
		}
		if g, err := unix.Getpgid(pid); err != nil || g != group {
			return err != nil
		}
	}
	return true
}

// parentOf gives a process's parent, 0 where it cannot be told: the second
// field behind the name in parentheses, which may hold anything
// (proc_pid_stat(5)).
func parentOf(pid int) int {
	text, err := readFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 2 {
		return 0
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return parent
}
