package steps

import (
	"encoding/binary"
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// eventSize is the length of a report on the pipe: kind and two values, 32
// bits each in the machine's order.
const eventSize = 12

const (
	eventFailed  = 1 // index of the call, errno
	eventStopped = 2 // signal
	eventEnded   = 3 // status as of wait(2)
)

// exitSetup is what a child exits with when it could not set up; the parent
// goes by the report, not by this.
const exitSetup = 125

// Event is something that a started process reports.
type Event struct {
	// Failed is set when a call did not work.
	Failed *Failure
	// Stopped is the signal that stopped the program, or 0.
	Stopped syscall.Signal
	// Ended is set when the program has ended, with Status as of wait(2).
	// Reaped says that the child was waited for already.
	Ended  bool
	Reaped bool
	Status unix.WaitStatus
}

// Failure is a step that the kernel refused.
type Failure struct {
	Step  Step
	Errno syscall.Errno
}

// Error names the step, its object and the reason.
func (f *Failure) Error() string {
	return string(f.Step.Kind) + " " + f.Step.Text + ": " + f.Errno.Error()
}

// Process is a child that runs a list.
type Process struct {
	// Pid is the child's process id in the caller's PID namespace.
	Pid  int
	pipe int
	list *List
}

// Options for [List.Start].
type Options struct {
	// Flags are the CLONE_NEW* flags.
	Flags uintptr
	// Reaper makes the child a PID 1 that starts the program as its own child;
	// else the child becomes the program.
	Reaper bool
	// Terminal is a descriptor of the controlling terminal, or -1.
	Terminal int
	// Pipe is the report pipe, made by [Pipe] before the list was written,
	// because init keeps its writing end when it closes the others.
	Pipe [2]int
}

// Pipe makes a report pipe, closed on exec.
func Pipe() (fds [2]int, err error) {
	err = syscall.Pipe2(fds[:], syscall.O_CLOEXEC)
	return fds, err
}

// Start clones a child that runs l. It takes the report pipe over. The error
// is clone(2)'s.
func (l *List) Start(o Options) (*Process, error) {
	if l.program < 0 {
		return nil, errors.New("the setup program starts no program")
	}
	fds := o.Pipe
	c := &child{
		calls: l.calls, program: l.program, pipe: uintptr(fds[1]), tty: uintptr(o.Terminal),
		reaper: o.Reaper, all: ^uint64(0),
	}
	pid, errno := c.start(o.Flags)
	syscall.Close(fds[1])
	if errno != 0 {
		syscall.Close(fds[0])
		return nil, errno
	}
	return &Process{Pid: pid, pipe: fds[0], list: l}, nil
}

// Next waits for the next event; ok is false when the child will report no
// more: it has become the program, or is gone.
func (p *Process) Next() (e Event, ok bool) {
	if p.pipe < 0 {
		return Event{}, false
	}
	var b [eventSize]byte
	n, err := syscall.Read(p.pipe, b[:])
	for err == syscall.EINTR {
		n, err = syscall.Read(p.pipe, b[:])
	}
	if err != nil || n != eventSize {
		syscall.Close(p.pipe)
		p.pipe = -1
		return Event{}, false
	}
	first := binary.NativeEndian.Uint32(b[4:])
	switch binary.NativeEndian.Uint32(b[0:]) {
	case eventFailed:
		index := min(int(first), len(p.list.calls)-1)
		e.Failed = &Failure{
			Step:  p.list.Steps[p.list.calls[index].step],
			Errno: syscall.Errno(binary.NativeEndian.Uint32(b[8:])),
		}
	case eventStopped:
		e.Stopped = syscall.Signal(first)
	case eventEnded:
		e.Ended, e.Status = true, unix.WaitStatus(first)
	}
	return e, true
}
