// Probe makes one attempt at something a sandbox should decide about, and says
// how it went: "ok" and status 0, or the errno's name and status 1. Wrong usage
// is status 2. Scripts run it without the sandbox and in it and compare.
//
// It is static and talks to the kernel itself, so that no libc answers in the
// kernel's place.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// try is one attempt; it returns what to print beside "ok".
type try struct {
	usage string
	arity int // how many arguments it takes; -1: it looks for itself
	run   func(args []string) (string, error)
}

// tries lists every attempt by its name.
var tries = map[string]try{}

func register(group map[string]try) {
	for name, t := range group {
		if _, ok := tries[name]; ok {
			panic("two tries are called " + name)
		}
		tries[name] = t
	}
}

func main() {
	for _, group := range []map[string]try{
		fileTries, processTries, callTries, terminalTries, socketTries, statusTries, identityTries, dropTries,
		unixTries, stuckTries, resourceTries,
	} {
		register(group)
	}
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	if len(args) == 0 {
		return usage()
	}
	t, ok := tries[args[0]]
	if !ok || t.arity >= 0 && len(args)-1 != t.arity {
		return usage()
	}
	result, err := t.run(args[1:])
	if errors.Is(err, errUsage) {
		return usage()
	}
	if err != nil {
		fmt.Printf("%s: %s\n", args[0], describe(err))
		return 1
	}
	if result == "" {
		result = "ok"
	}
	fmt.Printf("%s: %s\n", args[0], result)
	return 0
}

var errUsage = errors.New("usage")

func usage() int {
	names := make([]string, 0, len(tries))
	for name, t := range tries {
		names = append(names, strings.TrimSpace("probe "+name+" "+t.usage))
	}
	slices.Sort(names)
	fmt.Fprintf(os.Stderr, "usage:\n  %s\n", strings.Join(names, "\n  "))
	return 2
}

// describe names the errno where there is one.
func describe(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return unix.ErrnoName(errno)
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
