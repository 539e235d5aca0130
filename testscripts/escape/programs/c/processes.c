/* Other processes: their memory, descriptors, environment and /proc files.
   Most take the number of a process: the sandbox's launcher (its PID 1) or a
   process outside. */
#include "attempt.h"
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

static const char mark[] = "HUSK_ESCAPE_SECRET=";

static int open_proc(const char *pid, const char *name, int flags)
{
	char path[4096];

	snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
	return open(path, flags);
}

/* scan looks for the secret in memory, and shows it. */
static int scan(const char *memory, size_t size)
{
	const char *found = memmem(memory, size, mark, sizeof mark - 1);

	if (!found) {
		fprintf(stderr, "refused: the secret is not there\n");
		return REFUSED;
	}
	printf("%.60s\n", found);
	return OPEN;
}

/* stack finds the process's stack, which begins as its environment. */
static int stack(const char *pid, unsigned long *from, unsigned long *to)
{
	char path[64], line[4096];
	FILE *maps;

	snprintf(path, sizeof path, "/proc/%s/maps", pid);
	if (!(maps = fopen(path, "r")))
		return -1;
	while (fgets(line, sizeof line, maps))
		if (strstr(line, "[stack]") && sscanf(line, "%lx-%lx", from, to) == 2)
			return 0;
	errno = ENOENT;
	return -1;
}

