package supervise

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
	"github.com/husk-sandbox/husk/enforce/seccomp/simulator"
)

// expected is the answer of the two filters, as their comments have it.
func expected(closed bool, nr uint32, args [6]uint64) uint32 {
	const refuse = unix.SECCOMP_RET_ERRNO
	family, kind := uint32(args[0]), uint32(args[1])&socketType
	connectionless := family == unix.AF_UNIX && kind != unix.SOCK_STREAM && kind != unix.SOCK_SEQPACKET
	switch {
	case nr >= foreignCalls:
		return refuse | uint32(unix.ENOSYS)
	case nr == unix.SYS_SOCKETPAIR && connectionless, nr == unix.SYS_SOCKET && connectionless,
		closed && nr == unix.SYS_SOCKET && family == unix.AF_UNIX:
		return refuse | uint32(unix.EACCES)
	case !closed && (nr == unix.SYS_CONNECT || nr == unix.SYS_LISTEN):
		return unix.SECCOMP_RET_USER_NOTIF
	}
	return unix.SECCOMP_RET_ALLOW
}

func TestFiltersInTheSimulator(t *testing.T) {
	var samples [][6]uint64
	for _, family := range []uint64{0, unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK, 1<<32 | unix.AF_UNIX, 1<<32 | unix.AF_INET, ^uint64(0)} {
		for _, kind := range []uint64{0, 1, 2, 3, 4, 5, 6, 10, 15, 16 | 2, unix.SOCK_CLOEXEC | 1, unix.SOCK_NONBLOCK | 2, 1<<32 | 2, 1<<32 | 1, ^uint64(0)} {
			samples = append(samples, [6]uint64{family, kind})
		}
	}
	numbers := []uint32{foreignCalls - 1, foreignCalls, foreignCalls | unix.SYS_CONNECT, foreignCalls | unix.SYS_SOCKET, ^uint32(0)}
	for nr := range uint32(700) {
		numbers = append(numbers, nr)
	}
	for closed, code := range map[bool][]byte{false: Filter(), true: ClosedFilter()} {
		program, err := filter.Decode(code)
		if err == nil {
			err = simulator.Check(program)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, nr := range numbers {
			for _, args := range samples {
				got, err := simulator.Run(program, simulator.Data{Number: int32(nr), Arch: nativeArch, Args: args})
				if want := expected(closed, nr, args); err != nil || got.Value != want {
					t.Fatalf("closed %v, call %d %x: %#x, %v, want %#x", closed, nr, args[:2], got.Value, err, want)
				}
				// Else the kernel could not keep the answer (seccomp_cache_prepare).
				if got.LoadedArgs && nr != unix.SYS_SOCKET && nr != unix.SYS_SOCKETPAIR {
					t.Fatalf("closed %v: call %d costs a look at its arguments", closed, nr)
				}
			}
		}
		// Any other ABI is refused: its numbers mean other calls.
		for _, arch := range []uint32{unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_ARM, 0} {
			got, err := simulator.Run(program, simulator.Data{Number: unix.SYS_CONNECT, Arch: arch})
			if want := uint32(unix.SECCOMP_RET_ERRNO) | uint32(unix.ENOSYS); err != nil || got.Value != want {
				t.Errorf("arch %#x: %#x, %v", arch, got.Value, err)
			}
		}
	}
}
