package enforce

import (
	"errors"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/cgroup"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/session"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// Resumed is a session whose parent executed this program in its own place: the
// same process with the same child, that has its signals, terminal and session
// directory to look after still.
type Resumed struct {
	Plan *plan.Plan
	// Network is the socket that descriptors come out of the sandbox through, -1
	// where there is none. Published are listeners on the host's loopback, in the
	// order of the plan's rules.
	Network   int
	Published []int
	// Audit is what the log calls this session, "" where that is still open.
	Audit string
	// Reaper says that the first process is a PID 1 of ours, which can be asked
	// for more.
	Reaper bool

	start   *start
	process *steps.Process
	first   int // a descriptor of the first process (pidfd_open(2))
	failed  chan error
}

// Resume takes over from a parent: argument is the number of the descriptor
// that it left. Until it returns, signals wait. The calling goroutine stays on
// its thread: the child dies with that thread, and signals arrive there. With an
// error there may be a session all the same, which is to be aborted.
func Resume(argument string, environ []string) (*Resumed, error) {
	runtime.LockOSThread()
	fd, err := strconv.Atoi(argument)
	if err != nil {
		return nil, &Failure{Text: "husk supervise is started by husk-enforce alone"}
	}
	unix.CloseOnExec(fd)
	text, err := readSealed(fd)
	_ = unix.Close(fd)
	if err != nil {
		return nil, &Failure{Text: "husk supervise is started by husk-enforce alone: " + err.Error()}
	}
	h, err := decodeHandover(text)
	if err != nil {
		return nil, &Failure{Text: err.Error(), Hint: "install husk and husk-enforce together, and render the wrappers again: husk apply"}
	}
	for _, fd := range h.descriptors() {
		unix.CloseOnExec(fd)
	}
	p, err := plan.Decode(h.plan)
	if err != nil {
		steps.Adopt(h.pid, h.report, h.steps).Abort()
		return nil, &Failure{Text: err.Error()}
	}
	r := h.adopt(p)
	return r, r.takeOver(h, environ)
}

// readSealed reads all of a file by its descriptor, wherever that stands in it.
func readSealed(fd int) ([]byte, error) {
	text := make([]byte, 0, 1<<16)
	for {
		text = slices.Grow(text, 1<<12)
		n, err := unix.Pread(fd, text[len(text):cap(text)], int64(len(text)))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return nil, err
		case n == 0:
			return text, nil
		default:
			text = text[:len(text)+n]
		}
	}
}

// adopt takes everything that there is to look after, which cannot fail: whatever
// does afterwards, the session can be ended.
func (h *handover) adopt(p *plan.Plan) *Resumed {
	s := &start{
		plan: p, base: h.base, reaper: h.reaper,
		term: terminal{fd: h.tty, group: h.group, give: h.give, std: h.std, piped: pipelined()}, mask: h.mask, signalPipe: h.signals,
		signals: h.signals[0], collected: make(chan struct{}),
	}
	close(s.collected) // by the parent, before it became this
	s.tier.namespaces, s.tier.seccomp = true, len(p.Syscalls.Program) > 0
	if h.session != "" {
		s.session = session.Adopt(h.session, h.sessionIn, h.sessionFD)
	}
	if h.busDir != "" {
		s.proxy = h.bus
		s.proxy.dir = session.Adopt(h.busDir, h.busIn, h.busFD)
	}
	s.callLog.apart = max(0, h.callsEnd)
	s.finisher, s.observer = h.finisher, h.observer
	if h.cgroup != "" {
		s.group = cgroup.Adopt(h.cgroup, h.cgroupIn, h.cgroupFD)
	}
	return &Resumed{
		Plan: p, Network: h.network, Published: h.published, Audit: h.audit, Reaper: h.reaper,
		start: s, process: steps.Adopt(h.pid, h.report, h.steps), first: -1, failed: make(chan error, 1),
	}
}

// takeOver goes on with what the parent did, signals first.
func (r *Resumed) takeOver(h *handover, environ []string) error {
	if err := takeSignalsThrough(h.signals[1]); err != nil {
		return err
	}
	if err := setSignalMask(h.mask); err != nil {
		return err
	}
	c, err := currentCaller(environ)
	if err != nil {
		return err
	}
	r.start.anchors = &anchors{Caller: c, markers: r.Plan.Filesystem.Markers}
	if r.first, err = unix.PidfdOpen(h.pid, 0); err != nil {
		return &Failure{Text: "cannot hold on to the sandbox's first process: " + err.Error()}
	}
	return nil
}

// Report prints an error in husk's voice, each one where several are joined, and
// gives the status to exit with.
func Report(err error) int { return report(err) }

// Warn prints a line about something that does not hold.
func Warn(text string) { warn(text) }

// SessionDirectory gives the session directory, "" for none.
func (r *Resumed) SessionDirectory() string { return r.start.sessionPath() }

// BusDirectory gives the directory of the filter for message buses, "" for none.
func (r *Resumed) BusDirectory() string {
	if r.start.proxy.dir == nil {
		return ""
	}
	return r.start.proxy.dir.Path
}

// Absolute gives a path with its anchor resolved, as the caller has it.
func (r *Resumed) Absolute(p plan.Path) (string, error) { return r.start.anchors.absolute(p) }

// AskSocket asks PID 1 for a TCP socket of the sandbox's network namespace,
// which comes over Network. Asking a process that has ended is no harm.
func (r *Resumed) AskSocket() { askByDescriptor(r.first, steps.MakeSocket) }

// Wait stays until the sandbox has ended, as a parent without a supervisor
// does, and then runs last before it cleans up. It gives the status to exit
// with, or ends this process by the signal that ended the program.
func (r *Resumed) Wait(last func()) int {
	status, err := r.start.wait(r.process)
	select {
	case failure := <-r.failed:
		err = errors.Join(failure, err)
	default:
	}
	r.start.awaitCallLog()
	last()
	return r.end(status, err)
}

// Fail ends the sandbox while it runs, for a reason that [Resumed.Wait] tells. It may
// be called from any goroutine.
func (r *Resumed) Fail(reason error) {
	select {
	case r.failed <- reason:
	default: // there is one already
	}
	_ = unix.PidfdSendSignal(r.first, unix.SIGKILL, nil, 0)
}

// Abort ends a sandbox that can't be supervised.
func (r *Resumed) Abort(err error) int {
	r.process.Abort()
	return r.end(0, err)
}

func (r *Resumed) end(status unix.WaitStatus, err error) int {
	s := r.start
	err = errors.Join(err, s.stopBuses(), s.finishAbsent())
	if s.session != nil && s.plan.Tmp.Cleanup == plan.CleanupParent {
		err = errors.Join(err, s.removeSession())
	}
	err = errors.Join(err, s.leaveGroup())
	if err != nil {
		return report(err)
	}
	return s.end(status)
}
