package relay

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// patience sets how long a relay waits for the other side at its end.
func patience(t *testing.T, pause, most time.Duration) {
	t.Helper()
	oldPause, oldMost := drainPause, drainMost
	drainPause, drainMost = pause, most
	t.Cleanup(func() { drainPause, drainMost = oldPause, oldMost })
}

// closes ends a relay, and gives a channel that is closed when that is done.
func (f *fixture) closes() chan struct{} {
	done := make(chan struct{})
	go func() { f.Close(); close(done) }()
	return done
}

// within fails where a relay takes long to end.
func within(t *testing.T, done chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("the end is waited for")
	}
}

// silentServer relays to a server that the test plays: it accepts, and no more.
func silentServer(t *testing.T) (f *fixture, program, server *net.TCPConn) {
	t.Helper()
	f = start(t, 10)
	program = f.dial()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	outside, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { accepted.Close() })
	inside, far := connected(t)
	if !f.track(inside) || !f.track(outside) {
		t.Fatal("a new relay is closed")
	}
	sends := f.begin(inside)
	sends.made.Store(true)
	go func() {
		var sent, received int64
		_ = join(inside, outside.(*net.TCPConn), nil, sends, &sent, &received)
		f.untrack(inside)
		f.untrack(outside)
		f.running.Done()
		f.running.Done()
	}()
	_ = program.Close()
	return f, far, accepted.(*net.TCPConn)
}

// What a program sent before it ended arrives, all of it, although the relay ends
// with the sandbox.
func TestEndDelivers(t *testing.T) {
	patience(t, 20*time.Second, time.Minute)
	f, program, server := silentServer(t)
	want := make([]byte, 4<<20)
	if _, err := rand.Read(want); err != nil {
		t.Fatal(err)
	}
	sent := make(chan error)
	go func() {
		_, err := program.Write(want)
		_ = program.Close()
		sent <- err
	}()
	first := make([]byte, 1) // it has begun
	if _, err := io.ReadFull(server, first); err != nil {
		t.Fatal(err)
	}
	done := f.closes()
	rest, err := io.ReadAll(server)
	if got := append(first, rest...); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d of %d bytes arrived, %v", len(got), len(want), err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	within(t, done)
}

// A connection over which nothing is on its way holds up nothing, whatever the
// other side does.
func TestEndIsPrompt(t *testing.T) {
	patience(t, time.Hour, time.Hour)
	f, program, _ := silentServer(t)
	_ = program.Close()
	within(t, f.closes())
}

// One whose other side reads nothing is waited for no longer than is said.
func TestEndOfAStuckConnection(t *testing.T) {
	patience(t, 50*time.Millisecond, time.Hour)
	f, program, _ := silentServer(t)
	_ = program.SetWriteDeadline(time.Now().Add(time.Second))
	if _, err := program.Write(make([]byte, 256<<20)); err == nil {
		t.Fatal("what nobody reads was taken")
	}
	_ = program.Close()
	within(t, f.closes())
}

// A published connection that waits for a socket from inside ends with the
// sandbox, which gives none any more.
func TestEndOfAPublishedConnection(t *testing.T) {
	patience(t, time.Hour, time.Hour)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	r := New(Options{Rules: rules.New(nil), Upstream: &upstreams{}, Budget: NewBudget(1000), Record: func(audit.Event) {}, Place: func(int) string { return "" }})
	asked := make(chan struct{})
	err = r.Publish(file, plan.Listen{Port: 1, Publish: true}, func(ctx context.Context) (*os.File, error) {
		close(asked)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	<-asked
	within(t, (&fixture{Relay: r}).closes())
}

// Where the other side is not connected yet, it is waited for if something is to
// be sent to it, and only then.
func TestEndWhileConnecting(t *testing.T) {
	patience(t, time.Hour, time.Hour)
	r := New(Options{Rules: rules.New(nil), Upstream: &upstreams{}, Budget: NewBudget(1000), Record: func(audit.Event) {}, Place: func(int) string { return "" }})
	inside, program := connected(t)
	idle, _ := connected(t)
	if _, err := program.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); !(&sending{inside: inside}).pending(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a byte that was sent is not seen")
		}
	}
	full, empty := r.begin(inside), r.begin(idle)
	done := (&fixture{Relay: r}).closes()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		r.mu.Lock()
		_, first := r.sending[full]
		_, second := r.sending[empty]
		waits := r.drained != nil
		r.mu.Unlock()
		if first && !second && waits {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with a byte %v, without %v, waits %v", first, second, waits)
		}
	}
	full.end()
	within(t, done)
}

// What the kernel has taken, it delivers when the relay is gone: nothing takes it
// back.
func TestEndLeavesTheRestToTheKernel(t *testing.T) {
	for range 20 { // the two sides are closed in any order
		f, program, server := silentServer(t)
		want := make([]byte, 32<<10)
		if _, err := program.Write(want); err != nil {
			t.Fatal(err)
		}
		_ = program.Close()
		within(t, f.closes())
		if got, err := io.ReadAll(server); err != nil || len(got) != len(want) {
			t.Fatalf("%d of %d bytes arrived, %v", len(got), len(want), err)
		}
	}
}
