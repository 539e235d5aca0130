package enforce

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
	"github.com/husk-sandbox/husk/enforce/supervise"
)

// mediates says that unix sockets of the host may lie in what the program sees,
// and that nothing but the waiting parent keeps it from connecting to them
// (Landlock does from ABI 9 on). System directories hold none.
func (s *start) mediates() bool {
	p := s.plan
	switch {
	case !s.tier.seccomp:
		return false // degrade allows that, and the user is told
	case s.tier.abi >= landlock.ABIUnix && !s.tier.lacks(plan.DegradeLandlock):
		return false
	case !s.tier.namespaces || s.flags&unix.CLONE_NEWNS == 0:
		return true
	}
	return p.Filesystem.View == plan.ViewHost || p.Tmp.Mode == plan.TmpHost ||
		p.Home.Mode == plan.HomeHost || p.Home.Mode == plan.HomePersistent || grantsOfHost(p)
}

// grantsOfHost says whether a plan shows anything of the host but what programs
// are made of.
func grantsOfHost(p *plan.Plan) bool {
	f := &p.Filesystem
	for _, b := range f.Bind {
		if !inSystemTree(b.From) {
			return true
		}
	}
	for _, list := range [][]plan.PathRule{f.Read, f.Write, f.Execute} {
		for _, rule := range list {
			if !inSystemTree(rule.Path) {
				return true
			}
		}
	}
	for _, path := range p.Program.Grants {
		if !inSystemTree(plan.Path{Path: path}) {
			return true
		}
	}
	return false
}

func inSystemTree(p plan.Path) bool {
	if p.Anchor != plan.AnchorRoot {
		return false
	}
	for _, tree := range namespaces.SystemTrees() {
		if namespaces.Within(p.Path, tree) {
			return true
		}
	}
	return false
}

// prepareMediation makes the socket that the listener comes through, before the
// child is cloned and gets its end.
func (s *start) prepareMediation() error {
	s.closeHandover()
	s.named = nil
	if !s.mediates() && !s.logsCalls() {
		return nil
	}
	if s.mediates() {
		if err := noDatagramStreams(s.passed); err != nil {
			return err
		}
	}
	if s.alone = kernel.AnsweredAlready(); s.alone && s.logsCalls() {
		return &Failure{Text: "system calls cannot be logged here: what is around this sandbox answers them already, and the kernel has one such place only",
			Hint: "start it outside, or take log out of syscalls"}
	}
	if s.alone {
		s.notices = append(s.notices, "what is around this sandbox answers its system calls already; unix sockets can be connected in pairs only")
		return nil
	}
	if s.dry {
		s.handover = [2]int{5, 6}
		return nil
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return &Failure{Text: "cannot make a pair of sockets: " + err.Error()}
	}
	s.handover = pair
	return nil
}

// closeHandover lets go of a pair that no mediator has taken over.
func (s *start) closeHandover() {
	for i, fd := range s.handover {
		if fd > 0 && !s.dry {
			_ = unix.Close(fd)
		}
		s.handover[i] = 0
	}
}

// noDatagramStreams refuses a standard stream, or another descriptor that the
// profile passes on, that is a unix socket without a connection of its own: the
// program could send to any socket through it, and no filter would see where to.
func noDatagramStreams(passed []int) error {
	for _, fd := range append([]int{0, 1, 2}, passed...) {
		domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
		if err == unix.ENOTSOCK || err == unix.EBADF || err == nil && domain != unix.AF_UNIX {
			continue
		}
		kind := 0
		if err == nil {
			kind, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
		}
		if err != nil {
			return &Failure{Text: "cannot tell what descriptor " + strconv.Itoa(fd) + " is: " + err.Error()}
		}
		if kind != unix.SOCK_STREAM && kind != unix.SOCK_SEQPACKET {
			return &Failure{Text: "descriptor " + strconv.Itoa(fd) + " is a unix datagram socket, through which the program could reach sockets outside",
				Hint: "connect the command by a pipe, a file or a stream socket"}
		}
	}
	return nil
}

// openNamed opens the sockets that the profile names, as they are before
// anything runs that could put others in their places.
func (s *start) openNamed(sockets []grant) error {
	if !s.mediates() || s.dry || s.handover[0] <= 0 {
		return nil
	}
	for i := range sockets {
		fd, err := unix.Open(sockets[i].path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err == unix.ENOENT {
			continue // gone since it was looked for
		}
		if err != nil {
			return &Failure{Text: "cannot open the socket " + sockets[i].path + ": " + err.Error(), From: where(s.plan, sockets[i].origin)}
		}
		s.named = append(s.named, fd)
	}
	return nil
}

// loadMediation adds the step that loads the filter, where there is one.
func (s *start) loadMediation() {
	switch {
	case s.logsCalls():
		logged := s.plan.Syscalls.LogProgram
		s.list.Notify(supervise.LoggingFilter(logged, s.callLog.token, s.mediates()), s.handover[1], s.callLog.token, plan.NoOrigin)
	case !s.mediates():
	case s.direct() || s.alone:
		s.list.Seccomp(supervise.ClosedFilter(), 0, plan.NoOrigin)
	default:
		s.list.Notify(supervise.Filter(), s.handover[1], 0, plan.NoOrigin)
	}
}

// mediate starts the mediator of a started program, where there is one, beside
// the waiting parent: signals and the wall time must not wait for a connection.
// It ends with the sandbox.
func (s *start) mediate() {
	if s.handover[0] <= 0 {
		return
	}
	_ = unix.Close(s.handover[1])
	m := supervise.New(s.handover[0], s.mediation())
	s.handover = [2]int{}
	go m.Run()
}

// mediateApart leaves the mediation to a process of its own, where this one
// becomes a supervisor.
func (s *start) mediateApart() error {
	if s.handover[0] <= 0 {
		return nil
	}
	_ = unix.Close(s.handover[1])
	log, err := s.logApart()
	if err != nil {
		return err
	}
	err = supervise.StartApart(s.handover[0], s.mediation(), log)
	s.handover = [2]int{}
	return err
}

// logApart prepares the log for a mediator of its own: it gets the plan, and says
// through a pipe what went wrong in the end.
func (s *start) logApart() (log supervise.ApartLog, err error) {
	if !s.logsCalls() {
		return log, nil
	}
	log = supervise.ApartLog{Dir: s.callLog.dir, Session: s.callLog.audit, Pid: unix.Getpid()}
	if log.Plan, err = sealed("husk-plan", s.supervision.text); err != nil {
		return log, err
	}
	pipe, err := steps.Pipe()
	if s.callLog.apart > 0 {
		_ = unix.Close(s.callLog.apart) // of a start with namespaces that could not be had
	}
	s.callLog.apart, log.End = pipe[0], pipe[1]
	return log, err
}

// mediation is the policy of connections that are made in the program's place.
func (s *start) mediation() supervise.Policy {
	p := supervise.Policy{OwnNetwork: s.ownNetwork(), Named: s.named, LeaveSockets: !s.mediates(), Calls: s.callLog.calls}
	if s.tier.abi == 0 || s.tier.lacks(plan.DegradeLandlock) || s.handled().Net == 0 {
		return p
	}
	p.TCPHeld = true
	for _, r := range connectPorts(s.plan) {
		p.TCP = append(p.TCP, r.port)
	}
	return p
}
