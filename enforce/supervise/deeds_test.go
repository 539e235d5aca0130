package supervise

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// renamed listens at one path and connects at another.
func renamed(a []string) string {
	l, err := listenAt(a[0], 5)
	if err != nil {
		return word(err)
	}
	defer unix.Close(l)
	if err := os.Rename(a[0], a[0]+".new"); err != nil {
		return word(err)
	}
	return word(dial(unix.SOCK_STREAM, a[0]+".new"))
}

// exchanged makes a socket of its own, puts the host's in its place, and tries
// both paths.
func exchanged(mine, host string) error {
	l, err := listenAt(mine, 5)
	if err != nil {
		return err
	}
	defer unix.Close(l)
	if err := unix.Renameat2(unix.AT_FDCWD, mine, unix.AT_FDCWD, host, unix.RENAME_EXCHANGE); err != nil {
		return err
	}
	// Listening anew must not make the host's socket this program's, either.
	if err := unix.Listen(l, 5); err != nil {
		return err
	}
	if err := dial(unix.SOCK_STREAM, host); err != nil {
		return fmt.Errorf("its own socket under the host's name: %w", err)
	}
	return dial(unix.SOCK_STREAM, mine)
}

// removed listens, removes the file, and leaves the path to the host.
func removed(a []string) string {
	l, err := listenAt(a[0], 5)
	if err != nil {
		return word(err)
	}
	unix.Close(l)
	if err := os.Remove(a[0]); err != nil {
		return word(err)
	}
	fmt.Println("removed")
	for {
		if err := dial(unix.SOCK_STREAM, a[0]); !errors.Is(err, unix.ENOENT) {
			return word(err)
		}
		time.Sleep(time.Millisecond)
	}
}

// many makes more sockets than are remembered, and removes all but the last.
func many(a []string) string {
	for i := range mostInside + 20 {
		path := a[0] + strconv.Itoa(i)
		if err := own(path, path); err != nil {
			return strconv.Itoa(i) + ": " + word(err)
		}
		if err := os.Remove(path); err != nil {
			return word(err)
		}
	}
	return "ok"
}

// queue fills a listener's queue; the connection that finds it full waits until
// another one is taken out, unless the socket doesn't wait.
func queue(a []string) string {
	l, err := listenAt(a[0], 0)
	if err != nil {
		return word(err)
	}
	var said []string
	full := func() error {
		for range 10 {
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
			if err != nil {
				return err
			}
			if err := unix.Connect(fd, &unix.SockaddrUnix{Name: a[0]}); err != nil {
				return err
			}
		}
		return nil
	}
	said = append(said, word(full()))
	got := make(chan error)
	go func() { got <- dial(unix.SOCK_STREAM, a[0]) }()
	select {
	case err := <-got:
		return "it did not wait: " + word(err)
	case <-soon(100 * time.Millisecond):
	}
	if _, _, err := unix.Accept(l); err != nil {
		return word(err)
	}
	return strings.Join(append(said, word(<-got)), " ")
}

// types tries to make sockets of every type.
func types([]string) string {
	var out []string
	for _, domain := range []int{unix.AF_UNIX, unix.AF_INET} {
		for _, kind := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_RAW, unix.SOCK_SEQPACKET,
			unix.SOCK_DGRAM | unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK} {
			if domain == unix.AF_INET && kind == unix.SOCK_RAW {
				continue // the user's rights decide
			}
			_, one := unix.Socket(domain, kind, 0)
			_, two := unix.Socketpair(domain, kind, 0)
			out = append(out, fmt.Sprintf("%d %#x: %s %s\n", domain, kind, word(one), word(two)))
		}
	}
	// The upper half of a register is not the kernel's: it must not hide the family.
	_, _, errno := unix.Syscall(unix.SYS_SOCKET, 1<<32|unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	return strings.Join(append(out, "upper half: "+unix.ErrnoName(errno)), "")
}

// tcp connects with a socket that waits, or doesn't.
func tcp(address string, flags int) error {
	host, port, _ := strings.Cut(address, ":")
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|flags, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	to := &unix.SockaddrInet4{Port: number10(port)}
	copy(to.Addr[:], net.ParseIP(host).To4())
	return unix.Connect(fd, to)
}

// odd makes calls that are wrong in some way, with the answers that the kernel
// has for them.
func odd([]string) string {
	s, _ := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	i, _ := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	raw := func(fd, at, n uintptr) string {
		_, _, errno := unix.Syscall(unix.SYS_CONNECT, fd, at, n)
		return unix.ErrnoName(errno)
	}
	return strings.Join([]string{
		raw(99, 0, 16),                  // no descriptor
		raw(0, 0, 16),                   // no socket
		raw(uintptr(s), 8, 16),          // no memory
		raw(uintptr(s), 0, ^uintptr(0)), // no length
		raw(uintptr(s), 0, 129),
		raw(uintptr(s), 0, 0), // no address
		raw(uintptr(i), 8, 16),
		word(unix.Connect(s, &unix.SockaddrInet4{})),
		word(unix.Connect(i, &unix.SockaddrUnix{Name: "/x"})),
		word(dial(unix.SOCK_STREAM, "/none/at/all")),
		word(dial(unix.SOCK_STREAM, "/proc/self/exe")),
		word(dial(unix.SOCK_STREAM, "/")),
	}, " ")
}

