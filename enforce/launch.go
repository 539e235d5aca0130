package enforce

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// launch clones the child and writes its list at the same time: making the
// namespaces takes the kernel as long as all decisions take the parent. Where
// the namespaces are refused and the profile can do without, both are done
// again for what is left.
func (s *start) launch() (*steps.Process, error) {
	if s.direct() {
		return nil, s.become()
	}
	defer s.collectBeside() // when the program starts, or whatever keeps it from that
	process, cloneErr, err := s.attempt()
	if err == nil && cloneErr != nil {
		if err = s.withoutNamespaces(cloneErr); err == nil {
			process, cloneErr, err = s.attempt()
		}
		if err == nil && cloneErr != nil {
			err = &Failure{Text: "cannot start a process: " + cloneErr.Error(), Hint: kernel.NamespaceHint(cloneErr)}
		}
	}
	if err != nil {
		return nil, err
	}
	if err := s.mapUser(process.Pid); err != nil {
		process.Abort()
		return nil, err
	}
	s.tell()
	s.beginObserving(process)
	s.last(process.NeedsReset())
	if err := process.Run(); err != nil {
		return nil, err
	}
	return process, nil
}

// attempt makes one try for the tier as it is. cloneErr is the kernel's no;
// with any other error the child is gone again.
func (s *start) attempt() (process *steps.Process, cloneErr, err error) {
	ready, written := make(chan bool, 1), make(chan error, 1)
	work := func() {
		err := s.look()
		if <-ready && err == nil {
			err = s.write()
		}
		written <- err
	}
	if s.user == nil {
		onAnotherThread(work)
	}
	process, err = s.child()
	ready <- err == nil
	if err != nil {
		if s.user == nil {
			<-written
		}
		return nil, nil, err
	}
	if s.user != nil {
		// The view's descriptors must be there when the child gets its copies.
		work()
	}
	cloneErr = process.Clone()
	s.closeNetwork(1)
	s.user.release()
	if err = <-written; err == nil && cloneErr == nil {
		err = s.enterGroup(process)
	}
	if err == nil && s.groupRefused(cloneErr) {
		err = s.groupFailure(cloneErr)
	}
	if err == nil && cloneErr == nil {
		return process, nil, nil
	}
	s.closeNetwork(0)
	if cloneErr == nil {
		process.Abort()
	} else {
		_ = unix.Close(s.pipe[0])
		_ = unix.Close(s.pipe[1])
	}
	return nil, cloneErr, err
}

// child decides what the child is cloned into and with, and writes its first steps.
// Beside it [start.look] runs: the two share nothing that one of them changes.
func (s *start) child() (process *steps.Process, err error) {
	if err := s.decideLimits(); err != nil {
		return nil, err
	}
	if s.pipe, err = steps.Pipe(); err != nil {
		return nil, &Failure{Text: "cannot make a pipe: " + err.Error()}
	}
	if err = s.openNetwork(); err != nil {
		return nil, err
	}
	if err := s.prepareMediation(); err != nil {
		return nil, err
	}
	if s.supervised() {
		// The child dies with the thread that cloned it, and the observer with the one
		// that started it, so that one executes the supervisor as well.
		runtime.LockOSThread()
	}
	s.startObserver()
	s.early()
	if !s.reaper {
		if err := adoptOrphans(); err != nil {
			return nil, &Failure{Text: "cannot adopt what the program leaves running: " + err.Error()}
		}
	}
	return s.list.Process(steps.Options{Flags: s.cloneFlags(), Reaper: s.reaper, Terminal: s.term.fd, Pipe: s.pipe,
		Cgroup: s.groupFD(), Helper: dropsLate(s.plan), Passed: s.passed, Tell: !s.supervised() || s.mayLower()}), nil
}

// onAnotherThread runs f at the same time as what the caller does next. A
// goroutine is taken at once from the queue that the second one moves it to; the
// latest one of a thread that goes on is left to it for a while, in which nothing
// comes of the two being done at once (runtime, runqgrab: 80 us here).
func onAnotherThread(f func()) {
	go f()
	go func() {}()
}

// collectBeside looks for what killed parents left, beside the program.
func (s *start) collectBeside() {
	collected := make(chan struct{})
	s.collected = collected
	go func() {
		s.collect()
		s.collectGroups()
		close(collected)
	}()
}

// lower goes on without namespaces, where the profile allows it and err says
// that there are some and nothing may be done in them: AppArmor's restriction
// lets everybody make a user namespace and takes its capabilities away, a
// container may forbid mounts or hide parts of proc. Nothing was started.
func (s *start) lower(err error) bool {
	var f *Failure
	if !errors.As(err, &f) || f.step == nil || !s.tier.namespaces || !powerless(f.step) {
		return false
	}
	return s.withoutNamespaces(errors.New(f.Text)) == nil
}

