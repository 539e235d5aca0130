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

// idle is how many connections are held at once.
const idle = 10_000

// BenchmarkIdle holds that many connections, and gives the memory of each: of
// this process, which is program, relay and server at once and has both ends of
// both of their halves.
func BenchmarkIdle(b *testing.B) {
	needDescriptors(b, 5*idle+500)
	benchmarks(b, func(b *testing.B, address string) {
		for range b.N {
			runtime.GC()
			before := resident(b)
			conns := make([]net.Conn, idle)
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
			b.ReportMetric(float64(resident(b)-before)/idle, "B/connection")
			for _, conn := range conns {
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
		}
	})
}

// needDescriptors raises the limit on descriptors to n, which takes
// CAP_SYS_RESOURCE above the hard limit (setrlimit(2)).
func needDescriptors(b *testing.B, n uint64) {
	b.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	if limit.Cur >= n {
		return
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: max(n, limit.Max)}); err != nil {
		b.Skipf("it takes %d descriptors, and the hard limit is %d: %v", n, limit.Max, err)
	}
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
