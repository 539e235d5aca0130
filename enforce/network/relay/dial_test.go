package relay

import (
	"context"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// silent is a port of 127.0.0.1 that answers nobody: its queue is full.
func silent(t *testing.T) (port int) {
	t.Helper()
	socket := func() int {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		return fd
	}
	l := socket()
	if err := unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(l, 0); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(l)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := unix.Connect(socket(), at); err != nil && err != unix.EINPROGRESS {
			t.Fatal(err)
		}
	}
	return at.(*unix.SockaddrInet4).Port
}

func soon(t *testing.T, what string, done <-chan error) {
	t.Helper()
	select {
	case err := <-done:
		if err == nil {
			t.Errorf("%s: a connection was made", what)
		}
	case <-time.After(2 * time.Minute):
		t.Fatalf("%s: it does not end", what)
	}
}

// Connections that are never made end with their patience, however many
// addresses there are to try, and with the relay.
func TestNobodyAnswers(t *testing.T) {
	port := silent(t)
	v4 := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	for _, to := range [][]netip.Addr{{v4}, {v4, v4}, {v4, v4, v4}} {
		done := make(chan error, 10)
		for range cap(done) {
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
				defer cancel()
				_, err := dialFirst(ctx, to, uint16(port))
				done <- err
			}()
		}
		for range cap(done) {
			soon(t, strconv.Itoa(len(to))+" addresses", done)
		}
	}
	r := New(Options{Rules: rules.New([]plan.Connect{{Host: "localhost", Ports: []int{port}}}), Upstream: &upstreams{}, Budget: Budget{Connections: 1, Pipes: 64}})
	done := make(chan error, 1)
	go func() {
		_, err := r.dial(r.decide(netip.AddrPortFrom(v4, uint16(port)), rules.TCP), &audit.Event{})
		done <- err
	}()
	r.Close()
	soon(t, "a closed relay", done)
}
