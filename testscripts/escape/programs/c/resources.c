/* Resources, each up to a bound that no machine suffers from and that lies
   above what the profile allows. */
#include "attempt.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>

enum { MIB = 1 << 20 };

/* bound says in words that the resource ended before the bound. */
static int ended(const char *what, long at)
{
	fprintf(stderr, "ended at %ld\n", at);
	return refused(what);
}

static int try_processes(char **a)
{
	long i, n = number(a[0]), made = 0;
	pid_t *pids = calloc(n, sizeof *pids);
	int status = OPEN;

	for (i = 0; i < n && (pids[i] = fork()) >= 0; i++, made++)
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
	if (made < n)
		status = ended("fork", made);
	for (i = 0; i < made; i++)
		kill(pids[i], SIGKILL);
	while (wait(0) > 0)
		;
	return status;
}

/* memory takes a[0] MiB in pieces, as flags say, and writes to each page. */
static int memory(char **a, int flags)
{
	long i, n = number(a[0]);
	char *at;

	for (i = 0; i < n; i++) {
		at = mmap(0, MIB, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);
		if (at == MAP_FAILED)
			return ended("mmap", i);
		memset(at, 1, MIB);
	}
	return OPEN;
}

static int try_memory(char **a)
{
	return memory(a, MAP_PRIVATE);
}

static int try_memory_shared(char **a)
{
	return memory(a, MAP_SHARED);
}

/* The same in a[1] processes at once, each of which stays below the bound. */
static int try_memory_processes(char **a)
{
	long i, n = number(a[1]);
	int status, failed = 0, go[2], word[2];
	char c = 0;

	if (pipe(go) < 0 || pipe(word) < 0)
		return refused("pipe");
	for (i = 0; i < n; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(go[1]);
			status = memory(a, MAP_PRIVATE);
			if (write(word[1], &c, 1) < 0 || read(go[0], &c, 1) < 0)
				_exit(REFUSED);
			_exit(status);
		}
	close(word[1]);
	for (i = 0; i < n && read(word[0], &c, 1) > 0; i++)
		;
	close(go[1]);
	while (wait(&status) > 0)
		failed |= !WIFEXITED(status) || WEXITSTATUS(status) != OPEN;
	errno = ENOMEM;
	return failed || i < n ? refused("memory of all processes") : OPEN;
}

static int try_sysv_memory(char **a)
{
	size_t size = number(a[0]) * MIB;
	int id = shmget(IPC_PRIVATE, size, 0600);
	char *at;

	if (id < 0)
		return refused("shmget");
	at = shmat(id, 0, 0);
	shmctl(id, IPC_RMID, 0);
	if (at == (void *)-1)
		return refused("shmat");
	memset(at, 1, size);
	return OPEN;
}

static int try_descriptors(char **a)
{
	long i, n = number(a[0]);

	for (i = 0; i < n; i++)
		if (dup(2) < 0)
			return ended("dup", i);
	return OPEN;
}

/* a[0] is a directory, or the variable that names one after a $. */
static int try_fill(char **a)
{
	static char block[MIB];
	const char *dir = a[0][0] == '@' ? getenv(a[0] + 1) : a[0];
	char path[4096];
	long i, n = number(a[1]);
	int fd;

	snprintf(path, sizeof path, "%s/fill", dir ? dir : "/nonexistent");
	if ((fd = open(path, O_WRONLY | O_CREAT, 0600)) < 0)
		return refused("open");
	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < n; i++)
		if (write(fd, block, MIB) != MIB) {
			unlink(path);
			return ended("write", i);
		}
	unlink(path);
	return OPEN;
}

/* Empty files need no blocks, but inodes. */
static int try_inodes(char **a)
{
	const char *dir = a[0][0] == '@' ? getenv(a[0] + 1) : a[0];
	char path[4096];
	long i, n = number(a[1]), made;
	int fd = 0;

	for (made = 0; made < n && fd >= 0; made++) {
		snprintf(path, sizeof path, "%s/inode%ld", dir ? dir : "/nonexistent", made);
		if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600)) >= 0)
			close(fd);
	}
	for (i = 0; i < made; i++) {
		snprintf(path, sizeof path, "%s/inode%ld", dir ? dir : "/nonexistent", i);
		unlink(path);
	}
	errno = ENOSPC;
	return fd < 0 ? ended("open", made) : OPEN;
}

/* Spins until a[0] seconds of processor time are used up. */
static int try_cpu(char **a)
{
	struct rusage used;

	do
		getrusage(RUSAGE_SELF, &used);
	while (used.ru_utime.tv_sec + used.ru_stime.tv_sec < number(a[0]));
	return OPEN;
}

/* Dies with a core dump, into the working directory or whatever core(5) says. */
static int try_core(char **a)
{
	struct rlimit limit;

	(void)a;
	getrlimit(RLIMIT_CORE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_CORE, &limit);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	abort();
}

/* Crashes, after the limit on core dumps was set to 0 in the way of a[0]: at 0 the
   kernel starts a program that takes core dumps. a[1] is for that program, which
   finds it in the arguments. */
static int try_crash(char **a)
{
	struct rlimit none = { 0, 0 }, before;
	int status, go[2];
	char c = 0;
	pid_t pid;

	if (pipe(go) < 0 || (pid = fork()) < 0)
		return refused("fork");
	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		if (strcmp(a[0], "setrlimit") == 0)
			syscall(SYS_setrlimit, RLIMIT_CORE, &none);
		if (strcmp(a[0], "prlimit") == 0)
			syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, 0);
		if (strcmp(a[0], "prlimit-both") == 0)
			syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, &before);
		if (strcmp(a[0], "wide") == 0)
			syscall(SYS_prlimit64, 0, RLIMIT_CORE | 1L << 32, &none, 0);
		if (read(go[0], &c, 1) < 0)
			_exit(REFUSED);
		abort();
	}
	if (strcmp(a[0], "other") == 0)
		syscall(SYS_prlimit64, pid, RLIMIT_CORE, &none, 0);
	if (write(go[1], &c, 1) < 0 || waitpid(pid, &status, 0) < 0)
		return refused("waitpid");
	return WIFSIGNALED(status) ? OPEN : refused("abort");
}

const struct attempt resource_attempts[] = {
	{ "crash", 2, try_crash },
	{ "processes", 1, try_processes },
	{ "memory", 1, try_memory },
	{ "memory-shared", 1, try_memory_shared },
	{ "memory-processes", 2, try_memory_processes },
	{ "sysv-memory", 1, try_sysv_memory },
	{ "descriptors", 1, try_descriptors },
	{ "fill", 2, try_fill },
	{ "inodes", 2, try_inodes },
	{ "cpu", 1, try_cpu },
	{ "core", 0, try_core },
	{ 0 },
};
