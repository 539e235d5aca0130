package relay

import (
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
)

// benchmarks compares a relayed connection with a direct one, on loopback.
func benchmarks(b *testing.B, run func(b *testing.B, address string)) {
	f := start(b, 1<<14)
	defer f.Close()
	f.Relay.record = func(audit.Event) {}
	_, port, err := net.SplitHostPort(f.addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("direct", func(b *testing.B) { run(b, net.JoinHostPort("::1", port)) })
	b.Run("relayed", func(b *testing.B) { run(b, f.addr) })
}

// BenchmarkThroughput sends data to a server that sends it back.
func BenchmarkThroughput(b *testing.B) {
	benchmarks(b, func(b *testing.B, address string) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		chunk := make([]byte, 1<<20)
		b.SetBytes(int64(len(chunk)))
		go func() {
			for range b.N {
				if _, err := conn.Write(chunk); err != nil {
					return
				}
			}
		}()
		if _, err := io.CopyN(io.Discard, struct{ io.Reader }{conn}, int64(b.N*len(chunk))); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkConnection makes a connection, sends a byte and waits for it.
func BenchmarkConnection(b *testing.B) {
	benchmarks(b, func(b *testing.B, address string) {
		for range b.N {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				b.Fatal(err)
			}
			_ = conn.(*net.TCPConn).SetLinger(0) // no TIME_WAIT for each
			if _, err := conn.Write([]byte("x")); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
				b.Fatal(err)
			}
			_ = conn.Close()
		}
	})
}

// BenchmarkIdle holds 10,000 connections, or as many as the limit on descriptors
// permits with both ends of both of their halves in one process, and gives the memory of each: of this
// process, which is program, relay and server at once.
func BenchmarkIdle(b *testing.B) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	held := min(10_000, int(limit.Cur-500)/5)
	benchmarks(b, func(b *testing.B, address string) {
		for range b.N {
			runtime.GC()
			before := resident(b)
			conns := make([]net.Conn, held)
			for i := range conns {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := conn.Write([]byte("x")); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
					b.Fatal(err)
				}
				conns[i] = conn
			}
			b.ReportMetric(float64(resident(b)-before)/float64(held), "B/connection")
			for _, conn := range conns {
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
		}
	})
}

// resident gives the process's memory, in bytes (proc_pid_status(5), VmRSS).
func resident(b *testing.B) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return n << 10
}
