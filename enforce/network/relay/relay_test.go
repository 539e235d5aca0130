package relay

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/names"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// fixture is a relay whose listener is on this machine's loopback: a connection
// to it is one to "localhost", as inside.
type fixture struct {
	*Relay
	t    testing.TB
	addr string // where the sandbox would connect to

	mu     sync.Mutex
	events []audit.Event
}

// upstreams gives answers one after the other, the last one for good.
type upstreams struct {
	mu      sync.Mutex
	answers [][]netip.Addr
}

func (u *upstreams) Lookup(context.Context, string) ([]netip.Addr, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.answers) == 0 {
		return nil, names.ErrNotFound
	}
	a := u.answers[0]
	if len(u.answers) > 1 {
		u.answers = u.answers[1:]
	}
	return a, nil
}

// listenTwice gives listeners on one port of the two loopback addresses. A port that
// is free on the one may be somebody's on the other: then it takes the next.
func listenTwice(t testing.TB) (four, six net.Listener) {
	t.Helper()
	for range 100 {
		four, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		six, err := net.Listen("tcp", "[::1]:"+strconv.Itoa(four.Addr().(*net.TCPAddr).Port))
		if err == nil {
			return four, six
		}
		four.Close()
		if !errors.Is(err, syscall.EADDRINUSE) {
			cannotRun(t, "no IPv6 loopback: "+err.Error())
		}
	}
	t.Fatal("no port is free on both loopback addresses")
	return nil, nil
}

// start relays "localhost" to a server that echo answers.
func start(t testing.TB, connections int) *fixture {
	t.Helper()
	f := &fixture{t: t}
	l, server := listenTwice(t)
	port := l.Addr().(*net.TCPAddr).Port
	t.Cleanup(func() { server.Close() })
	go echo(server)
	f.addr = l.Addr().String()
	f.Relay = New(Options{
		Rules:    rules.New([]plan.Connect{{Host: "::1", Ports: []int{port}, Origin: 3}}),
		Upstream: &upstreams{}, Budget: Budget{Connections: connections, Pipes: 64},
		Record: func(e audit.Event) { f.mu.Lock(); f.events = append(f.events, e); f.mu.Unlock() },
		Place:  strconv.Itoa,
	})
	f.serve(l, func() {
		f.accept(l, func(inside *net.TCPConn) {
			d := f.decide(netip.AddrPortFrom(netip.IPv6Loopback(), uint16(port)), rules.TCP)
			e := f.event(audit.Connect, rules.TCP, d)
			if err := f.connect(inside, d, &e); err != nil && !errors.Is(err, net.ErrClosed) {
				e.Error = err.Error()
			}
			f.record(e)
		})
	})
	return f
}

func echo(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			// Without splice(2), whose pipes the runtime keeps for a while.
			_, _ = io.Copy(struct{ io.Writer }{conn}, struct{ io.Reader }{conn})
			_ = conn.Close()
		}()
	}
}

func (f *fixture) dial() *net.TCPConn {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(60 * time.Second))
	return conn.(*net.TCPConn)
}

// What goes in comes back, whole and in order, and the end of one way leaves
// the other one open.
func TestHalfClose(t *testing.T) {
	f := start(t, 10)
	want := make([]byte, 8<<20)
	if _, err := rand.Read(want); err != nil {
		t.Fatal(err)
	}
	conn := f.dial()
	go func() {
		_, _ = conn.Write(want)
		_ = conn.CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d of %d bytes came back, %v", len(got), len(want), err)
	}
	_ = conn.Close()
	f.Close()
	if e := f.events[0]; len(f.events) != 1 || e.Sent != int64(len(want)) || e.Received != int64(len(want)) || e.Verdict != audit.Allowed || e.Rule != "3" || e.Error != "" {
		t.Errorf("on record: %+v", f.events)
	}
}

// A program that does not read holds up its own connection alone.
func TestBackPressure(t *testing.T) {
	f := start(t, 10)
	defer f.Close()
	stuck := f.dial()
	defer stuck.Close()
	_ = stuck.SetWriteDeadline(time.Now().Add(time.Second))
	n, err := stuck.Write(make([]byte, 256<<20))
	if err == nil {
		t.Fatalf("%d bytes that nobody reads were taken", n)
	}
	other := f.dial()
	defer other.Close()
	if _, err := other.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(other, make([]byte, 1)); err != nil {
		t.Errorf("another connection: %v", err)
	}
}

// Nothing is left of connections that have ended, nor of a closed relay.
func TestNothingIsLeft(t *testing.T) {
	before, goroutines := descriptors(t), runtime.NumGoroutine()
	f := start(t, 1000)
	var conns []*net.TCPConn
	for range 200 {
		conn := f.dial()
		if _, err := conn.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for _, conn := range conns[:100] {
		_ = conn.Close()
	}
	f.Close() // ends the others
	for _, conn := range conns[100:] {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("a connection outlives the relay")
		}
		_ = conn.Close()
	}
	if len(f.events) != 200 {
		t.Errorf("%d of 200 connections are on record", len(f.events))
	}
	// The echo server's side ends when it notices; its listener stays.
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		fds, now := descriptors(t)-before, runtime.NumGoroutine()-goroutines
		if fds <= 1+2*pipes.most+2 && now <= 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors and %d goroutines more than before", fds, now)
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// The address that was checked is dialled: an answer that changes afterwards
// changes nothing, and a private one is never dialled (DNS rebinding).
func TestRebinding(t *testing.T) {
	public, private := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("127.0.0.1")
	r := New(Options{Rules: rules.New([]plan.Connect{{Host: "good.example", Ports: []int{443}}}),
		Upstream: &upstreams{answers: [][]netip.Addr{{public, private}, {private}}}, Budget: Budget{Connections: 1, Pipes: 64}})
	d := decision{Verdict: r.rules.Connect("good.example", rules.TCP, 443), name: "good.example", port: 443}
	to, err := r.addresses(context.Background(), d, rules.TCP)
	if err != nil || len(to) != 1 || to[0] != public {
		t.Errorf("%v, %v", to, err)
	}
	if to, err := r.addresses(context.Background(), d, rules.TCP); !errors.Is(err, errPrivate) {
		t.Errorf("%v, %v", to, err)
	}
}

// A denied connection is told at once, by a reset.
func TestReset(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := New(Options{Rules: rules.New(nil), Upstream: &upstreams{}, Budget: Budget{Connections: 2, Pipes: 64}, Record: func(audit.Event) {}, Place: strconv.Itoa})
	r.serve(l, func() { r.accept(l, r.handle) })
	defer r.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err == nil {
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
		_, err = conn.Read(make([]byte, 1))
	}
	if !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("%v", err)
	}
}
