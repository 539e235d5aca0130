package relay

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"
)

// However few descriptors there are, connections and pipes together never need
// more, and somebody gets through.
func TestBudget(t *testing.T) {
	for limit := range uint64(70_000) {
		b := NewBudget(limit)
		if b.Connections < 1 || b.Pipes < 0 {
			t.Fatalf("%d: %+v", limit, b)
		}
		if need := 2*b.Connections + 2*b.Pipes + int(min(reserve, limit/2)); limit > 8 && need > int(limit) {
			t.Fatalf("%d: %+v need %d", limit, b, need)
		}
	}
	if b := NewBudget(20_000); b.Connections < 9_700 || b.Pipes < 64 {
		t.Errorf("an ordinary user's limit gives %+v", b)
	}
	if b := NewBudget(1 << 30); b.Connections != mostConnections || b.Pipes != mostPipes {
		t.Errorf("no limit gives %+v", b)
	}
}

// An idle connection holds two descriptors.
func TestIdleConnections(t *testing.T) {
	_, port := play(t, "server", 0, 1024)
	relay, budget := play(t, "relay", port[0], 1024)
	before := relay.descriptors(t)
	const many = 100
	conns := make([]net.Conn, many)
	for i := range conns {
		conns[i] = dialRelay(t, port[0])
		exchange(t, conns[i])
	}
	if n, most := relay.descriptors(t)-before, 2*many+2*budget[1]; n < 2*many || n > most {
		t.Errorf("%d idle connections hold %d descriptors, with at most %d pipes", many, n, budget[1])
	}
	for _, conn := range conns {
		exchange(t, conn)
		conn.Close()
	}
	if end := relay.end(t); end[0] != many || end[1] != 0 {
		t.Errorf("%d on record, %d failed", end[0], end[1])
	}
}

// With few descriptors and all connections under back-pressure both ways, there
// are no pipes for all: what has none is copied, what has no place waits, and
// every byte arrives.
func TestFewDescriptors(t *testing.T) {
	const limit, many, size = 64, 20, 128 << 20
	_, port := play(t, "server", 0, 1024)
	relay, budget := play(t, "relay", port[0], limit)
	if budget[0] >= many {
		t.Fatalf("a budget of %v is not few", budget)
	}
	payload := make([]byte, size)
	if _, err := rand.Read(payload); err != nil {
		t.Fatal(err)
	}
	// Nobody reads yet: what can be taken is, on every connection, and fills up.
	conns, taken := make([]net.Conn, many), make([]int, many)
	var stuck, readers sync.WaitGroup
	for i := range conns {
		conns[i] = dialRelay(t, port[0])
		stuck.Go(func() {
			_ = conns[i].SetWriteDeadline(time.Now().Add(2 * time.Second))
			n, err := conns[i].Write(payload)
			if taken[i] = n; err == nil {
				t.Errorf("%d bytes that nobody reads were taken", n)
			}
			_ = conns[i].(*net.TCPConn).CloseWrite()
		})
	}
	stuck.Wait()
	for i, conn := range conns {
		readers.Go(func() {
			got, err := io.ReadAll(conn)
			if err != nil || !bytes.Equal(got, payload[:taken[i]]) {
				t.Errorf("%d of %d bytes came back, %v", len(got), taken[i], err)
			}
			conn.Close()
		})
	}
	readers.Wait()
	if end := relay.end(t); end[0] != many || end[1] != 0 {
		t.Errorf("%d of %d on record, %d failed", end[0], many, end[1])
	}
}

func dialRelay(t testing.TB, port int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(5 * time.Minute))
	return conn
}

// exchange sends a byte and waits for it.
func exchange(t testing.TB, conn net.Conn) {
	t.Helper()
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}
