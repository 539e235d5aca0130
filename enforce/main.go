// Package enforce turns a plan into a running program inside its sandbox.
//
// The parent (this process, started by the kernel from a wrapper's first line)
// decides everything and writes a list of steps; a cloned child runs the list
// and becomes PID 1 of the sandbox; its own child becomes the program. The
// parent waits, passes signals and stops on, and removes the session directory.
// It starts on every wrapped command, so it imports little: a test holds the
// list.
package enforce

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/session"
	"github.com/husk-sandbox/husk/enforce/supervise"
)

// Main runs husk-enforce: argv[1] is the file with the plan, normally the
// wrapper that the kernel started this from; what follows belongs to the
// program. It gives the status to exit with, and does not return where the
// program was ended by a signal and the wrapper can end by the same one.
func Main(argv, environ []string) int {
	if len(argv) > 0 && argv[0] == supervise.ApartName {
		return supervise.Apart(argv)
	}
	if len(argv) > 0 && argv[0] == busProxyName {
		return becomeBusProxy(argv)
	}
	if len(argv) < 2 {
		return report(&Failure{Text: "husk-enforce is started by wrappers, with the wrapper's path as its first argument",
			Hint: "husk apply renders wrappers, husk run runs a single command"})
	}
	if argv[1] == finishArgument && len(argv) == 4 {
		return finish(argv[2], argv[3])
	}
	s, err := load(argv[1], argv[2:], environ)
	if err != nil {
		return report(err)
	}
	status, err := s.run()
	if err != nil {
		return report(err)
	}
	return s.end(status)
}

// report prints an error, each one where several are joined, and gives the
// first one's exit status.
func report(err error) int {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		status := 0
		for _, one := range joined.Unwrap() {
			if s := report(one); status == 0 {
				status = s
			}
		}
		return status
	}
	var f *Failure
	if !errors.As(err, &f) {
		f = &Failure{Text: err.Error()}
	}
	tell(f.lines())
	return f.exitStatus()
}

// say prints a line about something that the user must know and that is no
// error.
func say(text string) { tell("husk: note: " + text + "\n") }

// warn prints a line about something that does not hold, or is done without.
func warn(text string) { tell("husk: warning: " + text + "\n") }

// hint prints what to do about something that was said.
func hint(text string) { tell("husk: hint: " + text + "\n") }

// tell writes to standard error, and goes on where nobody reads that any more:
// [os.File] would end the wrapper by SIGPIPE, and leave its session behind.
func tell(text string) { _, _ = unix.Write(standardError, []byte(printable(text))) }

var standardError = unix.Stderr

// load reads the plan and the caller.
func load(file string, args, environ []string) (*start, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, &Failure{Text: "cannot read the plan: " + err.Error()}
	}
	hidePlan(file)
	p, err := plan.Decode(text)
	if err != nil {
		return nil, &Failure{Text: file + ": " + err.Error()}
	}
	c, err := currentCaller(environ)
	if err != nil {
		return nil, err
	}
	s := &start{plan: p, args: args, supervision: supervision{text: text}, anchors: &anchors{Caller: c, markers: p.Filesystem.Markers}}
	s.closed = closedStreams()
	s.passed = openDescriptors(p.Descriptors)
	if err := restoreOpenFiles(); err != nil {
		return nil, err
	}
	s.mask, err = signalMask()
	return s, err
}

// run sets up, starts the program, waits and cleans up.
func (s *start) run() (status unix.WaitStatus, err error) {
	if err := s.decide(); err != nil {
		return 0, err
	}
	if err := s.readSecrets(); err != nil {
		return 0, err
	}
	if err := s.chooseUser(); err != nil {
		return 0, err
	}
	if s.signalPipe, err = catchSignals(); err != nil {
		return 0, err
	}
	s.signals = s.signalPipe[0]
	s.term = openTerminal(s.plan.Terminal.NewSession)
	defer func() {
		err = errors.Join(err, s.stopBuses(), s.finishAbsent())
		// What is left to the system goes all the same when nothing was started.
		if s.session != nil && (err != nil || s.plan.Tmp.Cleanup == plan.CleanupParent) && !s.became {
			err = errors.Join(err, s.removeSession())
		}
		err = errors.Join(err, s.leaveGroup())
	}()
	if err := s.openCallLog(); err != nil {
		return 0, err
	}
	defer s.closeCallLog()
	if err := s.startBuses(); err != nil {
		return 0, err
	}
	s.firstOut()
	for {
		process, err := s.launch()
		if err != nil {
			return 0, err
		}
		status, err := s.watch(process)
		if err == nil || !s.lower(err) && !s.keyringFreed(err) {
			return status, err
		}
		// The first child shared this memory and made it not dumpable; the next one's
		// maps would belong to root.
		if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
			return 0, &Failure{Text: "cannot start again: prctl: " + err.Error()}
		}
	}
}

// makeSession makes the session directory, below TMPDIR where that can be
// trusted, else below /tmp. If it can't be made, nothing starts: there is no
// way back to the shared /tmp.
func (s *start) makeSession() (err error) {
	if s.plan.Tmp.Mode == plan.TmpHost || s.session != nil {
		return nil
	}
	if s.base == "" {
		if s.base, err = s.sessionBase(); err != nil {
			return err
		}
	}
	s.session, err = session.Make(s.base, s.plan.Profile, s.anchors.UID, s.plan.Tmp.Cleanup == plan.CleanupSystem)
	if err != nil {
		return &Failure{Text: "cannot make the session directory: " + err.Error(), From: where(s.plan, s.plan.Tmp.Origin),
			Hint: "free some space, or set TMPDIR to a directory of your own"}
	}
	return nil
}

func (s *start) sessionBase() (string, error) {
	if dir, _ := s.anchors.Getenv("TMPDIR"); dir != "" {
		base, err := session.Validate(dir, s.anchors.UID)
		if err == nil {
			err = s.notTooWide(base)
		}
		if err == nil {
			return base, nil
		}
		warn("TMPDIR is not used, /tmp is: " + err.Error())
	}
	base, err := session.Validate("/tmp", s.anchors.UID)
	if err != nil {
		return "", &Failure{Text: "no directory for temporary files can be trusted: " + err.Error(),
			Hint: "/tmp should belong to root with mode 1777; or set TMPDIR to a directory of your own"}
	}
	return base, nil
}

// notTooWide refuses a base that holds the home directory, or everything: other
// sessions in it are kept from a program by hiding it.
func (s *start) notTooWide(base string) error {
	if base == slashTmp() {
		return nil // where they lie otherwise as well
	}
	home, _ := resolve(s.anchors.Home)
	if base == "/" || (s.anchors.Home != "" && namespaces.Within(home.path, base)) {
		return errors.New(base + " holds the home directory")
	}
	return nil
}

// removeSession runs when the sandbox's last process is gone.
func (s *start) removeSession() error {
	if err := s.session.Remove(); err != nil {
		return &Failure{Text: "the session directory could not be removed: " + err.Error(), Hint: "husk gc tries again"}
	}
	return nil
}

// end gives the wrapper the program's own end: the same status, or death by
// the same signal, so that a shell sees what it would have seen.
func end(status unix.WaitStatus) int {
	if status.Signaled() {
		dieBy(status.Signal())
		return StatusSignalBase + int(status.Signal())
	}
	return status.ExitStatus()
}
