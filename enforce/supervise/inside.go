package supervise

import "golang.org/x/sys/unix"

// mostInside bounds the sockets of its own that a sandbox is remembered by, and
// so the descriptors that are held. The oldest is forgotten first: it can't be
// reached any more.
const mostInside = 256

// files are sockets that may be connected to. A descriptor is held of each: as
// long as it is, no other file gets its number.
type files struct{ held []file }

type file struct {
	fd       int
	dev, ino uint64
}

func (f *files) has(st *unix.Stat_t) bool {
	for _, h := range f.held {
		if h.dev == st.Dev && h.ino == st.Ino {
			return true
		}
	}
	return false
}

// add remembers a file, and takes its descriptor over.
func (f *files) add(fd int) {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Nlink == 0 || st.Mode&unix.S_IFMT != unix.S_IFSOCK || f.has(&st) {
		_ = unix.Close(fd)
		return
	}
	f.held = append(f.held, file{fd, st.Dev, st.Ino})
}

// makeRoom forgets the files that were removed, to which no path leads, where
// there are many; and the oldest, where none was.
func (f *files) makeRoom() {
	if len(f.held) < mostInside {
		return
	}
	var kept []file
	for _, h := range f.held {
		var st unix.Stat_t
		if unix.Fstat(h.fd, &st) == nil && st.Nlink > 0 {
			kept = append(kept, h)
			continue
		}
		_ = unix.Close(h.fd)
	}
	if len(kept) >= mostInside {
		_ = unix.Close(kept[0].fd)
		kept = kept[1:]
	}
	f.held = kept
}

func (f *files) forget() {
	for _, h := range f.held {
		_ = unix.Close(h.fd)
	}
	f.held = nil
}

// listen notes what the caller's socket is bound to, and lets the call go on:
// nobody is kept from listening, and what is noted is true whatever socket the
// kernel now finds under the caller's number.
func (m *Mediator) listen(n notification) {
	c := m.caller(n)
	if s, err := c.socket(n.args[0]); err == nil {
		if s.domain == unix.AF_UNIX {
			if fd := c.bound(s); fd >= 0 {
				m.inside.makeRoom()
				m.inside.add(fd)
			}
		}
		s.close()
	}
	goOn(m.listener, n.id)
}

// bound opens the file that a socket of the caller's is bound to; -1 where it
// is bound to none, or where that can't be told for sure.
func (c *caller) bound(s socket) int {
	fd, err := boundFile(s.fd)
	if err == nil {
		return fd
	}
	if err != unix.EPERM {
		return -1
	}
	name, err := unix.Getsockname(s.fd)
	if err != nil {
		return -1
	}
	un, ok := name.(*unix.SockaddrUnix)
	if !ok || un.Name == "" || un.Name[0] == '@' || un.Name[0] == 0 {
		return -1
	}
	fd, err = c.find(un.Name)
	if err != nil {
		return -1
	}
	if !c.isBoundTo(s.fd, fd) {
		_ = unix.Close(fd)
		return -1
	}
	return fd
}
