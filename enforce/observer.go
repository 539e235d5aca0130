package enforce

import (
	"math"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// A policy that ends programs at system calls has an observer: a process beside
// the waiting parent that sees at which call, and says so (package violation).
// It is husk, as for a supervisor: the tables of calls and the policy's
// explanation are no part of the enforcer. It has begun to watch before the
// program's process exists. Where it can't, the program starts all the same:
// nothing is enforced by it, and the parent says what it can in the end.

// ObserveCommand is the subcommand of husk that it is started by.
const ObserveCommand = "observe"

// Its descriptors.
const (
	observerSocket = 3 // to the parent
	observerPlan   = 4
)

// observerPatience bounds how long the parent waits for a word from it.
var observerPatience = unix.Timeval{Sec: 30}

// observer is how the parent reaches it.
type observer struct {
	pid    int // 0 for none
	socket int
	told   bool   // what ended the program itself
	lost   string // why there is none, where one was wanted
}

// observes says whether the policy wants one.
func (s *start) observes() bool { return s.tier.seccomp && s.plan.Syscalls.Ends() }

// startObserver starts it, before the sandbox's first process. It dies with the
// calling thread, as that process does.
func (s *start) startObserver() {
	s.endObserver() // of an attempt before
	s.observer = observer{socket: -1}
	if !s.observes() || s.dry {
		return
	}
	if s.callLog.audit == "" {
		s.callLog.audit = audit.NewSession() // one name for all that is logged of this start
	}
	if err := s.spawnObserver(); err != nil {
		s.observer.lost = "nobody could watch: " + err.Error()
	}
}

func (s *start) spawnObserver() error {
	husk := s.plan.Supervisor
	if husk == "" {
		return &Failure{Text: "the plan names no husk, render the wrapper again: husk apply"}
	}
	text, err := sealed("husk-plan", s.text)
	if err != nil {
		return err
	}
	defer unix.Close(text)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(pair[1])
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		_ = unix.Close(pair[0])
		return err
	}
	defer unix.Close(null)
	// A session of its own: it isn't stopped with the job, and may write to a
	// terminal whose foreground group is another one.
	pid, err := syscall.ForkExec(husk, []string{husk, ObserveCommand}, &syscall.ProcAttr{
		Dir: "/", Env: s.anchors.Environ, Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
		Files: []uintptr{uintptr(null), uintptr(null), 2, uintptr(pair[1]), uintptr(text)},
	})
	if err != nil {
		_ = unix.Close(pair[0])
		return &Failure{Text: husk + ": " + err.Error()}
	}
	_ = unix.SetsockoptTimeval(pair[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &observerPatience)
	s.observer = observer{pid: pid, socket: pair[0]}
	return nil
}

// beginObserving lets it begin, and waits until it has: from then on every
// process that is started is watched from its birth.
func (s *start) beginObserving(process *steps.Process) {
	o := &s.observer
	if o.pid == 0 {
		return
	}
	how := "program"
	if s.reaper {
		how = "starter"
	}
	err := unix.Sendmsg(o.socket, []byte(strconv.Itoa(process.Pid)+" "+how+" "+s.callLog.audit), nil, nil, unix.MSG_NOSIGNAL)
	var answer string
	if err == nil {
		answer, err = o.hear()
	}
	switch {
	case err != nil:
		s.abandonObserver("nobody could watch: " + err.Error())
	case answer != observing:
		s.abandonObserver("the kernel lets nobody watch here: ptrace: " + answer)
	}
}

// What the observer says.
const (
	observing = "observing"
	toldMain  = "told"     // what ended the program
	released  = "released" // that it doesn't watch the program any more
	finished  = "finished" // that there is nothing more
)

// hear gives the next word, "" when there will be none.
func (o *observer) hear() (string, error) {
	var word [256]byte
	for {
		n, err := unix.Read(o.socket, word[:])
		if err != unix.EINTR {
			return string(word[:max(n, 0)]), err
		}
	}
}

// endObserver waits until it has said everything: it ends by itself when the
// last process of the sandbox has.
func (s *start) endObserver() {
	o := &s.observer
	if o.pid != 0 {
		_ = unix.Shutdown(o.socket, unix.SHUT_WR) // for one that still waits for its assignment
	}
	for o.pid != 0 {
		switch word, err := o.hear(); {
		case err != nil:
			s.abandonObserver("whoever watched did not end")
		case word == toldMain:
			o.told = true
		case word == released:
			o.lost = "another process traced the program"
		case word == finished:
			s.reapObserver()
		case word == "":
			s.abandonObserver("whoever watched was ended before")
		}
	}
}

// abandonObserver goes on without it. What it watched runs on (ptrace(2)).
func (s *start) abandonObserver(why string) {
	_ = unix.Kill(s.observer.pid, unix.SIGKILL)
	s.reapObserver()
	s.observer.lost = why
}

func (s *start) reapObserver() {
	o := &s.observer
	_ = unix.Close(o.socket)
	for {
		if _, err := unix.Wait4(o.pid, nil, 0, nil); err != unix.EINTR {
			break
		}
	}
	o.pid, o.socket = 0, -1
}

// Assignment is what an observer is started for.
type Assignment struct {
	Plan *plan.Plan
	// Pid is the process to watch, or, with Starter, the one that will start it.
	Pid     int
	Starter bool
	Parent  int    // the waiting parent
	Session string // what the log calls this start

	anchors *anchors
}

// Observe gives an observer its assignment, once the parent has one. Whoever
// starts such a process without being that parent gets an error.
func Observe(environ []string) (*Assignment, error) {
	// Nothing else of the caller's is held: the end of a pipe is seen when the
	// program's last process closes it.
	if err := unix.CloseRange(observerPlan+1, math.MaxUint32, 0); err != nil && err != unix.ENOSYS {
		return nil, &Failure{Text: "husk observe: " + err.Error()}
	}
	stranger := &Failure{Text: "husk observe is started by husk-enforce alone"}
	text, err := readFile("/proc/self/fd/" + strconv.Itoa(observerPlan))
	if err != nil {
		return nil, stranger
	}
	p, err := plan.Decode(text)
	if err != nil {
		return nil, stranger
	}
	c, err := currentCaller(environ)
	if err != nil {
		return nil, err
	}
	word, err := (&observer{socket: observerSocket}).hear()
	if err != nil {
		return nil, stranger
	}
	words := strings.Fields(word)
	if len(words) != 3 {
		return nil, stranger // or nothing was started
	}
	pid, err := strconv.Atoi(words[0])
	if err != nil {
		return nil, stranger
	}
	return &Assignment{Plan: p, Pid: pid, Starter: words[1] == "starter", Session: words[2], Parent: unix.Getppid(),
		anchors: &anchors{Caller: c, markers: p.Filesystem.Markers}}, nil
}

// Answer says whether the observer watches; err is what keeps it from that.
func (a *Assignment) Answer(err error) {
	word := observing
	if err != nil {
		word = err.Error()
	}
	a.say(word)
}

// TellMain says that what ended the program is told.
func (a *Assignment) TellMain() { a.say(toldMain) }

func (a *Assignment) say(word string) {
	_ = unix.Sendmsg(observerSocket, []byte(word), nil, nil, unix.MSG_NOSIGNAL)
}

// Absolute gives a path with its anchor resolved, as the caller has it.
func (a *Assignment) Absolute(p plan.Path) (string, error) { return a.anchors.absolute(p) }

// TellReleased says that the program was left to another tracer.
func (a *Assignment) TellReleased() { a.say(released) }

// Finish says that the observer has told everything.
func (a *Assignment) Finish() { a.say(finished) }

// Say prints a line about something that the user must know.
func Say(text string) { say(text) }

// Hint prints what to do about something that was said.
func Hint(text string) { hint(text) }
