package main

import (
	"strings"
	"testing"
)

func TestWhy(t *testing.T) {
	w := newWorld(t)
	file := w.profile("a.hcl", `profile "a" {
  inherits = ["base"]
  commands = ["curl"]
  filesystem {
    read    = ["${home}/.config/tool", "${home}/absent"]
    write   = ["${project}", "${home}/hidden/inner"]
    hide    = ["${home}/hidden"]
    protect = ["${project}/.git", "${project}/absent"]
    tmpfs "${home}/scratch" { size = "1M" }
  }
  syscalls { deny = ["ptrace"] }
}
`)
	w.profile("net.hcl", profileText("net", `network { mode = "host" }`))
	w.profile("loop.hcl", profileText("loop", `network {`, `  mode = "filtered"`, `  loopback = true`, `  connect "example.org" { ports = [443] }`, `}`))
	w.profile("exec.hcl", profileText("exec", `filesystem {`, `  execute = ["${project}/tool"]`, `  read = ["${project}"]`, `}`))
	for _, f := range []string{"/.config/tool/x", "/hidden/f", "/hidden/inner/f", "/project/f", "/project/tool", "/project/.git/objects/x", "/.ssh/id_rsa"} {
		w.write(w.home+f, "", 0o644)
	}
	for _, c := range []struct {
		profile, kind, target string
		allowed               bool
		says                  []string
	}{
		{"a", "read", w.home + "/.config/tool/x", true, []string{`read "${home}/.config/tool"`, file + ":5"}},
		{"a", "write", w.home + "/.config/tool/x", false, []string{"does not let the program write", `write = ["${home}/.config/tool/x"]`}},
		{"a", "read", w.home + "/.ssh/id_rsa", false, []string{"only what is granted", `read = ["${home}/.ssh/id_rsa"]`}},
		{"a", "read", w.home + "/absent/x", false, []string{`read "${home}/absent" does nothing`}},
		{"a", "write", "f", true, []string{`write "${project}"`, file + ":6"}},
		{"a", "read", "f", true, nil},
		{"a", "write", "new", true, nil},
		{"a", "write", ".git/config", false, []string{`protected by protect "${project}/.git"`, file + ":8"}},
		{"a", "read", ".git/HEAD", true, nil},
		{"a", "write", ".git/objects/x", false, []string{`protected by protect "${project}/.git"`}},
		{"a", "write", "absent/x", true, []string{`protect "${project}/absent" does nothing`}},
		{"a", "read", w.home + "/hidden/f", false, []string{`hidden by hide "${home}/hidden"`, file + ":7"}},
		{"a", "write", w.home + "/hidden/inner/f", true, nil},
		{"a", "write", w.home + "/scratch/x", true, []string{"a file system of the sandbox's own"}},
		{"a", "write", w.home + "/.config/husk/profiles/a.hcl", false, []string{"husk's own", "no profile can allow that"}},
		{"a", "write", w.bin("curl"), false, []string{"no profile can allow that"}},
		{"a", "read", "/usr/bin/env", true, []string{"system directory"}},
		{"a", "execute", "/usr/bin/env", true, nil},
		{"a", "write", "/usr/bin/env", false, nil},
		{"a", "read", "/etc/passwd", true, nil},
		{"a", "read", "/etc/shadow", false, nil},
		{"a", "write", "/dev/null", true, nil},
		{"exec", "execute", "tool", true, nil},
		{"exec", "execute", "f", false, nil},
		{"exec", "read", "f", true, nil},
		{"a", "execute", w.home + "/.local/tool", false, []string{`read = ["${home}/.local/tool"]`}},
		{"exec", "execute", w.home + "/.local/tool", false, []string{`execute = ["${home}/.local/tool"]`}},
		{"a", "connect", "example.org:443", false, []string{`connect "example.org" { ports = [443] }`}},
		{"a", "connect", "Example.ORG.:443", false, []string{`connect "example.org" { ports = [443] }`}},
		{"loop", "connect", "example.org:22", false, []string{`connect "example.org" { ports = [443, 22] }`, "takes the place"}},
		{"a", "bind", "0", false, []string{"loopback = true"}},
		{"net", "connect", "example.org:443", true, []string{"permits every connection"}},
		{"a", "bind", "3000", false, []string{"listen = [3000]"}},
		{"net", "bind", "3000", true, nil},
		{"loop", "bind", "3000", true, []string{"only programs of the same sandbox", "publish = [3000]"}},
		{"loop", "bind", "443", false, nil},
		{"loop", "bind", "53", false, nil},
		{"a", "unix", "/run/some.sock", false, []string{`socket "/run/some.sock" { access = "connect" }`}},
		{"a", "syscall", "read", true, nil},
		{"a", "syscall", "ptrace", false, []string{file + ":11"}},
		{"a", "syscall", "mount", false, []string{"husk's baseline"}},
	} {
		args := []string{"why", c.profile, c.kind, c.target}
		status := w.husk(args...)
		word := "denied: "
		if c.allowed {
			word = "allowed: "
		}
		if (status == 0) != c.allowed || !strings.HasPrefix(w.out.String(), word) {
			t.Errorf("%q: status %d\n%s%s", args[1:], status, w.out.String(), w.err.String())
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(w.out.String(), s) {
				t.Errorf("%q: the answer lacks %q:\n%s", args[1:], s, w.out.String())
			}
		}
	}
	var v verdict
	w.husk("why", "a", "read", "/root/x", "--json")
	decode(t, w.out.String(), &v)
	if v.Version != whyVersion || v.Allowed || v.Reason == "" || v.Paste == "" {
		t.Errorf("%+v", v)
	}
	// What husk check refuses is not proposed.
	for _, target := range []string{w.home, "/"} {
		if status := w.husk("why", "a", "write", target); status != 1 || strings.Contains(w.out.String(), "to allow it") {
			t.Errorf("write %s: status %d\n%s", target, status, w.out.String())
		}
	}
	w.host.cwd = w.home
	if status := w.husk("why", "a", "write", "f"); status != 1 || !strings.Contains(w.out.String(), `write "${project}" is dropped here`) {
		t.Errorf("at home: status %d\n%s", status, w.out.String())
	}
	w.fails(1, []string{`did you mean "mount"`}, "why", "a", "syscall", "mont")
	w.fails(2, []string{"the path is empty"}, "why", "a", "read", "")
	w.fails(2, []string{"is not HOST:PORT"}, "why", "a", "connect", "x")
	w.fails(2, []string{"is not a port"}, "why", "a", "bind", "x")
}

// What why proposes for a file, pasted into the profile, allows it.
func TestWhyPasteWorks(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a"))
	odd := w.home + "/odd \"${x}\" %{y} \\ name"
	w.write(odd, "", 0o644)
	for _, target := range []string{odd, w.host.cwd + "/f", "/opt"} {
		w.write(w.host.cwd+"/f", "", 0o644)
		w.husk("why", "a", "read", target, "--json")
		var v verdict
		decode(t, w.out.String(), &v)
		if v.Allowed || v.Paste == "" {
			t.Fatalf("%s: %+v", target, v)
		}
		w.profile("a.hcl", profileText("a", v.Paste))
		if status := w.husk("why", "a", "read", target); status != 0 {
			t.Errorf("%s with %s: status %d\n%s%s", target, v.Paste, status, w.out.String(), w.err.String())
		}
		w.profile("a.hcl", profileText("a"))
	}
}
