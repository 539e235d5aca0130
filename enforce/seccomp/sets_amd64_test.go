package seccomp_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// The two sandboxes of a terminal browser, as their own text lists them.
const (
	bufferPlain = "accept accept4 bind brk clock_gettime clone close connect exit_group fork futex getpid " +
		"getsockname gettimeofday lseek mmap mremap munmap pipe pipe2 poll ppoll read recvfrom recvmsg " +
		"rt_sigreturn sendmsg sendto set_robust_list write"
	networkPlain = "close exit_group read write recvfrom sendto lseek mmap mremap munmap brk poll ppoll getpid futex rt_sigaction"
	softEPERM    = "fstat newfstatat statx"
)

// careful are arguments for calls whose outcome a row of ones does not show:
// flags that the baseline refuses, or a call that would not come back.
var careful = map[string][6]uint64{
	"clone":  {0x10000}, // EINVAL
	"sendto": {badFD}, "sendmsg": {badFD}, "sendmmsg": {badFD},
	"fork": {}, "exit_group": {}, "poll": {all, 1, 0}, "fcntl": {badFD, 4}, "socket": {1, 99},
}

// unfiltered are calls that the kernel lets through every filter
// (seccomp_uprobe_exception, kernel/seccomp.c): they are made by code that the
// kernel itself puts into a probed program, and end any other caller.
var unfiltered = map[string]bool{"uretprobe": true, "uprobe": true}

// checkSet makes every call of x86-64 under the set.
func checkSet(t *testing.T, p plan.Syscalls, plain string, conditional []string, other outcome) {
	t.Helper()
	v := newVictim(t)
	program := compile(t, p)
	permitted := append(strings.Fields(plain), conditional...)
	soft := strings.Fields(softEPERM)
	for _, call := range table.ByNumber("amd64") {
		if call == nil || unfiltered[call.Name] || call.Name == "rt_sigreturn" {
			continue
		}
		args, ok := careful[call.Name]
		if !ok {
			args = [6]uint64{all, all, all, all, all, all}
		}
		j := job{number: number(t, call.Name), args: args}
		want := other
		switch {
		case slices.Contains(permitted, call.Name):
			want = v.bare(t, j)
		case slices.Contains(soft, call.Name):
			want = outcome{errno: syscall.EPERM}
		}
		j.filter = program
		if got := v.run(t, j); got != want {
			t.Errorf("%s: %+v, want %+v", call.Name, got, want)
		}
	}
}

func TestBufferOnTheKernel(t *testing.T) {
	t.Parallel()
	checkSet(t, setPolicy("trap", "@buffer"), bufferPlain, []string{"socket", "fcntl"}, outcome{trapped: true})
}

func TestNetworkOnTheKernel(t *testing.T) {
	t.Parallel()
	checkSet(t, setPolicy("kill", "@network"), networkPlain, []string{"fcntl"}, outcome{signal: syscall.SIGSYS})
}

const (
	readWrite = 3
	executed  = 4
	anonymous = 0x22
)

