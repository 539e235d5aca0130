package main

import (
	"strconv"

	"golang.org/x/sys/unix"
)

var identityTries = map[string]try{
	"setuid":    {"UID", 1, onNumber(func(id int) error { return unix.Setresuid(id, id, id) })},
	"setgid":    {"GID", 1, onNumber(func(id int) error { return unix.Setresgid(id, id, id) })},
	"dumpable":  {"", 0, tryDumpable},
	"setgroups": {"GID", 1, onNumber(func(id int) error { return unix.Setgroups([]int{id}) })},
}

// tryDumpable prints PR_GET_DUMPABLE's answer.
func tryDumpable([]string) (string, error) {
	n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	return strconv.Itoa(n), err
}

// onNumber makes a try of a function that takes a number.
func onNumber(f func(int) error) func([]string) (string, error) {
	return func(args []string) (string, error) {
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return "", errUsage
		}
		return "", f(n)
	}
}
