/* Keyrings (keyrings(7)): no namespace holds them. */
#include "attempt.h"
#include <linux/keyctl.h>

static long search(long ring, const char *name)
{
	return syscall(SYS_keyctl, KEYCTL_SEARCH, ring, "user", name, 0);
}

static int show_key(long key)
{
	char text[256];
	long n = syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof text);

	if (n < 0)
		return refused("KEYCTL_READ");
	return word("write", write(1, text, n));
}

static int try_session(char **a)
{
	long key = search(KEY_SPEC_SESSION_KEYRING, a[0]);

	return key < 0 ? refused("KEYCTL_SEARCH") : show_key(key);
}

/* The user's keyring is found from any session once it is linked into one. */
static int try_user(char **a)
{
	long key;

	syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING);
	key = search(KEY_SPEC_USER_KEYRING, a[0]);
	return key < 0 ? refused("KEYCTL_SEARCH") : show_key(key);
}

static int try_number(char **a)
{
	return show_key(number(a[0]));
}

/* A key that is left in the user's keyring, for the next program to find. */
static int try_add(char **a)
{
	return word("add_key", syscall(SYS_add_key, "user", a[0], "planted", 7, KEY_SPEC_USER_KEYRING));
}

static int try_request(char **a)
{
	long key = syscall(SYS_request_key, "user", a[0], 0, KEY_SPEC_PROCESS_KEYRING);

	return key < 0 ? refused("request_key") : show_key(key);
}

static int try_revoke(char **a)
{
	return word("KEYCTL_REVOKE", syscall(SYS_keyctl, KEYCTL_REVOKE, number(a[0])));
}

static int try_persistent(char **a)
{
	(void)a;
	return word("KEYCTL_GET_PERSISTENT",
		syscall(SYS_keyctl, KEYCTL_GET_PERSISTENT, -1, KEY_SPEC_PROCESS_KEYRING));
}

static int try_join(char **a)
{
	(void)a;
	return word("KEYCTL_JOIN_SESSION_KEYRING", syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0));
}

const struct attempt keyring_attempts[] = {
	{ "key-session", 1, try_session },
	{ "key-user", 1, try_user },
	{ "key-number", 1, try_number },
	{ "key-add", 1, try_add },
	{ "key-request", 1, try_request },
	{ "key-revoke", 1, try_revoke },
	{ "key-persistent", 0, try_persistent },
	{ "key-join", 0, try_join },
	{ 0 },
};