func TestBufferArguments(t *testing.T) {
	t.Parallel()
	checkCases(t, setPolicy("trap", "@buffer"), []kernelCase{
		{call: "socket", args: [6]uint64{1, 1}},
		{call: "socket", args: [6]uint64{1, 2}},
		{call: "socket", args: [6]uint64{2, 1}, trapped: true},
		{call: "socket", args: [6]uint64{10, 1}, trapped: true},
		{call: "socket", args: [6]uint64{16, 3}, trapped: true},
		{call: "socket", args: [6]uint64{1 | 1<<32, 1}}, // the kernel sees AF_UNIX
		{call: "socket", args: [6]uint64{0, 1}, trapped: true},
		{call: "fcntl", args: [6]uint64{badFD, 0}}, // F_DUPFD
		{call: "fcntl", args: [6]uint64{badFD, 3}}, // F_GETFL
		{call: "fcntl", args: [6]uint64{badFD, 4}}, // F_SETFL
		{call: "fcntl", args: [6]uint64{badFD, 5}, trapped: true},
		{call: "fcntl", args: [6]uint64{badFD, 8}, trapped: true}, // F_SETOWN
		{call: "fcntl", args: [6]uint64{badFD, 1030}, trapped: true},
		{call: "fcntl", args: [6]uint64{badFD, 0xffffffff}, trapped: true},
		{call: "fcntl", args: [6]uint64{badFD, 4 | 1<<32}},
		{call: "mmap", args: [6]uint64{0, 4096, readWrite | executed, anonymous, all}},
		{call: "mprotect", args: [6]uint64{scratch, 4096, 1}, trapped: true},
		{call: "openat", args: [6]uint64{badFD}, trapped: true},
		{call: "clone", args: [6]uint64{0x10000000 | 17}, want: syscall.EPERM},
		{call: "clone3", args: [6]uint64{all, 88}, trapped: true},
		{call: "execve", args: [6]uint64{all}, trapped: true},
		{call: "mount", trapped: true},
	})
	checkCases(t, setPolicy("trap", "@buffer-strict"), []kernelCase{
		{call: "mmap", args: [6]uint64{0, 4096, readWrite, anonymous, all}},
		{call: "mmap", args: [6]uint64{0, 4096, readWrite | executed, anonymous, all}, trapped: true},
		{call: "mmap", args: [6]uint64{0, 4096, executed | 1<<40, anonymous, all}, trapped: true},
		{call: "mprotect", args: [6]uint64{scratch, 4096, readWrite}},
		{call: "mprotect", args: [6]uint64{scratch, 4096, 0}},
		{call: "mprotect", args: [6]uint64{scratch, 4096, executed}, trapped: true},
		{call: "socket", args: [6]uint64{1, 1}},
		{call: "socket", args: [6]uint64{2, 1}, trapped: true},
		{call: "fstat", want: syscall.EPERM},
	})
}

func TestNetworkArguments(t *testing.T) {
	t.Parallel()
	checkCases(t, setPolicy("kill", "@network"), []kernelCase{
		{call: "fcntl", args: [6]uint64{badFD, 4}},
		{call: "fcntl", args: [6]uint64{badFD, 5}, killed: true},
		{call: "socket", args: [6]uint64{1, 1}, killed: true},
		{call: "connect", args: [6]uint64{badFD}, killed: true},
		{call: "mmap", args: [6]uint64{0, 4096, readWrite | executed, anonymous, all}},
		{call: "mprotect", args: [6]uint64{scratch, 4096, 1}, killed: true},
		{call: "recvfrom", args: [6]uint64{badFD}},
		{call: "recvmsg", args: [6]uint64{badFD}, killed: true},
	})
	checkCases(t, setPolicy("kill", "@network-strict"), []kernelCase{
		{call: "mmap", args: [6]uint64{0, 4096, readWrite, anonymous, all}},
		{call: "mmap", args: [6]uint64{0, 4096, executed, anonymous, all}, killed: true},
		{call: "mprotect", args: [6]uint64{scratch, 4096, readWrite}},
		{call: "mprotect", args: [6]uint64{scratch, 4096, executed}, killed: true},
	})
	const setVMA, anonName = 0x53564d41, 0
	checkCases(t, setPolicy("kill", "@network", "@bionic"), []kernelCase{
		{call: "prctl", args: [6]uint64{setVMA, anonName, scratch, 4096, 0}},
		{call: "prctl", args: [6]uint64{setVMA, 1, scratch, 4096, 0}, killed: true},
		{call: "prctl", args: [6]uint64{16, 0}, killed: true},
		{call: "mprotect", args: [6]uint64{scratch, 4096, readWrite}},
		{call: "mprotect", args: [6]uint64{scratch, 4096, executed}, killed: true},
		{call: "madvise", args: [6]uint64{scratch, 4096, 4}},
		{call: "rt_sigprocmask", args: [6]uint64{0, 0, 0, 8}},
	})
}

