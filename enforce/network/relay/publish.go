package relay

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// Publish serves a listener on the host's loopback: its connections go to the
// port of the rule inside. socket gives a TCP socket of the sandbox's network
// namespace, not connected yet, and gives up with its context. file is closed.
func (r *Relay) Publish(file *os.File, rule plan.Listen, socket func(context.Context) (*os.File, error)) error {
	l, err := net.FileListener(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	r.serve(l, func() {
		r.accept(l, func(outside *net.TCPConn) { r.enter(outside, rule, socket) })
	})
	return nil
}

// enter connects one published connection.
func (r *Relay) enter(outside *net.TCPConn, rule plan.Listen, socket func(context.Context) (*os.File, error)) {
	began := time.Now()
	e := audit.Event{Kind: audit.Publish, Verdict: audit.Allowed, Port: rule.Port, Protocol: rules.TCP, Rule: r.place(rule.Origin)}
	e.Address = outside.RemoteAddr().(*net.TCPAddr).IP.String()
	r.opened(e)
	inside, err := connectInside(r.ending, rule.Port, socket)
	switch {
	case err != nil:
		reset(outside)
	case !r.track(inside):
		reset(inside)
		reset(outside)
	default:
		sends := r.begin(inside)
		sends.made.Store(true)
		err = join(inside, outside, nil, sends, &e.Sent, &e.Received)
		sends.end()
		r.untrack(inside)
		r.running.Done()
	}
	if err != nil && !errors.Is(err, net.ErrClosed) && r.ending.Err() == nil {
		e.Error = err.Error()
	}
	e.Duration = time.Since(began).Milliseconds()
	r.record(e)
}

// errOtherFamily says that a socket can't have an address.
var errOtherFamily = errors.New("no IPv6 inside")

// connectInside connects to a port of the sandbox's loopback, under either of
// its addresses: which one a server binds is a matter of its taste.
func connectInside(ctx context.Context, port int, socket func(context.Context) (*os.File, error)) (*net.TCPConn, error) {
	conn, err := connectWith(ctx, port, false, socket)
	if err == unix.ECONNREFUSED {
		// A socket that was refused by an IPv4 address can't try an IPv6 one.
		if other, err := connectWith(ctx, port, true, socket); err == nil {
			return other, nil
		}
	}
	return conn, err
}

func connectWith(ctx context.Context, port int, v6 bool, socket func(context.Context) (*os.File, error)) (*net.TCPConn, error) {
	f, err := socket(ctx)
	if err != nil {
		return nil, err
	}
	defer f.Close() // net.FileConn has one of its own
	fd := int(f.Fd())
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return nil, err
	}
	to, err := insideAddress(domain, port, v6)
	if err != nil {
		return nil, err
	}
	if err := connectTo(ctx, fd, to); err != nil {
		return nil, err
	}
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

func insideAddress(domain, port int, v6 bool) (unix.Sockaddr, error) {
	switch {
	case domain == unix.AF_INET && v6:
		return nil, errOtherFamily
	case domain == unix.AF_INET:
		return &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}, nil
	case v6:
		return &unix.SockaddrInet6{Port: port, Addr: [16]byte{15: 1}}, nil
	}
	return &unix.SockaddrInet6{Port: port, Addr: [16]byte{10: 0xff, 11: 0xff, 12: 127, 15: 1}}, nil
}

// insidePatience bounds how long a server may take to accept.
const insidePatience = 10 * time.Second

// oneLook is how long the end of the sandbox may go unnoticed, in milliseconds.
const oneLook = 50

// connectTo connects a socket that does not wait by itself (connect(2),
// EINPROGRESS), and gives up with ctx.
func connectTo(ctx context.Context, fd int, to unix.Sockaddr) error {
	err := unix.Connect(fd, to)
	if err != unix.EINPROGRESS {
		return err
	}
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for deadline := time.Now().Add(insidePatience); ; {
		n, err := unix.Poll(fds, oneLook)
		switch {
		case err != nil && err != unix.EINTR:
			return err
		case n > 0:
			code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
			if err == nil && code != 0 {
				return unix.Errno(code)
			}
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return unix.ETIMEDOUT
		}
	}
}
