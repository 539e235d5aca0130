package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLetters(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"void":                            "",
		"int, int, int":                   "iii",
		"unsigned int fd, loff_t offset":  "uS",
		"const char __user *name, size_t": "pL",
		"int dfd,\n\t\tconst char __user *path, umode_t mode /* octal */": "iph",
		"pid_t pid, aio_context_t __user *ctxp, __u64 id":                 "ipL",
		"int sig, __sighandler_t handler":                                 "ip",
	} {
		if got, err := letters(args); err != nil || got != want {
			t.Errorf("(%s) is %q, %v, want %q", args, got, err, want)
		}
	}
	if _, err := letters("struct big value"); err == nil {
		t.Error("a type that is not known has a letter")
	}
}

func TestPrototypesAreRead(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "asmlinkage long sys_call%d(int fd,\n\t\tvoid __user *buf);\n", i)
	}
	text.WriteString("asmlinkage long sys_newstat(const char __user *filename,\n\tstruct stat __user *statbuf);\n")
	file := filepath.Join(t.TempDir(), "syscalls.h")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readPrototypes(file)
	if err != nil || got["call7"] != "ip" || got["stat"] != "pp" || got["clone"] != "uLpLp" {
		t.Errorf("call7 %q, stat %q, clone %q, %v", got["call7"], got["stat"], got["clone"], err)
	}
	if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readPrototypes(file); err == nil {
		t.Error("an empty header is taken")
	}
}

// The tables in the repository are those of the x/sys that go.mod asks for.
// (The argument types need a kernel's headers; they stay what they are.)
func TestTablesAreCurrent(t *testing.T) {
	t.Parallel()
	dir, version, err := sysModule()
	if err != nil {
		t.Fatal(err)
	}
	constants, errnos, err := readConstants(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"zconstants.go": writeConstants(constants), "zerrnos.go": writeErrnos(errnos)} {
		want, err := format.Source([]byte(head(version) + body))
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is not what x/sys %s gives: run go generate", name, version)
		}
	}
	calls, err := readCalls(dir)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join("..", "zcalls.go"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range calls {
		if row := fmt.Sprintf("{%q, %d, %d, ", name, c.amd64, c.arm64); !bytes.Contains(have, []byte(row)) {
			t.Errorf("zcalls.go lacks %s", row)
		}
	}
}
