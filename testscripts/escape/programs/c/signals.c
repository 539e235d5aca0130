/* Signals to, and scheduling of, processes outside. Whether it worked is seen
   from the victim's own account, so these say little. */
#include "attempt.h"
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

static int try_kill(char **a)
{
	return word("kill", kill(number(a[0]), number(a[1])));
}

/* To a group that this process is in: it must live through that itself. */
static int try_kill_group(char **a)
{
	signal(SIGUSR1, SIG_IGN);
	return word("kill", kill(number(a[0]), SIGUSR1));
}

/* SIGURG is what nobody dies of. */
static int try_kill_all(char **a)
{
	(void)a;
	return word("kill", kill(-1, SIGURG));
}

static int try_tgkill(char **a)
{
	return word("tkill", syscall(SYS_tkill, (pid_t)number(a[0]), SIGUSR1));
}

static int try_sigqueue(char **a)
{
	union sigval value = { 0 };

	return word("sigqueue", sigqueue(number(a[0]), SIGUSR1, value));
}

static int try_pidfd_signal(char **a)
{
	int fd = syscall(SYS_pidfd_open, (pid_t)number(a[0]), 0);

	if (fd < 0)
		return refused("pidfd_open");
	return word("pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, SIGUSR1, 0, 0));
}

static int try_leaked_pidfd(char **a)
{
	return word("pidfd_send_signal", syscall(SYS_pidfd_send_signal, (int)number(a[0]), SIGUSR1, 0, 0));
}

/* The kernel sends for us: SIGUSR1 when a socket gets something to read. */
static int try_owner(char **a)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return refused("socketpair");
	signal(SIGUSR1, SIG_IGN);
	if (fcntl(pair[0], F_SETOWN, number(a[0])) < 0)
		return refused("F_SETOWN");
	fcntl(pair[0], F_SETSIG, SIGUSR1);
	fcntl(pair[0], F_SETFL, O_ASYNC);
	return word("write", write(pair[1], "x", 1));
}

static int try_stop_parent(char **a)
{
	(void)a;
	return word("kill", kill(getppid(), SIGSTOP));
}

static int try_priority(char **a)
{
	int which = a[0][0] == 'g' ? PRIO_PGRP : a[0][0] == 'u' ? PRIO_USER : PRIO_PROCESS;

	return word("setpriority", setpriority(which, number(a[1]), 11));
}

static int try_affinity(char **a)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	return word("sched_setaffinity", sched_setaffinity(number(a[0]), sizeof one, &one));
}

static int try_scheduler(char **a)
{
	struct sched_param none = { 0 };

	return word("sched_setscheduler", sched_setscheduler(number(a[0]), SCHED_BATCH, &none));
}

static int try_ioprio(char **a)
{
	int which = a[0][0] == 'g' ? 2 : a[0][0] == 'u' ? 3 : 1;

	return word("ioprio_set", syscall(SYS_ioprio_set, which, (int)number(a[1]), 2 << 13 | 7));
}

static int try_prlimit(char **a)
{
	struct rlimit limit = { 99, 99 };

	return word("prlimit", prlimit(number(a[0]), RLIMIT_NOFILE, &limit, 0));
}

static int try_join_group(char **a)
{
	return word("setpgid", setpgid(0, number(a[0])));
}

const struct attempt signals_attempts[] = {
	{ "kill", 2, try_kill },
	{ "kill-group", 1, try_kill_group },
	{ "kill-all", 0, try_kill_all },
	{ "tkill", 1, try_tgkill },
	{ "sigqueue", 1, try_sigqueue },
	{ "pidfd-signal", 1, try_pidfd_signal },
	{ "leaked-pidfd", 1, try_leaked_pidfd },
	{ "owner", 1, try_owner },
	{ "stop-parent", 0, try_stop_parent },
	{ "priority", 2, try_priority },
	{ "affinity", 1, try_affinity },
	{ "scheduler", 1, try_scheduler },
	{ "ioprio", 2, try_ioprio },
	{ "prlimit", 1, try_prlimit },
	{ "join-group", 1, try_join_group },
	{ 0 },
};