static int try_environ(char **a)
{
	static char text[1 << 17];
	int fd = open_proc(a[0], "environ", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return refused("open environ");
	if ((n = read(fd, text, sizeof text)) < 0)
		return refused("read environ");
	return scan(text, n);
}

static int try_mem(char **a)
{
	unsigned long from, to;
	int fd;
	char *copy;
	ssize_t n;

	if (stack(a[0], &from, &to) < 0)
		return refused("maps");
	if ((fd = open_proc(a[0], "mem", O_RDWR)) < 0)
		return refused("open mem");
	copy = malloc(to - from);
	if ((n = pread(fd, copy, to - from, from)) < 0)
		return refused("read mem");
	return scan(copy, n);
}

static int try_vm_read(char **a)
{
	unsigned long from, to;
	struct iovec local, remote;
	ssize_t n;

	if (stack(a[0], &from, &to) < 0)
		return refused("maps");
	local.iov_len = remote.iov_len = to - from;
	local.iov_base = malloc(to - from);
	remote.iov_base = (void *)from;
	if ((n = process_vm_readv(number(a[0]), &local, 1, &remote, 1, 0)) < 0)
		return refused("process_vm_readv");
	return scan(local.iov_base, n);
}

/* Writes over the mark of the process at a known address. */
static int try_vm_write(char **a)
{
	struct iovec local = { "PLANTED", 7 }, remote = { (void *)strtoul(a[1], 0, 0), 7 };

	return word("process_vm_writev", process_vm_writev(number(a[0]), &local, 1, &remote, 1, 0));
}

static int try_mem_write(char **a)
{
	int fd = open_proc(a[0], "mem", O_RDWR);

	if (fd < 0)
		return refused("open mem");
	return word("write", pwrite(fd, "PLANTED", 7, strtoul(a[1], 0, 0)));
}

static int try_ptrace(char **a)
{
	pid_t pid = number(a[0]);

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
		return refused("ptrace");
	return OPEN;
}

static int try_ptrace_write(char **a)
{
	pid_t pid = number(a[0]);

	if (ptrace(PTRACE_ATTACH, pid, 0, 0) < 0)
		return refused("ptrace");
	waitpid(pid, 0, __WALL);
	if (ptrace(PTRACE_POKEDATA, pid, strtoul(a[1], 0, 0), *(long *)"PLANTED") < 0)
		return refused("poke");
	return word("detach", ptrace(PTRACE_DETACH, pid, 0, 0));
}

/* The file that the process has open as a[1], taken out of it. */
static int try_getfd(char **a)
{
	char text[256];
	ssize_t n;
	int fd, pidfd = syscall(SYS_pidfd_open, (pid_t)number(a[0]), 0);

	if (pidfd < 0)
		return refused("pidfd_open");
	if ((fd = syscall(SYS_pidfd_getfd, pidfd, (int)number(a[1]), 0)) < 0)
		return refused("pidfd_getfd");
	if ((n = pread(fd, text, sizeof text, 0)) > 0)
		return word("write", write(1, text, n));
	return OPEN;
}

/* Any descriptor: which ones the launcher has is not known. */
static int try_getfd_any(char **a)
{
	int fd, pidfd = syscall(SYS_pidfd_open, (pid_t)number(a[0]), 0);

	if (pidfd < 0)
		return refused("pidfd_open");
	for (fd = 0; fd < 256; fd++)
		if (syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0)
			return OPEN;
		else if (errno != EBADF)
			return refused("pidfd_getfd");
	return refused("pidfd_getfd");
}

static int try_kcmp(char **a)
{
	return word("kcmp", syscall(SYS_kcmp, getpid(), (pid_t)number(a[0]), 1 /* KCMP_VM */, 0, 0));
}

static int try_process_madvise(char **a)
{
	unsigned long from, to;
	struct iovec range;
	int pidfd = syscall(SYS_pidfd_open, (pid_t)number(a[0]), 0);

	if (pidfd < 0)
		return refused("pidfd_open");
	if (stack(a[0], &from, &to) < 0)
		return refused("maps");
	range.iov_base = (void *)from;
	range.iov_len = to - from;
	return word("process_madvise", syscall(SYS_process_madvise, pidfd, &range, 1, 20 /* MADV_COLD */, 0));
}

/* A path as the process sees it: its root is the host's. */
static int try_through(char **a)
{
	char text[256];
	ssize_t n;
	int fd = open_proc(a[0], a[1], O_RDONLY);

	if (fd < 0)
		return refused("open");
	if ((n = read(fd, text, sizeof text)) < 0)
		return refused("read");
	return word("write", write(1, text, n));
}

static int try_fd_link(char **a)
{
	char name[32];
	int fd;

	for (fd = 0; fd < 64; fd++) {
		snprintf(name, sizeof name, "fd/%d", fd);
		if (open_proc(a[0], name, O_RDONLY | O_NONBLOCK) >= 0)
			return OPEN;
		if (errno != ENOENT && errno != ENXIO)
			return refused("open fd");
	}
	return refused("open fd");
}

static int try_exe(char **a)
{
	return word("open exe", open_proc(a[0], "exe", O_RDONLY));
}

/* CVE-2019-5736: a descriptor of the launcher's program from its /proc, opened
   again for writing once nothing runs it any more. Where it still runs, the
   kernel says ETXTBSY, which is after every check of rights. */
static int try_exe_write(char **a)
{
	char path[64];
	int fd = open_proc(a[0], "exe", O_PATH);

	if (fd < 0)
		return refused("open exe");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (open(path, O_WRONLY) < 0 && errno != ETXTBSY)
		return refused("reopen exe");
	return OPEN;
}

static int try_oom(char **a)
{
	int fd = open_proc(a[0], "oom_score_adj", O_WRONLY);

	if (fd < 0)
		return refused("open oom_score_adj");
	return word("write", write(fd, "777", 3));
}

static int try_coredump_filter(char **a)
{
	int fd = open_proc(a[0], "coredump_filter", O_WRONLY);

	if (fd < 0)
		return refused("open coredump_filter");
	return word("write", write(fd, "0x7f", 4));
}

static int try_setns(char **a)
{
	int fd = open_proc(a[0], a[1], O_RDONLY);

	if (fd < 0)
		return refused("open ns");
	return word("setns", syscall(SYS_setns, fd, 0));
}

/* By process descriptor, which needs no /proc. */
static int try_setns_pidfd(char **a)
{
	int fd = syscall(SYS_pidfd_open, (pid_t)number(a[0]), 0);

	if (fd < 0)
		return refused("pidfd_open");
	return word("setns", syscall(SYS_setns, fd, 0x00020000 /* CLONE_NEWNS */));
}

/* Looks at every number whether there is somebody. */
static int try_sweep(char **a)
{
	pid_t pid = number(a[0]);

	if (syscall(SYS_pidfd_open, pid, 0) < 0 && getpgid(pid) < 0)
		return refused("getpgid");
	return OPEN;
}

const struct attempt processes_attempts[] = {
	{ "environ", 1, try_environ },
	{ "mem", 1, try_mem },
	{ "vm-read", 1, try_vm_read },
	{ "vm-write", 2, try_vm_write },
	{ "mem-write", 2, try_mem_write },
	{ "ptrace", 1, try_ptrace },
	{ "ptrace-write", 2, try_ptrace_write },
	{ "getfd", 2, try_getfd },
	{ "getfd-any", 1, try_getfd_any },
	{ "kcmp", 1, try_kcmp },
	{ "process-madvise", 1, try_process_madvise },
	{ "through", 2, try_through },
	{ "fd-link", 1, try_fd_link },
	{ "exe", 1, try_exe },
	{ "exe-write", 1, try_exe_write },
	{ "oom", 1, try_oom },
	{ "coredump-filter", 1, try_coredump_filter },
	{ "setns", 2, try_setns },
	{ "setns-pidfd", 1, try_setns_pidfd },
	{ "sweep", 1, try_sweep },
	{ 0 },
};
