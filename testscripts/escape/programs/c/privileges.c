/* What was given up, taken back: capabilities, limits, the filter. */
#include "attempt.h"
#include "kernel_calls.h"
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <grp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/user.h>
#include <sys/wait.h>

/* load installs a filter that answers one call with action and allows others. */
static long load(long call, uint32_t action, unsigned flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* A filter on top that allows everything: the strictest one must win. */
static int try_filter_allow(char **a)
{
	(void)a;
	if (load(SYS_io_uring_setup, SECCOMP_RET_ALLOW, 0) < 0)
		return refused("seccomp");
	return word("io_uring_setup", io_uring_instance());
}

/* A filter on top that asks, and an answer that says: go on. */
static int try_filter_notify(char **a)
{
	int ready[2], status, listener = -1;
	struct seccomp_notif request = { 0 };
	struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	pid_t pid;

	(void)a;
	if (pipe(ready) < 0)
		return refused("pipe");
	pid = syscall(SYS_clone, 0x400 /* CLONE_FILES */ | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		listener = load(SYS_io_uring_setup, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
		if (write(ready[1], &listener, sizeof listener) < 0 || listener < 0)
			_exit(REFUSED);
		_exit(io_uring_instance() < 0 ? REFUSED : OPEN);
	}
	if (read(ready[0], &listener, sizeof listener) < 0 || listener < 0)
		return refused("seccomp listener");
	/* With the strictest answer elsewhere nobody asks, and the child just ends. */
	fcntl(listener, F_SETFL, O_NONBLOCK);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		memset(&request, 0, sizeof request);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0) {
			answer.id = request.id;
			ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
		}
		usleep(500);
	}
	errno = EACCES;
	return WIFEXITED(status) && WEXITSTATUS(status) == OPEN ? OPEN : refused("io_uring_setup, with a notifying filter");
}

#ifdef __x86_64__
/* rewrite lets a traced child enter getpid, and makes io_uring_setup of it. */
static int rewrite(int options, int request)
{
	static char params[120];
	struct user_regs_struct regs;
	int status, sent = 0;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
			_exit(REFUSED);
		raise(SIGSTOP);
		if (options & PTRACE_O_TRACESECCOMP && load(SYS_getppid, SECCOMP_RET_TRACE, 0) < 0)
			_exit(REFUSED);
		_exit(syscall(SYS_getppid, 1, params) < 0 ? REFUSED : OPEN);
	}
	waitpid(pid, &status, 0);
	if (ptrace(PTRACE_SETOPTIONS, pid, 0, options | PTRACE_O_EXITKILL) < 0)
		return refused("ptrace");
	while (ptrace(request, pid, 0, sent) == 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		sent = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status); /* a filter's SIGSYS must arrive */
		if (ptrace(PTRACE_GETREGS, pid, 0, &regs) < 0)
			return refused("ptrace");
		if (regs.orig_rax != SYS_getppid || regs.rax != (unsigned long)-ENOSYS)
			continue;
		regs.orig_rax = SYS_io_uring_setup;
		regs.rdi = 1;
		regs.rsi = (unsigned long)params;
		if (ptrace(PTRACE_SETREGS, pid, 0, &regs) < 0)
			return refused("ptrace");
	}
	errno = EACCES;
	return WIFEXITED(status) && WEXITSTATUS(status) == OPEN ? OPEN : refused("io_uring_setup, by a tracer");
}

/* Before Linux 4.8 the filter ran first, and a tracer could change the call. */
static int try_filter_ptrace(char **a)
{
	(void)a;
	return rewrite(0, PTRACE_SYSCALL);
}

static int try_filter_trace(char **a)
{
	(void)a;
	return rewrite(PTRACE_O_TRACESECCOMP, PTRACE_CONT);
}
#else
static int try_filter_ptrace(char **a) { (void)a; return not_here("written for x86-64's registers"); }
static int try_filter_trace(char **a) { (void)a; return not_here("written for x86-64's registers"); }
#endif

/* Every capability there is, by every way to ask for it. */
static int try_capabilities(char **a)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	(void)a;
	memset(data, 0xff, sizeof data);
	data[1].permitted = data[1].effective = data[1].inheritable = 1;
	if (syscall(SYS_capset, &head, data) == 0)
		return OPEN;
	memset(data, 0, sizeof data);
	if (syscall(SYS_capget, &head, data) < 0)
		return refused("capget");
	errno = EPERM;
	return data[0].permitted | data[1].permitted ? OPEN : refused("capset");
}

