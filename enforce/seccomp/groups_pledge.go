package seccomp

import "sync"

// Open flags that make something new or cut it.
const (
	opens   = "(O_ACCMODE | O_CREAT | O_TRUNC)"
	creates = "(O_ACCMODE | O_CREAT)"
)

// openMembers permits open and openat under a condition over the flags, which
// FLAGS stands for.
func openMembers(flags, with string) []Member {
	return []Member{
		{Call: "open", When: "arg1 & " + flags, With: with},
		{Call: "openat", When: "arg2 & " + flags, With: with},
	}
}

// pathQueries look at paths without opening them. Names can be probed with
// them, contents not.
const pathQueries = "access chdir faccessat faccessat2 getcwd lstat lstat64 newfstatat fstatat64 readlink readlinkat stat stat64 statx"

const socketCalls = "accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg " +
	"sendmmsg sendmsg sendto setsockopt shutdown"

// internetSockets are streams and datagrams; the type's flags (SOCK_CLOEXEC,
// SOCK_NONBLOCK) lie above its low four bits (SOCK_TYPE_MASK, linux/net.h).
const internetSockets = "arg0 in [AF_INET, AF_INET6] && arg1 & 0xf in [SOCK_STREAM, SOCK_DGRAM]"

// pledgeGroups are promises in the manner of OpenBSD's pledge(2), with what
// they have to mean on Linux. A filter sees numbers and flags, no paths and no
// contents of memory, so some are wider than their models; docs/syscalls.md
// lists where. They belong into allow, beside a default of kill, trap or
// errno:EPERM; a wrapper's profile adds @start-static or @start-dynamic.
var pledgeGroups = sync.OnceValue(func() []Group {
	return []Group{
		{
			Name: "@pledge-stdio", Summary: "memory, time, signals of one's own, threads, and what is already open",
			Calls: "alarm brk capget clock_getres clock_gettime clock_nanosleep close close_range copy_file_range dup dup2 dup3 epoll_create " +
				"epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 exit exit_group fadvise64 fchdir fdatasync " +
				"fstat fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake get_robust_list getcpu getegid " +
				"geteuid getgid getgroups getitimer getpgid getpgrp getpid getppid getrandom getresgid getresuid getrlimit " +
				"getrusage getsid gettid gettimeofday getuid lseek madvise membarrier mremap msync munmap nanosleep pause " +
				"pipe pipe2 poll ppoll pread64 preadv preadv2 pselect6 pwrite64 pwritev pwritev2 read readv restart_syscall " +
				"rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_getaffinity " +
				"sched_yield select sendfile set_robust_list set_tid_address setitimer shutdown sigaltstack splice sysinfo tee tgkill " +
				"time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime " +
				"timerfd_settime times umask uname wait4 waitid write writev",
			Members: join(memoryWithoutCode, []Member{
				{Call: "clone", When: "arg0 & CLONE_THREAD != 0"},
				{Call: "clone3", Answer: "errno:ENOSYS"},
				{Call: "fcntl", When: "arg1 not in [F_SETOWN, F_SETOWN_EX, F_SETSIG, F_NOTIFY, F_SETLEASE, F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW]"},
				{Call: "ioctl", When: "arg1 in [FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TCGETS, TIOCGWINSZ]"},
				{Call: "newfstatat", When: "arg3 & AT_EMPTY_PATH != 0"},
				{Call: "prctl", When: "arg0 in [PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_GET_DUMPABLE, PR_SET_NO_NEW_PRIVS]"},
				{Call: "prlimit64", When: "arg2 == 0"},
				{Call: "recvfrom"},
				{Call: "sendto", When: "arg4 == 0"},
				{Call: "socketpair", When: "arg0 == AF_UNIX"},
			}),
		},
		{
			Name: "@pledge-rpath", Summary: "opening files and directories for reading",
			Calls: pathQueries + " fgetxattr flistxattr fstatfs getdents getdents64 getxattr lgetxattr listxattr llistxattr statfs",
			Members: join(
				openMembers(opens+" == O_RDONLY", ""),
				openMembers(opens+" in [O_RDWR, O_RDWR | O_TRUNC]", "@pledge-wpath"),
				openMembers(creates+" == O_CREAT", "@pledge-cpath"),
				openMembers(creates+" == O_RDWR | O_CREAT", "@pledge-wpath @pledge-cpath"),
				[]Member{{Call: "openat2", Answer: "errno:ENOSYS"}},
			),
		},
		{
			Name: "@pledge-wpath", Summary: "opening files for writing; for reading and writing with rpath",
			Calls: pathQueries + " fallocate truncate",
			Members: join(
				openMembers(creates+" == O_WRONLY", ""),
				openMembers(creates+" == O_WRONLY | O_CREAT", "@pledge-cpath"),
				[]Member{{Call: "creat", With: "@pledge-cpath"}},
				[]Member{{Call: "openat2", Answer: "errno:ENOSYS"}},
			),
		},
		{
			Name: "@pledge-cpath", Summary: "making and removing names; files are made with rpath or wpath",
			Calls: "link linkat mkdir mkdirat rename renameat renameat2 rmdir symlink symlinkat unlink unlinkat",
		},
		{
			Name: "@pledge-dpath", Summary: "making fifos and sockets in the file system",
			Members: []Member{
				{Call: "mknod", When: "arg1 & S_IFMT in [0, S_IFREG, S_IFIFO, S_IFSOCK]"},
				{Call: "mknodat", When: "arg2 & S_IFMT in [0, S_IFREG, S_IFIFO, S_IFSOCK]"},
			},
		},
		{
			Name: "@pledge-fattr", Summary: "modes and times of files",
			Calls: "chmod fchmod fchmodat fchmodat2 futimesat utime utimensat utimes",
		},
		{
			Name: "@pledge-chown", Summary: "owners of files",
			Calls: "@chown",
		},
		{
			Name: "@pledge-flock", Summary: "locking files",
			Calls: "flock",
			Members: []Member{
				{Call: "fcntl", When: "arg1 in [F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW]"},
			},
		},
		{
			Name: "@pledge-inet", Summary: "IPv4 and IPv6 sockets, streams and datagrams",
			Calls:   socketCalls,
			Members: []Member{{Call: "socket", When: internetSockets}},
		},
		{
			Name: "@pledge-unix", Summary: "unix sockets",
			Calls:   socketCalls,
			Members: []Member{{Call: "socket", When: "arg0 == AF_UNIX"}},
		},
		{
			Name: "@pledge-dns", Summary: "asking name servers; their addresses are read with rpath",
			Calls: "bind connect getpeername getsockname getsockopt recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt",
			Members: []Member{
				{Call: "socket", When: internetSockets},
				{Call: "socket", When: "arg0 == AF_NETLINK && arg2 == NETLINK_ROUTE"},
			},
		},
		{
			Name: "@pledge-route", Summary: "reading routes and interfaces",
			Calls:   "bind getsockname recvfrom recvmsg sendmsg sendto",
			Members: []Member{{Call: "socket", When: "arg0 == AF_NETLINK && arg2 == NETLINK_ROUTE"}},
		},
		{
			Name: "@pledge-sendfd", Summary: "sending descriptors, and every other message",
			Calls: "sendmmsg sendmsg",
		},
		{
			Name: "@pledge-recvfd", Summary: "receiving descriptors, and every other message",
			Calls: "recvmmsg recvmsg",
		},
		{
			Name: "@pledge-tty", Summary: "reading and setting the terminal",
			Members: []Member{
				{Call: "ioctl", When: "arg1 in [TCGETS, TCSETS, TCSETSW, TCSETSF, TCGETA, TCSETA, TCSETAW, TCSETAF, TCSBRK, TCSBRKP, TCXONC, TCFLSH, " +
					"TIOCGWINSZ, TIOCSWINSZ, TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCOUTQ, TIOCSBRK, TIOCCBRK, TIOCGPTN]"},
			},
		},
		{
			Name: "@pledge-proc", Summary: "starting processes (without exec), signalling them, their groups and priorities",
			Calls: "clone fork getpriority kill pidfd_open pidfd_send_signal prlimit64 rt_sigqueueinfo rt_tgsigqueueinfo sched_getattr " +
				"sched_getparam sched_getscheduler sched_setaffinity sched_setattr sched_setparam sched_setscheduler setpgid " +
				"setpriority setrlimit setsid tkill vfork waitpid",
		},
		{
			Name: "@pledge-exec", Summary: "executing programs; the promises hold in them too",
			Calls: "execve execveat",
		},
		{
			Name: "@pledge-prot_exec", Summary: "memory that is executed",
			Calls: "mmap mmap2 mprotect pkey_alloc pkey_free pkey_mprotect",
		},
		{
			Name: "@pledge-id", Summary: "changing user, group and capabilities",
			Calls: "@setuid capset setfsgid setfsuid",
		},
		{
			Name: "@pledge-vminfo", Summary: "which pages are in memory",
			Calls: "cachestat mincore",
		},
	}
})
