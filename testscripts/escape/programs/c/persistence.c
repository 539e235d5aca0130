/* What stays after the end: processes and files that nobody can remove. */
#include "attempt.h"
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* linger holds the lock on a file, as long as it lives: until another file
   appears, or the first one is gone, and at most for some seconds: a tool may
   wait for it, as firejail does, and has blocked it then. */
static void linger(int lock, const char *held, const char *stop)
{
	time_t end = time(0) + 20;
	int fd;

	for (fd = 0; fd < 256; fd++)
		if (fd != lock)
			close(fd);
	while (time(0) < end && access(stop, F_OK) < 0 && access(held, F_OK) == 0)
		usleep(5000);
	_exit(0);
}

/* start waits until the child has the lock. */
static int try_linger(char **a)
{
	int signal_number, lock, ready[2];
	char c = 0;
	pid_t pid;

	if ((lock = open(a[1], O_RDWR | O_CREAT, 0644)) < 0 || pipe(ready) < 0)
		return refused("open");
	pid = strcmp(a[0], "untraced") ? fork() : syscall(SYS_clone, 0x00800000 /* CLONE_UNTRACED */ | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return refused("fork");
	if (pid == 0) {
		if (strcmp(a[0], "setsid") == 0 && (setsid() < 0 || fork() > 0))
			_exit(0);
		if (strcmp(a[0], "nohup") == 0)
			for (signal_number = 1; signal_number < 65; signal_number++)
				signal(signal_number, SIG_IGN);
		if (strcmp(a[0], "group") == 0)
			setpgid(0, 0);
		if (flock(lock, LOCK_EX) < 0 || write(ready[1], &c, 1) < 0)
			_exit(1);
		linger(lock, a[1], a[2]);
	}
	close(ready[1]);
	close(lock);
	return read(ready[0], &c, 1) == 1 ? OPEN : refused("the child");
}

/* The program itself holds the lock; what started it is killed meanwhile. */
static int try_hold(char **a)
{
	int lock = open(a[0], O_RDWR | O_CREAT, 0644);

	if (lock < 0)
		return refused("open");
	if (flock(lock, LOCK_EX) < 0)
		return refused("flock");
	linger(lock, a[0], a[1]);
	return OPEN;
}

/* A tree of mode 000 in the temporary directory. */
static int try_litter(char **a)
{
	const char *dir = getenv("TMPDIR");

	(void)a;
	if (chdir(dir ? dir : "/tmp") < 0)
		return refused("chdir");
	if (mkdir("litter", 0755) < 0 || mkdir("litter/inner", 0755) < 0 || mkdir("litter/inner/most", 0755) < 0)
		return refused("mkdir");
	chmod("litter/inner", 0);
	return word("chmod", chmod("litter", 0));
}

const struct attempt persistence_attempts[] = {
	{ "linger", 3, try_linger },
	{ "hold", 2, try_hold },
	{ "litter", 0, try_litter },
	{ 0 },
};