static int try_securebits(char **a)
{
	(void)a;
	return word("PR_SET_SECUREBITS", prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS | SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
}

/* Another user's number, where root started the sandbox. */
static int try_setuid(char **a)
{
	return word("setuid", setuid(number(a[0])));
}

static int try_setgroups(char **a)
{
	gid_t group = number(a[0]);

	return word("setgroups", setgroups(1, &group));
}

static int try_raise_limit(char **a)
{
	struct rlimit limit;
	int resource = number(a[0]);

	if (getrlimit(resource, &limit) < 0)
		return refused("getrlimit");
	limit.rlim_cur = limit.rlim_max = strcmp(a[1], "unlimited") ? (rlim_t)number(a[1]) : RLIM_INFINITY;
	return word("setrlimit", setrlimit(resource, &limit));
}

static int try_realtime(char **a)
{
	struct sched_param first = { .sched_priority = 1 };

	(void)a;
	return word("sched_setscheduler", sched_setscheduler(0, SCHED_FIFO, &first));
}

static int try_nice(char **a)
{
	(void)a;
	return word("setpriority", setpriority(PRIO_PROCESS, 0, -5));
}

static int try_io_realtime(char **a)
{
	(void)a;
	return word("ioprio_set", syscall(SYS_ioprio_set, 1, 0, 1 << 13));
}

static int try_mlock(char **a)
{
	size_t size = 64 << 20;
	void *at = mmap(0, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)a;
	return word("mlock", mlock(at, size));
}

/* A program with the setuid bit, run: does its process have another user? */
static int try_setuid_program(char **a)
{
	char path[64], line[256];
	int input[2], uid, effective, tries;
	pid_t pid;

	if (access(a[0], X_OK) < 0)
		return refused("access");
	if (pipe(input) < 0 || (pid = fork()) < 0)
		return refused("fork");
	if (pid == 0) {
		setsid();
		dup2(input[0], 0), dup2(open("/dev/null", O_WRONLY), 1), dup2(1, 2);
		execl(a[0], a[0], (char *)0);
		_exit(127);
	}
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	for (tries = 0; tries < 400; tries++) {
		FILE *status = fopen(path, "r");
		int started = 0;

		uid = effective = -1;
		while (status && fgets(line, sizeof line, status)) {
			if (strncmp(line, "Name:", 5) == 0)
				started = strstr(line, strrchr(a[0], '/') + 1) != 0;
			sscanf(line, "Uid: %d %d", &uid, &effective);
		}
		if (status)
			fclose(status);
		if (started)
			break;
		usleep(2000);
	}
	kill(pid, SIGKILL);
	errno = EPERM;
	return uid != effective ? OPEN : refused("the setuid bit");
}

/* Anonymous memory as a program: it lies on no file system that has rules. */
static int try_memfd_exec(char **a)
{
	char buffer[65536];
	char *argv[] = { a[0], "print", a[1], 0 }, *none[] = { 0 };
	ssize_t n;
	int from = open(a[0], O_RDONLY), to = syscall(SYS_memfd_create, "program", 0);

	if (from < 0 || to < 0)
		return refused("memfd_create");
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		if (write(to, buffer, n) != n)
			return refused("write");
	syscall(SYS_execveat, to, "", argv, none, AT_EMPTY_PATH);
	return refused("execveat");
}

/* What try_memfd_exec starts. */
static int try_print(char **a)
{
	return word("write", write(1, a[0], strlen(a[0])));
}

/* A copy of a program in the project, where only the system's may be run. */
static int try_copy_exec(char **a)
{
	char buffer[65536];
	char *argv[] = { "copy", "print", a[1], 0 }, *none[] = { 0 };
	ssize_t n;
	int from = open(a[0], O_RDONLY), to = open("copy", O_WRONLY | O_CREAT, 0755);

	if (from < 0 || to < 0)
		return refused("open");
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		if (write(to, buffer, n) != n)
			return refused("write");
	close(to);
	execve("copy", argv, none);
	return refused("execve");
}

const struct attempt privilege_attempts[] = {
	{ "filter-allow", 0, try_filter_allow },
	{ "filter-notify", 0, try_filter_notify },
	{ "filter-ptrace", 0, try_filter_ptrace },
	{ "filter-trace", 0, try_filter_trace },
	{ "capabilities", 0, try_capabilities },
	{ "securebits", 0, try_securebits },
	{ "setuid", 1, try_setuid },
	{ "setgroups", 1, try_setgroups },
	{ "raise-limit", 2, try_raise_limit },
	{ "realtime", 0, try_realtime },
	{ "nice", 0, try_nice },
	{ "io-realtime", 0, try_io_realtime },
	{ "mlock", 0, try_mlock },
	{ "setuid-program", 1, try_setuid_program },
	{ "memfd-exec", 2, try_memfd_exec },
	{ "copy-exec", 2, try_copy_exec },
	{ "print", 1, try_print },
	{ 0 },
};
