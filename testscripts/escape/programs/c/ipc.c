/* System V and POSIX IPC objects of the host, by key and by name. */
#include "attempt.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static int try_shm(char **a)
{
	int id = shmget(number(a[0]), 0, 0);
	char *at;

	if (id < 0)
		return refused("shmget");
	if ((at = shmat(id, 0, 0)) == (void *)-1)
		return refused("shmat");
	return word("write", write(1, at, strlen(at)));
}

static int try_shm_remove(char **a)
{
	int id = shmget(number(a[0]), 0, 0);

	if (id < 0)
		return refused("shmget");
	return word("shmctl", shmctl(id, IPC_RMID, 0));
}

static int try_msg(char **a)
{
	struct { long type; char text[128]; } m;
	int id = msgget(number(a[0]), 0);
	ssize_t n;

	if (id < 0)
		return refused("msgget");
	if ((n = msgrcv(id, &m, sizeof m.text, 0, IPC_NOWAIT)) < 0)
		return refused("msgrcv");
	return word("write", write(1, m.text, n));
}

static int try_sem(char **a)
{
	int id = semget(number(a[0]), 1, 0);

	if (id < 0)
		return refused("semget");
	return word("semctl", semctl(id, 0, SETVAL, 7));
}

static int try_mq(char **a)
{
	char text[8192];
	ssize_t n;
	mqd_t q = mq_open(a[0], O_RDONLY | O_NONBLOCK);

	if (q < 0)
		return refused("mq_open");
	if ((n = mq_receive(q, text, sizeof text, 0)) < 0)
		return refused("mq_receive");
	return word("write", write(1, text, n));
}

const struct attempt ipc_attempts[] = {
	{ "shm", 1, try_shm },
	{ "shm-remove", 1, try_shm_remove },
	{ "msg", 1, try_msg },
	{ "sem", 1, try_sem },
	{ "mq", 1, try_mq },
	{ 0 },
};
