/* A library for LD_PRELOAD: where it is loaded it leaves a file behind, if it
   can. Loaded into a sandbox's launcher, it runs outside of the sandbox. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void loaded(void)
{
	const char *path = getenv("PRELOAD_LEAVES");

	if (path)
		close(open(path, O_WRONLY | O_CREAT, 0644));
}
