package supervise

import (
	"time"

	"golang.org/x/sys/unix"
)

// socket is a duplicate of one of the sandbox's sockets. Its domain
// never changes.
type socket struct {
	fd     int
	domain int
	flags  int // of fcntl(2), F_GETFL
}

// socket duplicates a socket of the caller's; ENOTSOCK for anything else.
func (c *caller) socket(fd uint64) (socket, error) {
	s := socket{}
	var err error
	if s.fd, err = c.duplicate(int(int32(fd))); err != nil {
		return s, err
	}
	if s.domain, err = unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_DOMAIN); err == nil {
		s.flags, err = unix.FcntlInt(uintptr(s.fd), unix.F_GETFL, 0)
	}
	if err != nil {
		s.close()
	}
	return s, err
}

// stream says that the socket is a TCP one, where its domain is the internet's.
// An error is one: more is asked of it.
func (s socket) stream() bool {
	kind, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TYPE)
	return err != nil || kind == unix.SOCK_STREAM
}

func (s socket) blocking() bool { return s.flags&unix.O_NONBLOCK == 0 }

func (s socket) close() { _ = unix.Close(s.fd) }

// connect makes a connection, or begins one, and never waits. The flag for that
// belongs to the open file, which the caller has as well: it is put back at once.
func (s socket) connect(to address) unix.Errno {
	if !s.blocking() {
		return connect(s.fd, to)
	}
	if _, err := unix.FcntlInt(uintptr(s.fd), unix.F_SETFL, s.flags|unix.O_NONBLOCK); err != nil {
		return unix.EACCES
	}
	errno := connect(s.fd, to)
	_, _ = unix.FcntlInt(uintptr(s.fd), unix.F_SETFL, s.flags)
	return errno
}

// waits says whether a caller whose socket blocks would wait now: a unix
// listener's queue is full, or a connection is on its way.
func (s socket) waits(errno unix.Errno) bool {
	if !s.blocking() {
		return false
	}
	if s.domain == unix.AF_UNIX {
		return errno == unix.EAGAIN
	}
	return errno == unix.EINPROGRESS || errno == unix.EALREADY
}

// patience is the socket's own limit (SO_SNDTIMEO, socket(7)), 0 for none.
func (s socket) patience() time.Duration {
	limit, err := unix.GetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO)
	if err != nil {
		return 0
	}
	return time.Duration(limit.Nano())
}

// tooLong is the error of a connection that outlasted that limit (connect(2),
// socket(7)).
func (s socket) tooLong() unix.Errno {
	if s.domain == unix.AF_UNIX {
		return unix.EAGAIN
	}
	return unix.EINPROGRESS
}
