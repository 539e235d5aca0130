package names

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/husk-sandbox/husk/enforce/network/datagram"
)

// maxQuestions bounds what a program can have asked at once over UDP. Beyond it
// questions are dropped, as a busy server does; connections are bounded where
// they are accepted.
const maxQuestions = 256

// patience is how long a question may take and a connection may be idle.
const (
	patience = 10 * time.Second
	idle     = 30 * time.Second
)

// ServeUDP answers datagrams until the socket is closed. other gets those that
// are no questions for us; it says whether it took one. No answer is looked for
// once ctx is over.
func (r *Responder) ServeUDP(ctx context.Context, s *datagram.Socket, other func(b []byte, from netip.AddrPort, to netip.Addr) bool) {
	slots := make(chan struct{}, maxQuestions)
	buffer := make([]byte, datagram.Max)
	for {
		n, from, to, err := s.Read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || !to.IsValid() || other(buffer[:n], from, to) {
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			continue
		}
		question := append([]byte(nil), buffer[:n]...)
		go func() {
			defer func() { <-slots }()
			asking, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			if m := r.Answer(asking, question, true); m != nil {
				_ = s.Write(m, to, from) // as on a network, nobody learns of a lost one
			}
		}()
	}
}

// ServeTCP answers the questions of one connection, one after the other (RFC
// 7766), and closes it.
func (r *Responder) ServeTCP(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	for {
		if conn.SetDeadline(time.Now().Add(idle)) != nil {
			return
		}
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		asking, cancel := context.WithTimeout(ctx, patience)
		m := r.Answer(asking, question, false)
		cancel()
		if m == nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...)); err != nil {
			return
		}
	}
}
