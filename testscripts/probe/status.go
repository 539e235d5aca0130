package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

var statusTries = map[string]try{
	"fds":     {"", 0, tryFds},
	"status":  {"FIELD", 1, tryStatus},
	"args":    {"[ARG…]", -1, tryArgs},
	"streams": {"", 0, tryStreams},
	"limit":   {"NAME", 1, tryLimit},
}

// tryFds lists the open descriptors. Go opens none before main but those of its
// poller, which come up with the directory that is read here: so each number
// is asked for with fcntl, up to a bound.
func tryFds([]string) (string, error) {
	var open []string
	for fd := range 1024 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			open = append(open, fmt.Sprint(fd))
		}
	}
	return strings.Join(open, " "), nil
}

// tryStatus prints a field of /proc/self/status.
func tryStatus(args []string) (string, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); name == args[0] {
			return args[0] + "=" + strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("no field %s", args[0])
}

// tryArgs prints each argument as a Go string, its own name first.
func tryArgs(args []string) (string, error) {
	quoted := []string{fmt.Sprintf("%q", os.Args[0])}
	for _, arg := range args {
		quoted = append(quoted, fmt.Sprintf("%q", arg))
	}
	return strings.Join(quoted, " "), nil
}

// tryStreams says what each standard stream is.
func tryStreams([]string) (string, error) {
	var kinds []string
	for fd := range 3 {
		kinds = append(kinds, streamKind(fd))
	}
	return strings.Join(kinds, " "), nil
}

func streamKind(fd int) string {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return "closed"
	}
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
		return "terminal"
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFIFO:
		return "pipe"
	case unix.S_IFREG:
		return "file"
	case unix.S_IFCHR:
		return "device"
	case unix.S_IFSOCK:
		return "socket"
	}
	return "other"
}

// limits maps the profile's names to resources (setrlimit(2)).
var limits = map[string]int{
	"processes": unix.RLIMIT_NPROC, "files": unix.RLIMIT_NOFILE, "memory": unix.RLIMIT_AS,
	"file_size": unix.RLIMIT_FSIZE, "cpu_time": unix.RLIMIT_CPU, "core": unix.RLIMIT_CORE,
}

// tryLimit prints a limit's soft and hard value. Go raises the soft limit of
// files before main, so it is the hard one that counts there.
func tryLimit(args []string) (string, error) {
	resource, ok := limits[args[0]]
	if !ok {
		return "", errUsage
	}
	var l unix.Rlimit
	if err := unix.Getrlimit(resource, &l); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %d", l.Cur, l.Max), nil
}
