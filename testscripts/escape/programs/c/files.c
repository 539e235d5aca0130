/* Files: reading, writing, looking, and the ways around a path. */
#include "attempt.h"
#include <dirent.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* show copies what can be read from fd to standard output. */
static int show(int fd)
{
	char buffer[4096];
	ssize_t n = read(fd, buffer, sizeof buffer);

	if (n < 0)
		return refused("read");
	return word("write", write(1, buffer, n));
}

static int try_read(char **a)
{
	int fd = open(a[0], O_RDONLY);

	return fd < 0 ? refused("open") : show(fd);
}

/* syscall_creat is creat(2), which arm64 has no call of its own for. */
static long syscall_creat(const char *path, long mode)
{
#ifdef SYS_creat
	return syscall(SYS_creat, path, mode);
#else
	return syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
#endif
}

static int try_append(char **a)
{
	int fd = open(a[0], O_WRONLY | O_APPEND);

	return fd < 0 ? refused("open") : word("write", write(fd, "planted\n", 8));
}

static int try_create(char **a)
{
	int fd = open(a[0], O_WRONLY | O_CREAT, 0755);

	return fd < 0 ? refused("open") : word("write", write(fd, "planted\n", 8));
}

/* A directory is made as well where it isn't there. */
static int try_plant(char **a)
{
	char *slash = strrchr(a[0], '/');

	*slash = 0;
	if (mkdir(a[0], 0755) < 0 && errno != EEXIST)
		return refused("mkdir");
	*slash = '/';
	return try_create(a);
}

/* All directories that are missing are made. */
static int try_plant_deep(char **a)
{
	char *slash;

	for (slash = strchr(a[0] + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(a[0], 0755);
		*slash = '/';
	}
	return try_create(a);
}

static int try_mkdir(char **a)
{
	return word("mkdir", mkdir(a[0], 0755));
}

static int try_open_write(char **a)
{
	return word("open", open(a[0], O_WRONLY));
}

static int try_open(char **a)
{
	return word("open", open(a[0], O_RDWR | O_NOCTTY));
}

/* Writes back what a file of /proc/sys or /sys says already. */
static int try_rewrite(char **a)
{
	char value[4096];
	int in = open(a[0], O_RDONLY), out = open(a[0], O_WRONLY);
	ssize_t n;

	if (in < 0 || out < 0)
		return refused("open");
	if ((n = read(in, value, sizeof value)) < 0)
		return refused("read");
	return word("write", write(out, value, n));
}

static int try_stat(char **a)
{
	struct stat st;

	return word("lstat", lstat(a[0], &st));
}

static int try_access(char **a)
{
	return word("faccessat2", syscall(SYS_faccessat2, AT_FDCWD, a[0], F_OK, 0));
}

static int try_chdir(char **a)
{
	return word("chdir", chdir(a[0]));
}

static int try_readlink(char **a)
{
	char target[4096];
	ssize_t n = readlink(a[0], target, sizeof target);

	return n < 0 ? refused("readlink") : word("write", write(1, target, n));
}

static int try_list(char **a)
{
	DIR *dir = opendir(a[0]);
	struct dirent *entry;

	if (!dir)
		return refused("opendir");
	while ((entry = readdir(dir)))
		printf("%s\n", entry->d_name);
	return OPEN;
}

static int try_link(char **a)
{
	return link(a[0], a[1]) < 0 ? refused("link") : try_read(a + 1);
}

/* By descriptor: O_PATH, then a new name for what it stands for. */
static int try_link_descriptor(char **a)
{
	char self[64];
	int fd = open(a[0], O_PATH);

	if (fd < 0)
		return refused("open");
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, self, AT_FDCWD, a[1], AT_SYMLINK_FOLLOW) < 0)
		return refused("linkat");
	return try_read(a + 1);
}

/* Another name for a file, and a write through that. */
static int try_link_append(char **a)
{
	return link(a[0], a[1]) < 0 ? refused("link") : try_append(a + 1);
}

