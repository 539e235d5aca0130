package enforce

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/session"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// passedOn are the signals that the wrapper hands to the program: all that somebody
// may send. Not here: SIGURG and SIGPIPE (Go's own), SIGTTIN and SIGTTOU (which
// stop the wrapper as they would stop anybody), those of a fault in the wrapper
// itself, those that can't be caught, and the two real-time ones that libc keeps
// for itself (signal(7)).
var passedOn = append([]unix.Signal{
	unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2,
	unix.SIGALRM, unix.SIGCONT, unix.SIGTSTP, unix.SIGWINCH,
	unix.SIGABRT, unix.SIGIO, unix.SIGPROF, unix.SIGVTALRM, unix.SIGXCPU, unix.SIGXFSZ, unix.SIGPWR, unix.SIGSTKFLT,
}, realTime()...)

// realTime lists SIGRTMIN to SIGRTMAX as libc counts them.
func realTime() (all []unix.Signal) {
	for sig := unix.Signal(34); sig <= 64; sig++ {
		all = append(all, sig)
	}
	return all
}

// fromTerminal are those among them that a terminal sends to its whole
// foreground group.
func fromTerminal(sig unix.Signal) bool {
	switch sig {
	case unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP, unix.SIGWINCH, unix.SIGHUP, unix.SIGCONT:
		return true
	}
	return false
}

// waiter is the parent while the program runs.
type waiter struct {
	*start
	process *steps.Process
	// given says that the program's group has the terminal.
	given bool
	// echo counts signals that the wrapper sends to its own group and must not
	// take for the user's.
	echo map[unix.Signal]int
	// deadline is the end of the wall time, then of the grace after it.
	deadline time.Time
	asked    bool // to end
}

// graceWall is how long a program may take to end after its wall time is up.
const graceWall = 10 * time.Second

// wait stays until the sandbox has ended and gives the program's status.
func (s *start) wait(process *steps.Process) (unix.WaitStatus, error) {
	w := &waiter{start: s, process: process, given: s.term.give}
	s.mediate()
	if limit := wallTime(s.plan); limit > 0 {
		w.deadline = time.Now().Add(time.Duration(limit) * time.Second)
	}
	for {
		e, err := w.next()
		if err != nil {
			return 0, err
		}
		if e.Ended || e.Failed != nil {
			return w.finish(e)
		}
		w.react(e)
	}
}

func (w *waiter) timeUp() {
	w.deadline = time.Now().Add(graceWall)
	if w.asked {
		say("the program did not end, killed")
		w.send(unix.SIGKILL, steps.ToGroup)
		return
	}
	w.asked = true
	say("wall time is up, ending " + w.plan.Command)
	w.send(unix.SIGTERM, steps.ToGroup)
}

// collect removes what killed parents left behind, while the program is being
// started. A failure is husk gc's to report.
func (s *start) collect() {
	if s.session != nil {
		_, _ = session.Collect(s.base, s.anchors.UID)
	}
	s.collectAbsent()
}

// next waits for the next report, and meanwhile passes signals on and watches
// the clock.
func (w *waiter) next() (steps.Event, error) {
	for {
		report := w.process.Descriptor()
		fds := []unix.PollFd{{Fd: int32(w.signals), Events: unix.POLLIN}, {Fd: int32(report), Events: unix.POLLIN}}
		_, err := unix.Poll(fds, w.timeout())
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return steps.Event{}, &Failure{Text: "cannot wait for the program: " + err.Error()}
		case !w.deadline.IsZero() && !time.Now().Before(w.deadline):
			w.timeUp()
			continue
		}
		if fds[0].Revents != 0 {
			w.takeSignals()
		}
		if report >= 0 && fds[1].Revents != 0 {
			if e, ok := w.process.Read(); ok {
				return e, nil
			}
			w.letGo() // the child has become the program, or is gone
		}
		if w.process.Descriptor() < 0 {
			if e, ok := w.reap(); ok {
				return e, nil
			}
		}
	}
}

// timeout gives the milliseconds to the deadline, -1 where there is none.
func (w *waiter) timeout() int {
	if w.deadline.IsZero() {
		return -1
	}
	return int(max(0, time.Until(w.deadline)).Milliseconds() + 1)
}

// takeSignals passes on what has arrived.
func (w *waiter) takeSignals() {
	var numbers [64]byte
	n, _ := unix.Read(w.signals, numbers[:])
	for _, sig := range numbers[:max(0, n)] {
		if unix.Signal(sig) != unix.SIGCHLD {
			w.passOn(unix.Signal(sig))
		}
	}
}

