package main

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// run runs `husk run` up to the execve of the enforcer.
func (w *world) run(args ...string) *started {
	w.t.Helper()
	status := w.husk(append([]string{"run"}, args...)...)
	if w.started == nil {
		w.t.Fatalf("husk run %q started nothing: status %d\n%s", args, status, w.err.String())
	}
	return w.started
}

func TestRunStartsTheEnforcer(t *testing.T) {
	w := newWorld(t)
	args := []string{"install", "", "a b", "--flag", "-x", "\xff"}
	s := w.run(append([]string{"npm", "--", "npm"}, args...)...)
	if s.path != w.host.executable+"-enforce" || s.argv[0] != s.path || !strings.HasPrefix(s.argv[1], "/proc/self/fd/") {
		t.Errorf("executes %s with %q", s.path, s.argv[:2])
	}
	if !slices.Equal(s.argv[2:], args) {
		t.Errorf("arguments %q, want %q", s.argv[2:], args)
	}
	if s.plan.Command != "npm" || !strings.HasSuffix(s.plan.Program.Path, "/tools/npm") || len(s.plan.Syscalls.Program) == 0 {
		t.Errorf("command %s, program %s", s.plan.Command, s.plan.Program.Path)
	}
}

// A failed execve is husk's failure, not the command's.
func TestRunWithoutEnforcer(t *testing.T) {
	w := newWorld(t)
	w.execve = func(string, []string, []string) error { return unix.ENOEXEC }
	w.fails(125, []string{"cannot start the enforcer"}, "run", "npm", "--", "npm")
	w.fails(127, []string{"no-such-tool: not found on PATH"}, "run", "npm", "--", "no-such-tool")
	w.fails(127, []string{"no such file"}, "run", "npm", "--", "./no-such-tool")
}

// A command that the profile has runs as its wrapper would, any other as it is.
func TestRunCommands(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a", `commands = ["list"]`, `command "list" {`, `  exec = "/usr/bin/env"`, `  args = ["-0"]`, `}`, `filesystem { write = ["${project}"] }`))
	script := w.write(w.host.cwd+"/build.sh", "#!/bin/sh\n", 0o755)
	for _, c := range []struct {
		command, path, name string
		args                []string
	}{
		{"list", "/usr/bin/env", "list", []string{"-0"}},
		{"true", "/usr/bin/true", "true", nil},
		{"/usr/bin/true", "/usr/bin/true", "true", nil},
		{"./build.sh", script, "build.sh", nil}, // although the sandbox may write it
	} {
		s := w.run("a", "--", c.command)
		if p := s.plan; p.Program.Path != c.path || p.Command != c.name || !slices.Equal(p.Program.Args, c.args) {
			t.Errorf("%s: %s %q as %s", c.command, p.Program.Path, p.Program.Args, p.Command)
		}
	}
	w.write(w.bin("tool"), "#!/x/husk-enforce\n", 0o755)
	w.fails(127, []string{"in the wrapper directory"}, "run", "a", "--", w.bin("tool"))
}

func TestRunFlags(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", "variable \"dir\" { default = \"/opt/a\" }\n"+profileText("a", `filesystem { read = [var.dir] }`))
	w.profile("net.hcl", profileText("net", `network { mode = "host" }`))
	s := w.run("a", "--allow-read", "x/../y", "--allow-write", "/opt/w", "--set", "dir=/opt/b", "--", "true")
	var lines []string
	for _, list := range [][]plan.PathRule{s.plan.Filesystem.Read, s.plan.Filesystem.Write} {
		for _, r := range list {
			lines = append(lines, r.Path.String()+" by "+s.plan.Origins[r.Origin].Place())
		}
	}
	want := []string{"/opt/b by " + w.home + "/.config/husk/profiles/a.hcl:4", w.host.cwd + "/y by the command line, --allow-read", "/opt/w by the command line, --allow-write"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
	n := w.run("a", "--connect", "Example.ORG:443", "--", "true").plan
	if c := n.Network.Connect; n.Network.Mode != plan.NetworkFiltered || len(c) != 1 || c[0].Host != "example.org" || c[0].Ports[0] != 443 {
		t.Errorf("--connect: %+v", n.Network)
	}
	if n.Supervisor == "" {
		t.Error("a plan with a filtered network names no supervisor")
	}
	w.run("net", "--connect", "example.org:443", "--", "true")
	if !strings.Contains(w.err.String(), "adds nothing") {
		t.Errorf("nothing is said about a connect that changes nothing: %q", w.err.String())
	}
}

// What no profile may say, the command line may not either.
func TestRunFlagsAreChecked(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a"))
	for flags, want := range map[[2]string]string{
		{"--connect", "*:443"}:                        "every host",
		{"--connect", "*.com:443"}:                    "a whole top-level domain",
		{"--connect", "10.0.0.1/8:443"}:               "network with bits of a host",
		{"--connect", "b\u00fccher.example:443"}:      "xn--bcher-kva.example",
		{"--connect", "a\x00b:443"}:                   "space in a host name",
		{"--connect", "example.org:99999"}:            "no port from 1 to 65535",
		{"--connect", "https://example.org:443"}:      "is not HOST:PORT",
		{"--allow-write", "/"}:                        "your whole home directory",
		{"--allow-write", w.home}:                     "your whole home directory",
		{"--allow-write", w.home + "/project/../../"}: "your whole home directory",
	} {
		w.fails(statusNoStart, []string{want}, "run", "a", flags[0], flags[1], "--", "true")
		if w.started != nil {
			t.Errorf("%q: started", flags)
		}
	}
	w.run("a", "--connect", "*.example.org:443", "--connect", "10.0.0.0/8:443", "--allow-write", w.home+"/project", "--", "true")
}

func TestShell(t *testing.T) {
	w := newWorld(t)
	for shell, want := range map[string]string{"/bin/sh": "/bin/sh", "relative/sh": "/bin/sh", "": "/bin/sh", "/usr/bin/env": "/usr/bin/env"} {
		w.host.environ[3] = "SHELL=" + shell
		w.husk("shell", "npm")
		if w.started == nil || w.started.plan.Program.Path != want || len(w.started.argv) != 2 {
			t.Errorf("SHELL=%s: %+v\n%s", shell, w.started, w.err.String())
		}
	}
}

func TestSealedFile(t *testing.T) {
	fd, err := sealedFile("test", []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "test")
	defer f.Close()
	if flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC != 0 {
		t.Errorf("the file would be closed at execve: %v", err)
	}
	if _, err := f.WriteAt([]byte("x"), 0); !errors.Is(err, unix.EPERM) {
		t.Errorf("a sealed file was written: %v", err)
	}
	if err := f.Truncate(0); !errors.Is(err, unix.EPERM) {
		t.Errorf("a sealed file was cut: %v", err)
	}
	content := make([]byte, 7)
	if n, err := f.ReadAt(content, 0); err != nil || string(content[:n]) != "content" {
		t.Errorf("%q, %v", content[:n], err)
	}
}

func TestHostPort(t *testing.T) {
	for text, want := range map[string]string{
		"example.org:443": "example.org 443", "EXAMPLE.org.:1": "example.org 1", "[::1]:80": "::1 80", "10.0.0.0/8:22": "10.0.0.0/8 22",
		"": "", "x": "", ":80": "", "x:": "", "x:0": "", "x:65536": "", "x:-1": "", "x:http": "", "::1:80": "",
	} {
		host, port, err := hostPort(text)
		if want == "" {
			if err == nil {
				t.Errorf("%q gave %s %d", text, host, port)
			}
			continue
		}
		if got := host + " " + strconv.Itoa(port); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
}
