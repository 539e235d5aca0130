package enforce

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/absent"
)

// A supervisor gives up the right to change files before it reads the first
// byte of the sandbox's, so it could move nothing away in the end. A process of
// the enforcer's is started for that before, which waits for the record's lock:
// the supervisor lets go of it when the sandbox has ended, or the kernel does
// when the supervisor is killed.

// finishArgument starts the enforcer as a finisher: state directory and record
// follow. It can do no more than husk gc does.
const finishArgument = "finish-absent"

// finisher is how a supervisor reaches it.
type finisher struct {
	pid    int
	lock   int // closed, it begins
	answer int // a pipe: whether something had appeared
}

// What it answers.
const (
	nothingAppeared   = '0'
	somethingAppeared = '1'
)

// leaveFinisher starts it, in a session of its own: what the terminal sends to
// the job is not meant for it.
func (s *start) leaveFinisher() (f finisher, err error) {
	state, record, lock := s.absent.Handle()
	var answer [2]int
	if err := unix.Pipe2(answer[:], unix.O_CLOEXEC); err != nil {
		return f, err
	}
	defer unix.Close(answer[1])
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return f, err
	}
	defer unix.Close(null)
	pid, err := syscall.ForkExec("/proc/self/exe", []string{"husk-enforce", finishArgument, state, record}, &syscall.ProcAttr{
		Dir: "/", Files: []uintptr{uintptr(null), uintptr(answer[1]), 2}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	return finisher{pid: pid, lock: lock, answer: answer[0]}, err
}

// awaitFinisher lets it begin and waits for its answer.
func (s *start) awaitFinisher() error {
	f := s.finisher
	s.finisher = finisher{lock: -1, answer: -1}
	_ = unix.Close(f.lock)
	defer unix.Close(f.answer)
	var answer [1]byte
	n, err := unix.Read(f.answer, answer[:])
	for err == unix.EINTR {
		n, err = unix.Read(f.answer, answer[:])
	}
	if err != nil || n != 1 {
		return &Failure{Text: "nobody looked whether something appeared that must stay absent: the process that does was ended", Hint: "run husk gc"}
	}
	s.appeared = answer[0] == somethingAppeared
	return nil
}

// finish is the finisher's life.
func finish(state, record string) int {
	moved, err := absent.FinishLeft(state, record)
	for _, m := range moved {
		report(appearance(m))
	}
	if err != nil {
		report(unfinished(err))
	}
	answer := []byte{nothingAppeared}
	if err != nil || len(moved) > 0 {
		answer[0] = somethingAppeared
	}
	if _, err := unix.Write(1, answer); err != nil {
		return 1 // nobody waits any more
	}
	return 0
}

// unfinished says that something could not be moved.
func unfinished(err error) *Failure {
	return &Failure{Text: err.Error(), Hint: "look at it before you use it; husk gc tries again"}
}
