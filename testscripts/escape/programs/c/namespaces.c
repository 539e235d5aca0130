/* New namespaces, by every call that makes them. A nested user namespace is
   not an escape by itself; it opens mount, overlayfs and nftables to attack. */
#include "attempt.h"
#include "nested.h"
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return -1;
	return close(fd);
}

int enter_user_namespace(long flags)
{
	char map[64];
	int uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWUSER | flags) < 0)
		return -1;
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %d 1", uid);
	if (write_file("/proc/self/uid_map", map) < 0)
		return -1;
	snprintf(map, sizeof map, "0 %d 1", gid);
	return write_file("/proc/self/gid_map", map);
}

static int try_unshare(char **a)
{
	return word("unshare", unshare(strtoul(a[0], 0, 0)));
}

/* finish ends a child at once and gives the parent's word. */
static int finish(const char *what, long pid)
{
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, 0, __WALL);
	return word(what, pid);
}

static int try_clone(char **a)
{
	return finish("clone", syscall(SYS_clone, strtoul(a[0], 0, 0) | SIGCHLD, 0, 0, 0, 0));
}

static int try_clone3(char **a)
{
	struct clone_args args = { .flags = strtoul(a[0], 0, 0), .exit_signal = SIGCHLD };

	return finish("clone3", syscall(SYS_clone3, &args, sizeof args));
}

/* All capabilities in a namespace of one's own. */
static int try_user(char **a)
{
	(void)a;
	return word("user namespace", enter_user_namespace(0));
}

/* One nfnetlink request that needs CAP_NET_ADMIN, and the kernel's answer. */
static int try_nftables(char **a)
{
	struct { struct nlmsghdr head; struct nfgenmsg body; } ask = {
		{ sizeof ask, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, NLM_F_REQUEST | NLM_F_ACK, 1, 0 }, { 0 },
	};
	struct { struct nlmsghdr head; int error; char rest[1024]; } answer;
	int fd;

	(void)a;
	if (enter_user_namespace(CLONE_NEWNET) < 0)
		return refused("user and network namespace");
	if ((fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)) < 0)
		return refused("socket");
	if (send(fd, &ask, sizeof ask, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0)
		return refused("netlink");
	if (answer.head.nlmsg_type != NLMSG_ERROR || answer.error == 0)
		return OPEN;
	errno = -answer.error;
	return refused("nftables");
}

const struct attempt namespace_attempts[] = {
	{ "unshare", 1, try_unshare },
	{ "clone", 1, try_clone },
	{ "clone3", 1, try_clone3 },
	{ "user-namespace", 0, try_user },
	{ "nftables", 0, try_nftables },
	{ 0 },
};
