package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

var dropTries = map[string]try{
	"drop":         {"REQUEST", 1, tryDrop},
	"drop-threads": {"", 0, tryDropThreads},
	"drop-keeps":   {"", 0, tryDropKeeps},
	"unshare-fs":   {"", 0, func([]string) (string, error) { return "", unix.Unshare(unix.CLONE_FS) }},
	"thread-fs":    {"", 0, tryThreadFS},
	"answer":       {"", 0, tryAnswer},
}

// dropSocket is the descriptor that SBX_D names.
func dropSocket() (int, error) {
	fd, err := strconv.Atoi(os.Getenv("SBX_D"))
	if err != nil {
		return 0, fmt.Errorf("SBX_D is %q", os.Getenv("SBX_D"))
	}
	return fd, nil
}

// ask sends a request and gives all that comes until the helper is gone.
func ask(request string) (string, error) {
	fd, err := dropSocket()
	if err != nil {
		return "", err
	}
	if _, err := unix.Write(fd, []byte(request)); err != nil {
		return "", err
	}
	return hear(fd)
}

func hear(fd int) (string, error) {
	var said []byte
	buffer := make([]byte, 64)
	for {
		n, err := unix.Read(fd, buffer)
		if err != nil || n == 0 {
			return string(said), err
		}
		said = append(said, buffer[:n]...)
	}
}

// tryDrop sends REQUEST, a Go string without its quotes, and describes what the
// answer is and what the root looks like then.
func tryDrop(args []string) (string, error) {
	request, err := strconv.Unquote(`"` + args[0] + `"`)
	if err != nil {
		return "", errUsage
	}
	said, err := ask(request)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("answer %q, %s", said, describeRoot()), nil
}

// describeRoot says what this process can do with its root: list it, name its
// working directory, make a file and a directory, open the mode, climb out of it.
func describeRoot() string {
	entries, err := os.ReadDir("/")
	if len(entries) > 0 {
		return "root full"
	}
	cwd, cwdErr := os.Getwd()
	_, upErr := os.Stat("../../../../../../etc/passwd")
	return fmt.Sprintf("root empty: list %s, cwd %s %s, make %s, mkdir %s, chmod %s, up %s", outcome(err), cwd, outcome(cwdErr),
		outcome(os.WriteFile("/made", nil, 0o600)), outcome(os.Mkdir("/dir", 0o700)), outcome(os.Chmod("/", 0o777)), outcome(upErr))
}

// outcome describes an error, also none.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return describe(err)
}

// tryThreadFS asks for a thread that shares everything but the file system
// attributes, in a way that the kernel would refuse with EINVAL: what a filter
// answers comes first.
func tryThreadFS([]string) (string, error) {
	_, _, errno := unix.RawSyscall(unix.SYS_CLONE, unix.CLONE_THREAD, 0, 0)
	return "", errno
}

// tryDropThreads drops while other threads run, which then look for themselves.
func tryDropThreads([]string) (string, error) {
	const threads = 4
	ready, dropped, found := make(chan bool), make(chan bool), make(chan string)
	for range threads {
		go func() {
			runtime.LockOSThread()
			ready <- true
			<-dropped
			found <- describeRoot()
		}()
	}
	for range threads {
		<-ready
	}
	if said, err := ask("C"); err != nil || said != "O\n" {
		return "", fmt.Errorf("answer %q, %w", said, err)
	}
	close(dropped)
	seen := map[string]bool{}
	for range threads {
		seen[<-found] = true
	}
	if len(seen) != 1 {
		return "", fmt.Errorf("threads differ: %v", seen)
	}
	for what := range seen {
		return what, nil
	}
	return "", nil
}

// tryDropKeeps shows what the documentation says stays open: a directory that
// was opened before, and everything that hangs from it.
func tryDropKeeps([]string) (string, error) {
	dir, err := unix.Open(".", unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return "", err
	}
	if said, err := ask("C"); err != nil || said != "O\n" {
		return "", fmt.Errorf("answer %q, %w", said, err)
	}
	_, byName := os.Stat("/etc/passwd")
	var st unix.Stat_t
	below := unix.Fstatat(dir, ".", &st, 0)
	above := unix.Fstatat(dir, "..", &st, 0)
	return fmt.Sprintf("by name %s, opened before %s, above it %s", outcome(byName), outcome(below), outcome(above)), nil
}

// tryAnswer reads what is to be read without asking.
func tryAnswer([]string) (string, error) {
	fd, err := dropSocket()
	if err != nil {
		return "", err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return "", err
	}
	said, err := hear(fd)
	return fmt.Sprintf("%q", said), err
}
