/* One program for all attempts in C: main.c finds the one that is named, the
   files of each area hold them. It is linked statically, so that it runs in
   any view of the file system.

   It writes "started" to standard error first: a run without that line never
   got as far as trying, and says nothing about the sandbox. */
#include "attempt.h"

static const struct attempt *const areas[] = {
	files_attempts, processes_attempts, signals_attempts, terminal_attempts, ipc_attempts,
	keyring_attempts, namespace_attempts, mount_attempts, kernel_attempts, abi_attempts,
	privilege_attempts, resource_attempts, persistence_attempts,
};

int refused(const char *what)
{
	const char *name = strerrorname_np(errno);

	fprintf(stderr, "refused: %s: %s\n", what, name ? name : "unknown error");
	return REFUSED;
}

int not_here(const char *what)
{
	fprintf(stderr, "not here: %s\n", what);
	return NOT_HERE;
}

int word(const char *what, long result)
{
	return result == -1 ? refused(what) : OPEN;
}

int past_check(const char *what, long result)
{
	if (result == -1 && (errno == EPERM || errno == EACCES || errno == ENOSYS))
		return refused(what);
	return OPEN;
}

long number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 0);

	if (*text == 0 || *end != 0) {
		fprintf(stderr, "%s is no number\n", text);
		exit(USAGE);
	}
	return n;
}

int main(int argc, char **argv)
{
	static const char started[] = "started\n";
	unsigned i;
	const struct attempt *a;

	for (i = 0; argc > 1 && i < sizeof areas / sizeof *areas; i++)
		for (a = areas[i]; a->name; a++)
			if (strcmp(a->name, argv[1]) == 0 && argc - 2 >= a->args) {
				if (write(2, started, sizeof started - 1) < 0)
					return USAGE;
				return a->run(argv + 2);
			}
	fprintf(stderr, "no such attempt, or arguments are missing\n");
	return USAGE;
}
