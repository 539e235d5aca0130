package identity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	if got := Text(Lines(7, 100000)); got != "7 7 1\n100000 100000 1\n" {
		t.Errorf("%q", got)
	}
}

func script(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "newuidmap")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestToolsGetNumbersAndNothingElse(t *testing.T) {
	t.Setenv("LD_PRELOAD", "/nowhere.so")
	out := filepath.Join(t.TempDir(), "out")
	tool := script(t, `{ echo "$@"; pwd; echo "env: $LD_PRELOAD$HOME"; for fd in 3 4 5 6 7 8 9; do [ -e /proc/self/fd/$fd ] && echo "open: $fd"; done; } >>`+out+"; exit 0")
	tools := Tools{UID: tool, GID: script(t, "exit 0")}
	if err := tools.Write(42, Lines(7, 9), Lines(8)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); got != "42 7 7 1 9 9 1\n/\nenv: \n" {
		t.Errorf("%q", got)
	}
}

func TestToolsThatFailAreQuoted(t *testing.T) {
	good := script(t, "exit 0")
	for name, c := range map[string]struct{ tool, want string }{
		"a message": {script(t, "echo 'newuidmap: uid range [1-2) not allowed' >&2; echo more >&2; exit 1"), ": uid range [1-2) not allowed"},
		"silent":    {script(t, "exit 3"), "status 3"},
		"missing":   {"/nonexistent/newuidmap", "no such file"},
	} {
		for _, tools := range []Tools{{c.tool, good}, {good, c.tool}} {
			err := tools.Write(1, Lines(1), Lines(1))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), c.tool) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
