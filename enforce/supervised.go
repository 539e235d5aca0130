package enforce

import (
	"math"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// supervision is what a start needs where its parent goes on as a supervisor:
// once the sandbox's first process is started, this process executes husk
// supervise in its own place. Only profiles that need one pay for it.
type supervision struct {
	text      []byte // of the plan, as it was read
	network   [2]int // ours, and the child's, for descriptors from inside
	published []int  // listeners on the host's loopback
}

// filtered says whether the network is to be filtered by name.
func (s *start) filtered() bool {
	return s.plan.Network.Mode == plan.NetworkFiltered && s.tier.namespaces && s.flags&unix.CLONE_NEWNET != 0
}

// supervised says whether this process goes on as a supervisor.
func (s *start) supervised() bool { return s.filtered() }

// superviseReady finds out before anything is made whether there is a
// supervisor to go on as, and takes the ports that are published.
func (s *start) superviseReady() error {
	if !s.supervised() {
		return nil
	}
	if problem, origin := network.Conflict(&s.plan.Network); problem != "" {
		return &Failure{Text: problem, From: where(s.plan, origin), Hint: "take it out of listen and publish, or out of connect"}
	}
	if s.plan.Supervisor == "" {
		return &Failure{Text: "the plan names no supervisor", Hint: "render the wrapper again: husk apply"}
	}
	if err := unix.Access(s.plan.Supervisor, unix.X_OK); err != nil {
		return &Failure{Text: "the supervisor cannot be executed: " + s.plan.Supervisor + ": " + err.Error(),
			Hint: "install husk again, and render the wrapper again: husk apply"}
	}
	if s.dry {
		return nil
	}
	if origin := publishes(s.plan); origin != plan.NoOrigin && s.flags&unix.CLONE_NEWPID == 0 {
		return &Failure{Text: "a port can be published only with a PID namespace of the sandbox's own", From: where(s.plan, origin),
			Hint: "take \"pid\" out of namespaces { share }"}
	}
	return s.publish()
}

// publish takes the ports on the host's loopback (ip(7)).
func (s *start) publish() error {
	for _, l := range s.plan.Network.Listen {
		if !l.Publish {
			continue
		}
		fd, err := listenLoopback(l.Port)
		if err != nil {
			f := &Failure{Text: "cannot publish port " + strconv.Itoa(l.Port) + " on 127.0.0.1: " + err.Error(), From: where(s.plan, l.Origin)}
			if err == unix.EADDRINUSE {
				f.Hint = "another sandbox or program listens there: ss -tlnp shows which; end it, or publish another port. " +
					"A profile for the server alone (husk run PROFILE -- COMMAND) leaves the port out of other commands"
			}
			return f
		}
		s.published = append(s.published, fd)
	}
	return nil
}

// publishes gives the origin of the first published port, or NoOrigin.
func publishes(p *plan.Plan) int {
	for _, l := range p.Network.Listen {
		if l.Publish {
			return l.Origin
		}
	}
	return plan.NoOrigin
}

// unpublish gives the ports back to a program that binds them itself.
func (s *start) unpublish() {
	for _, fd := range s.published {
		_ = unix.Close(fd)
	}
	s.published = nil
}

func listenLoopback(port int) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	// A server that has just ended leaves connections in TIME_WAIT (tcp(7)).
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.Listen(fd, 128)
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// openNetwork makes the pair of sockets that descriptors come out through.
func (s *start) openNetwork() (err error) {
	s.supervision.network = [2]int{-1, -1}
	if s.filtered() {
		s.supervision.network, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	}
	if err != nil {
		return &Failure{Text: "cannot make a pair of sockets: " + err.Error()}
	}
	return nil
}

// closeNetwork closes one end or both.
func (s *start) closeNetwork(ends ...int) {
	for _, end := range ends {
		if s.supervision.network[end] >= 0 {
			_ = unix.Close(s.supervision.network[end])
			s.supervision.network[end] = -1
		}
	}
}

// setUpNetwork writes the steps inside the new network namespace.
func (s *start) setUpNetwork() {
	if s.flags&unix.CLONE_NEWNET == 0 {
		return
	}
	s.list.LoopbackUp()
	if s.filtered() {
		v6 := network.HasIPv6()
		network.Steps(s.list, &s.plan.Network, s.supervision.network[1], v6)
		if len(s.published) > 0 {
			s.list.Lend(s.supervision.network[1], v6)
		}
	}
}

// watch stays with the started process: here, or as its supervisor. Where the
// profile may do without namespaces, the supervisor waits until it is certain
// that there are some: there is no way back from it.
func (s *start) watch(process *steps.Process) (unix.WaitStatus, error) {
	if !s.supervised() {
		return s.wait(process)
	}
	// First of all: execve(2) may be among the calls that somebody has to answer.
	if err := s.mediateApart(); err != nil {
		process.Abort()
		return 0, s.noSupervisor(err)
	}
	for s.mayLower() || process.Reported() {
		e, ok := process.Next()
		if e.Failed != nil {
			status, err := (&waiter{start: s, process: process}).finish(e)
			return status, err
		}
		if !ok || e.Started {
			break
		}
	}
	return 0, s.becomeSupervisor(process)
}

// mayLower says whether the profile can do without the namespaces.
func (s *start) mayLower() bool {
	return degrades(s.plan, plan.DegradeNamespaces) || degrades(s.plan, plan.DegradeNetworkNamespace)
}

// becomeSupervisor executes husk supervise in this process's place. It returns
// only with an error, and with nothing left of the sandbox.
func (s *start) becomeSupervisor(process *steps.Process) error {
	s.tellLeftOver() // and wait: what restricts itself could not go on with it
	err := s.handOver(process)
	process.Abort()
	return s.noSupervisor(err)
}

func (s *start) noSupervisor(err error) error {
	return &Failure{Text: "cannot go on as the supervisor " + s.plan.Supervisor + ": " + err.Error()}
}

func (s *start) handOver(process *steps.Process) error {
	h := &handover{
		pid: process.Pid, reaper: s.reaper, report: process.Descriptor(), signals: s.signalPipe, mask: s.mask,
		tty: s.term.fd, group: s.term.group, give: s.term.give, std: s.term.std, base: s.base,
		sessionIn: -1, sessionFD: -1, homeFD: -1, cgroupIn: -1, cgroupFD: -1, busIn: -1, busFD: -1, bus: busProxy{process: -1, alive: -1}, finisher: finisher{lock: -1, answer: -1}, network: s.supervision.network[0], published: s.published,
		audit: s.callLog.audit, callsEnd: -1,
		observer: s.observer,
		steps:    s.list.Steps, plan: s.text,
	}
	if s.session != nil {
		h.session = s.session.Path
		h.sessionIn, h.sessionFD = s.session.Descriptors()
	}
	if s.proxy.dir != nil {
		h.bus, h.busDir = s.proxy, s.proxy.dir.Path
		h.busIn, h.busFD = s.proxy.dir.Descriptors()
	}
	if s.absent != nil {
		f, err := s.leaveFinisher()
		if err != nil {
			return err
		}
		h.finisher = f
	}
	if s.callLog.apart > 0 {
		h.callsEnd = s.callLog.apart
	}
	if s.home != nil {
		h.homeFD = s.home.Descriptor()
	}
	if s.group != nil {
		h.cgroup = s.group.Path
		h.cgroupIn, h.cgroupFD = s.group.Descriptors()
	}
	fd, err := sealed("husk-handover", h.encode())
	if err != nil {
		return err
	}
	// A signal in between would end the wrapper: handlers don't outlive execve(2),
	// the mask does.
	if err := blockSignals(); err != nil {
		return err
	}
	if err := unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return err
	}
	for _, kept := range append(h.descriptors(), fd) {
		if _, err := unix.FcntlInt(uintptr(kept), unix.F_SETFD, 0); err != nil {
			return err
		}
	}
	return unix.Exec(s.plan.Supervisor, []string{s.plan.Supervisor, SuperviseCommand, strconv.Itoa(fd)}, s.anchors.Environ)
}

// SuperviseCommand is the subcommand of husk that goes on for a parent; its
// argument is the handover's descriptor.
const SuperviseCommand = "supervise"

// descriptors lists the open ones.
func (h *handover) descriptors() []int {
	var open []int
	for _, fd := range append([]int{h.report, h.signals[0], h.signals[1], h.tty, h.sessionIn, h.sessionFD, h.cgroupIn, h.cgroupFD, h.finisher.lock, h.finisher.answer, h.homeFD, h.bus.process, h.bus.alive, h.busIn, h.busFD, h.network, h.callsEnd, h.observer.socket}, h.published...) {
		if fd >= 0 {
			open = append(open, fd)
		}
	}
	return open
}

// sealed makes a file without a name that nobody can change (memfd_create(2)).
func sealed(name string, content []byte) (int, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_ALLOW_SEALING|unix.MFD_CLOEXEC)
	if err != nil {
		return -1, err
	}
	for rest := content; len(rest) > 0; {
		n, err := unix.Write(fd, rest)
		if err != nil && err != unix.EINTR {
			return -1, err
		}
		rest = rest[max(n, 0):]
	}
	_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL)
	return fd, err
}