// powerless says whether a step failed because the new user namespace gives no
// rights. Only the first steps of all count, which concern nothing that an
// earlier run of the program may have prepared.
func powerless(f *steps.Failure) bool {
	switch f.Errno {
	case unix.EPERM, unix.EACCES, unix.ENOSYS:
	default:
		return false
	}
	switch f.Step.Kind {
	case steps.Map, steps.Namespace, steps.Network:
		return f.Step.Process != "program"
	case steps.Attr, steps.Mount:
		return f.Step.Object == "/" || f.Step.Object == "/proc" || f.Step.Object == "proc" || f.Step.Object == "dev/pts"
	}
	return false
}

// withoutNamespaces lowers the tier, where the profile allows it.
func (s *start) withoutNamespaces(cloneErr error) error {
	if !s.tier.namespaces {
		return &Failure{Text: "cannot start a process: " + cloneErr.Error()}
	}
	what := "user namespaces cannot be had, or another one that the sandbox needs: clone: " + cloneErr.Error()
	if s.flags&unix.CLONE_NEWUSER == 0 {
		what = "cannot make the namespaces of the sandbox: clone: " + cloneErr.Error()
	}
	name := plan.DegradeNamespaces
	if s.flags&unix.CLONE_NEWNET != 0 && degrades(s.plan, plan.DegradeNetworkNamespace) && !degrades(s.plan, plan.DegradeNamespaces) {
		name = plan.DegradeNetworkNamespace
	}
	if name == plan.DegradeNamespaces && ofItsOwn(s.plan) {
		return s.noUser("cannot be had: "+what, kernel.NamespaceHint(cloneErr))
	}
	if name == plan.DegradeNamespaces && len(s.plan.DBus) > 0 {
		return &Failure{Text: "a message bus cannot be filtered: " + what, From: where(s.plan, s.plan.DBus[0].Origin), Hint: kernel.NamespaceHint(cloneErr)}
	}
	if name == plan.DegradeNamespaces && dropsLate(s.plan) {
		return s.noLateDrop("cannot be had: "+what, kernel.NamespaceHint(cloneErr))
	}
	if err := s.tier.lack(s.plan, name, what, kernel.NamespaceHint(cloneErr)); err != nil {
		return err
	}
	s.unpublish()
	if name == plan.DegradeNetworkNamespace {
		s.flags &^= unix.CLONE_NEWNET
	} else {
		s.flags, s.tier.namespaces = 0, false
	}
	return nil
}

// direct says that the wrapper itself becomes the program: the profile leaves
// the session directory to the system and shares every namespace, so there is
// nothing to wait for.
func (s *start) direct() bool {
	return s.plan.Tmp.Cleanup == plan.CleanupSystem && !s.tier.namespaces && wallTime(s.plan) == 0
}

// become runs the list in this process. It returns only with an error: the
// process is restricted by then, and can still say why it ends.
func (s *start) become() error {
	if s.mediates() {
		if err := noDatagramStreams(s.passed); err != nil {
			return err
		}
	}
	// An attempt with namespaces may have been before: it left no process and no use
	// for a group that this process is not in.
	s.reaper = false
	if err := s.leaveGroup(); err != nil {
		return err
	}
	s.list = steps.New()
	s.list.BlockSignals()
	s.term.give = false
	if err := s.decideLimits(); err != nil {
		return err
	}
	if err := s.late(); err != nil {
		return err
	}
	s.tell()
	s.last(true)
	s.became = true
	runtime.LockOSThread() // what the steps change belongs to the thread
	failure := s.failed(s.list.Become())
	if s.session != nil {
		// Once Landlock holds, this process can't take it away any more: then it is
		// the system's, as the profile has it.
		_ = s.session.Remove()
	}
	return failure
}

// tell says once what was dropped and what is done without.
func (s *start) tell() {
	if s.plan.Network.Mode == plan.NetworkFiltered && !s.filtered() {
		s.notices = append(s.notices, s.unfilteredNotice())
	}
	for _, n := range s.notices {
		warn(n)
	}
	if len(s.tier.without) > 0 {
		warn(s.tier.notice(s.plan))
		if !s.tier.namespaces && len(s.plan.Filesystem.Hide)+len(s.plan.Filesystem.Protect) > 0 {
			warn("hide and protect inside a granted directory do not hold without a mount namespace")
		}
		if !s.tier.namespaces && s.plan.Tmp.Size > 0 {
			warn("the size of tmp does not hold without a mount namespace")
		}
	}
}
