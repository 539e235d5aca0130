package observe

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"
)

// Options for [Seize].
type Options struct {
	// Starter says that the process is not to be watched itself, but the first
	// one that it starts, with all that descend from that.
	Starter bool
}

// Tracer watches a process and what descends from it.
type Tracer struct {
	// Main is the process that all others descend from, 0 as long as it has not
	// been started.
	Main int
	// Released says that Main is another tracer's now.
	Released bool

	starter int // to be let go of once it has started Main, or 0
	// wanted are threads that others wait for until they are let go of.
	wanted map[int][]int
}

// events are what the kernel stops a thread for beside signals: every new
// process and thread (which is watched from its birth), a thread's end, and a call
// of ptrace(2).
const events = unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEEXIT |
	unix.PTRACE_O_TRACESECCOMP

// Seize begins to watch (ptrace(2), PTRACE_SEIZE): the process is not stopped by
// that. It must not have started others yet. The error is the kernel's: EPERM
// where another tracer, Yama's ptrace_scope, or the process's rights forbid it.
//
// The calling goroutine stays on its thread, which is the only one that may
// deal with what it traces, and has to call [Tracer.Run].
func Seize(pid int, o Options) (*Tracer, error) {
	runtime.LockOSThread()
	if err := ptrace(unix.PTRACE_SEIZE, pid, 0, events); err != nil {
		return nil, err
	}
	t := &Tracer{wanted: map[int][]int{}}
	if o.Starter {
		t.starter = pid
	} else {
		t.Main = pid
	}
	return t, nil
}

// Run watches until nothing is left to watch. Each thread that SIGSYS ends is
// handed to ended at its end, while its registers and memory are there; most of
// them are other threads of the process than the one that made the call, see
// [Thread.Call]. No thread of the sandbox goes on with what needs the tracer
// while ended runs, so it should be short.
func (t *Tracer) Run(ended func(*Thread)) error {
	for {
		var status unix.WaitStatus
		// __WALL: threads and processes that send another signal than SIGCHLD.
		tid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			return nil
		case err != nil:
			return err
		}
		if t.Main == 0 && tid != t.starter {
			t.Main = tid // its first stop may be told before the starter's
		}
		if status.Stopped() {
			t.stopped(tid, status, ended)
		} else { // killed, without a stop at its end
			t.gone(tid)
		}
	}
}

// stopped lets a stopped thread go on. What fails, fails because the thread was
// killed in the meantime (ESRCH).
func (t *Tracer) stopped(tid int, status unix.WaitStatus, ended func(*Thread)) {
	switch event, signal := int(status>>16), status.StopSignal(); {
	case event == unix.PTRACE_EVENT_EXIT:
		t.end(tid, ended)
	case len(t.wanted[tid]) > 0:
		if event != 0 {
			signal = 0
		}
		t.letGo(tid, signal)
	case event == unix.PTRACE_EVENT_SECCOMP:
		t.asked(tid)
	case event == 0:
		// On its way to the thread, which gets it with all that came along.
		_ = ptrace(unix.PTRACE_CONT, tid, 0, uintptr(signal))
	case event == unix.PTRACE_EVENT_STOP && stops(signal):
		// Its process was stopped, and stays so until SIGCONT comes.
		_ = ptrace(unix.PTRACE_LISTEN, tid, 0, 0)
	case tid == t.starter && event != unix.PTRACE_EVENT_STOP:
		t.started()
	default:
		// A new thread's first stop, one after SIGCONT, or a thread that has started
		// another one.
		_ = ptrace(unix.PTRACE_CONT, tid, 0, 0)
	}
}

// stops says whether a signal is one that stops a process (signal(7)).
func stops(signal unix.Signal) bool {
	switch signal {
	case unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		return true
	}
	return false
}

// started lets go of the starter, which stands in the stop that announces its
// first child. That one is traced already.
func (t *Tracer) started() {
	_ = ptrace(unix.PTRACE_DETACH, t.starter, 0, 0)
	t.starter = 0
}

// end looks at a thread that ends and lets go of it: else its parent would not
// hear of its end before the tracer has waited for it as well.
func (t *Tracer) end(tid int, ended func(*Thread)) {
	if status, err := unix.PtraceGetEventMsg(tid); err == nil && unix.WaitStatus(status).Signal() == unix.SIGSYS {
		ended(&Thread{ID: tid})
	}
	_ = ptrace(unix.PTRACE_DETACH, tid, 0, 0)
	t.gone(tid)
}

// ptrace makes a request without an answer.
func ptrace(request, tid int, address, data uintptr) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), address, data, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
