package supervise

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// connect decides about a connection and makes it.
func (m *Mediator) connect(n notification) {
	c := m.caller(n)
	s, err := c.socket(n.args[0])
	if err != nil {
		respond(m.listener, n.id, refusal(err))
		return
	}
	a := &attempt{id: n.id, caller: c, socket: s, file: -1}
	a.to, err = c.copyAddress(n.args[1], n.args[2])
	if err != nil {
		m.finish(a, number(err))
		return
	}
	if errno := m.judge(a); errno != 0 {
		m.finish(a, errno)
		return
	}
	// All that was read of the caller is true only if it still waits.
	if !alive(m.listener, n.id) {
		a.close()
		m.last.forget()
		return
	}
	m.try(a)
}

// refusal is the answer where a caller's descriptor cannot be had: what the
// kernel says of the descriptor, EACCES where it says something of this process.
func refusal(err error) unix.Errno {
	switch errno := number(err); errno {
	case unix.EBADF, unix.ENOTSOCK, unix.EMFILE, unix.ENFILE:
		return errno
	}
	return unix.EACCES
}

// judge decides about an attempt. It may put another address into it, which
// reaches exactly what was judged.
func (m *Mediator) judge(a *attempt) unix.Errno {
	switch a.socket.domain {
	case unix.AF_UNIX:
		return m.judgeUnix(a)
	case unix.AF_INET, unix.AF_INET6:
		return m.judgeInternet(a)
	case unix.AF_NETLINK:
		// The mediator may have rights that the sandbox has not (netlink(7):
		// groups, other processes).
		if a.to.family() == unix.AF_NETLINK && !a.to.toKernel() {
			return unix.EPERM
		}
		return 0
	}
	return unix.EACCES
}

// judgeInternet does what Landlock does for TCP (landlock(7),
// LANDLOCK_ACCESS_NET_CONNECT_TCP). AF_UNSPEC takes a connection apart.
func (m *Mediator) judgeInternet(a *attempt) unix.Errno {
	if !m.policy.TCPHeld || !a.socket.stream() {
		return 0
	}
	if len(a.to) < 2 {
		return unix.EINVAL
	}
	if a.to.family() == unix.AF_UNSPEC {
		return 0
	}
	port, ok := a.to.port()
	if !ok {
		return unix.EINVAL
	}
	for _, allowed := range m.policy.TCP {
		if int(port) == allowed {
			return 0
		}
	}
	return unix.EACCES
}

// judgeUnix lets a socket of the sandbox's own be reached, and what is named.
func (m *Mediator) judgeUnix(a *attempt) unix.Errno {
	if a.to.family() != unix.AF_UNIX {
		return 0 // reaches nothing: EINVAL, or a connection taken apart
	}
	if len(a.to) > unix.SizeofSockaddrUnix {
		return unix.EINVAL
	}
	if a.to.abstract() {
		if m.policy.OwnNetwork {
			return 0
		}
		return unix.EPERM // as Landlock's scope answers
	}
	path := a.to.path()
	if path == "" {
		return unix.EINVAL
	}
	var err error
	if a.file, err = a.caller.find(path); err != nil {
		return number(err)
	}
	if errno := m.permit(a.caller, a.file); errno != 0 {
		return errno
	}
	a.to = byDescriptor(a.file)
	return 0
}

// permit decides about the file that a path of the caller's leads to.
func (m *Mediator) permit(c *caller, file int) unix.Errno {
	var st unix.Stat_t
	if err := unix.Fstat(file, &st); err != nil {
		return number(err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return unix.ECONNREFUSED // unix_find_bsd, net/unix/af_unix.c
	}
	if m.inside.has(&st) {
		return 0
	}
	if m.named.has(&st) {
		// The listener outside asks who connects, and is told who the mediator is.
		if !c.isOurUser() {
			return unix.EACCES
		}
		return 0
	}
	return nobodyOr(file, unix.EACCES)
}

// nobodyOr tells a socket that nobody listens on any more, which programs then
// remove and make anew, from one that is refused. A connection of the other
// kind finds that out without reaching anybody: a stream socket answers
// EPROTOTYPE, and a datagram socket sees nothing of it before something is sent.
func nobodyOr(file int, refused unix.Errno) unix.Errno {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return refused
	}
	defer unix.Close(fd)
	if connect(fd, byDescriptor(file)) == unix.ECONNREFUSED {
		return unix.ECONNREFUSED
	}
	return refused
}

func selfDescriptor(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// byDescriptor is the unix address of the very file that is open, whatever now
// stands at its path.
func byDescriptor(fd int) address {
	a := binary.NativeEndian.AppendUint16(nil, unix.AF_UNIX)
	return append(append(a, selfDescriptor(fd)...), 0)
}
