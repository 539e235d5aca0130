package relay

import (
	"io"
	"net"
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

// BenchmarkIdle holds that many connections through a relay in a process of its
// own, and gives the memory that each takes there. Where its descriptors suffice
// for fewer, those beyond wait until others end. Each carries a byte both ways
// in the beginning and in the end; lost are those that can't.
func BenchmarkIdle(b *testing.B) {
	limit := uint64(2*idle + 2*mostPipes + reserve)
	if err := limitDescriptors(limit); err != nil { // it takes CAP_SYS_RESOURCE
		limit = hardLimit(b)
	}
	if limit < idle+reserve {
		b.Skipf("the server alone needs %d descriptors, and the hard limit is %d", idle+reserve, limit)
	}
	if err := limitDescriptors(limit); err != nil {
		b.Fatal(err)
	}
	for range b.N {
		_, port := play(b, "server", 0, limit)
		relay, budget := play(b, "relay", port[0], limit)
		dialRelay(b, port[0]).Close()
		before := relay.memory(b)
		conns := make([]net.Conn, idle)
		for i := range conns {
			conns[i] = dialRelay(b, port[0])
			if _, err := conns[i].Write([]byte("x")); err != nil {
				b.Fatal(err)
			}
		}
		served := min(idle, budget[0]) // the first ones: the queue has an order
		lost := answers(conns[:served])
		memory := relay.memory(b) - before
		for i := range idle - served { // make room
			lost += exchangeAll(conns[i : i+1])
			_ = conns[i].Close()
		}
		lost += answers(conns[served:])
		lost += exchangeAll(conns[idle-served:])
		b.ReportMetric(float64(memory)/float64(served), "B/connection")
		b.ReportMetric(float64(served), "at-once")
		b.ReportMetric(float64(idle-served), "waited")
		b.ReportMetric(float64(lost), "lost")
		for _, conn := range conns[idle-served:] {
			_ = conn.Close()
		}
		if lost > 0 {
			b.Errorf("%d connections were lost", lost)
		}
	}
}

// answers reads a byte from each, and counts those without one.
func answers(conns []net.Conn) (missing int) {
	for _, conn := range conns {
		if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
			missing++
		}
	}
	return missing
}

// exchangeAll sends a byte through each, and counts those from which none comes
// back.
func exchangeAll(conns []net.Conn) (missing int) {
	for _, conn := range conns {
		if _, err := conn.Write([]byte("x")); err != nil {
			missing++
		}
	}
	return max(missing, answers(conns))
}

func hardLimit(b *testing.B) uint64 {
	b.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	return limit.Max
}
