package relay

import (
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// When a sandbox ends, its programs have closed their connections; what they sent
// before is still on its way, as it would be in the kernel without a sandbox. The
// relay delivers it as long as the other side takes it, and waits for nothing
// else.

// Patience with the other side at the end. Variables for tests.
var (
	// drainPause is how long it may take nothing.
	drainPause = 500 * time.Millisecond
	// drainMost bounds all of it.
	drainMost = 10 * time.Second
)

// sending is one connection until all that its program sent was passed on.
type sending struct {
	relay  *Relay
	inside *net.TCPConn
	moved  atomic.Int64
	// made says that the other side is connected.
	made atomic.Bool
}

// begin notes a connection whose program may send.
func (r *Relay) begin(inside *net.TCPConn) *sending {
	s := &sending{relay: r, inside: inside}
	r.mu.Lock()
	r.sending[s] = struct{}{}
	r.mu.Unlock()
	return s
}

// end says that nothing more is to be passed on. It may be said again.
func (s *sending) end() {
	r := s.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sending, s)
	if len(r.sending) == 0 && r.drained != nil {
		close(r.drained)
		r.drained = nil
	}
}

// move notes bytes that were passed on.
func (s *sending) move(n int) {
	if s != nil {
		s.moved.Add(int64(n))
	}
}

// pending says whether something waits to be passed on where the other side is
// not connected yet (tcp(7), SIOCINQ).
func (s *sending) pending() bool {
	raw, err := s.inside.SyscallConn()
	if err != nil {
		return false
	}
	n := 0
	err = raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.SIOCINQ) })
	return err == nil && n > 0
}

// drain waits until what programs have sent is passed on, or is taken no more.
func (r *Relay) drain() {
	drained := make(chan struct{})
	r.mu.Lock()
	for s := range r.sending {
		if !s.made.Load() && !s.pending() {
			delete(r.sending, s) // nothing would go through it
		}
	}
	if len(r.sending) == 0 {
		r.mu.Unlock()
		return
	}
	r.drained = drained
	r.mu.Unlock()
	most := time.After(drainMost)
	for last := int64(-1); ; {
		moved := r.moved()
		if moved == last {
			return
		}
		last = moved
		select {
		case <-drained:
			return
		case <-most:
			return
		case <-time.After(drainPause):
		}
	}
}

// moved counts what went through the connections that still send.
func (r *Relay) moved() (total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.sending {
		total += s.moved.Load()
	}
	return total
}
