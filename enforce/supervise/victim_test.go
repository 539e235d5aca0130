package supervise

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// A victim is this test binary, started twice: the first one loads the filter
// as the setup program does and executes the second, which does as it is told.
const (
	loadEnv = "HUSK_SUPERVISE_TEST_LOAD"
	doEnv   = "HUSK_SUPERVISE_TEST_DO"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(loadEnv) != "":
		fmt.Println(becomeVictim(os.Args[1:]))
		os.Exit(1)
	case os.Getenv(doEnv) != "":
		do, ok := deeds[os.Args[1]]
		if !ok {
			fmt.Println("no such deed")
			os.Exit(1)
		}
		fmt.Print(do(os.Args[2:]))
		os.Exit(0)
	}
	// What the tests say of / and /tmp holds of no other place, and the address of a
	// unix socket has to be short (unix(7)).
	os.Setenv("TMPDIR", "/tmp")
	os.Exit(m.Run())
}

// permitAll is a filter that returns SECCOMP_RET_ALLOW.
var permitAll = []byte{0x06, 0, 0, 0, 0, 0, 0xff, 0x7f}

func becomeVictim(args []string) error {
	runtime.LockOSThread()
	l := steps.New()
	l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1)
	l.CloseOnExec()
	switch how := os.Getenv(loadEnv); how {
	case "closed":
		l.Seccomp(ClosedFilter(), 0, -1)
	case "notify":
		l.Notify(Filter(), 3, 0, -1)
	default: // a filter, as hexadecimal digits
		program, err := hex.DecodeString(how)
		if err != nil {
			return err
		}
		l.Notify(program, 3, token, -1)
		l.Seccomp(permitAll, 0, -1) // husk loads the policy's own then
	}
	l.Exec("/proc/self/exe", append([]string{"victim"}, args...), []string{doEnv + "=1"})
	return l.Become()
}

// victim runs a deed under the filter, with a mediator of its own, and gives
// what it printed.
func victim(t *testing.T, p Policy, args ...string) string {
	t.Helper()
	return startVictim(t, p, args...).end()
}

type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  output
	m    *Mediator
	done chan struct{}
	stop [2]int
}

func startVictim(t *testing.T, p Policy, args ...string) *running {
	t.Helper()
	return startFiltered(t, p, "notify", args)
}

// startLogged is startVictim with a filter that notifies of logged calls as well.
func startLogged(t *testing.T, p Policy, program []byte, args ...string) *running {
	t.Helper()
	return startFiltered(t, p, hex.EncodeToString(LoggingFilter(program, token, !p.LeaveSockets)), args)
}