// reap asks what became of the child once its reports have ended: it is the
// program itself, or a PID 1 that was killed from outside without a word.
func (w *waiter) reap() (steps.Event, bool) {
	var status unix.WaitStatus
	pid, err := unix.Wait4(-1, &status, unix.WUNTRACED|unix.WNOHANG, nil)
	for err == nil && pid > 0 && pid != w.process.Pid {
		// An orphan that was adopted, or the late drop's helper: no zombie stays.
		pid, err = unix.Wait4(-1, &status, unix.WUNTRACED|unix.WNOHANG, nil)
	}
	switch {
	case err == unix.EINTR, err == nil && pid == 0:
		return steps.Event{}, false
	case err != nil || !status.Stopped():
		return steps.Event{Ended: true, Status: status, Reaped: true}, true
	}
	return steps.Event{Stopped: status.StopSignal()}, true
}

// send passes a signal on.
func (w *waiter) send(sig unix.Signal, how int) {
	if w.reaper && sig != unix.SIGKILL {
		queue(w.process.Pid, sig, how)
		return
	}
	if how&steps.WithTerminal != 0 {
		w.term.set(w.process.Pid)
	}
	target := w.process.Pid
	if how&steps.ToGroup != 0 && !w.reaper {
		target = -target
	}
	_ = unix.Kill(target, sig)
}

// passOn hands a signal that the wrapper got to the program.
func (w *waiter) passOn(sig unix.Signal) {
	if w.echo[sig] > 0 {
		w.echo[sig]--
		return
	}
	how := steps.ToProgram
	if fromTerminal(sig) && !w.given && w.term.foreground() {
		how = steps.ToGroup // the terminal meant the whole job
	}
	if sig == unix.SIGCONT {
		how = steps.ToGroup
		if w.term.foreground() && (w.term.give || !w.term.piped) {
			w.given, how = true, steps.ToGroup|steps.WithTerminal
		}
	}
	w.send(sig, how)
}

// react answers a report of the running program.
func (w *waiter) react(e steps.Event) {
	switch {
	case e.Started:
		w.letGo()
	case e.Stopped == 0:
	case (e.Stopped == unix.SIGTTIN || e.Stopped == unix.SIGTTOU) && !w.given && w.term.foreground():
		w.given = true
		w.send(unix.SIGCONT, steps.ToGroup|steps.WithTerminal)
	default:
		w.stop(unix.Signal(e.Stopped))
	}
}

// tellJob repeats the interrupt that ended the program to the rest of the
// wrapper's job, which would have got it from the terminal too: a shell
// script's loop must end at Ctrl-C. A job's leader that has the terminal is
// alone in it.
func (w *waiter) tellJob(status unix.WaitStatus) {
	if !w.given || w.term.group == unix.Getpid() || !status.Signaled() {
		return
	}
	if sig := status.Signal(); sig == unix.SIGINT || sig == unix.SIGQUIT {
		_ = unix.Kill(0, sig)
	}
}

// stop stops the wrapper's job as the program was stopped, so that the shell
// sees a job stopped by the same signal; SIGCONT makes both go on.
func (w *waiter) stop(sig unix.Signal) {
	if orphaned(w.term.group) {
		// No shell is left to continue the job. The kernel gives a stopped group
		// that loses its shell these two (setpgid(2), "orphaned process group").
		w.send(unix.SIGHUP, steps.ToGroup)
		w.send(unix.SIGCONT, steps.ToGroup)
		return
	}
	if w.given {
		w.given = false
		w.term.take()
		w.term.give = true
	}
	if sig == unix.SIGTSTP && w.term.group != unix.Getpid() && w.term.foreground() {
		if w.echo == nil {
			w.echo = map[unix.Signal]int{}
		}
		w.echo[sig]++
		_ = unix.Kill(0, sig)
	}
	stopBy(sig)
}

// finish waits for the last process and gives the status. The terminal goes
// back to the wrapper's job, whose next command expects it.
func (w *waiter) finish(e steps.Event) (unix.WaitStatus, error) {
	if !e.Reaped {
		for {
			if _, err := unix.Wait4(w.process.Pid, nil, 0, nil); err != unix.EINTR {
				break
			}
		}
	}
	if w.given {
		w.term.take()
	}
	w.tellJob(e.Status)
	<-w.collected
	if w.plan.Tmp.Cleanup == plan.CleanupParent && !w.reaper {
		if err := endDescendants(w.finisher.pid, w.observer.pid); err != nil {
			return 0, err
		}
	}
	w.endObserver()
	if e.Failed != nil {
		return 0, w.failed(e.Failed)
	}
	w.tellViolation(e.Status)
	return e.Status, nil
}
