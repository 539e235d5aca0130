package supervise

import (
	"time"

	"golang.org/x/sys/unix"
)

// tick is how often attempts that wait are looked at: whether a signal came for
// the caller, or a place in a unix listener's queue.
const tick = 20 * time.Millisecond

// attempt is a connection that the mediator makes for a caller.
type attempt struct {
	id     uint64
	caller *caller
	socket socket
	to     address
	file   int // what to leads to, for a path; or -1
	// until is the end of the socket's own patience; zero for none.
	until time.Time
}

func (a *attempt) close() {
	a.socket.close()
	closeOnce(&a.file)
}

// finish gives the caller its answer.
func (m *Mediator) finish(a *attempt, errno unix.Errno) {
	respond(m.listener, a.id, errno)
	a.close()
}

// try makes the connection, and keeps an attempt that has to wait.
func (m *Mediator) try(a *attempt) {
	errno := a.socket.connect(a.to)
	if !a.socket.waits(errno) {
		m.finish(a, errno)
		return
	}
	if limit := a.socket.patience(); limit > 0 {
		a.until = time.Now().Add(limit)
	}
	m.waiting = append(m.waiting, a)
}

// poll is what the attempt waits for. A unix listener's queue can't be polled.
func (a *attempt) poll() unix.PollFd {
	if a.socket.domain == unix.AF_UNIX {
		return unix.PollFd{Fd: -1}
	}
	return unix.PollFd{Fd: int32(a.socket.fd), Events: unix.POLLOUT}
}

// retry looks at the attempts that wait; fds are theirs.
func (m *Mediator) retry(fds []unix.PollFd) {
	if len(m.waiting) == 0 {
		return
	}
	var still []*attempt
	for i, a := range m.waiting {
		ready := a.socket.domain == unix.AF_UNIX || i < len(fds) && fds[i].Revents != 0
		if m.again(a, ready) {
			still = append(still, a)
		}
	}
	m.waiting = still
}

// errRestart is ERESTARTSYS, which the kernel keeps to itself: it makes the call
// EINTR or starts it anew, as the signal's handler asks (sigaction(2),
// SA_RESTART).
const errRestart = unix.Errno(512)

// again says whether the attempt goes on waiting. Asked once more, a socket
// whose connection was made, or failed, meanwhile says so (connect(2)).
func (m *Mediator) again(a *attempt, ready bool) bool {
	if !alive(m.listener, a.id) {
		a.close()
		return false
	}
	if ready {
		if errno := a.socket.connect(a.to); !a.socket.waits(errno) {
			m.finish(a, errno)
			return false
		}
	}
	switch {
	case a.caller.interrupted():
		m.finish(a, errRestart)
	case !a.until.IsZero() && time.Now().After(a.until):
		m.finish(a, a.socket.tooLong())
	default:
		return true
	}
	return false
}
