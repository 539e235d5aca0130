package relay

import (
	"io"
	"runtime"
	"testing"
	"time"
)

// A relay that goes on holds nothing of a thousand connections that have ended.
func TestShortConnections(t *testing.T) {
	f := start(t, 100)
	defer f.Close()
	before, goroutines := descriptors(t), runtime.NumGoroutine()
	for range 1000 {
		conn := f.dial()
		if _, err := conn.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		f.Relay.mu.Lock()
		open := len(f.open)
		f.Relay.mu.Unlock()
		fds, now := descriptors(t)-before, runtime.NumGoroutine()-goroutines
		// The listener's goroutine may not have begun when they were counted; it
		// holds one of the slots while it waits.
		if open == 1 && len(f.slots) == 1 && fds <= 2*pipes.most+2 && now <= 2 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d open, %d slots, %d descriptors and %d goroutines more than before", open, len(f.slots), fds, now)
		}
	}
}
