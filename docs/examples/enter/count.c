/*
 * A program that opens its file first and enters a set afterwards: from then on
 * it can compute and write to what it has open, and neither open a file nor
 * start a program. Build: cc -o count count.c
 */
#include "buffer.h"

#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char block[4096];
	long lines = 0;
	ssize_t n, i;
	int fd;

	fd = argc == 2 ? open(argv[1], O_RDONLY) : 0;
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	if (husk_enter_buffer() != 0) {
		perror("buffer");
		return 125;
	}
	while ((n = read(fd, block, sizeof(block))) > 0)
		for (i = 0; i < n; i++)
			lines += block[i] == '\n';
	n = snprintf(block, sizeof(block), "%ld\n", lines);
	return write(1, block, n) == n ? 0 : 1;
}
