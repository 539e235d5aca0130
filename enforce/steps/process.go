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
	eventFailed  = 1 // index of the step, errno
	eventStopped = 2 // signal
	eventEnded   = 3 // status as of wait(2)
	eventAlive   = 4 // the child dies with its parent from now on, if anybody listens
	eventStarted = 5 // the program is executed
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
	// Started is set when the program was executed, where [Options] asks for it.
	Started bool
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
	return string(f.Step.Kind) + " " + f.Step.Text() + ": " + f.Errno.Error()
}

// Process is a child that runs a list.
type Process struct {
	// Pid is the child's process id in the caller's PID namespace.
	Pid  int
	pipe int
	list *List
	// child stays reachable for as long as the process may read it.
	child    *child
	flags    uintptr
	reset    bool
	reported Event // what it reported before Run, which nobody has asked for yet
}

// Options for [List.Process].
type Options struct {
	// Flags are the CLONE_NEW* flags.
	Flags uintptr
	// Reaper makes the child a PID 1 that starts the program as its own child;
	// else the child becomes the program.
	Reaper bool
	// Terminal is a descriptor of the controlling terminal, or -1.
	Terminal int
	// Helper says that the list will start a helper ([List.StartHelper]).
	Helper bool
	// Pipe is the report pipe, made by [Pipe] before the list was written,
	// because init keeps its writing end when it closes the others.
	Pipe [2]int
	// Passed are descriptors above 2 that the program inherits and a PID 1 lets go.
	Passed []int
	// Tell makes a PID 1 report that the program was executed.
	Tell bool
	// Cgroup is a descriptor of the cgroup v2 directory that the child begins in
	// (clone3(2), CLONE_INTO_CGROUP); 0 for the caller's own. Where the kernel has
	// no clone3 the caller moves it ([Process.NeedsReset]).
	Cgroup int
}

// Pipe makes a report pipe, closed on exec.
func Pipe() (fds [2]int, err error) {
	err = syscall.Pipe2(fds[:], syscall.O_CLOEXEC)
	return fds, err
}

// Process prepares a child that makes the steps that l holds by now as soon as
// it is cloned, and then waits for the rest: what is added to l until
// [Process.Run]. So the rest may be written while [Process.Clone] runs.
func (l *List) Process(o Options) *Process {
	l.early = len(l.calls)
	c := &child{
		early: l.calls[:l.early:l.early], pipe: uintptr(o.Pipe[1]), tty: uintptr(o.Terminal),
		reaper: o.Reaper, passed: o.Passed, tell: o.Tell, all: ^uint64(0), stack: make([]byte, stackSize), cgroup: o.Cgroup,
	}
	if o.Helper {
		c.helper = &child{pipe: uintptr(o.Pipe[1]), stack: make([]byte, stackSize), serves: true}
	}
	l.child = c
	return &Process{pipe: o.Pipe[0], list: l, child: c, flags: o.Flags}
}

// Begin lets the child of [List.Process], where there is one, make the steps that
// l holds by now while the rest is written. It may be cloned at the same time. It
// must not be called twice, nor for steps of the program's own.
func (l *List) Begin() {
	if l.child != nil {
		l.child.begin(l.calls[l.early:len(l.calls):len(l.calls)])
	}
}

// Adopt gives a process that another program started before it executed this
// one in its place: pid is a child still, pipe its report pipe, list the steps
// that a report of a failure counts.
func Adopt(pid, pipe int, list []Step) *Process {
	return &Process{Pid: pid, pipe: pipe, list: &List{Steps: list}}
}

// Clone starts the child. It takes the writing end of the report pipe over,
// unless it fails; the error is clone(2)'s.
func (p *Process) Clone() error {
	pid, reset, errno := p.child.start(p.flags)
	if errno != 0 {
		return errno
	}
	syscall.Close(int(p.child.pipe))
	p.Pid, p.reset = pid, reset
	return nil
}

// Become makes every step in the calling thread, which must be locked to its
// goroutine; the last one executes the program. It returns the step that
// failed.
func (l *List) Become() *Failure {
	c := &child{calls: l.calls}
	for i := range c.calls {
		if errno := c.inPlace(&c.calls[i]); errno != 0 {
			return &Failure{Step: l.Steps[c.calls[i].step], Errno: errno}
		}
	}
	return &Failure{Step: l.Steps[len(l.Steps)-1], Errno: syscall.EINVAL}
}

// NeedsReset says that the child has the handlers of this process's signals
// still, and the list must reset them ([List.ResetHandlers]) before it unblocks
// any.
func (p *Process) NeedsReset() bool { return p.reset }

// Run lets the child go on with the rest of the list, once it is sure to end with
// this process ([List.DieWithParent]). A child that ended before gets nothing
// more; the next report says why, or its status where it was killed.
func (p *Process) Run() error {
	if p.list.program < p.list.early {
		return errors.New("the setup program starts no program")
	}
	if p.list.bound {
		e, ok := p.Read()
		if p.reported = e; !ok || e != (Event{}) {
			return nil
		}
	}
	p.child.lend = p.list.lend
	p.child.publish(p.list.calls[p.list.early:], p.list.helper, p.list.program-p.list.early, p.list.starts)
	return nil
}

// Abort ends a child whose list can't be written.
func (p *Process) Abort() {
	_ = syscall.Kill(p.Pid, syscall.SIGKILL)
	for {
		if _, err := syscall.Wait4(p.Pid, nil, 0, nil); err != syscall.EINTR {
			break
		}
	}
	syscall.Close(p.pipe)
	p.pipe = -1
}

// Reported says whether there is a report that was read already.
func (p *Process) Reported() bool { return p.reported != (Event{}) }

// Descriptor gives the pipe's reading end, for poll(2); -1 once the child will
// report no more.
func (p *Process) Descriptor() int { return p.pipe }

// Next waits for the next event; ok is false when the child will report no
// more: it has become the program, or is gone.
func (p *Process) Next() (e Event, ok bool) {
	for {
		if e, ok = p.Read(); !ok || e != (Event{}) {
			return e, ok
		}
	}
}

// Read reads one report, which poll(2) has announced: waiting for another one
// would keep a caller from what else it waits for. An empty event is a report
// that asks for nothing.
func (p *Process) Read() (e Event, ok bool) {
	if p.Reported() {
		e, p.reported = p.reported, Event{}
		return e, true
	}
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
		e.Failed = &Failure{
			Step:  p.list.Steps[min(int(first), len(p.list.Steps)-1)],
			Errno: syscall.Errno(binary.NativeEndian.Uint32(b[8:])),
		}
	case eventStopped:
		e.Stopped = syscall.Signal(first)
	case eventAlive: // [Process.Run] waits for it
	case eventStarted:
		e.Started = true
	case eventEnded:
		e.Ended, e.Status = true, unix.WaitStatus(first)
	}
	return e, true
}
