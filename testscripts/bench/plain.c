//go:build ignore

/*
 * What husk's sandbox costs at the least: the same namespaces, mounts and
 * pivot_root, in a static program without a run-time. No Landlock, no seccomp,
 * no session directory, no environment filter. For the benchmark only: it
 * guards nothing.
 *
 * usage: plain [STEP...] -- PROGRAM [ARG...]
 * The steps are those of "husk explain --steps", translated by the benchmark:
 *   d TARGET                 make a directory
 *   l TARGET CONTENT         make a symbolic link
 *   c TARGET BYTES           make a file of that size
 *   u TARGET                 remove a file
 *   m TYPE TARGET OPTIONS    mount a new file system
 *   b SOURCE TARGET FLAGS    show a tree: f file, r recursive, w writable, e existing
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> exclude each other in glibc before 2.37. */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);
enum { DETACH = 2 };

static void die(const char *what)
{
	fprintf(stderr, "plain: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void check(long result, const char *what)
{
	if (result < 0)
		die(what);
}

static void write_file(const char *path, int flags, const char *format, ...)
{
	char text[256];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	int fd = open(path, flags | O_WRONLY | O_CLOEXEC, 0444);
	check(fd, path);
	check(write(fd, text, length), path);
	close(fd);
}

static void make_file(const char *path, size_t size)
{
	static char zeros[1 << 20];
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444);
	check(fd, path);
	while (size > 0) {
		ssize_t done = write(fd, zeros, size < sizeof zeros ? size : sizeof zeros);
		check(done, path);
		size -= done;
	}
	close(fd);
}

/* The devices are husk's own binds below dev/; all else has none. */
static void bind_tree(const char *source, const char *target, const char *flags)
{
	int recursive = strchr(flags, 'r') ? AT_RECURSIVE : 0;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID };
	if (strncmp(target, "dev/", 4) != 0)
		attr.attr_set |= MOUNT_ATTR_NODEV;
	if (!strchr(flags, 'w'))
		attr.attr_set |= MOUNT_ATTR_RDONLY;
	int tree = syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
	check(tree, source);
	check(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | recursive, &attr, sizeof attr), source);
	if (!strchr(flags, 'e')) {
		int made = strchr(flags, 'f') ? mknod(target, S_IFREG | 0444, 0) : mkdir(target, 0755);
		if (made < 0 && errno != EEXIST)
			die(target);
	}
	check(syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH), target);
	close(tree);
}

static unsigned long mount_flags(const char *type)
{
	unsigned long flags = 2 /* MS_NOSUID */;
	if (strcmp(type, "devpts") != 0)
		flags |= 4 /* MS_NODEV */;
	if (strcmp(type, "proc") == 0)
		flags |= 1 /* MS_RDONLY */ | 8 /* MS_NOEXEC */;
	return flags;
}

/* One step; gives the arguments behind it. */
static char **step(char **a)
{
	switch (a[0][0]) {
	case 'd':
		if (mkdir(a[1], 0755) < 0 && errno != EEXIST)
			die(a[1]);
		return a + 2;
	case 'l':
		if (symlink(a[2], a[1]) < 0 && errno != EEXIST)
			die(a[1]);
		return a + 3;
	case 'c':
		make_file(a[1], strtoul(a[2], NULL, 10));
		return a + 3;
	case 'u':
		check(unlink(a[1]), a[1]);
		return a + 2;
	case 'm':
		check(mount(a[1], a[2], a[1], mount_flags(a[1]), a[3]), a[2]);
		return a + 4;
	case 'b':
		bind_tree(a[1], a[2], a[3]);
		return a + 4;
	}
	errno = EINVAL;
	die(a[0]);
	return NULL;
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	check(fd, "socket");
	check(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
	close(fd);
}

static int status_of(pid_t child)
{
	int status;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* PID 1: maps, view, root; then it waits for the program. */
static int first_process(char **a, uid_t uid, gid_t gid)
{
	check(prctl(PR_SET_PDEATHSIG, SIGKILL), "parent death signal");
	write_file("/proc/self/setgroups", 0, "deny");
	write_file("/proc/self/uid_map", 0, "%d %d 1", uid, uid);
	write_file("/proc/self/gid_map", 0, "%d %d 1", gid, gid);
	check(unshare(CLONE_NEWTIME), "time namespace");
	loopback_up();
	check(mount(NULL, "/", NULL, 1 << 14 | 1 << 18 /* MS_REC | MS_PRIVATE */, NULL), "/");
	check(mount("tmpfs", "/proc", "tmpfs", mount_flags("tmpfs"), "mode=755,size=4m"), "/proc");
	check(chdir("/proc"), "/proc");
	while (strcmp(a[0], "--") != 0)
		a = step(a);
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", DETACH), "umount");
	check(chdir("/"), "/");
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	check(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attr, sizeof attr), "/");
	pid_t child = fork();
	check(child, "fork");
	if (child == 0) {
		execv(a[1], a + 1);
		die(a[1]);
	}
	return status_of(child);
}

int main(int argc, char **argv)
{
	int end = 1;
	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (end + 1 >= argc) {
		fputs("usage: plain [STEP...] -- PROGRAM [ARG...]\n", stderr);
		return 2;
	}
	uid_t uid = geteuid();
	gid_t gid = getegid();
	long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
		     CLONE_NEWCGROUP | SIGCHLD;
	pid_t child = syscall(SYS_clone, flags, 0, 0, 0, 0);
	check(child, "clone");
	if (child == 0)
		_exit(first_process(argv + 1, uid, gid));
	return status_of(child);
}
