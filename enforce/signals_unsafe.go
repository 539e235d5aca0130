package enforce

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Signals reach the wrapper through a pipe (the self-pipe of signal-safety(7)),
// not through os/signal: enabling ten signals there hands the processor to and
// fro between threads ten times, 0.5 ms, and until that is done a signal would
// end the wrapper and leave its session behind.

// signalPipe is the writing end; the handler reads it.
var signalPipe int32 = -1

// signalCode gives the addresses of the handler and its restorer.
func signalCode() (handler, restorer uintptr)

// catchSignals makes every signal of passedOn, and SIGCHLD, arrive as a byte at
// the first descriptor that it gives; the second one is written to.
func catchSignals() (fds [2]int, err error) {
	if err = unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return fds, &Failure{Text: "cannot make a pipe: " + err.Error()}
	}
	return fds, takeSignalsThrough(fds[1])
}

// takeSignalsThrough makes the signals arrive at a pipe's other end.
func takeSignalsThrough(pipe int) error {
	atomic.StoreInt32(&signalPipe, int32(pipe))
	// struct sigaction as rt_sigaction(2) takes it; the same on both
	// architectures.
	var action struct{ handler, flags, restorer, mask uintptr }
	action.handler, action.restorer = signalCode()
	const restart, onStack, restorer = 0x10000000, 0x08000000, 0x04000000 // SA_*
	action.flags = restart | onStack | restorer
	action.mask = ^uintptr(0)
	for _, sig := range append(passedOn, unix.SIGCHLD) {
		var before kernelAction
		_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), uintptr(unsafe.Pointer(&before)), 8, 0, 0)
		if errno != 0 {
			return &Failure{Text: "cannot catch signals: " + errno.Error()}
		}
		if *(*uintptr)(unsafe.Pointer(&before)) == ignoring {
			ignored = append(ignored, sig)
		}
	}
	return nil
}

// ignoring is the handler of a signal that is ignored, SIG_IGN.
const ignoring = 1

// ignored are the signals that the caller ignores, so that the program does too
// (execve(2)): SIGHUP under nohup, SIGINT of a script's background command. Go
// takes over all but these two and those of job control before anybody can
// look.
var ignored []unix.Signal

// ignoredByCaller gives them. Whoever starts a command in the background without
// job control ignores SIGINT and SIGQUIT for it, both (POSIX, Shell Command
// Language, 2.9.3); the second is one that Go takes over.
func ignoredByCaller() []unix.Signal {
	all := ignored
	if slices.Contains(all, unix.SIGINT) && !slices.Contains(all, unix.SIGQUIT) {
		all = append(all, unix.SIGQUIT)
	}
	return all
}
