package violation

import (
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// memories are a program's texts by their addresses.
type memories map[uint64]string

func (m memories) String(address uint64, limit int) (string, bool, bool) {
	text, ok := m[address]
	if len(text) > limit {
		return text[:limit], false, ok
	}
	return text, true, ok
}

func TestRendered(t *testing.T) {
	const minus100 = ^uint64(99)
	m := memories{0x1000: "/etc/passwd", 0x2000: "a\x1b[2J\u202e\xff\"", 0x3000: strings.Repeat("x", 300)}
	for _, c := range []struct {
		call string
		args [6]uint64
		want string
	}{
		{"socket", [6]uint64{2, 1 | 0x80000, 0}, "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0)"},
		{"socket", [6]uint64{99, 7, 255}, "socket(99, 7, 255)"},
		// What lies above the kernel's 32 bits is not looked at by it.
		{"socket", [6]uint64{1<<32 | 1, 2, 0}, "socket(AF_UNIX, SOCK_DGRAM, 0)"},
		{"openat", [6]uint64{minus100, 0x1000, 0x80000 | 0x40 | 1, 0o600}, `openat(AT_FDCWD, "/etc/passwd", O_WRONLY|O_CREAT|O_CLOEXEC, 0600)`},
		{"openat", [6]uint64{0xffffff9c, 0x4000, 0, 0}, `openat(AT_FDCWD, 0x4000, O_RDONLY, 0)`},
		{"unlink", [6]uint64{0x2000}, `unlink("a\x1b[2J\u202e\xff\"")`},
		{"unlink", [6]uint64{0x3000}, `unlink("` + strings.Repeat("x", 256) + `"…)`},
		{"unlink", [6]uint64{0}, `unlink(NULL)`},
		{"mprotect", [6]uint64{0x7f0000000000, 4096, 7}, "mprotect(0x7f0000000000, 4096, PROT_READ|PROT_WRITE|PROT_EXEC)"},
		{"mmap", [6]uint64{0, 65536, 3, 0x22, ^uint64(0), 0}, "mmap(0, 0x10000, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, 0xffffffffffffffff, 0)"},
		{"unshare", [6]uint64{0x10000000 | 0x20000 | 1}, "unshare(CLONE_NEWUSER|CLONE_NEWNS|0x1)"},
		{"kill", [6]uint64{^uint64(0), 9}, "kill(-1, SIGKILL)"},
		{"getpriority", [6]uint64{0, 0}, "getpriority(0, 0)"},
		{"getpid", [6]uint64{1, 2, 3}, "getpid()"},
		{"afs_syscall", [6]uint64{1, 2, 3}, "afs_syscall(…)"},
	} {
		call, ok := table.Find(c.call)
		if !ok {
			t.Fatal(c.call)
		}
		if got := rendered(call, "amd64", c.args, m); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// Every name in the tables here is one of the machine's constants and calls:
// a typo would print nothing, for ever.
func TestNamesExist(t *testing.T) {
	for call, arguments := range named {
		c, ok := table.Find(call)
		if !ok {
			t.Errorf("no call %s", call)
		}
		for i, k := range arguments {
			if _, ok := c.Arg(i); !ok {
				t.Errorf("%s has no argument %d", call, i)
			}
			for _, name := range append(append([]string{}, k.values...), k.flags...) {
				for _, goarch := range table.Architectures() {
					if _, ok := table.Constant(goarch, name); !ok {
						t.Errorf("%s: no constant %s", call, name)
					}
				}
			}
		}
	}
	for call, at := range paths {
		c, ok := table.Find(call)
		if !ok {
			t.Errorf("no call %s", call)
		}
		for _, i := range at {
			if kind, ok := c.Arg(i); !ok || kind != table.Pointer {
				t.Errorf("argument %d of %s is no pointer", i, call)
			}
		}
	}
}
