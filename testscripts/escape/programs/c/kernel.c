/* Parts of the kernel that few programs need and that exploits like: that
   these can be reached is what is counted. */
#include "attempt.h"
#include "kernel_calls.h"
#include <linux/bpf.h>
#include <linux/fanotify.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <sys/fanotify.h>
#include <sys/personality.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

long io_uring_instance(void)
{
	static struct io_uring_params params;

	return syscall(SYS_io_uring_setup, 1, &params);
}

static int try_io_uring(char **a)
{
	(void)a;
	return word("io_uring_setup", io_uring_instance());
}

static int try_perf(char **a)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1, .exclude_hv = 1,
	};

	(void)a;
	return word("perf_event_open", syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int try_userfaultfd(char **a)
{
	(void)a;
	return word("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

static int try_bpf(char **a)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

	(void)a;
	return word("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr));
}

static int try_socket(char **a)
{
	return word("socket", socket(number(a[0]), number(a[1]), number(a[2])));
}

/* Packets past the firewall's rules: needs CAP_NET_ADMIN of the network. */
static int try_mark(char **a)
{
	int one = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)a;
	if (fd < 0)
		return refused("socket");
	return word("SO_MARK", setsockopt(fd, SOL_SOCKET, SO_MARK, &one, sizeof one));
}

static int try_socketpair(char **a)
{
	int pair[2];

	return word("socketpair", socketpair(number(a[0]), number(a[1]), number(a[2]), pair));
}

static int try_fanotify(char **a)
{
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY);

	(void)a;
	if (fd < 0)
		return refused("fanotify_init");
	return word("fanotify_mark", fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "."));
}

static int try_modify_ldt(char **a)
{
#ifdef SYS_modify_ldt
	char buffer[64];

	(void)a;
	return word("modify_ldt", syscall(SYS_modify_ldt, 0, buffer, sizeof buffer));
#else
	(void)a;
	return not_here("modify_ldt is x86's");
#endif
}

static int try_syslog(char **a)
{
	static char text[4096];

	(void)a;
	return word("syslog", syscall(SYS_syslog, 3 /* SYSLOG_ACTION_READ_ALL */, text, sizeof text));
}

static int try_swapon(char **a)
{
	(void)a;
	return past_check("swapon", swapon("/nonexistent", 0));
}

static int try_swapoff(char **a)
{
	(void)a;
	return past_check("swapoff", swapoff("/nonexistent"));
}

/* The least that reboot(2) can do: what Ctrl-Alt-Del means. */
static int try_reboot(char **a)
{
	(void)a;
	return word("reboot", reboot(RB_DISABLE_CAD));
}

static int try_kexec(char **a)
{
	(void)a;
	return past_check("kexec_load", syscall(SYS_kexec_load, 0, 1UL << 20, 0, 0));
}

static int try_module(char **a)
{
	(void)a;
	return past_check("init_module", syscall(SYS_init_module, "no module", 9, ""));
}

static int try_quotactl(char **a)
{
	(void)a;
	return past_check("quotactl", quotactl(QCMD(Q_QUOTAOFF, USRQUOTA), "/nonexistent", 0, 0));
}

/* A file that is no regular one: refused after the permission check. */
static int try_acct(char **a)
{
	(void)a;
	return past_check("acct", syscall(SYS_acct, "/"));
}

static int try_settime(char **a)
{
	struct timespec now;

	(void)a;
	clock_gettime(CLOCK_REALTIME, &now); /* what it is: an impossible time is refused too early */
	return word("clock_settime", clock_settime(CLOCK_REALTIME, &now));
}

static int try_settimeofday(char **a)
{
	struct timezone zone = { 99999, 0 }; /* an impossible zone */

	(void)a;
	return past_check("settimeofday", syscall(SYS_settimeofday, 0, &zone));
}

static int try_adjtimex(char **a)
{
	struct timex t = { .modes = ADJ_TICK, .tick = 1 }; /* out of range */

	(void)a;
	return past_check("adjtimex", adjtimex(&t));
}

static int try_personality(char **a)
{
	return word("personality", personality(strtoul(a[0], 0, 0)));
}

static int try_domain_name(char **a)
{
	return word("setdomainname", setdomainname(a[0], strlen(a[0])));
}

static int try_lookup_dcookie(char **a)
{
	(void)a;
#ifdef SYS_lookup_dcookie
	return past_check("lookup_dcookie", syscall(SYS_lookup_dcookie, 1, "", 0));
#else
	return not_here("lookup_dcookie");
#endif
}

static int try_migrate_pages(char **a)
{
	unsigned long node = 1;

	return word("migrate_pages", syscall(SYS_migrate_pages, (pid_t)number(a[0]), 64, &node, &node));
}

static int try_port(char **a)
{
	(void)a;
#ifdef SYS_ioperm
	return word("ioperm", syscall(SYS_ioperm, 0x80, 1, 1));
#else
	return not_here("ioperm is x86's");
#endif
}

const struct attempt kernel_attempts[] = {
	{ "io-uring", 0, try_io_uring },
	{ "perf", 0, try_perf },
	{ "userfaultfd", 0, try_userfaultfd },
	{ "bpf", 0, try_bpf },
	{ "socket", 3, try_socket },
	{ "mark", 0, try_mark },
	{ "socketpair", 3, try_socketpair },
	{ "fanotify", 0, try_fanotify },
	{ "modify-ldt", 0, try_modify_ldt },
	{ "syslog", 0, try_syslog },
	{ "swapon", 0, try_swapon },
	{ "swapoff", 0, try_swapoff },
	{ "reboot", 0, try_reboot },
	{ "kexec", 0, try_kexec },
	{ "module", 0, try_module },
	{ "quotactl", 0, try_quotactl },
	{ "acct", 0, try_acct },
	{ "settime", 0, try_settime },
	{ "settimeofday", 0, try_settimeofday },
	{ "adjtimex", 0, try_adjtimex },
	{ "personality", 1, try_personality },
	{ "domain-name", 1, try_domain_name },
	{ "lookup-dcookie", 0, try_lookup_dcookie },
	{ "migrate-pages", 1, try_migrate_pages },
	{ "port", 0, try_port },
	{ 0 },
};
