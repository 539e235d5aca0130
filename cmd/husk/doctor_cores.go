package main

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// examineCores says where a crash in a sandbox starts something of the host's,
// though the profile allows no core dump.
func (a *app) examineCores(h *health) {
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil {
		return // a container may hide it, and nothing here depends on it
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return
	}
	if text, hint := crashHandler(strings.TrimSpace(string(pattern)), limit.Max); text != "" {
		h.problem(false, hint, "%s", text)
	}
}

// crashHandler judges a core_pattern(5), with hard as the caller's hard limit on
// core dumps, in bytes. A program that takes dumps isn't started at a limit of 1,
// which husk sets where it may (enforce/limits.go); a service is asked whatever the
// limit is (coredump_socket, fs/coredump.c).
func crashHandler(pattern string, hard uint64) (text, hint string) {
	program, piped := strings.CutPrefix(pattern, "|")
	service, asked := strings.CutPrefix(pattern, "@")
	switch {
	case piped && hard == 0:
		program, _, _ = strings.Cut(strings.TrimSpace(program), " ")
		return "a crash in a sandbox starts " + program + ", outside and as root: husk keeps it from that by a limit of 1 byte, and the hard limit here is 0",
			"ulimit -Hc shows it; a limit of 1 or more lets husk set its own (limits.conf(5), or LimitCORE= of a service)"
	case asked:
		return "a crash in a sandbox is handed to the service at " + strings.TrimLeft(service, "@") + ", whatever the limit on core dumps is",
			"sysctl kernel.core_pattern names it"
	}
	return "", ""
}
