package main

import (
	"os"
	"strconv"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What uses a machine up. Every one of them is bounded by itself, too: they are
// also run where nothing else bounds them.
var resourceTries = map[string]try{
	"fork-bomb": {"MOST SECONDS FILE", 3, tryForkBomb},
	"hog":       {"MEGABYTES", 1, tryHog},
	"keep":      {"MEGABYTES READY DONE", 3, tryKeep},
	"hogs":      {"PROCESSES MEGABYTES FILE", 3, tryHogs},
	"spin":      {"PROCESSES SECONDS", 2, trySpin},
}

// shared is a page that processes share with the children that they fork.
type shared struct {
	most    uint32 // processes at most
	started uint32
	refused uint32
	done    uint32
	stop    uint32
}

func share(most int) (*shared, error) {
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, err
	}
	s := (*shared)(unsafe.Pointer(&page[0]))
	s.most = uint32(most)
	return s, nil
}

func numbers(args []string) ([]int, error) {
	var all []int
	for _, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil || n < 0 {
			return nil, errUsage
		}
		all = append(all, n)
	}
	return all, nil
}

// tryForkBomb starts processes that start processes, until MOST of them are
// there or one is refused; FILE says then how many there are, and they go on
// trying for SECONDS.
func tryForkBomb(args []string) (string, error) {
	n, err := numbers(args[:2])
	if err != nil {
		return "", err
	}
	s, err := share(n[0])
	if err != nil {
		return "", err
	}
	if errno := s.fork(bomb, 0); errno != 0 {
		return "", errno
	}
	// A limit that neither comes leaves the bomb no longer than a test may take.
	for end := time.Now().Add(time.Minute); atomic.LoadUint32(&s.refused) == 0 && atomic.LoadUint32(&s.started) < s.most &&
		time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	state := strconv.Itoa(int(atomic.LoadUint32(&s.started))) + " processes"
	if atomic.LoadUint32(&s.refused) > 0 {
		state += ", then refused"
	}
	if err := os.WriteFile(args[2], []byte(state+"\n"), 0o644); err != nil {
		return "", err
	}
	time.Sleep(time.Duration(n[1]) * time.Second)
	atomic.StoreUint32(&s.stop, 1)
	return state, nil
}

// fork runs f in a child, which makes raw calls only, and ends it.
//
//go:nosplit
//go:norace
func (s *shared) fork(f func(*shared, uintptr), arg uintptr) unix.Errno {
	r, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && r == 0 {
		f(s, arg)
		for {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	return errno
}

//go:nosplit
//go:norace
func bomb(s *shared, _ uintptr) {
	if atomic.AddUint32(&s.started, 1) > s.most {
		atomic.AddUint32(&s.started, ^uint32(0))
		return
	}
	for atomic.LoadUint32(&s.stop) == 0 {
		r, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		switch {
		case errno != 0:
			atomic.AddUint32(&s.refused, 1)
		case r == 0 && atomic.AddUint32(&s.started, 1) > s.most:
			atomic.AddUint32(&s.started, ^uint32(0))
			return
		case atomic.LoadUint32(&s.started) >= s.most:
			return
		}
	}
}

// tryHog takes memory and uses all of it.
func tryHog(args []string) (string, error) {
	n, err := numbers(args)
	if err != nil {
		return "", err
	}
	memory, err := unix.Mmap(-1, 0, n[0]<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return "", err
	}
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
	return "", nil
}

// tryKeep takes memory, uses all of it, makes the file READY, and keeps the memory
// until the file DONE is there.
func tryKeep(args []string) (string, error) {
	if state, err := tryHog(args[:1]); err != nil {
		return state, err
	}
	if err := os.WriteFile(args[1], []byte("ready\n"), 0o644); err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(args[2]); err == nil {
			return "", nil
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// tryHogs has children take and use memory, each the same, and keep it. FILE is
// written once all of them have it. It ends when one of them has been ended.
func tryHogs(args []string) (string, error) {
	n, err := numbers(args[:2])
	if err != nil {
		return "", err
	}
	s, err := share(n[0])
	if err != nil {
		return "", err
	}
	for range n[0] {
		if errno := s.fork(hog, uintptr(n[1])<<20); errno != 0 {
			return "", errno
		}
	}
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		switch {
		case err != nil && err != unix.EINTR:
			return "", err
		case pid > 0 && status.Signaled():
			return "one was ended by signal " + strconv.Itoa(int(status.Signal())), nil
		case atomic.LoadUint32(&s.done) == s.most:
			return "", os.WriteFile(args[2], []byte("all have it\n"), 0o644)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

//go:nosplit
//go:norace
func hog(s *shared, size uintptr) {
	unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0)
	r, _, errno := unix.RawSyscall6(unix.SYS_MMAP, 0, size, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE, ^uintptr(0), 0)
	if errno != 0 || r == 0 {
		return
	}
	atomic.AddUint32(&s.done, 1)
	for {
		unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
	}
}

// trySpin keeps several processes busy and gives the processor time that they
// used, in milliseconds.
func trySpin(args []string) (string, error) {
	n, err := numbers(args)
	if err != nil {
		return "", err
	}
	s, err := share(n[0])
	if err != nil {
		return "", err
	}
	for range n[0] {
		if errno := s.fork(spin, 0); errno != 0 {
			return "", errno
		}
	}
	time.Sleep(time.Duration(n[1]) * time.Second)
	atomic.StoreUint32(&s.stop, 1)
	var used time.Duration
	for {
		var usage unix.Rusage
		_, err := unix.Wait4(-1, nil, 0, &usage)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return strconv.Itoa(int(used.Milliseconds())), nil
		}
		used += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
}

//go:nosplit
//go:norace
func spin(s *shared, _ uintptr) {
	for atomic.LoadUint32(&s.stop) == 0 {
	}
}
