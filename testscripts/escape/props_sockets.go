package main

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// errMissing is a prop's word for what the machine doesn't have.
var errMissing = errors.New("this machine lacks")

// serve answers every connection with the secret, as a daemon of the host's that
// trusts whoever can reach it. With a directory it passes a descriptor of that.
func (s *stage) serve(l net.Listener, dir string) {
	s.onStrike(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			answer(c, s.secret, dir)
		}
	}()
}

func answer(c net.Conn, secret, dir string) {
	defer c.Close()
	u, ok := c.(*net.UnixConn)
	if dir == "" || !ok {
		_, _ = c.Write([]byte(secret))
		return
	}
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	_, _, _ = u.WriteMsgUnix([]byte("take"), unix.UnixRights(int(f.Fd())), nil)
}

// daemon listens on a unix socket; a name that begins with @ is abstract.
func daemon(word string) prop {
	return func(s *stage) error {
		l, err := net.Listen("unix", s.path(word))
		if err == nil {
			s.serve(l, "")
		}
		return err
	}
}

// packetDaemon is a daemon with a socket of the type SOCK_SEQPACKET.
func packetDaemon(word string) prop {
	return func(s *stage) error {
		l, err := net.Listen("unixpacket", s.path(word))
		if err == nil {
			s.serve(l, "")
		}
		return err
	}
}

// giver passes a descriptor of the directory outside to who connects.
func giver(word string) prop {
	return func(s *stage) error {
		l, err := net.Listen("unix", s.path(word))
		if err == nil {
			s.serve(l, s.vars["OUTSIDE"])
		}
		return err
	}
}

// taker keeps the first descriptor that somebody sends it.
func taker(word string) prop {
	return func(s *stage) error {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: s.path(word), Net: "unix"})
		if err != nil {
			return err
		}
		s.onStrike(func() { l.Close() })
		got := make(chan []byte, 1)
		s.received = append(s.received, got)
		go func() {
			c, err := l.AcceptUnix()
			if err != nil {
				return
			}
			defer c.Close()
			rights := make([]byte, 64)
			if _, n, _, _, err := c.ReadMsgUnix(make([]byte, 64), rights); err == nil && n > 0 {
				got <- []byte("a descriptor of the sandbox")
			}
		}()
		return nil
	}
}

// mailbox gets datagrams.
func mailbox(word string) prop {
	return func(s *stage) error {
		c, err := net.ListenPacket("unixgram", s.path(word))
		if err == nil {
			s.collect(c)
		}
		return err
	}
}

// collect notes the first datagram that comes.
func (s *stage) collect(c net.PacketConn) {
	s.onStrike(func() { c.Close() })
	got := make(chan []byte, 1)
	s.received = append(s.received, got)
	go func() {
		buffer := make([]byte, 256)
		if n, _, err := c.ReadFrom(buffer); err == nil {
			got <- buffer[:n]
		}
	}()
}

// service listens on the host's loopback, with TCP and UDP: $PORT and $UDP.
func service(s *stage) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.serve(l, "")
	s.vars["PORT"] = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	return s.udp()
}

// multipath is a service that takes multipath TCP, as $PORT.
func multipath(s *stage) error {
	var c net.ListenConfig
	c.SetMultipathTCP(true)
	l, err := c.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.serve(l, "")
	s.vars["PORT"] = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	return nil
}

func (s *stage) udp() error {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.vars["UDP"] = strconv.Itoa(c.LocalAddr().(*net.UDPAddr).Port)
	s.collect(c)
	return nil
}

// service6 is a service on ::1, as $PORT.
func service6(s *stage) error {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return errors.Join(errMissing, err)
	}
	s.serve(l, "")
	s.vars["PORT"] = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	return nil
}

// inheritSocket leaves a connection to a daemon open, as descriptor 3.
func inheritSocket(s *stage) error {
	l, err := net.Listen("unix", s.path("$OUTSIDE/daemon"))
	if err != nil {
		return err
	}
	s.serve(l, "")
	c, err := net.Dial("unix", s.path("$OUTSIDE/daemon"))
	if err != nil {
		return err
	}
	f, err := c.(*net.UnixConn).File()
	c.Close()
	s.inherited = append(s.inherited, f)
	return err
}
