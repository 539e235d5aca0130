package enforce

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestElfLoader(t *testing.T) {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	sh, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := elfLoader(sh); !ok || !strings.HasPrefix(name, "/") {
		t.Errorf("/bin/sh: %q, %v", name, ok)
	}
	if _, ok := elfLoader(self); !ok {
		t.Error("this program is none")
	}
	// Cut short anywhere, it is refused or read within its bounds.
	for n := range 4096 {
		elfLoader(sh[:n])
	}
	broken := append([]byte(nil), sh[:4096]...)
	for i := 32; i < 40; i++ {
		broken[i] = 0xff // where the table begins
	}
	if _, ok := elfLoader(broken); ok {
		t.Error("a table outside of the file is taken")
	}
	if _, ok := elfLoader([]byte("#!/bin/sh\n")); ok {
		t.Error("a script is a program")
	}
}

func TestLoaded(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		return file
	}
	direct, _, err := loaded("/bin/sh", 0)
	if err != nil {
		t.Fatal(err)
	}
	script := write("script", "#! /bin/sh -e\necho\n")
	outer := write("outer", "#!"+script+"\n")
	for _, file := range []string{script, outer} {
		if got, _, err := loaded(file, 0); err != nil || got != direct {
			t.Errorf("%s: %q, %v; want %q", file, got, err, direct)
		}
	}
	for name, file := range map[string]string{
		"itself": write("loop", "#!"+dir+"/loop\n"), "nothing": filepath.Join(dir, "none"), "a directory": dir, "text": write("text", "hello"),
	} {
		if got, _, err := loaded(file, 0); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}