/* A descriptor for reading, opened again for writing. */
static int try_reopen_path(char **a)
{
	char self[64];
	int fd = open(a[0], O_RDONLY);

	if (fd < 0)
		return refused("open");
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	return try_append((char *[]){ self });
}

/* A directory above the file gets another name first. */
static int try_read_renamed(char **a)
{
	if (rename(a[0], a[1]) < 0)
		return refused("rename");
	return try_read(a + 2);
}

static int try_capability(char **a)
{
	/* struct vfs_cap_data, version 2: CAP_SYS_ADMIN, permitted and effective */
	uint32_t data[5] = { 0x02000001, 1 << 21, 0, 0, 0 };

	return word("setxattr", setxattr(a[0], "security.capability", data, sizeof data, 0));
}

static int try_symlink(char **a)
{
	if (symlink(a[0], a[1]) < 0)
		return refused("symlink");
	return try_read(a + 1);
}

static int try_rename(char **a)
{
	return word("rename", rename(a[0], a[1]));
}

static int try_exchange(char **a)
{
	return word("renameat2", syscall(SYS_renameat2, AT_FDCWD, a[0], AT_FDCWD, a[1], 2 /* RENAME_EXCHANGE */));
}

static int try_remove(char **a)
{
	return word("remove", remove(a[0]));
}

static int try_truncate(char **a)
{
	return word("truncate", truncate(a[0], 0));
}

/* A file whose mode has what number(a[1]) says, made or changed in the way of
   a[0]. Only set-user-ID and set-group-ID are of interest (seen.go). */
static int try_mode(char **a)
{
	struct { uint64_t flags, mode, resolve; } how = { O_WRONLY | O_CREAT, 0, 0 };
	long mode = number(a[1]);
	const char *path = a[2];
	char self[64];
	int fd;

	umask(0);
	if (strcmp(a[0], "creat") == 0)
		return word("creat", syscall_creat(path, mode));
	if (strcmp(a[0], "open") == 0)
		return word("openat", syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, mode));
	if (strcmp(a[0], "openat2") == 0) {
		how.mode = mode;
		return word("openat2", syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
	}
	if (strcmp(a[0], "mknod") == 0)
		return word("mknodat", syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | mode, 0));
	if (strcmp(a[0], "tmpfile") == 0) {
		if ((fd = syscall(SYS_openat, AT_FDCWD, ".", O_WRONLY | O_TMPFILE, mode)) < 0)
			return refused("openat");
		snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
		return word("linkat", linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
	}
	if ((fd = open(path, O_WRONLY | O_CREAT, 0755)) < 0)
		return refused("open");
	if (strcmp(a[0], "fchmod") == 0)
		return word("fchmod", syscall(SYS_fchmod, fd, mode));
	if (strcmp(a[0], "fchmodat2") == 0)
		return word("fchmodat2", syscall(452, open(path, O_PATH), "", mode, AT_EMPTY_PATH));
	if (strcmp(a[0], "descriptor") == 0) {
		snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
		return word("fchmodat", syscall(SYS_fchmodat, AT_FDCWD, self, mode));
	}
	return word("fchmodat", syscall(SYS_fchmodat, AT_FDCWD, path, mode));
}

/* The same for a standard stream: the file behind it is the caller's. */
static int try_stream_mode(char **a)
{
	return word("fchmod", syscall(SYS_fchmod, number(a[0]), number(a[1])));
}

static int try_chmod(char **a)
{
	return word("chmod", chmod(a[0], 0777));
}

/* fchmodat2(2) through a descriptor that was opened for no access at all. */
static int try_chmod_descriptor(char **a)
{
	int fd = open(a[0], O_PATH);

	if (fd < 0)
		return refused("open");
	return word("fchmodat2", syscall(452, fd, "", 0777, AT_EMPTY_PATH));
}

static int try_chown(char **a)
{
	return word("chown", chown(a[0], 12345, 12345));
}

