package seccomp_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
)

// The program enters the set late: it opens a file before, and fails to after, in
// every thread that it has.
const lateEntry = `
#include "buffer.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

static volatile sig_atomic_t trapped;
static void on_sigsys(int signal) { trapped = signal; }

static int ask[2], told[2];

/* An older thread opens a file when it is asked to, says whether it was trapped, and stays. */
static void *older(void *unused)
{
	char c = 0;
	/* What libc calls when a thread begins is over now, and no longer needed. */
	if (write(told[1], &c, 1) != 1 || read(ask[0], &c, 1) != 1)
		_exit(10);
	open("/", O_RDONLY);
	c = trapped == SIGSYS;
	if (write(told[1], &c, 1) != 1 || read(ask[0], &c, 1) != 1)
		_exit(11);
	return unused;
}

int main(void)
{
	struct stat st;
	pthread_t thread;
	char c = 0;
	int before = open("/", O_RDONLY);
	signal(SIGSYS, on_sigsys);
	if (pipe(ask) != 0 || pipe(told) != 0 || pthread_create(&thread, NULL, older, NULL) != 0)
		return 12;
	if (read(told[0], &c, 1) != 1)
		return 14;
	if (before < 0 || husk_enter_buffer() != 0)
		return 1;
	if (write(ask[1], "", 1) != 1 || read(told[0], &c, 1) != 1 || !c)
		return 13;
	trapped = 0;
	open("/", O_RDONLY); /* what a trapped call gives is left open */
	if (trapped != SIGSYS)
		return 2;
	if (fstat(before, &st) != -1 || errno != EPERM)
		return 3;
	if (write(1, "inside\n", 7) != 7)
		return 4;
	return 0;
}
`

func TestHeaderIsEnteredLate(t *testing.T) {
	t.Parallel()
	cc, err := exec.LookPath("cc")
	if err != nil {
		if os.Getenv("HUSK_MUST_WORK") != "" {
			t.Fatal(err)
		}
		t.Skip("no C compiler")
	}
	text, err := seccomp.Header("buffer", plan.Syscalls{
		Default: "trap", Lists: []plan.SyscallList{{Action: "allow", Names: []string{"@buffer"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"buffer.h": text, "main.c": lateEntry} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "late")
	if out, err := exec.Command(cc, "-Wall", "-Werror", "-pthread", "-o", program, filepath.Join(dir, "main.c")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command(program).CombinedOutput(); err != nil || string(out) != "inside\n" {
		t.Errorf("the program gives %v, %q", err, out)
	}
}

func TestHeaderRefuses(t *testing.T) {
	t.Parallel()
	good := plan.Syscalls{Default: "kill"}
	for _, name := range []string{"", "a-b", "A", "1a", "a*/"} {
		if _, err := seccomp.Header(name, good); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
	if _, err := seccomp.Header("a", plan.Syscalls{Default: "perhaps"}); err == nil || !strings.Contains(err.Error(), "perhaps") {
		t.Errorf("a policy with an error gives %v", err)
	}
}
