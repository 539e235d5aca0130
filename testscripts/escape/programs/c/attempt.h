/* What the programs of one area share with main.c. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* How a program ends: its own word on how the attempt went. */
enum { OPEN = 0, REFUSED = 1, USAGE = 2, NOT_HERE = 3 };

struct attempt {
	const char *name;
	int args; /* how many it needs */
	int (*run)(char **args);
};

/* One table per area, ended by an entry without a name. */
extern const struct attempt files_attempts[], processes_attempts[], signals_attempts[], terminal_attempts[],
	ipc_attempts[], keyring_attempts[], namespace_attempts[], mount_attempts[], kernel_attempts[],
	abi_attempts[], privilege_attempts[], resource_attempts[], persistence_attempts[];

/* refused says which call failed, and errno's name; it gives REFUSED. */
int refused(const char *what);

/* not_here says what this machine or build lacks; it gives NOT_HERE. */
int not_here(const char *what);

/* word gives REFUSED for a result of -1 and OPEN otherwise. */
int word(const char *what, long result);

/* past_check is word for calls whose success would harm the machine: they are
   made with arguments that fail after the permission check, so any other
   error than EPERM, EACCES and ENOSYS means that the check was passed. */
int past_check(const char *what, long result);

/* number reads a decimal or 0x number, and ends the program if it is none. */
long number(const char *text);

#endif
