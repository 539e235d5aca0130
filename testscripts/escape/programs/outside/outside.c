/* What stands outside of the sandbox during an attempt.

   victim SECRET FILE      a process with a secret argument and an open file;
                           says on standard output where its mark lies and how
                           it is, and once more when its input ends
   ipc KEY NAME SECRET     System V and POSIX objects with the secret in them;
                           says how they are, and once more when its input ends
   handler PROGRAM         makes the program the one that takes core dumps on this
                           machine, and makes that undone when its input ends
   parent COMMAND…         a shell's part: starts the command and waits for it
   session NAME SECRET COMMAND…
                           a new session keyring with a key, for the command */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t signals;
static char mark[] = "untouched";

static void count(int number)
{
	(void)number;
	signals++;
}

static void first_line(const char *path, char *line, int size)
{
	FILE *f = fopen(path, "r");

	if (!f || !fgets(line, size, f))
		*line = 0;
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = 0;
}

/* report says everything about this process that another can change. */
static void report(void)
{
	cpu_set_t cpus;
	struct rlimit files;
	char oom[32], filter[32];

	sched_getaffinity(0, sizeof cpus, &cpus);
	getrlimit(RLIMIT_NOFILE, &files);
	first_line("/proc/self/oom_score_adj", oom, sizeof oom);
	first_line("/proc/self/coredump_filter", filter, sizeof filter);
	printf("mark=%s signals=%d nice=%d cpus=%d policy=%d io=%ld files=%lu oom=%s core=%s group=%d\n", mark,
		(int)signals, getpriority(PRIO_PROCESS, 0), CPU_COUNT(&cpus), sched_getscheduler(0),
		syscall(SYS_ioprio_get, 1, 0), (unsigned long)files.rlim_cur, oom, filter, (int)getpgrp());
	fflush(stdout);
}

/* wait_for_end reads until whoever started this closes its end. */
static void wait_for_end(void)
{
	char c;
	ssize_t n;

	while ((n = read(0, &c, 1)) > 0 || (n < 0 && errno == EINTR))
		;
}

static int victim(char **args)
{
	struct sigaction counting = { .sa_handler = count, .sa_flags = SA_RESTART };
	int numbers[] = { SIGUSR1, SIGURG, SIGIO };
	unsigned i;

	for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaction(numbers[i], &counting, 0);
	/* Where Yama lets only ancestors trace, the attempt is about the sandbox. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	printf("%p %d\n", (void *)mark, open(args[1], O_RDONLY));
	report();
	wait_for_end();
	report();
	return 0;
}

static int ipc(char **args)
{
	struct { long type; char text[128]; } m = { 1, "" };
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 128 };
	key_t key = strtoul(args[0], 0, 0);
	int shm = shmget(key, 4096, IPC_CREAT | 0600), msg = msgget(key, IPC_CREAT | 0600);
	int sem = semget(key, 1, IPC_CREAT | 0600), named = shm_open(args[1], O_CREAT | O_RDWR, 0600);
	mqd_t queue = mq_open(args[1], O_CREAT | O_RDWR, 0600, &attr);
	size_t size = strlen(args[2]);
	char *at;

	if (shm < 0 || msg < 0 || sem < 0 || named < 0 || queue < 0 || (at = shmat(shm, 0, 0)) == (void *)-1) {
		perror("ipc");
		return 2;
	}
	strcpy(at, args[2]);
	strncpy(m.text, args[2], sizeof m.text - 1);
	if (write(named, args[2], size) < 0 || mq_send(queue, args[2], size, 0) < 0 || msgsnd(msg, &m, size, 0) < 0) {
		perror("ipc");
		return 2;
	}
	printf("ready\nshm=%d sem=%d\n", shmget(key, 0, 0) == shm, semctl(sem, 0, GETVAL));
	fflush(stdout);
	wait_for_end();
	printf("shm=%d sem=%d\n", shmget(key, 0, 0) == shm, semctl(sem, 0, GETVAL));
	shmctl(shm, IPC_RMID, 0), msgctl(msg, IPC_RMID, 0), semctl(sem, 0, IPC_RMID);
	shm_unlink(args[1]), mq_unlink(args[1]);
	return 0;
}

/* A setting of the kernel's, as it was. */
struct setting {
	const char *path;
	char before[256];
	int fd;
};

static int change(struct setting *s, const char *value)
{
	ssize_t n;

	if ((s->fd = open(s->path, O_RDWR)) < 0 || flock(s->fd, LOCK_EX) < 0)
		return -1;
	if ((n = pread(s->fd, s->before, sizeof s->before - 1, 0)) < 0)
		return -1;
	s->before[n] = 0;
	return pwrite(s->fd, value, strlen(value), 0) < 0 ? -1 : 0;
}

static void put_back(struct setting *s)
{
	if (s->fd > 0 && *s->before && pwrite(s->fd, s->before, strlen(s->before), 0) < 0)
		perror(s->path);
}

/* handler outlives whoever started it, however that ends: its input ends then,
   and the machine has its settings back. With a core_pipe_limit the kernel waits
   for the program that takes a dump. */
static int handler(char **args)
{
	struct setting pattern = { .path = "/proc/sys/kernel/core_pattern" };
	struct setting limit = { .path = "/proc/sys/kernel/core_pipe_limit" };
	char value[256];
	int failed;

	signal(SIGINT, SIG_IGN), signal(SIGTERM, SIG_IGN), signal(SIGHUP, SIG_IGN), signal(SIGQUIT, SIG_IGN);
	snprintf(value, sizeof value, "|%s %%P", args[0]);
	if (strlen(value) > 126) {
		fprintf(stderr, "handler: %s is longer than the kernel takes\n", value);
		return 2;
	}
	failed = change(&pattern, value) < 0 || change(&limit, "16") < 0;
	if (failed)
		perror("handler");
	else {
		printf("ready\nset\n");
		fflush(stdout);
		wait_for_end();
		printf("set\n");
	}
	put_back(&pattern);
	put_back(&limit);
	return failed ? 2 : 0;
}

static int parent(char **args)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(args[0], args);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		;
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}

static int session(char **args)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0) < 0 ||
	    syscall(SYS_add_key, "user", args[0], args[1], strlen(args[1]), KEY_SPEC_SESSION_KEYRING) < 0) {
		perror("session keyring");
		return 2;
	}
	execvp(args[2], args + 2);
	return 127;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "victim") == 0)
		return victim(argv + 2);
	if (argc == 5 && strcmp(argv[1], "ipc") == 0)
		return ipc(argv + 2);
	if (argc == 3 && strcmp(argv[1], "handler") == 0)
		return handler(argv + 2);
	if (argc > 2 && strcmp(argv[1], "parent") == 0)
		return parent(argv + 2);
	if (argc > 4 && strcmp(argv[1], "session") == 0)
		return session(argv + 2);
	return 2;
}
