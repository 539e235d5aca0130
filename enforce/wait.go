package enforce

import (
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/session"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// passedOn are the signals that the wrapper hands to the program: what a user,
// a shell or a terminal sends. Not here: SIGCHLD, SIGURG (Go's own), SIGTTIN
// and SIGTTOU (the terminal code's), and those that can't be caught.
var passedOn = []os.Signal{
	unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2,
	unix.SIGALRM, unix.SIGCONT, unix.SIGTSTP, unix.SIGWINCH,
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
	// collecting is done once, by whoever comes first.
	collecting sync.Once

	// mu guards what follows: reports and signals come at the same time.
	mu sync.Mutex
	// given says that the program's group has the terminal.
	given bool
	// echo counts signals that the wrapper sends to its own group and must not
	// take for the user's.
	echo map[unix.Signal]int
}

// graceWall is how long a program may take to end after its wall time is up.
const graceWall = 10 * time.Second

// wait stays until the sandbox has ended and gives the program's status. The
// reports are read right here: handing them from one thread to another would
// cost more than all else that happens at the end.
func (s *start) wait(process *steps.Process) (unix.WaitStatus, error) {
	w := &waiter{start: s, process: process, given: s.term.give}
	go w.attend()
	for {
		e := w.next()
		if e.Ended || e.Failed != nil {
			return w.finish(e)
		}
		w.react(e)
	}
}

// attend passes signals on and watches the clock, for as long as the process
// lives.
func (w *waiter) attend() {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, passedOn...)
	w.collecting.Do(w.collect)
	var wall <-chan time.Time
	if limit := wallTime(w.plan); limit > 0 {
		wall = time.After(time.Duration(limit) * time.Second)
	}
	for asked := false; ; {
		select {
		case sig := <-signals:
			w.passOn(sig.(unix.Signal))
		case <-wall:
			wall = time.After(graceWall)
			w.timeUp(asked)
			asked = true
		}
	}
}

func (w *waiter) timeUp(asked bool) {
	if asked {
		say("the program did not end, killed")
		w.send(unix.SIGKILL, steps.ToGroup)
		return
	}
	say("wall time is up, ending " + w.plan.Command)
	w.send(unix.SIGTERM, steps.ToGroup)
}

// collect removes what killed parents left behind. It happens while the
// program already runs, so that nobody waits for it, but for programs that end
// at once; a failure is husk gc's to report.
func (s *start) collect() {
	if s.session != nil {
		_, _ = session.Collect(s.base, s.anchors.UID)
	}
}

// next waits for the next report. Where there is no PID 1 of husk's, the child
// itself becomes the program and is waited for.
func (w *waiter) next() steps.Event {
	if e, ok := w.process.Next(); ok {
		return e
	}
	for {
		var status unix.WaitStatus
		_, err := unix.Wait4(w.process.Pid, &status, unix.WUNTRACED, nil)
		switch {
		case err == unix.EINTR:
		case err != nil || !status.Stopped():
			// With a PID 1, this is its death without a word: killed from outside.
			return steps.Event{Ended: true, Status: status, Reaped: true}
		default:
			return steps.Event{Stopped: status.StopSignal()}
		}
	}
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
	w.mu.Lock()
	defer w.mu.Unlock()
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
		if w.term.foreground() && (w.term.give || !pipelined()) {
			w.given, how = true, steps.ToGroup|steps.WithTerminal
		}
	}
	w.send(sig, how)
}

// react answers a report of the running program.
func (w *waiter) react(e steps.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
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
	w.collecting.Do(w.collect)
	if w.plan.Tmp.Cleanup == plan.CleanupParent && !w.reaper {
		if err := endDescendants(); err != nil {
			return 0, err
		}
	}
	if e.Failed != nil {
		return 0, w.failed(e.Failed)
	}
	return e.Status, nil
}
