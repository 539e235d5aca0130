//go:build ignore

/*
 * What a system call costs under a filter: cost none | cost FILE | cost
 * libseccomp. FILE holds an array of struct sock_filter. The library's filter is
 * for the policy of husk's set @network, with getppid and clock_gettime beside
 * it. Prints the filter's length, the microseconds that making it took, and the
 * nanoseconds of one getppid (a plain answer) and one fcntl (an argument is
 * looked at).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 1000000, LONGEST = 4096 };

/* now is the processor time: others on the machine don't count. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* from_library writes the library's filter into fd. */
static void from_library(int fd)
{
	static const int allowed[] = {
		SYS_brk, SYS_close, SYS_exit_group, SYS_futex, SYS_getpid, SYS_lseek, SYS_mmap, SYS_mremap,
		SYS_munmap, SYS_ppoll, SYS_read, SYS_recvfrom, SYS_rt_sigaction, SYS_sendto, SYS_write,
#ifdef SYS_poll
		SYS_poll,
#endif
		SYS_getppid, SYS_clock_gettime,
	};
	static const int soft[] = { SYS_fstat, SYS_newfstatat, SYS_statx };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	size_t i;

	if (ctx == NULL)
		die("seccomp_init");
	/* As a binary tree; without this it is a list. */
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
			die("seccomp_rule_add");
	for (i = 0; i < sizeof(soft) / sizeof(soft[0]); i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), soft[i], 0) != 0)
			die("seccomp_rule_add");
	if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SYS_fcntl, 1, SCMP_A1_32(SCMP_CMP_LE, F_SETFL)) != 0)
		die("seccomp_rule_add");
	if (seccomp_export_bpf(ctx, fd) != 0)
		die("seccomp_export_bpf");
	seccomp_release(ctx);
}

int main(int argc, char **argv)
{
	static struct sock_filter code[LONGEST];
	struct sock_fprog program = { 0, code };
	double began = 0, made = 0, plain, looked;
	void *volatile warm;
	ssize_t n;
	int fd, i;

	if (argc != 2)
		return 2;
	warm = malloc(1); /* asks for random numbers once, which the filters refuse */
	free(warm);
	if (strcmp(argv[1], "none") != 0) {
		int library = strcmp(argv[1], "libseccomp") == 0;

		fd = library ? memfd_create("filter", 0) : open(argv[1], O_RDONLY);
		if (fd < 0)
			die(argv[1]);
		if (library) {
			began = now();
			from_library(fd);
			made = now() - began;
			lseek(fd, 0, SEEK_SET);
		}
		n = read(fd, code, sizeof(code));
		if (n <= 0)
			die("read");
		program.len = n / sizeof(code[0]);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
			die("filter");
	}
	began = now();
	for (i = 0; i < ROUNDS; i++)
		syscall(SYS_getppid);
	plain = (now() - began) / ROUNDS;
	began = now();
	for (i = 0; i < ROUNDS; i++)
		syscall(SYS_fcntl, 1, F_GETFL, 0);
	looked = (now() - began) / ROUNDS;
	dprintf(1, "%u %.1f %.1f %.1f\n", program.len, made / 1e3, plain, looked);
	return 0;
}
