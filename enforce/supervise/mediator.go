package supervise

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// Policy is what a mediator decides by.
type Policy struct {
	// OwnNetwork says that the sandbox's network namespace is its own: then
	// abstract unix sockets in it are.
	OwnNetwork bool
	// TCPHeld says that TCP connections are made to the ports in TCP only. The
	// mediator makes connections in the program's place, where Landlock would not
	// hold it.
	TCPHeld bool
	TCP     []int
	// Named are sockets of the host that may be connected to, opened with O_PATH.
	// They belong to the mediator.
	Named []int
	// LeaveSockets says that connections are none of the mediator's business: its
	// filter asks for the sake of the log alone.
	LeaveSockets bool
	// Calls records what the policy logs, nil where it logs nothing.
	Calls *Calls
}

// Mediator answers the notifications of one sandbox: its owner polls the
// descriptors that [Mediator.Poll] gives, for no longer than [Mediator.Timeout],
// and hands them to [Mediator.Serve], as [Mediator.Run] does.
//
// It doesn't mean to wait, but can be made to: whether connect(2) waits is said
// by a flag of the open file (O_NONBLOCK, open(2)), which the caller has as
// well, and may clear in the moment before the call. So it needs a thread to
// itself: the sandbox then waits for its own connections alone, and nobody else.
type Mediator struct {
	policy   Policy
	handover int // the listener arrives here; -1 once it has
	listener int // -1 until it has arrived
	inside   files
	named    files
	waiting  []*attempt
	last     *caller // of the last notification
}

// New gives a mediator whose listener arrives through a socket ([steps.List.Notify]
// sends it), which belongs to the mediator from now on.
func New(handover int, p Policy) *Mediator {
	m := &Mediator{policy: p, handover: handover, listener: -1}
	for _, fd := range p.Named {
		m.named.add(fd)
	}
	return m
}

// Close lets go of everything. Callers that wait get ENOSYS.
func (m *Mediator) Close() {
	for _, a := range m.waiting {
		a.close()
	}
	m.waiting = nil
	m.inside.forget()
	m.named.forget()
	m.last.forget()
	m.last = nil
	closeOnce(&m.handover)
	closeOnce(&m.listener)
}

func closeOnce(fd *int) {
	if *fd >= 0 {
		_ = unix.Close(*fd)
		*fd = -1
	}
}

// Run serves until the sandbox has ended, and closes the mediator. It gives the
// status for a process that does nothing else.
func (m *Mediator) Run() int {
	defer m.Close()
	for m.Open() {
		timeout := -1
		if wait := m.Timeout(); wait >= 0 {
			timeout = int(wait.Milliseconds() + 1)
		}
		fds := m.Poll(nil)
		if _, err := unix.Poll(fds, timeout); err != nil && err != unix.EINTR {
			return 125
		}
		m.Serve(fds)
	}
	return 0
}

// Poll adds what the mediator waits for.
func (m *Mediator) Poll(fds []unix.PollFd) []unix.PollFd {
	fds = append(fds, unix.PollFd{Fd: int32(m.handover), Events: unix.POLLIN},
		unix.PollFd{Fd: int32(m.listener), Events: unix.POLLIN})
	for _, a := range m.waiting {
		fds = append(fds, a.poll())
	}
	return fds
}

// Timeout is how long the owner may wait at most, -1 for any time.
func (m *Mediator) Timeout() time.Duration {
	if len(m.waiting) == 0 {
		return -1
	}
	return tick
}

// Serve answers what has come: fds are those that Poll added, after the wait.
func (m *Mediator) Serve(fds []unix.PollFd) {
	if len(fds) < 2 {
		return
	}
	m.retry(fds[2:])
	switch {
	case fds[0].Revents != 0:
		m.accept()
	case fds[1].Revents&unix.POLLIN != 0:
		m.answer()
	case fds[1].Revents != 0: // everybody who had the filter is gone
		closeOnce(&m.listener)
	}
}

// accept takes the listener.
func (m *Mediator) accept() {
	var text [1]byte
	control := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(m.handover, text[:], control, unix.MSG_CMSG_CLOEXEC|unix.MSG_DONTWAIT)
	if err == unix.EINTR || err == unix.EAGAIN {
		return
	}
	closeOnce(&m.handover)
	if err != nil {
		return
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil || len(messages) != 1 {
		return // nothing will be answered: the callers wait until this process ends
	}
	if fds, err := unix.ParseUnixRights(&messages[0]); err == nil && len(fds) == 1 {
		m.listener = fds[0]
		wakeOnThisCPU(m.listener)
	}
}

// answer takes one notification.
func (m *Mediator) answer() {
	n, err := receive(m.listener)
	if err != nil {
		return // the caller was killed, or a signal came
	}
	if m.policy.Calls != nil {
		m.policy.Calls.record(&n)
	}
	switch {
	case n.call == unix.SYS_CONNECT && !m.policy.LeaveSockets:
		m.connect(n)
	case n.call == unix.SYS_LISTEN && !m.policy.LeaveSockets:
		m.listen(n)
	case m.policy.Calls != nil:
		// To go on is right here: the policy's own filter has permitted the call,
		// by the same numbers that nobody can change any more, else its stricter
		// answer had held and nobody had been asked (seccomp(2)). Nothing is decided
		// here that memory could be changed behind.
		goOn(m.listener, n.id)
	default:
		respond(m.listener, n.id, unix.EACCES)
	}
}

// number gives an error's errno; what has none is a refusal.
func number(err error) unix.Errno {
	var errno unix.Errno
	if err == nil {
		return 0
	}
	if !errors.As(err, &errno) || errno == 0 {
		return unix.EACCES
	}
	return errno
}
