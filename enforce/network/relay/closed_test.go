package relay

import (
	"io"
	"net"
	"testing"
	"time"
)

// connected gives both ends of a connection.
func connected(t *testing.T) (ours, theirs *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialed, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{dialed, accepted} {
		t.Cleanup(func() { c.Close() })
		_ = c.SetDeadline(time.Now().Add(60 * time.Second))
	}
	return accepted.(*net.TCPConn), dialed.(*net.TCPConn)
}

// A program that has closed its socket when the server says goodbye, as TLS
// servers do (RFC 8446, 6.1), has had no failure.
func TestGoodbyeToAClosedSocket(t *testing.T) {
	inside, program := connected(t)
	outside, server := connected(t)
	if err := program.Close(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.ReadAll(server)
		_, _ = io.WriteString(server, "bye")
		_ = server.Close()
	}()
	var sent, received int64
	if err := join(inside, outside, nil, nil, &sent, &received); err != nil || received != 3 {
		t.Errorf("%d bytes, %v", received, err)
	}
}

// One that aborts its connection has: that is told, and the other side with it.
func TestAbort(t *testing.T) {
	inside, program := connected(t)
	outside, server := connected(t)
	reset(program)
	var sent, received int64
	if err := join(inside, outside, nil, nil, &sent, &received); err == nil {
		t.Error("a reset is no failure")
	}
	if _, err := server.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("the server was told %v", err)
	}
}