func startFiltered(t *testing.T, p Policy, how string, args []string) *running {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, m: New(pair[0], p), done: make(chan struct{})}
	if err := unix.Pipe2(r.stop[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	r.cmd = exec.Command("/proc/self/exe", args...)
	// Go's runtime interrupts its threads with signals, and the return from one is a
	// call that may come between the filter and the victim.
	r.cmd.Env = append(os.Environ(), loadEnv+"="+how, "GODEBUG=asyncpreemptoff=1")
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
	file := os.NewFile(uintptr(pair[1]), "handover")
	r.cmd.ExtraFiles = []*os.File{file}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	file.Close()
	go r.serve()
	return r
}

// serve is the loop of a mediator's owner.
func (r *running) serve() {
	defer close(r.done)
	for {
		fds := r.m.Poll([]unix.PollFd{{Fd: int32(r.stop[0]), Events: unix.POLLIN}})
		timeout := -1
		if wait := r.m.Timeout(); wait >= 0 {
			timeout = int(wait.Milliseconds())
		}
		if _, err := unix.Poll(fds, timeout); err != nil && err != unix.EINTR {
			return
		}
		if fds[0].Revents != 0 {
			return
		}
		r.m.Serve(fds[1:])
	}
}

// retire ends the mediator, as its process's death would.
func (r *running) retire() {
	unix.Close(r.stop[1])
	<-r.done
	unix.Close(r.stop[0])
	r.m.Close()
}

func (r *running) end() string {
	r.t.Helper()
	err := r.cmd.Wait()
	r.retire()
	if err != nil {
		r.t.Fatalf("%v: %s", err, r.out.String())
	}
	return r.out.String()
}

// deeds are what victims do; each gives what it has to say.
var deeds = map[string]func(args []string) string{
	"connect": func(a []string) string { return word(dial(unix.SOCK_STREAM, a[0])) },
	"seqpacket": func(a []string) string {
		return word(dial(unix.SOCK_SEQPACKET, a[0]))
	},
	"own": func(a []string) string { return word(own(a[0], a[0])) },
	"relative": func(a []string) string {
		return word(errors.Join(os.Chdir(filepath.Dir(a[0])), own(a[0], filepath.Base(a[0]))))
	},
	"renamed": renamed,
	"exchanged": func(a []string) string {
		return word(exchanged(a[0], a[1]))
	},
	"removed":    removed,
	"many":       many,
	"queue":      queue,
	"types":      types,
	"tcp":        func(a []string) string { return word(tcp(a[0], 0)) },
	"tcp-later":  func(a []string) string { return word(tcp(a[0], unix.SOCK_NONBLOCK)) },
	"odd":        odd,
	"race":       race,
	"interrupt":  interrupt,
	"impatience": impatience,
	"netlink":    netlink,
	"as-another": func(a []string) string {
		if err := unix.Setuid(54321); err != nil {
			return word(err)
		}
		return word(dial(unix.SOCK_STREAM, a[0]))
	},
	"stay":         stay,
	"logged":       logged,
	"logged-later": loggedLater,
}

// word is an errno's name, or "ok".
func word(err error) string {
	var errno unix.Errno
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

func dial(kind int, path string) error {
	fd, err := unix.Socket(unix.AF_UNIX, kind, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Connect(fd, &unix.SockaddrUnix{Name: path})
}

// listenAt makes a listening socket.
func listenAt(path string, backlog int) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrUnix{Name: path})
	}
	if err == nil {
		err = unix.Listen(fd, backlog)
	}
	return fd, err
}

// own listens, connects to itself by another name, and passes a byte.
func own(path, by string) error {
	l, err := listenAt(path, 5)
	if err != nil {
		return err
	}
	defer unix.Close(l)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: by}); err != nil {
		return err
	}
	other, _, err := unix.Accept(l)
	if err != nil {
		return err
	}
	defer unix.Close(other)
	if _, err := unix.Write(other, []byte("x")); err != nil {
		return err
	}
	var b [2]byte
	if n, err := unix.Read(fd, b[:]); err != nil || n != 1 || b[0] != 'x' {
		return fmt.Errorf("read %d, %v", n, err)
	}
	return nil
}

// hostSocket listens outside of any victim and counts who comes.
type hostSocket struct {
	path string
	came chan struct{}
}

func newHostSocket(t *testing.T, network, path string) *hostSocket {
	t.Helper()
	h := &hostSocket{path: path, came: make(chan struct{}, 1000)}
	l, err := net.Listen(network, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			h.came <- struct{}{}
			c.Close()
		}
	}()
	return h
}

func (h *hostSocket) untouched(t *testing.T) {
	t.Helper()
	select {
	case <-h.came:
		t.Errorf("%s was reached", h.path)
	default:
	}
}

// output may be read while the victim writes.
type output struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

// says waits until the victim has said a word; the time is only there so that a
// broken test ends.
func (r *running) says(word string) {
	r.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !strings.HasPrefix(r.out.String(), word+"\n"); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("the victim did not say %s but %q", word, r.out.String())
		}
	}
}

func number10(s string) int { n, _ := strconv.Atoi(s); return n }

func soon(d time.Duration) <-chan time.Time { return time.After(d) }
