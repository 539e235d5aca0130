package relay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// Where memory and descriptors are looked at, relay and server are processes of
// their own: this one once more, in a role.

const roleVariable = "HUSK_TEST_ROLE"

func TestMain(m *testing.M) {
	words := strings.Fields(os.Getenv(roleVariable))
	if len(words) == 0 {
		os.Exit(m.Run())
	}
	roles := map[string]func(port int, limit uint64) error{"server": serverRole, "relay": relayRole}
	port, err := strconv.Atoi(words[1])
	if err == nil {
		var limit uint64
		if limit, err = strconv.ParseUint(words[2], 10, 64); err == nil {
			err = roles[words[0]](port, limit)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// limitDescriptors sets the soft limit, and the hard one where it must be higher.
func limitDescriptors(limit uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
		return err
	}
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit, Max: max(now.Max, limit)})
}

// serverRole sends back what it gets, on a port of ::1 that it prints.
func serverRole(_ int, limit uint64) error {
	if err := limitDescriptors(limit); err != nil {
		return err
	}
	var l net.Listener
	for {
		var err error
		if l, err = net.Listen("tcp", "[::1]:0"); err != nil {
			return err
		}
		// The relay needs the same one of the other address.
		other, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Addr().(*net.TCPAddr).Port)))
		if err == nil {
			other.Close()
			break
		}
		l.Close()
		if !errors.Is(err, syscall.EADDRINUSE) {
			return err
		}
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.CopyBuffer(struct{ io.Writer }{conn}, struct{ io.Reader }{conn}, make([]byte, 4<<10))
				_ = conn.Close()
			}()
		}
	}()
	_, err := io.Copy(io.Discard, os.Stdin) // until its parent has had enough of it
	return err
}

// relayRole relays 127.0.0.1:port to [::1]:port. It prints its budget, and in the
// end how many connections are on record and how many of them had an error.
func relayRole(port int, limit uint64) error {
	if err := limitDescriptors(limit); err != nil {
		return err
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	recorded, failed := 0, 0
	budget := NewBudget(limit)
	r := New(Options{
		Rules:    rules.New([]plan.Connect{{Host: "::1", Ports: []int{port}}}),
		Upstream: &upstreams{}, Budget: budget, Place: strconv.Itoa,
		Record: func(audit.Event) {},
	})
	r.serve(l, func() {
		r.accept(l, func(inside *net.TCPConn) {
			d := r.decide(netip.AddrPortFrom(netip.IPv6Loopback(), uint16(port)), rules.TCP)
			e := r.event(audit.Connect, rules.TCP, d)
			err := r.connect(inside, d, &e)
			mu.Lock()
			recorded++
			if err != nil && !errors.Is(err, net.ErrClosed) {
				failed++
				fmt.Fprintln(os.Stderr, "relay:", err)
			}
			mu.Unlock()
		})
	})
	fmt.Println(budget.Connections, budget.Pipes)
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	r.Close()
	fmt.Println(recorded, failed)
	return nil
}

// played is a process in a role.
type played struct {
	cmd *exec.Cmd
	in  io.Closer
	out *bufio.Reader
}

// play starts one and gives the numbers of its first line.
func play(t testing.TB, role string, port int, limit uint64) (*played, []int) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+fmt.Sprint(role, " ", port, " ", limit))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	p := &played{cmd, in, bufio.NewReader(out)}
	return p, p.numbers(t)
}

func (p *played) numbers(t testing.TB) (all []int) {
	t.Helper()
	line, err := p.out.ReadString('\n')
	for _, word := range strings.Fields(line) {
		n, bad := strconv.Atoi(word)
		if bad != nil {
			err = bad
		}
		all = append(all, n)
	}
	if err != nil {
		t.Fatalf("the process ended with %q: %v", line, err)
	}
	return all
}

// end lets it finish and gives the numbers of its last line.
func (p *played) end(t testing.TB) []int {
	t.Helper()
	p.in.Close()
	return p.numbers(t)
}

// descriptors gives how many it has open.
func (p *played) descriptors(t testing.TB) int {
	t.Helper()
	all, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "fd"))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// memory gives its resident memory, in bytes (proc_pid_status(5), VmRSS).
func (p *played) memory(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}
