package seccomp

import "sync"

// Conditions that several groups share.
const (
	noExec         = "arg2 & PROT_EXEC == 0" // of mmap, mmap2, mprotect
	upToSetFlags   = "arg1 <= F_SETFL"       // F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL
	standardStream = "arg0 <= 2"
)

// softStat answers the stat family with EPERM: libc's stdio then takes it that
// it does not know the file, and goes on.
var softStat = []Member{
	{Call: "fstat", Answer: "errno:EPERM"},
	{Call: "fstat64", Answer: "errno:EPERM"},
	{Call: "fstatat64", Answer: "errno:EPERM"},
	{Call: "newfstatat", Answer: "errno:EPERM"},
	{Call: "statx", Answer: "errno:EPERM"},
}

var fcntlFlags = []Member{
	{Call: "fcntl", When: upToSetFlags},
	{Call: "fcntl64", When: upToSetFlags},
}

var memoryWithoutCode = []Member{
	{Call: "mmap", When: noExec},
	{Call: "mmap2", When: noExec},
	{Call: "mprotect", When: noExec},
}

const bufferCalls = "accept accept4 bind brk clock_gettime clone close connect exit_group fork futex getpid " +
	"getsockname gettimeofday lseek mremap munmap pipe pipe2 poll ppoll read recv recvfrom recvmsg " +
	"rt_sigreturn send sendmsg sendto set_robust_list sigreturn write"

const networkCalls = "brk close exit_group futex getpid lseek mremap munmap poll ppoll read recv recvfrom " +
	"rt_sigaction send sendto sigaction signal write"

// setGroups are allow-lists for programs, or parts of programs, that need very
// little. They belong into allow, beside a default of trap or kill.
var setGroups = sync.OnceValue(func() []Group {
	return []Group{
		{
			Name: "@computation", Summary: "reads standard input, computes, writes standard output and error; no code is made at run time",
			Calls: "brk clock_getres clock_gettime clock_nanosleep exit exit_group futex getegid geteuid getgid getpid getppid " +
				"getrandom getrusage gettid gettimeofday getuid madvise membarrier mremap munmap nanosleep restart_syscall " +
				"rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield sigaltstack sigreturn sysinfo time times",
			Members: join(memoryWithoutCode, []Member{
				{Call: "read", When: standardStream},
				{Call: "readv", When: standardStream},
				{Call: "write", When: "arg0 in [1, 2]"},
				{Call: "writev", When: "arg0 in [1, 2]"},
				{Call: "lseek", When: standardStream},
				{Call: "close", When: standardStream},
				{Call: "fstat", When: standardStream},
				{Call: "newfstatat", When: standardStream + " && arg3 & AT_EMPTY_PATH != 0"},
				{Call: "fadvise64", When: standardStream},
				{Call: "fcntl", When: standardStream + " && arg1 in [F_GETFL, F_GETFD]"},
				{Call: "ioctl", When: standardStream + " && arg1 in [TCGETS, TIOCGWINSZ]"},
			}),
		},
		{
			Name: "@buffer", Summary: "memory, pipes, unix sockets and fork, no files; the stat family answers EPERM",
			Calls: bufferCalls + " mmap mmap2",
			Members: join(softStat, fcntlFlags, []Member{
				{Call: "socket", When: "arg0 == AF_UNIX"},
			}),
		},
		{
			Name: "@buffer-strict", Summary: "@buffer, and no memory can be made executable",
			Calls: bufferCalls,
			Members: join(softStat, fcntlFlags, memoryWithoutCode, []Member{
				{Call: "socket", When: "arg0 == AF_UNIX"},
			}),
		},
		{
			Name: "@network", Summary: "input and output on sockets that are already open; the stat family answers EPERM",
			Calls:   networkCalls + " mmap mmap2",
			Members: join(softStat, fcntlFlags),
		},
		{
			Name: "@network-strict", Summary: "@network, and no memory can be made executable",
			Calls:   networkCalls,
			Members: join(softStat, fcntlFlags, memoryWithoutCode),
		},
		{
			Name: "@bionic", Summary: "what Android's libc needs beside @buffer or @network",
			Calls: "madvise rt_sigprocmask",
			Members: []Member{
				{Call: "mprotect", When: "arg2 <= PROT_READ|PROT_WRITE"},
				{Call: "prctl", When: "arg0 == PR_SET_VMA && arg1 == PR_SET_VMA_ANON_NAME"},
			},
		},
	}
})

func join(parts ...[]Member) []Member {
	var out []Member
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