func TestComputationArguments(t *testing.T) {
	t.Parallel()
	checkCases(t, setPolicy("kill", "@computation"), []kernelCase{
		{call: "read", args: [6]uint64{0, scratch, 1}},
		{call: "read", args: [6]uint64{3, scratch, 1}, killed: true},
		{call: "write", args: [6]uint64{1, scratch, 1}},
		{call: "write", args: [6]uint64{2 | 1<<32, scratch, 0}}, // the kernel reads 32 bits of a descriptor
		{call: "write", args: [6]uint64{0, scratch, 1}, killed: true},
		{call: "write", args: [6]uint64{3, scratch, 1}, killed: true},
		{call: "ioctl", args: [6]uint64{1, 0x5401, scratch}}, // TCGETS
		{call: "ioctl", args: [6]uint64{1, 0x5412, scratch}, killed: true},
		{call: "newfstatat", args: [6]uint64{1, scratch, scratch, 0x1000}},
		{call: "newfstatat", args: [6]uint64{0xffffff9c, scratch, scratch, 0}, killed: true},
		{call: "openat", args: [6]uint64{badFD}, killed: true},
		{call: "socket", args: [6]uint64{1, 1}, killed: true},
		{call: "clone", args: [6]uint64{17}, killed: true},
		{call: "execve", args: [6]uint64{all}, killed: true},
		{call: "mmap", args: [6]uint64{0, 4096, readWrite, anonymous, all}},
		{call: "mmap", args: [6]uint64{0, 4096, executed, anonymous, all}, killed: true},
	})
}

