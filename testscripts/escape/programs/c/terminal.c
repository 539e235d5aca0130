/* The caller's terminal. */
#include "attempt.h"
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static int terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY);

	return fd < 0 ? 0 : fd;
}

/* A byte into the input of the terminal, as if typed. High bits in the request
   are nothing to the kernel, but to a filter that compares 64 bits. */
static int try_tiocsti(char **a)
{
	return word("ioctl", syscall(SYS_ioctl, terminal(), strtoul(a[0], 0, 0) << 32 | TIOCSTI, "x"));
}

static int try_tioclinux(char **a)
{
	int fd = open(a[0], O_RDWR | O_NOCTTY);
	char subcode = 6; /* TIOCL_GETSHIFTSTATE: changes nothing */

	if (fd < 0)
		return refused("open");
	return word("ioctl", syscall(SYS_ioctl, fd, strtoul(a[1], 0, 0) << 32 | TIOCLINUX, &subcode));
}

static int try_write(char **a)
{
	int fd = open(a[0], O_WRONLY | O_NOCTTY);

	return fd < 0 ? refused("open") : word("write", write(fd, "PLANTED", 7));
}

static int try_discipline(char **a)
{
	int discipline = 0; /* N_TTY is always there, others may be modules */

	(void)a;
	return word("ioctl", ioctl(terminal(), TIOCSETD, &discipline));
}

/* A pseudo-terminal of the host: its slave lies on the file system whose number
   the host's /dev/pts has. */
static int try_ptmx(char **a)
{
	int zero = 0, slave, fd = open(a[0], O_RDWR | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return refused("open");
	if (ioctl(fd, TIOCSPTLCK, &zero) < 0)
		return refused("TIOCSPTLCK");
	if ((slave = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY)) < 0 || fstat(slave, &st) < 0)
		return refused("TIOCGPTPEER");
	if (st.st_dev == (dev_t)number(a[1]))
		return OPEN;
	errno = EXDEV;
	return refused("a terminal of the sandbox's own");
}

static int try_redirect(char **a)
{
	(void)a;
	return word("TIOCCONS", ioctl(terminal(), TIOCCONS, 0));
}

static int try_hangup(char **a)
{
	(void)a;
	signal(SIGHUP, SIG_IGN);
	return word("vhangup", vhangup());
}

const struct attempt terminal_attempts[] = {
	{ "tiocsti", 1, try_tiocsti },
	{ "tioclinux", 2, try_tioclinux },
	{ "terminal-write", 1, try_write },
	{ "discipline", 0, try_discipline },
	{ "ptmx", 2, try_ptmx },
	{ "tioccons", 0, try_redirect },
	{ "hangup", 0, try_hangup },
	{ 0 },
};
