/* The mount tree, by the old and the new calls. The first argument says who
   tries: "self" as whom the sandbox started, "nested" as root of a user
   namespace made for it.

   What has the rights takes a mount namespace of its own first, so that the
   run without a sandbox leaves nothing behind in the machine's. */
#include "attempt.h"
#include "nested.h"
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

/* prepare gives 0 where the attempt can go on. */
static int prepare(const char *who)
{
	if (strcmp(who, "nested") == 0)
		return enter_user_namespace(CLONE_NEWNS);
	if (unshare(CLONE_NEWNS) == 0)
		return mount(0, "/", 0, MS_REC | MS_PRIVATE, 0);
	return 0; /* a sandbox that refused this may forget to refuse what follows */
}

static int try_tmpfs(char **a)
{
	if (prepare(a[0]) < 0)
		return refused("namespaces");
	mkdir("at", 0755);
	return word("mount", mount("none", "at", "tmpfs", 0, "size=64k"));
}

static int try_overlay(char **a)
{
	if (prepare(a[0]) < 0)
		return refused("namespaces");
	mkdir("lower", 0755), mkdir("upper", 0755), mkdir("work", 0755), mkdir("at", 0755);
	return word("mount", mount("none", "at", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"));
}

static int try_proc(char **a)
{
	if (prepare(a[0]) < 0)
		return refused("namespaces");
	mkdir("at", 0755);
	return word("mount", mount("none", "at", "proc", 0, 0));
}

/* Takes "read-only" off the mount that a file lies on, and writes to the file. */
static int try_remount(char **a)
{
	int fd;
	char *slash = strrchr(a[1], '/');

	if (prepare(a[0]) < 0)
		return refused("namespaces");
	*slash = 0;
	mount(0, a[1], 0, MS_REMOUNT | MS_BIND, 0);
	umount2(a[1], MNT_DETACH);
	*slash = '/';
	if ((fd = open(a[1], O_WRONLY | O_APPEND)) < 0)
		return refused("open");
	return word("write", write(fd, "planted\n", 8));
}

/* The same with mount_setattr(2). */
static int try_setattr(char **a)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };

	if (prepare(a[0]) < 0)
		return refused("namespaces");
	return word("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, a[1], 0, &attr, sizeof attr));
}

/* What lies under a mount: taken away, the host's file comes to light. */
static int try_umount(char **a)
{
	if (prepare(a[0]) < 0)
		return refused("namespaces");
	mkdir("at", 0755);
	mount("none", "at", "tmpfs", 0, "size=64k");
	if (umount2("/proc", MNT_DETACH) < 0 && umount2("at", MNT_DETACH) < 0)
		return refused("umount2");
	return OPEN;
}

static int try_pivot(char **a)
{
	if (prepare(a[0]) < 0)
		return refused("namespaces");
	mkdir("at", 0755);
	mount("none", "at", "tmpfs", 0, "size=64k");
	mkdir("at/old", 0755);
	return word("pivot_root", syscall(SYS_pivot_root, "at", "at/old"));
}

/* The classic way out of a chroot: another one below the working directory. */
static int try_chroot(char **a)
{
	int i;

	if (prepare(a[0]) < 0)
		return refused("namespaces");
	mkdir("at", 0755);
	if (chroot("at") < 0)
		return refused("chroot");
	for (i = 0; i < 64; i++)
		if (chdir("..") < 0)
			return refused("chdir");
	return word("chroot", chroot("."));
}

static int try_open_tree(char **a)
{
	if (prepare(a[0]) < 0)
		return refused("namespaces");
	return word("open_tree", syscall(SYS_open_tree, AT_FDCWD, ".", OPEN_TREE_CLONE));
}

/* Without OPEN_TREE_CLONE this needs no rights: O_PATH by another name. */
static int try_open_tree_plain(char **a)
{
	(void)a;
	return word("open_tree", syscall(SYS_open_tree, AT_FDCWD, ".", 0));
}

static int try_move_mount(char **a)
{
	int tree, fs;

	if (prepare(a[0]) < 0)
		return refused("namespaces");
	mkdir("at", 0755);
	if ((fs = syscall(SYS_fsopen, "tmpfs", 0)) < 0)
		return refused("fsopen");
	if (syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, 0, 0, 0) < 0)
		return refused("fsconfig");
	if ((tree = syscall(SYS_fsmount, fs, 0, 0)) < 0)
		return refused("fsmount");
	return word("move_mount", syscall(SYS_move_mount, tree, "", AT_FDCWD, "at", 4 /* MOVE_MOUNT_F_EMPTY_PATH */));
}

static int try_fsopen(char **a)
{
	if (prepare(a[0]) < 0)
		return refused("namespaces");
	return word("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
}

static int try_fspick(char **a)
{
	if (prepare(a[0]) < 0)
		return refused("namespaces");
	return word("fspick", syscall(SYS_fspick, AT_FDCWD, "/", 0));
}

/* A file outside by its handle (as "shocker" left containers in 2014): the
   handle's type and bytes are guessed, here they are given. */
static int try_handle(char **a)
{
	struct { struct file_handle head; unsigned char bytes[128]; } h = { 0 };
	char text[256];
	unsigned byte, i;
	ssize_t n;
	int fd, tree = open(".", O_RDONLY | O_DIRECTORY);

	h.head.handle_type = number(a[0]);
	for (i = 0; i < sizeof h.bytes && sscanf(a[1] + 2 * i, "%2x", &byte) == 1; i++)
		((unsigned char *)h.head.f_handle)[i] = byte;
	h.head.handle_bytes = i;
	if ((fd = open_by_handle_at(tree, &h.head, O_RDONLY)) < 0)
		return refused("open_by_handle_at");
	if ((n = read(fd, text, sizeof text)) < 0)
		return refused("read");
	return word("write", write(1, text, n));
}

/* mknod of the machine's first disk or of anything else, and open it. */
static int try_device(char **a)
{
	if (mknod("device", strcmp(a[0], "block") ? S_IFCHR | 0666 : S_IFBLK | 0666,
		  (dev_t)number(a[1]) << 8 | number(a[2])) < 0)
		return refused("mknod");
	return word("open", open("device", O_RDONLY));
}

const struct attempt mount_attempts[] = {
	{ "mount-tmpfs", 1, try_tmpfs },
	{ "mount-overlay", 1, try_overlay },
	{ "mount-proc", 1, try_proc },
	{ "remount", 2, try_remount },
	{ "mount-setattr", 2, try_setattr },
	{ "umount", 1, try_umount },
	{ "pivot-root", 1, try_pivot },
	{ "chroot", 1, try_chroot },
	{ "open-tree", 1, try_open_tree },
	{ "open-tree-plain", 0, try_open_tree_plain },
	{ "move-mount", 1, try_move_mount },
	{ "fsopen", 1, try_fsopen },
	{ "fspick", 1, try_fspick },
	{ "handle", 2, try_handle },
	{ "device", 3, try_device },
	{ 0 },
};