// race tries for some rounds to have an address decided on and another one
// used, and the same with the descriptor.
func race(a []string) string {
	mine, host := a[0], a[1]
	l, err := listenAt(mine, 128)
	if err != nil {
		return word(err)
	}
	go func() {
		for {
			if fd, _, err := unix.Accept(l); err == nil {
				unix.Close(fd)
			}
		}
	}()
	for _, attack := range []func(stop *atomic.Bool, mine, host string) (fd func() int, at []byte){flipAddress, flipDescriptor} {
		var stop atomic.Bool
		socket, at := attack(&stop, mine, host)
		reached, refused := 0, 0
		for range 4000 {
			fd := socket()
			errno := connect(fd, at)
			if peer, err := unix.Getpeername(fd); err == nil {
				if un, ok := peer.(*unix.SockaddrUnix); ok && un.Name == host {
					return "the host's socket was reached"
				}
				reached++
			} else if errno == unix.EACCES {
				refused++
			}
		}
		stop.Store(true)
		if reached == 0 || refused == 0 {
			return fmt.Sprintf("no race: %d reached, %d refused", reached, refused)
		}
	}
	return "ok"
}

func unixAddress(path string) []byte {
	a := make([]byte, unix.SizeofSockaddrUnix)
	a[0] = unix.AF_UNIX
	copy(a[2:], path)
	return a
}

// flipAddress exchanges the path under the call.
func flipAddress(stop *atomic.Bool, mine, host string) (func() int, []byte) {
	at, one, two := unixAddress(mine), unixAddress(mine), unixAddress(host)
	go func() {
		runtime.LockOSThread()
		for !stop.Load() {
			copy(at, one)
			copy(at, two)
		}
	}()
	last := -1
	return func() int {
		if last >= 0 {
			unix.Close(last)
		}
		last, _ = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		return last
	}, at
}

// flipDescriptor exchanges the socket and the address under the call: one of
// UDP, to nobody, with one that would go to the host's socket.
func flipDescriptor(stop *atomic.Bool, _, host string) (func() int, []byte) {
	udp, _ := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	number, _ := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	internet := make([]byte, unix.SizeofSockaddrUnix)
	copy(internet, []byte{unix.AF_INET, 0, 0, 9, 127, 0, 0, 1})
	at, path := append([]byte(nil), internet...), unixAddress(host)
	var stream atomic.Int64
	fresh := func() {
		fd, _ := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if old := stream.Swap(int64(fd)); old > 0 {
			unix.Close(int(old))
		}
	}
	fresh()
	go func() {
		runtime.LockOSThread()
		for !stop.Load() {
			_ = unix.Dup3(udp, number, 0)
			copy(at, internet)
			_ = unix.Dup3(int(stream.Load()), number, 0)
			copy(at, path)
		}
	}()
	return func() int { return number }, at
}

// interrupt waits for a connection that never comes, until a signal does.
func interrupt(a []string) string {
	signal.Notify(make(chan os.Signal, 1), unix.SIGUSR1)
	l, err := listenAt(a[0], 0)
	if err != nil {
		return word(err)
	}
	defer unix.Close(l)
	for {
		fd, _ := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
		if unix.Connect(fd, &unix.SockaddrUnix{Name: a[0]}) != nil {
			break
		}
	}
	runtime.LockOSThread()
	me, tid := unix.Getpid(), unix.Gettid()
	go func() {
		time.Sleep(50 * time.Millisecond)
		_ = unix.Tgkill(me, tid, unix.SIGUSR1)
		time.Sleep(50 * time.Millisecond)
		_, _, _ = unix.Accept(l) // Go's handlers restart calls: then it goes on
	}()
	fd, _ := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	return word(unix.Connect(fd, &unix.SockaddrUnix{Name: a[0]}))
}

// impatience has a limit of its own for a connection.
func impatience(a []string) string {
	l, err := listenAt(a[0], 0)
	if err != nil {
		return word(err)
	}
	defer unix.Close(l)
	for range 10 {
		fd, _ := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		limit := unix.NsecToTimeval((60 * time.Millisecond).Nanoseconds())
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &limit); err != nil {
			return word(err)
		}
		if err := unix.Connect(fd, &unix.SockaddrUnix{Name: a[0]}); err != nil {
			return word(err)
		}
	}
	return "ok"
}

func netlink([]string) string {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
	if err != nil {
		return word(err)
	}
	return word(unix.Connect(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})) + " " +
		word(unix.Connect(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1})) + " " +
		word(unix.Connect(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: 12}))
}

// stay listens until it is killed.
func stay(a []string) string {
	if _, err := listenAt(a[0], 5); err != nil {
		return word(err)
	}
	fmt.Println("listening")
	for {
		time.Sleep(time.Hour)
	}
}
