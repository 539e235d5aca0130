/* The same calls through another ABI, where a filter for the native one does
   not look: int 0x80 and x32 on x86-64. */
#include "attempt.h"
#include <sys/mman.h>

#ifdef __x86_64__
#define X32_BIT 0x40000000

/* int80 makes a 32-bit call; addresses must lie below 4 GiB. */
static long int80(long call, long a, long b, long c, long d, long e)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result)
		: "a"(call), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
		: "memory", "r8", "r9", "r10", "r11");
	if ((int)result < 0 && (int)result > -4096) {
		errno = -(int)result;
		return -1;
	}
	return (int)result;
}

/* low gives zeroed memory that 32-bit calls can name. */
static void *low(void)
{
	void *at = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	return at == MAP_FAILED ? 0 : at;
}

static int try_keyctl32(char **a)
{
	(void)a;
	return word("keyctl", int80(288, 0 /* KEYCTL_GET_KEYRING_ID */, -3 /* session */, 0, 0, 0));
}

static int try_add_key32(char **a)
{
	char *text = low();

	strcpy(text, "user");
	strncpy(text + 16, a[0], 1024);
	return word("add_key", int80(286, (long)text, (long)(text + 16), (long)text, 4, -4 /* user keyring */));
}

static int try_userfaultfd32(char **a)
{
	(void)a;
	return word("userfaultfd", int80(374, O_CLOEXEC | 1, 0, 0, 0, 0));
}

static int try_io_uring32(char **a)
{
	(void)a;
	return word("io_uring_setup", int80(425, 1, (long)low(), 0, 0, 0));
}

static int try_unshare32(char **a)
{
	(void)a;
	return word("unshare", int80(310, 0x10000000 /* CLONE_NEWUSER */, 0, 0, 0, 0));
}

/* socketcall(2): the family lies in memory, where no filter can look. */
static int try_socketcall32(char **a)
{
	uint32_t *args = low();

	args[0] = number(a[0]), args[1] = number(a[1]), args[2] = number(a[2]);
	return word("socketcall", int80(102, 1 /* SYS_SOCKET */, (long)args, 0, 0, 0));
}

static int try_mount32(char **a)
{
	char *text = low();

	(void)a;
	strcpy(text, "/nonexistent");
	strcpy(text + 64, "tmpfs");
	return past_check("mount", int80(21, (long)(text + 64), (long)text, (long)(text + 64), 0, 0));
}

static int try_chmod32(char **a)
{
	char *text = low();

	strncpy(text, a[0], 4095);
	return word("chmod", int80(15, (long)text, 04755, 0, 0, 0));
}

/* A byte into the terminal's input by ioctl(2)'s 32-bit number. */
static int try_tiocsti32(char **a)
{
	char *text = low();

	(void)a;
	*text = 'x';
	return word("ioctl", int80(54, 0, 0x5412 /* TIOCSTI */, (long)text, 0, 0));
}

static int try_x32(char **a)
{
	(void)a;
	return word("keyctl", syscall(X32_BIT | SYS_keyctl, 0, -3, 0));
}
#else
static int try_keyctl32(char **a) { (void)a; return not_here("int 0x80 is x86's"); }
#define try_add_key32 try_keyctl32
#define try_userfaultfd32 try_keyctl32
#define try_io_uring32 try_keyctl32
#define try_unshare32 try_keyctl32
#define try_socketcall32 try_keyctl32
#define try_tiocsti32 try_keyctl32
#define try_mount32 try_keyctl32
#define try_chmod32 try_keyctl32
#define try_x32 try_keyctl32
#endif

const struct attempt abi_attempts[] = {
	{ "keyctl32", 0, try_keyctl32 },
	{ "add-key32", 1, try_add_key32 },
	{ "userfaultfd32", 0, try_userfaultfd32 },
	{ "io-uring32", 0, try_io_uring32 },
	{ "unshare32", 0, try_unshare32 },
	{ "socketcall32", 3, try_socketcall32 },
	{ "mount32", 0, try_mount32 },
	{ "chmod32", 1, try_chmod32 },
	{ "tiocsti32", 0, try_tiocsti32 },
	{ "x32", 0, try_x32 },
	{ 0 },
};