static int try_utimes(char **a)
{
	struct timespec times[2] = { { 1, 0 }, { 1, 0 } };

	return word("utimensat", utimensat(AT_FDCWD, a[0], times, 0));
}

static int try_setxattr(char **a)
{
	return word("setxattr", setxattr(a[0], "user.planted", "1", 1, 0));
}

/* Opens what standard stream a[0] is with more rights than were handed over
   (O_RDWR instead of one of both, no O_APPEND), and writes at its start. */
static int try_reopen(char **a)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/self/fd/%s", a[0]);
	if ((fd = open(path, O_RDWR)) < 0)
		return refused("open");
	return word("pwrite", pwrite(fd, "PLANTED", 7, 0));
}

/* The same, read: what was there before, through a stream for writing. */
static int try_reopen_read(char **a)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/self/fd/%s", a[0]);
	fd = open(path, O_RDONLY);
	return fd < 0 ? refused("open") : show(fd);
}

/* An inherited descriptor of a directory outside: CVE-2024-21626. */
static int try_leaked_directory(char **a)
{
	int fd = openat(number(a[0]), a[1], O_RDONLY);

	return fd < 0 ? refused("openat") : show(fd);
}

static int try_leaked_file(char **a)
{
	return word("write", write(number(a[0]), "planted\n", 8));
}

/* The working directory's own descriptor, and up from it. */
static int try_up(char **a)
{
	int i, fd = open(".", O_RDONLY | O_DIRECTORY);

	for (i = 0; fd >= 0 && i < 64; i++)
		fd = openat(fd, "..", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return refused("openat ..");
	fd = openat(fd, a[0] + 1, O_RDONLY);
	return fd < 0 ? refused("openat") : show(fd);
}

/* A rename of the tree while a descriptor's .. is followed out of it. */
static int try_rename_out(char **a)
{
	int fd;

	mkdir("deep", 0755);
	mkdir("deep/inner", 0755);
	if ((fd = open("deep/inner", O_PATH | O_DIRECTORY)) < 0)
		return refused("open");
	if (rename("deep/inner", "moved") < 0)
		return refused("rename");
	if ((fd = openat(fd, a[0], O_RDONLY)) < 0)
		return refused("openat");
	return show(fd);
}

const struct attempt files_attempts[] = {
	{ "read", 1, try_read },
	{ "append", 1, try_append },
	{ "create", 1, try_create },
	{ "plant", 1, try_plant },
	{ "plant-deep", 1, try_plant_deep },
	{ "mkdir", 1, try_mkdir },
	{ "open-write", 1, try_open_write },
	{ "open", 1, try_open },
	{ "rewrite", 1, try_rewrite },
	{ "stat", 1, try_stat },
	{ "access", 1, try_access },
	{ "chdir", 1, try_chdir },
	{ "readlink", 1, try_readlink },
	{ "list", 1, try_list },
	{ "link", 2, try_link },
	{ "link-descriptor", 2, try_link_descriptor },
	{ "link-append", 2, try_link_append },
	{ "reopen-path", 1, try_reopen_path },
	{ "read-renamed", 3, try_read_renamed },
	{ "capability", 1, try_capability },
	{ "symlink", 2, try_symlink },
	{ "rename", 2, try_rename },
	{ "exchange", 2, try_exchange },
	{ "remove", 1, try_remove },
	{ "truncate", 1, try_truncate },
	{ "mode", 3, try_mode },
	{ "stream-mode", 2, try_stream_mode },
	{ "chmod", 1, try_chmod },
	{ "chmod-descriptor", 1, try_chmod_descriptor },
	{ "chown", 1, try_chown },
	{ "utimes", 1, try_utimes },
	{ "setxattr", 1, try_setxattr },
	{ "reopen", 1, try_reopen },
	{ "reopen-read", 1, try_reopen_read },
	{ "leaked-directory", 2, try_leaked_directory },
	{ "leaked-file", 1, try_leaked_file },
	{ "up", 1, try_up },
	{ "rename-out", 1, try_rename_out },
	{ 0 },
};
