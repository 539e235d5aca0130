package condition

import (
	"errors"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

func parse(t *testing.T, call, text string) (Expr, error) {
	t.Helper()
	c, ok := table.Find(call)
	if !ok {
		t.Fatalf("no call %q", call)
	}
	return Parse(text, "amd64", c)
}

func TestHolds(t *testing.T) {
	t.Parallel()
	const high = 1 << 32
	for _, c := range []struct {
		call, text string
		args       [6]uint64
		want       bool
	}{
		// socket(int, int, int): 32 bits, signed.
		{"socket", "arg0 == AF_UNIX", [6]uint64{1}, true},
		{"socket", "arg0 == AF_UNIX", [6]uint64{1 | high}, true},
		{"socket", "arg0 == AF_UNIX", [6]uint64{2}, false},
		{"socket", "arg0 != AF_UNIX", [6]uint64{2}, true},
		{"socket", "arg0 in [AF_INET, AF_INET6]", [6]uint64{10}, true},
		{"socket", "arg0 in [AF_INET, AF_INET6,]", [6]uint64{3}, false},
		{"socket", "arg0 not in [AF_INET, AF_INET6]", [6]uint64{3}, true},
		{"socket", "arg0 < 0", [6]uint64{0xffffffff}, true},
		{"socket", "arg0 < 0", [6]uint64{0xffffffffffffffff}, true},
		{"socket", "arg0 < 0", [6]uint64{1}, false},
		{"socket", "arg0 > -1", [6]uint64{0xffffffff}, false},
		{"socket", "arg0 > -1", [6]uint64{0}, true},
		{"socket", "arg0 == -1", [6]uint64{0xffffffff}, true},
		{"socket", "arg0 == 0xffffffff", [6]uint64{0xffffffffffffffff}, true},
		{"socket", "arg0 <= 5", [6]uint64{5}, true},
		{"socket", "arg0 <= 5", [6]uint64{6}, false},
		{"socket", "arg0 >= 5", [6]uint64{0xfffffffe}, false},
		{"socket", "arg1 & 0xf == SOCK_STREAM", [6]uint64{0, 0x80001}, true},
		{"socket", "arg1 & 0xf == SOCK_STREAM", [6]uint64{0, 0x80002}, false},
		{"socket", "arg1 & ~(SOCK_CLOEXEC | SOCK_NONBLOCK) == SOCK_STREAM", [6]uint64{0, 0x80801}, true},
		{"socket", "arg1 & ~0x80000000 == 1", [6]uint64{0, 0x80000001}, true},
		{"socket", "arg0 == 1 || arg0 == 2 && arg1 == 3", [6]uint64{1, 0}, true}, // && first
		{"socket", "(arg0 == 1 || arg0 == 2) && arg1 == 3", [6]uint64{1, 0}, false},
		{"socket", "!(arg0 == 1) && !!(arg1 == 3)", [6]uint64{2, 3}, true},
		// read(unsigned int, pointer, size_t).
		{"read", "arg0 <= 2", [6]uint64{0xffffffff}, false},
		{"read", "arg0 <= 2", [6]uint64{2 | high}, true},
		{"read", "arg2 > 0xffffffff", [6]uint64{0, 0, high}, true},
		{"read", "arg2 > 0xffffffff", [6]uint64{0, 0, 0xffffffff}, false},
		{"read", "arg2 < 0x8000000000000000", [6]uint64{0, 0, 0x8000000000000000}, false},
		{"read", "arg2 == 0x100000001", [6]uint64{0, 0, 1}, false},
		// lseek(unsigned int, off_t, unsigned int): 64 bits, signed.
		{"lseek", "arg1 < 0", [6]uint64{0, 0xffffffffffffffff}, true},
		{"lseek", "arg1 < 0", [6]uint64{0, 0xffffffff}, false},
		{"lseek", "arg1 >= -10", [6]uint64{0, 0xfffffffffffffff6}, true},
		{"lseek", "arg1 >= -10", [6]uint64{0, 0xfffffffffffffff5}, false},
		// chmod(pointer, umode_t): 16 bits.
		{"chmod", "arg1 == 0644", [6]uint64{0, 0xdead01a4}, true},
		{"chmod", "arg1 & (S_ISUID | S_ISGID) != 0", [6]uint64{0, 0o4755}, true},
		{"chmod", "arg1 & (S_ISUID | S_ISGID) != 0", [6]uint64{0, 0o755}, false},
		// mprotect(unsigned long, size_t, unsigned long).
		{"mprotect", "arg2 <= PROT_READ|PROT_WRITE", [6]uint64{0, 0, 3}, true},
		{"mprotect", "arg2 <= PROT_READ|PROT_WRITE", [6]uint64{0, 0, high}, false},
		{"openat", "arg0 == AT_FDCWD", [6]uint64{0xffffff9c}, true},
		{"openat", "arg0 == AT_FDCWD", [6]uint64{0xffffffffffffff9c}, true},
		{"mprotect", "arg0 & 0xfff00000000 == 0x12300000000", [6]uint64{0x123}, false},
		{"mprotect", "arg0 & 0xfff00000000 == 0x12300000000", [6]uint64{0x12300000001}, true},
	} {
		e, err := parse(t, c.call, c.text)
		if err != nil {
			t.Errorf("%s: %s: %v", c.call, c.text, err)
			continue
		}
		if got := e.Holds(c.args); got != c.want {
			t.Errorf("%s: %s with %#x: %v", c.call, c.text, c.args, got)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ call, text, want string }{
		{"socket", "", "ends where an argument"},
		{"socket", "arg0", "ends where a comparison"},
		{"socket", "arg0 ==", "ends where a number or a constant"},
		{"socket", "arg0 = 1", `"=" at column 6 is no part`},
		{"socket", "arg0 == 1 arg1 == 2", `"arg1" at column 11 stands where && or ||`},
		{"socket", "(arg0 == 1", "ends where ) should follow"},
		{"socket", "arg0 in []", "stands where a number"},
		{"socket", "arg0 in [1", "ends where ] should follow"},
		{"socket", "arg0 not 1", "stands where in should"},
		{"socket", "arg6 == 1", "stands where an argument (arg0 to arg5)"},
		{"socket", "arg3 == 1", "socket has no arg3: its arguments are arg0 to arg2"},
		{"getpid", "arg0 == 1", "getpid has no arguments"},
		{"umask", "arg1 == 1", "umask has one argument only"},
		{"socket", "arg0 == AF_UNIXX", "AF_UNIXX at column 9 is no constant"},
		{"socket", "arg0 == 0x100000000", "does not fit arg0, which has 32 bits (int)"},
		{"socket", "arg0 & 0x1ffffffff == 0", "does not fit arg0"},
		{"socket", "arg0 == -0x80000001", "does not fit arg0"},
		{"socket", "arg0 < 0x80000000", "is a signed number (int)"},
		{"socket", "arg0 >= -0x80000000", "always holds"},
		{"socket", "arg0 > 0x7fffffff", "never holds"},
		{"read", "arg0 < 0", "never holds"},
		{"read", "arg0 >= 0", "always holds"},
		{"read", "arg0 < -1", "is never negative here"},
		{"read", "arg2 <= 0xffffffffffffffff", "always holds"},
		{"read", "arg2 == 0x10000000000000000", "does not fit 64 bits"},
		{"read", "arg0 == 09", "is no number"},
		{"read", "arg0 & 0 == 0", "a mask of 0"},
		{"read", "arg0 & 2 == 1", "can never be equal"},
		{"read", "arg0 == 1 | ", "ends where a number"},
		{"read", "arg0 == $", "is no part of a condition"},
		{"read", strings.Repeat("(", 100) + "arg0 == 1", "nested deeper"},
		{"read", "arg0 == " + strings.Repeat("-", 100) + "1", "nested deeper"},
		{"read", strings.Repeat(" ", MaxLength+1), "longer than"},
	} {
		_, err := parse(t, c.call, c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q: %v, want %q", c.call, c.text, err, c.want)
		}
	}
	var unknown *UnknownConstantError
	if _, err := parse(t, "read", "arg0 == NOPE"); !errors.As(err, &unknown) || unknown.Name != "NOPE" || unknown.Column != 9 {
		t.Errorf("an unknown constant gives %v", err)
	}
}

// A constant has the value of the architecture that is compiled for.
func TestConstantsPerArchitecture(t *testing.T) {
	t.Parallel()
	c, _ := table.Find("openat")
	for goarch, value := range map[string]uint64{"amd64": 0x10000, "arm64": 0x4000} {
		e, err := Parse("arg2 & O_DIRECTORY != 0", goarch, c)
		if err != nil {
			t.Fatal(err)
		}
		if !e.Holds([6]uint64{0, 0, value}) || e.Holds([6]uint64{0, 0, ^value}) {
			t.Errorf("O_DIRECTORY on %s is not %#x", goarch, value)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"arg0 == 1", "arg1 & ~3 in [1|2, -1] || !(arg0 < AF_UNIX)", "((", "arg2 not in"} {
		f.Add(s)
	}
	c, _ := table.Find("socket")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text, "amd64", c)
		if (e == nil) != (err != nil) {
			t.Errorf("%q gives %v and %v", text, e, err)
		}
	})
}
