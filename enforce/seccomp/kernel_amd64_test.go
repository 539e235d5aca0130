package seccomp_test

import (
	"syscall"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

func compile(t *testing.T, p plan.Syscalls) []byte {
	t.Helper()
	out, err := seccomp.Compile(p, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	return out.Program
}

func number(t *testing.T, call string) uint64 {
	t.Helper()
	c, ok := table.Find(call)
	if !ok {
		t.Fatalf("no call %q", call)
	}
	nr, ok := c.Number("amd64")
	if !ok {
		t.Fatalf("no call %q on amd64", call)
	}
	return uint64(nr)
}

// notToBeMade are calls that even with nonsense for arguments block, end the
// process, or do something to the machine.
var notToBeMade = map[string]string{
	"exit": "ends", "exit_group": "ends", "fork": "makes a second victim", "vfork": "makes a second victim",
	"pause": "blocks", "rt_sigreturn": "ends by SIGSEGV", "uretprobe": "ends by SIGILL", "uprobe": "ends by SIGILL",
	"sync": "writes back the machine's caches", "vhangup": "hangs up the terminal",
}

const all = ^uint64(0)

// otherNonsense is for calls to which a row of ones makes sense: these would
// make an object that stays.
var otherNonsense = map[string][6]uint64{"msgget": {all}, "semget": {all}, "shmget": {all}}

// unlikely is an error that no call gives by itself.
const unlikely = syscall.EL2NSYNC

// Every call that x86-64 has, with nonsense for arguments: permitted, it ends
// as it does with nothing refused; denied, with the policy's error; killed, by
// SIGSYS; trapped, in the handler.
func TestEveryCallOnTheKernel(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	tried := 0
	for _, call := range table.ByNumber("amd64") {
		if call == nil || notToBeMade[call.Name] != "" {
			continue
		}
		tried++
		nonsense := job{number: number(t, call.Name), args: [6]uint64{all, all, all, all, all, all}}
		if args, ok := otherNonsense[call.Name]; ok {
			nonsense.args = args
		}
		bare := v.bare(t, nonsense)
		check := func(what string, p plan.Syscalls, want outcome) {
			j := nonsense
			j.filter = compile(t, p)
			if got := v.run(t, j); got != want {
				t.Errorf("%s, %s: %+v, want %+v", call.Name, what, got, want)
			}
		}
		always := plan.SyscallList{Action: "allow", Names: []string{"exit_group"}}
		check("permitted", plan.Syscalls{
			Default: "kill", Lists: []plan.SyscallList{always},
			Rules: []plan.SyscallRule{{Call: call.Name, Action: "allow"}},
		}, bare)
		check("denied", plan.Syscalls{Default: "allow", Lists: []plan.SyscallList{{Action: "errno:EL2NSYNC", Names: []string{call.Name}}}}, outcome{errno: unlikely})
		check("killed", plan.Syscalls{Default: "allow", Lists: []plan.SyscallList{{Action: "kill", Names: []string{call.Name}}}}, outcome{signal: syscall.SIGSYS})
		check("trapped", plan.Syscalls{Default: "trap", Lists: []plan.SyscallList{always}}, outcome{trapped: true})
	}
	if tried < 300 {
		t.Errorf("only %d calls were tried", tried)
	}
}

// kernelCase is one call with arguments, and what a policy makes of it; 0 means
// that it gets to the kernel and ends as with nothing refused.
type kernelCase struct {
	call    string
	args    [6]uint64
	want    syscall.Errno
	trapped bool
	killed  bool
	done    bool // not carried out, and answered as if it were
}

// outcome is what the filter has to make of the case. Only a call that it
// permits is made without it: the others may be ones that must not be carried
// out.
func (c kernelCase) outcome(bare func() outcome) outcome {
	switch {
	case c.killed:
		return outcome{signal: syscall.SIGSYS}
	case c.done:
		return outcome{}
	case c.trapped:
		return outcome{trapped: true}
	case c.want != 0:
		return outcome{errno: c.want}
	}
	return bare()
}

func checkCases(t *testing.T, p plan.Syscalls, cases []kernelCase) {
	t.Helper()
	v := newVictim(t)
	program := compile(t, p)
	for _, c := range cases {
		j := job{number: number(t, c.call), args: c.args}
		want := c.outcome(func() outcome { return v.bare(t, j) })
		j.filter = program
		if got := v.run(t, j); got != want {
			t.Errorf("%s %#x: %+v, want %+v", c.call, c.args, got, want)
		}
	}
}

// badFD is no descriptor: EBADF.
const badFD = 1 << 20

// What every profile refuses, each beside a neighbour that it does not.
func TestBaselineOnTheKernel(t *testing.T) {
	t.Parallel()
	const high = 1 << 32
	checkCases(t, plan.Syscalls{Default: "allow", ForeignABI: "kill"}, []kernelCase{
		{call: "ioctl", args: [6]uint64{badFD, 0x5412}, want: syscall.EPERM},        // TIOCSTI
		{call: "ioctl", args: [6]uint64{badFD, 0x5412 | high}, want: syscall.EPERM}, // CVE-2019-10063
		{call: "ioctl", args: [6]uint64{badFD, 0x541c}, want: syscall.EPERM},        // TIOCLINUX
		{call: "ioctl", args: [6]uint64{badFD, 0x541c | 0xffffffff<<32}, want: syscall.EPERM},
		{call: "ioctl", args: [6]uint64{badFD, 0x5423}, want: syscall.EPERM}, // TIOCSETD
		{call: "ioctl", args: [6]uint64{badFD, 0x5413}},                      // TIOCGWINSZ
		{call: "mount", want: syscall.EPERM},
		{call: "umount2", args: [6]uint64{all, all}, want: syscall.EPERM},
		{call: "pivot_root", want: syscall.EPERM},
		{call: "chroot", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "open_tree", args: [6]uint64{badFD}, want: syscall.EPERM},
		{call: "open_tree_attr", args: [6]uint64{badFD}, want: syscall.EPERM},
		{call: "move_mount", args: [6]uint64{badFD}, want: syscall.EPERM},
		{call: "mount_setattr", args: [6]uint64{badFD}, want: syscall.EPERM},
		{call: "fsopen", want: syscall.EPERM},
		{call: "fsconfig", want: syscall.EPERM},
		{call: "fsmount", want: syscall.EPERM},
		{call: "fspick", want: syscall.EPERM},
		{call: "statmount"},
		{call: "open_by_handle_at", args: [6]uint64{badFD}, want: syscall.EPERM},
		{call: "name_to_handle_at", args: [6]uint64{badFD}},
		{call: "clone", args: [6]uint64{0x10000000 | 17}, want: syscall.EPERM},        // CLONE_NEWUSER
		{call: "clone", args: [6]uint64{0x10000000 | 17 | high}, want: syscall.EPERM}, // the kernel reads 32 bits
		{call: "clone", args: [6]uint64{0x00020000}, want: syscall.EPERM},             // CLONE_NEWNS
		{call: "clone", args: [6]uint64{0x40000000}, want: syscall.EPERM},             // CLONE_NEWNET
		{call: "clone", args: [6]uint64{0x00010000}},                                  // CLONE_THREAD alone: EINVAL
		{call: "clone3", args: [6]uint64{all, 88}, want: syscall.ENOSYS},
		{call: "unshare", args: [6]uint64{0x10000000}, want: syscall.EPERM},
		{call: "unshare", args: [6]uint64{0x80}, want: syscall.EPERM}, // CLONE_NEWTIME
		{call: "unshare", args: [6]uint64{0x400}},                     // CLONE_FILES
		{call: "unshare", args: [6]uint64{0x200}},                     // CLONE_FS
		{call: "setns", args: [6]uint64{badFD}, want: syscall.EPERM},
		{call: "add_key", want: syscall.EPERM},
		{call: "request_key", want: syscall.EPERM},
		{call: "keyctl", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "bpf", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "perf_event_open", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "userfaultfd", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "io_uring_setup", args: [6]uint64{1, all}, want: syscall.ENOSYS},
		{call: "io_uring_enter", args: [6]uint64{badFD}, want: syscall.ENOSYS},
		{call: "io_uring_register", args: [6]uint64{badFD}, want: syscall.ENOSYS},
		{call: "io_setup", args: [6]uint64{1, all}},
		{call: "modify_ldt", want: syscall.ENOSYS},
		{call: "kexec_load", args: [6]uint64{0, all}, want: syscall.EPERM},
		{call: "kexec_file_load", args: [6]uint64{badFD, badFD}, want: syscall.EPERM},
		{call: "init_module", want: syscall.EPERM},
		{call: "finit_module", args: [6]uint64{badFD}, want: syscall.EPERM},
		{call: "delete_module", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "fanotify_init", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "inotify_init1", args: [6]uint64{all}},
		{call: "migrate_pages", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "mbind", args: [6]uint64{1}},
		{call: "socket", args: [6]uint64{1, 1}},
		{call: "socket", args: [6]uint64{2, 1}},
		{call: "socket", args: [6]uint64{2 | high, 1}},
		{call: "socket", args: [6]uint64{10, 2, 17}},
		{call: "socket", args: [6]uint64{2, 1, 262}, want: syscall.EPROTONOSUPPORT},      // IPPROTO_MPTCP
		{call: "socket", args: [6]uint64{10, 1, 132}, want: syscall.EPROTONOSUPPORT},     // IPPROTO_SCTP
		{call: "socket", args: [6]uint64{16, 3, 0}},                                      // netlink, routes
		{call: "socket", args: [6]uint64{16, 3, 9}, want: syscall.EPROTONOSUPPORT},       // NETLINK_AUDIT
		{call: "socket", args: [6]uint64{16, 3, 12}, want: syscall.EPROTONOSUPPORT},      // NETLINK_NETFILTER
		{call: "socket", args: [6]uint64{40, 1}, want: syscall.EAFNOSUPPORT},             // AF_VSOCK
		{call: "socket", args: [6]uint64{40 | high, 1}, want: syscall.EAFNOSUPPORT},      // and with bits above
		{call: "socket", args: [6]uint64{17, 3}, want: syscall.EAFNOSUPPORT},             // AF_PACKET
		{call: "socket", args: [6]uint64{38, 5}, want: syscall.EAFNOSUPPORT},             // AF_ALG
		{call: "socketpair", args: [6]uint64{1, 1, 0, all}},                              // EFAULT
		{call: "socketpair", args: [6]uint64{30, 1, 0, all}, want: syscall.EAFNOSUPPORT}, // AF_TIPC
		{call: "sendto", args: [6]uint64{badFD, 0, 0, 0x20000000}, want: syscall.EOPNOTSUPP},
		{call: "sendto", args: [6]uint64{badFD, 0, 0, 0x4000}},
		{call: "sendmsg", args: [6]uint64{badFD, 0, 0x20000000}, want: syscall.EOPNOTSUPP},
		{call: "sendmsg", args: [6]uint64{badFD}},
		{call: "sendmmsg", args: [6]uint64{badFD, 0, 0, 0x20004000}, want: syscall.EOPNOTSUPP},
		{call: "sendmmsg", args: [6]uint64{badFD}},
		{call: "chmod", args: [6]uint64{all, 0o4755}, want: syscall.EPERM},
		{call: "chmod", args: [6]uint64{all, 0o2755}, want: syscall.EPERM},
		{call: "chmod", args: [6]uint64{all, 0o4000 | high | 0x30000}, want: syscall.EPERM}, // the kernel reads 16 bits
		{call: "chmod", args: [6]uint64{all, 0o1777}},
		{call: "chmod", args: [6]uint64{all, 0o755 | 0o6000<<16}},
		{call: "fchmod", args: [6]uint64{badFD, 0o6000}, want: syscall.EPERM},
		{call: "fchmod", args: [6]uint64{badFD, 0o777}},
		{call: "fchmodat", args: [6]uint64{badFD, all, 0o4000}, want: syscall.EPERM},
		{call: "fchmodat", args: [6]uint64{badFD, all, 0o644}},
		{call: "fchmodat2", args: [6]uint64{badFD, all, 0o4000, 0x1000}, want: syscall.EPERM},
		{call: "fchmodat2", args: [6]uint64{badFD, all, 0o644, 0x1000}},
		{call: "mknod", args: [6]uint64{all, 0o104755}, want: syscall.EPERM},
		{call: "mknod", args: [6]uint64{all, 0o100755}},
		{call: "mknodat", args: [6]uint64{badFD, all, 0o102755}, want: syscall.EPERM},
		{call: "mknodat", args: [6]uint64{badFD, all, 0o10644}},
		{call: "creat", args: [6]uint64{all, 0o4755}, want: syscall.EPERM},
		{call: "creat", args: [6]uint64{all, 0o755}},
		{call: "open", args: [6]uint64{all, 0x41, 0o4755}, want: syscall.EPERM},              // O_CREAT
		{call: "open", args: [6]uint64{all, 0x410001 | high, 0o2755}, want: syscall.EPERM},   // O_TMPFILE
		{call: "open", args: [6]uint64{all, 0x400001, 0o2755}, want: syscall.EPERM},          // the half of it that makes a file
		{call: "open", args: [6]uint64{all, 0x41, 0o755}},                                    // EFAULT
		{call: "open", args: [6]uint64{all, 0x1, all}},                                       // no mode is read
		{call: "openat", args: [6]uint64{badFD, all, 0x40, 0o4000}, want: syscall.EPERM},     // O_CREAT
		{call: "openat", args: [6]uint64{badFD, all, 0x410002, 0o4000}, want: syscall.EPERM}, // O_TMPFILE
		{call: "openat", args: [6]uint64{badFD, all, 0x410002, 0o1777}},
		{call: "openat", args: [6]uint64{badFD, all, 0x10000, 0o6755}}, // O_DIRECTORY
		{call: "openat2", args: [6]uint64{badFD, all, all, 24}, want: syscall.ENOSYS},
		{call: "mkdir", args: [6]uint64{all, 0o2755}}, // the kernel takes the bit away
		{call: "setpriority", args: [6]uint64{0, 0, 5}},
		{call: "setpriority", args: [6]uint64{1, 0, 5}, want: syscall.EPERM},
		{call: "setpriority", args: [6]uint64{2, 1, 5}, want: syscall.EPERM},
		{call: "getpriority", args: [6]uint64{1}},
		{call: "ioprio_set", args: [6]uint64{2, 0, 0}, want: syscall.EPERM},
		{call: "ioprio_set", args: [6]uint64{1, 0, 0xffff}},
		{call: "personality", args: [6]uint64{0xffffffff}},
		{call: "personality", args: [6]uint64{0}},
		{call: "personality", args: [6]uint64{0x40000}},
		{call: "personality", args: [6]uint64{8}, want: syscall.EPERM},
		{call: "personality", args: [6]uint64{0x400000}, want: syscall.EPERM},
		{call: "acct", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "clock_settime", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "clock_gettime", args: [6]uint64{all}},
		{call: "settimeofday", args: [6]uint64{all, all}, want: syscall.EPERM},
		{call: "adjtimex", args: [6]uint64{all}},
		{call: "ioperm", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "iopl", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "quotactl", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "quotactl_fd", args: [6]uint64{badFD}, want: syscall.EPERM},
		{call: "reboot", want: syscall.EPERM},
		{call: "sethostname", args: [6]uint64{0, all}, want: syscall.EPERM},
		{call: "setdomainname", args: [6]uint64{0, all}, want: syscall.EPERM},
		{call: "swapon", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "swapoff", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "syslog", args: [6]uint64{all}, want: syscall.EPERM},
		{call: "_sysctl", want: syscall.ENOSYS},
		{call: "lookup_dcookie", want: syscall.ENOSYS},
		{call: "nfsservctl", want: syscall.ENOSYS},
		{call: "uselib", want: syscall.ENOSYS},
		{call: "ptrace", args: [6]uint64{all, all}},
		{call: "process_vm_readv", args: [6]uint64{all}},
		{call: "pidfd_getfd", args: [6]uint64{badFD}},
		{call: "seccomp", args: [6]uint64{all}},
		{call: "landlock_create_ruleset", args: [6]uint64{0, 0, all}},
		{call: "getpid"},
	})
}

// A list of names lifts no refusal of arguments; a rule does, as far as it says.
func TestSetIDIsLiftedByRules(t *testing.T) {
	t.Parallel()
	p := plan.Syscalls{
		Default: "allow", ForeignABI: "kill",
		Lists: []plan.SyscallList{{Action: "allow", Names: []string{"openat", "openat2", "chmod", "fchmod"}}},
		Rules: []plan.SyscallRule{
			{Call: "chmod", When: "arg1 & S_ISUID == 0", Action: "allow"},
			{Call: "creat", Action: "allow"},
		},
	}
	checkCases(t, p, []kernelCase{
		{call: "chmod", args: [6]uint64{all, 0o2775}},
		{call: "chmod", args: [6]uint64{all, 0o6775}, want: syscall.EPERM},
		{call: "fchmod", args: [6]uint64{badFD, 0o2775}, want: syscall.EPERM},
		{call: "openat", args: [6]uint64{badFD, all, 0x40, 0o4755}, want: syscall.EPERM},
		{call: "openat2", args: [6]uint64{badFD, all, all, 24}, want: syscall.ENOSYS},
		{call: "creat", args: [6]uint64{all, 0o4755}},
	})
}

// Where no core dump is allowed, nobody changes the limit that keeps the host's
// crash handler from being started; whoever sets it to 0 believes that he did.
func TestCoreLimitOnTheKernel(t *testing.T) {
	t.Parallel()
	const core, files, high = 4, 7, 1 << 32
	checkCases(t, plan.Syscalls{Default: "allow", ForeignABI: "kill", NoCore: true}, []kernelCase{
		{call: "setrlimit", args: [6]uint64{core, all}, done: true},
		{call: "setrlimit", args: [6]uint64{core | high, all}, done: true}, // the kernel reads 32 bits
		{call: "setrlimit", args: [6]uint64{files, all}},
		{call: "getrlimit", args: [6]uint64{core, all}},
		{call: "prlimit64", args: [6]uint64{0, core, all}, done: true},
		{call: "prlimit64", args: [6]uint64{99, core | high, all}, done: true},
		{call: "prlimit64", args: [6]uint64{0, core, all, all}, want: syscall.EPERM},
		{call: "prlimit64", args: [6]uint64{0, core, 0, all}}, // asks only
		{call: "prlimit64", args: [6]uint64{0, files, all}},
		{call: "prlimit64", args: [6]uint64{1, files, all}, want: syscall.EPERM},
		{call: "prlimit64", args: [6]uint64{1, core, all}, want: syscall.EPERM},
	})
	checkCases(t, plan.Syscalls{Default: "allow", ForeignABI: "kill"}, []kernelCase{
		{call: "setrlimit", args: [6]uint64{core, all}},
		{call: "prlimit64", args: [6]uint64{0, core, all}},
	})
}

// Numbers without a call are refused as an older kernel would.
func TestUnknownNumbersOnTheKernel(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	program := compile(t, plan.Syscalls{Default: "allow", ForeignABI: "kill"})
	for _, nr := range []uint64{400, 511, 600, 100000, 0xffffffff, all} {
		if got := v.run(t, job{filter: program, number: nr}); got != (outcome{errno: syscall.ENOSYS}) {
			t.Errorf("call %#x: %+v, want ENOSYS", nr, got)
		}
	}
}

// The other ABIs of x86-64: x32 numbers and the i386 gate.
func TestForeignABIsOnTheKernel(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	const x32 = 0x40000000
	const getpidI386 = 20
	for action, want := range map[string]outcome{
		"":             {signal: syscall.SIGSYS},
		"kill":         {signal: syscall.SIGSYS},
		"trap":         {trapped: true},
		"errno:ENOSYS": {errno: syscall.ENOSYS},
		"errno:EPERM":  {errno: syscall.EPERM},
	} {
		program := compile(t, plan.Syscalls{Default: "allow", ForeignABI: action})
		for _, j := range []job{
			{number: number(t, "getpid") | x32},
			{number: number(t, "keyctl") | x32},
			{number: 512 | x32}, // x32's own rt_sigaction
			{number: 0x7fffffff},
			{number: getpidI386, int80: true},
			{number: 288, int80: true}, // i386's keyctl
		} {
			j.filter = program
			if got := v.run(t, j); got != want {
				t.Errorf("foreign_abi %q, call %#x, i386 %v: %+v, want %+v", action, j.number, j.int80, got, want)
			}
		}
		if got := v.run(t, job{filter: program, number: number(t, "getpid")}); got != (outcome{}) {
			t.Errorf("foreign_abi %q: getpid of the own ABI: %+v", action, got)
		}
	}
}
