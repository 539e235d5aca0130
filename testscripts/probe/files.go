package main

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

var fileTries = map[string]try{
	"read":    {"FILE", 1, tryRead},
	"write":   {"FILE", 1, tryWrite},
	"create":  {"FILE", 1, tryCreate},
	"openat2": {"FILE", 1, tryOpenat2},
	"append":  {"FILE", 1, tryAppend},
	"remove":  {"FILE", 1, tryRemove},
	"chmod":   {"FILE", 1, tryChmod},
	"list":    {"DIR", 1, tryList},
	"rename":  {"FROM TO", 2, tryRename},
	"link":    {"FROM TO", 2, tryLink},
	"reopen":  {"FD r|w", 2, tryReopen},
	"fill":    {"FILE BYTES", 2, tryFill},
	"swap":    {"A B READY STOP", 4, trySwap},
}

func tryRead(args []string) (string, error) {
	_, err := os.ReadFile(args[0])
	return "", err
}

// tryWrite opens an existing file for writing and changes nothing in it.
func tryWrite(args []string) (string, error) {
	return "", openClose(args[0], os.O_WRONLY)
}

func tryCreate(args []string) (string, error) {
	return "", openClose(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL)
}

func tryAppend(args []string) (string, error) {
	f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = f.WriteString("appended by probe\n")
	return "", err
}

// tryOpenat2 opens a file for reading, by the call whose flags and mode lie in
// memory.
func tryOpenat2(args []string) (string, error) {
	fd, err := unix.Openat2(unix.AT_FDCWD, args[0], &unix.OpenHow{Flags: unix.O_CLOEXEC})
	if err != nil {
		return "", err
	}
	return "", unix.Close(fd)
}

func openClose(name string, flags int) error {
	f, err := os.OpenFile(name, flags, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func tryRemove(args []string) (string, error) { return "", unix.Unlink(args[0]) }

func tryChmod(args []string) (string, error) { return "", unix.Chmod(args[0], 0o755) }

func tryRename(args []string) (string, error) { return "", unix.Rename(args[0], args[1]) }

func tryLink(args []string) (string, error) { return "", unix.Link(args[0], args[1]) }

func tryList(args []string) (string, error) {
	entries, err := os.ReadDir(args[0])
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d entries", len(entries)), nil
}

// tryReopen opens one of its own descriptors anew through /proc, which gives
// other rights than the descriptor has unless the file's own mode forbids it.
func tryReopen(args []string) (string, error) {
	if _, err := strconv.Atoi(args[0]); err != nil {
		return "", errUsage
	}
	flags, ok := map[string]int{"r": os.O_RDONLY, "w": os.O_WRONLY}[args[1]]
	if !ok {
		return "", errUsage
	}
	return "", openClose("/proc/self/fd/"+args[0], flags)
}

// tryFill writes so many bytes into a file.
func tryFill(args []string) (string, error) {
	left, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return "", errUsage
	}
	f, err := os.Create(args[0])
	if err != nil {
		return "", err
	}
	defer f.Close()
	for block := make([]byte, 1<<16); left > 0; left -= int64(len(block)) {
		if _, err := f.Write(block[:min(left, int64(len(block)))]); err != nil {
			return "", err
		}
	}
	return "", nil
}

// trySwap exchanges two names as fast as it can, from when it has made the file
// READY until there is a file STOP.
func trySwap(args []string) (string, error) {
	if err := os.WriteFile(args[2], []byte("swapping\n"), 0o600); err != nil {
		return "", err
	}
	rounds := 0
	for ; rounds%1000 != 0 || unix.Access(args[3], unix.F_OK) != nil; rounds++ {
		if err := unix.Renameat2(unix.AT_FDCWD, args[0], unix.AT_FDCWD, args[1], unix.RENAME_EXCHANGE); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d times", rounds), nil
}
