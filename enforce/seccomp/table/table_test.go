package table

import (
	"bufio"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTablesAreSorted(t *testing.T) {
	t.Parallel()
	if !sort.SliceIsSorted(calls[:], func(i, j int) bool { return calls[i].Name < calls[j].Name }) {
		t.Error("calls are not sorted")
	}
	for name, table := range map[string][]constant{"constants": constants[:], "extra": extra[:]} {
		for i := 1; i < len(table); i++ {
			if table[i-1].name >= table[i].name {
				t.Errorf("%s: %s stands before %s", name, table[i-1].name, table[i].name)
			}
		}
	}
	if !sort.SliceIsSorted(errnos[:], func(i, j int) bool { return errnos[i].name < errnos[j].name }) {
		t.Error("errnos are not sorted")
	}
}

func TestExtraIsExtra(t *testing.T) {
	t.Parallel()
	for _, e := range extra {
		for _, c := range constants {
			if c.name == e.name {
				t.Errorf("%s stands in the generated table too", e.name)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		amd64, arm64 int
	}{
		{"read", 0, 63}, {"openat", 257, 56}, {"clone3", 435, 435}, {"newfstatat", 262, 79}, {"fstat", 5, 80},
		{"open", 2, -1}, {"fork", 57, -1}, {"mmap2", -1, -1}, {"send", -1, -1}, {"umount2", 166, 39},
	} {
		call, ok := Find(c.name)
		if !ok {
			t.Errorf("%s is not known", c.name)
			continue
		}
		for goarch, want := range map[string]int{"amd64": c.amd64, "arm64": c.arm64} {
			nr, ok := call.Number(goarch)
			if ok != (want >= 0) || ok && nr != want {
				t.Errorf("%s on %s is %d, %v", c.name, goarch, nr, ok)
			}
			if name, _ := Name(goarch, want); ok && name != c.name {
				t.Errorf("%d on %s is %s", want, goarch, name)
			}
		}
	}
	if _, ok := Find("no_such_call"); ok {
		t.Error("a call that does not exist is found")
	}
	if _, ok := Name("amd64", -1); ok {
		t.Error("-1 has a name")
	}
	if _, ok := Name("riscv64", 0); ok || ByNumber("riscv64") != nil {
		t.Error("an architecture without a table has calls")
	}
	if call, _ := Find("read"); func() bool { _, ok := call.Number("riscv64"); return ok }() {
		t.Error("an architecture without a table has a number")
	}
}

// The names of this machine's own headers have the numbers of the tables. The
// headers may be older than the tables, never different.
func TestNumbersAgainstTheHeaders(t *testing.T) {
	t.Parallel()
	file := map[string]string{"amd64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"}[runtime.GOARCH]
	f, err := os.Open(file)
	if err != nil {
		if file != "" && os.Getenv("HUSK_MUST_WORK") != "" {
			t.Fatal(err)
		}
		t.Skipf("the kernel's headers are not installed: %v", err)
	}
	defer f.Close()
	seen := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[0] != "#define" || !strings.HasPrefix(fields[1], "__NR_") {
			continue
		}
		want, err := strconv.Atoi(fields[2])
		if err != nil {
			t.Fatal(err)
		}
		seen++
		name := strings.TrimPrefix(fields[1], "__NR_")
		call, ok := Find(name)
		if nr, exists := call.Number(runtime.GOARCH); !ok || !exists || nr != want {
			t.Errorf("%s is %d in %s and %d here", name, want, file, nr)
		}
	}
	if seen < 300 {
		t.Errorf("%s has %d calls only", file, seen)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]string{
		"socket": "int,int,int", "ioctl": "unsigned int,unsigned int,unsigned long", "getpid": "",
		"openat": "int,pointer,int,unsigned short", "mmap": "unsigned long,unsigned long,unsigned long,unsigned long,unsigned long,unsigned long",
		"lseek": "unsigned int,long,unsigned int", "clone": "unsigned int,unsigned long,pointer,unsigned long,pointer",
		"sendto": "int,pointer,unsigned long,unsigned int,pointer,int", "chmod": "pointer,unsigned short",
	} {
		c, _ := Find(call)
		var got []string
		for i := range 6 {
			if typ, ok := c.Arg(i); ok {
				got = append(got, typ.String())
			}
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s takes %v, want %s", call, got, want)
		}
	}
	for _, c := range calls {
		if c.AMD64 < 0 && c.ARM64 < 0 {
			continue
		}
		for _, letter := range c.Types {
			if !strings.ContainsRune("iuhbSLp?", letter) {
				t.Errorf("%s has an argument of type %q", c.Name, letter)
			}
		}
		if len(c.Types) > 6 {
			t.Errorf("%s has %d arguments", c.Name, len(c.Types))
		}
	}
}

func TestConstants(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]int64{
		"AF_UNIX": {1, 1}, "AF_VSOCK": {40, 40}, "CLONE_NEWUSER": {0x10000000, 0x10000000}, "CLONE_NEWTIME": {0x80, 0x80},
		"O_DIRECTORY": {0x10000, 0x4000}, "F_SETFL": {4, 4}, "TIOCSTI": {0x5412, 0x5412}, "TIOCLINUX": {0x541c, 0x541c},
		"PR_SET_VMA": {0x53564d41, 0x53564d41}, "MSG_FASTOPEN": {0x20000000, 0x20000000}, "AT_FDCWD": {-100, -100},
		"SIGKILL": {9, 9}, "PROT_EXEC": {4, 4}, "MAP_ANONYMOUS": {0x20, 0x20}, "SOCK_CLOEXEC": {0x80000, 0x80000},
		"IPPROTO_MPTCP": {262, 262}, "PRIO_USER": {2, 2}, "ADDR_NO_RANDOMIZE": {0x40000, 0x40000},
	} {
		for i, goarch := range Architectures() {
			if got, ok := Constant(goarch, name); !ok || got != want[i] {
				t.Errorf("%s on %s is %#x, %v", name, goarch, got, ok)
			}
		}
	}
	if _, ok := Constant("amd64", "NO_SUCH_CONSTANT"); ok {
		t.Error("a constant that does not exist is found")
	}
	for name, want := range map[string]unix.Errno{"EPERM": unix.EPERM, "ENOSYS": unix.ENOSYS, "EAFNOSUPPORT": unix.EAFNOSUPPORT} {
		if got, ok := Errno(name); !ok || got != uint16(want) {
			t.Errorf("%s is %d", name, got)
		}
	}
	if _, ok := Errno("ENOPE"); ok {
		t.Error("an error that does not exist is found")
	}
}
