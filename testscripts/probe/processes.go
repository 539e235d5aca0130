package main

import (
	"os"
	"os/signal"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var processTries = map[string]try{
	"kill":           {"PID", 1, onProcess(func(pid int) error { return unix.Kill(pid, unix.SIGTERM) })},
	"see":            {"PID", 1, onProcess(func(pid int) error { return unix.Kill(pid, 0) })},
	"ptrace":         {"PID", 1, onProcess(tryPtrace)},
	"vm-read":        {"PID", 1, onProcess(tryVMRead)},
	"pidfd":          {"PID FD", 2, tryPidfd},
	"priority-group": {"", 0, nicer(unix.PRIO_PGRP)},
	"priority-self":  {"", 0, nicer(unix.PRIO_PROCESS)},
	"kill-group":     {"", 0, tryKillGroup},
}

// nicer makes a try of giving its own process, or group, a niceness that is one
// higher, or the highest; a lower one is refused to most (setpriority(2)).
func nicer(which int) func([]string) (string, error) {
	return func([]string) (string, error) {
		now, err := unix.Getpriority(unix.PRIO_PROCESS, 0) // 20 - niceness: the call itself has no other way
		if err != nil {
			return "", err
		}
		return "", unix.Setpriority(which, 0, min(20-now+1, 19))
	}
}

// onProcess makes a try of a function that takes a process number.
func onProcess(f func(pid int) error) func([]string) (string, error) {
	return func(args []string) (string, error) {
		pid, err := number(args[0])
		if err != nil {
			return "", err
		}
		return "", f(pid)
	}
}

// number reads a process number: itself, or @FILE for the one that a file holds.
func number(arg string) (int, error) {
	if file, ok := strings.CutPrefix(arg, "@"); ok {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		arg = strings.TrimSpace(string(text))
	}
	n, err := strconv.Atoi(arg)
	if err != nil {
		return 0, errUsage
	}
	return n, nil
}

// tryPtrace seizes the process, which doesn't stop it.
func tryPtrace(pid int) error {
	if err := unix.PtraceSeize(pid); err != nil {
		return err
	}
	// The end of this program detaches; the process was never stopped.
	return nil
}

// tryVMRead reads one byte at an address that is mapped nowhere: a process that
// may be read answers EFAULT, which counts as success.
func tryVMRead(pid int) error {
	buf := make([]byte, 1)
	local := []unix.Iovec{{Base: &buf[0], Len: 1}}
	_, err := unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: 0, Len: 1}}, 0)
	if err == unix.EFAULT {
		return nil
	}
	return err
}

// tryPidfd takes a descriptor out of another process.
func tryPidfd(args []string) (string, error) {
	pid, err := number(args[0])
	if err != nil {
		return "", err
	}
	fd, err := strconv.Atoi(args[1])
	if err != nil {
		return "", errUsage
	}
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return "", err
	}
	_, err = unix.PidfdGetfd(pidfd, fd, 0)
	return "", err
}

// tryKillGroup sends SIGTERM to its own process group, which ends this program
// too: ignored here, so that the answer can be printed.
func tryKillGroup([]string) (string, error) {
	signal.Ignore(unix.SIGTERM)
	return "", unix.Kill(0, unix.SIGTERM)
}