// Promises: what one of them opens and the lack of it refuses.
func TestPledgeOnTheKernel(t *testing.T) {
	t.Parallel()
	const cwd = 0xffffff9c
	open := func(flags uint64) [6]uint64 { return [6]uint64{cwd, scratch, flags, 0} } // "" is ENOENT
	apart := func(names string) plan.Syscalls {                                       // each name in a list of its own
		p := plan.Syscalls{Default: "kill"}
		for _, name := range strings.Fields(names) {
			p.Lists = append(p.Lists, plan.SyscallList{Action: "allow", Names: []string{name}})
		}
		return p
	}
	for promises, cases := range map[string][]kernelCase{
		"@pledge-stdio": {
			{call: "read", args: [6]uint64{badFD}},
			{call: "openat", args: open(0), killed: true},
			{call: "socket", args: [6]uint64{1, 1}, killed: true},
			{call: "sendto", args: [6]uint64{badFD}},
			{call: "sendto", args: [6]uint64{badFD, 0, 0, 0, scratch, 16}, killed: true},
			{call: "clone", args: [6]uint64{0x10000}},
			{call: "clone", args: [6]uint64{17}, killed: true},
			{call: "clone3", args: [6]uint64{all, 88}, want: syscall.ENOSYS},
			{call: "fcntl", args: [6]uint64{badFD, 3}},
			{call: "fcntl", args: [6]uint64{badFD, 8}, killed: true},
			{call: "ioctl", args: [6]uint64{badFD, 0x541b}},
			{call: "ioctl", args: [6]uint64{badFD, 0x5402}, killed: true},
			{call: "mmap", args: [6]uint64{0, 4096, executed, anonymous, all}, killed: true},
			{call: "prlimit64", args: [6]uint64{0, 7}},
			{call: "prlimit64", args: [6]uint64{0, 7, scratch}, killed: true},
			{call: "kill", args: [6]uint64{1, 0}, killed: true},
		},
		"@pledge-stdio @pledge-rpath": {
			{call: "openat", args: open(0)},
			{call: "openat", args: open(0x80000)},
			{call: "openat", args: open(1), killed: true},
			{call: "openat", args: open(2), killed: true},
			{call: "openat", args: open(0x40), killed: true},
			{call: "openat", args: open(0x200), killed: true},
			{call: "openat2", args: [6]uint64{cwd, scratch, scratch, 24}, want: syscall.ENOSYS},
			{call: "unlink", args: [6]uint64{all}, killed: true},
		},
		"@pledge-stdio @pledge-wpath": {
			{call: "openat", args: open(1)},
			{call: "openat", args: open(1 | 0x200)},
			{call: "openat", args: open(0), killed: true},
			{call: "openat", args: open(2), killed: true},
			{call: "openat", args: open(1 | 0x40), killed: true},
			{call: "creat", args: [6]uint64{all}, killed: true},
		},
		"@pledge-stdio @pledge-rpath @pledge-wpath": {
			{call: "openat", args: open(2)},
			{call: "openat", args: open(2 | 0x40), killed: true},
		},
		"@pledge-stdio @pledge-rpath @pledge-wpath @pledge-cpath": {
			{call: "openat", args: [6]uint64{cwd, all, 2 | 0x40}},
			{call: "openat", args: [6]uint64{cwd, all, 1 | 0x40 | 0x200}},
			{call: "creat", args: [6]uint64{all}},
			{call: "unlink", args: [6]uint64{all}},
			{call: "chmod", args: [6]uint64{all}, killed: true},
		},
		"@pledge-stdio @pledge-inet": {
			{call: "socket", args: [6]uint64{2, 1}},
			{call: "socket", args: [6]uint64{10, 2 | 0x80000}},
			{call: "socket", args: [6]uint64{2, 3, 1}, killed: true}, // SOCK_RAW
			{call: "socket", args: [6]uint64{1, 1}, killed: true},
			{call: "socket", args: [6]uint64{2, 1, 262}, want: syscall.EPROTONOSUPPORT},
		},
		"@pledge-stdio @pledge-unix": {
			{call: "socket", args: [6]uint64{1, 1}},
			{call: "socket", args: [6]uint64{2, 1}, killed: true},
		},
		"@pledge-stdio @pledge-dpath": {
			{call: "mknod", args: [6]uint64{all, 0o010644}},
			{call: "mknod", args: [6]uint64{all, 0o020644}, killed: true},
			{call: "mknod", args: [6]uint64{all, 0o060644}, killed: true},
		},
		"@pledge-stdio @pledge-tty": {
			{call: "ioctl", args: [6]uint64{badFD, 0x5402}}, // TCSETS
			{call: "ioctl", args: [6]uint64{badFD, 0x5412}, killed: true},
		},
		"@pledge-stdio @pledge-flock": {
			{call: "fcntl", args: [6]uint64{badFD, 6}}, // F_SETLK
			{call: "flock", args: [6]uint64{badFD}},
		},
		"@pledge-stdio @pledge-proc": {
			{call: "clone", args: [6]uint64{17}},
			{call: "clone", args: [6]uint64{0x10000000 | 17}, want: syscall.EPERM},
			{call: "kill", args: [6]uint64{1, 99}},
			{call: "execve", args: [6]uint64{all}, killed: true},
		},
		"@pledge-stdio @pledge-prot_exec": {
			{call: "mmap", args: [6]uint64{0, 4096, executed, anonymous, all}},
		},
	} {
		t.Run(promises, func(t *testing.T) {
			checkCases(t, setPolicy("kill", strings.Fields(promises)...), cases)
			checkCases(t, apart(promises), cases)
		})
	}
}

// A program is started under a filter that was loaded before: the loader of a
// dynamic one needs more.
func TestStartOnTheKernel(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	killed := outcome{signal: syscall.SIGSYS}
	for _, c := range []struct {
		names []string
		path  string
		want  outcome
	}{
		{[]string{"@start-dynamic"}, "/bin/true", outcome{}},
		{[]string{"@computation", "@start-dynamic"}, "/bin/true", outcome{}},
		{[]string{"@pledge-stdio", "@start-dynamic"}, "/bin/true", outcome{}},
		{[]string{"@computation", "@start-static"}, "/bin/true", killed},
		{[]string{"@computation"}, "/bin/true", killed},
		{[]string{"@buffer"}, "/bin/true", killed},
	} {
		if got := v.start(t, compile(t, setPolicy("kill", c.names...)), c.path); got != c.want {
			t.Errorf("%s under %v: %+v, want %+v", c.path, c.names, got, c.want)
		}
	}
	if got := v.start(t, compile(t, plan.Syscalls{Default: "allow"}), "/bin/true"); got != (outcome{}) {
		t.Errorf("/bin/true under the baseline: %+v", got)
	}
}
