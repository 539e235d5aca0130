package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// rendered is a world with a profile file outside of the user's layer.
func rendered(t *testing.T, text string) (w *world, file, out string) {
	w = newWorld(t)
	// The user's own layer must not matter, not even with an error in it.
	w.profile("npm.hcl", "profile \"npm\" {")
	return w, w.write(w.home+"/package/npm.hcl", text, 0o644), w.home + "/out"
}

// planIn reads a rendered wrapper of the exec renderer.
func planIn(t *testing.T, file string) *plan.Plan {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRender(t *testing.T) {
	w, file, out := rendered(t, profileText("npm", `commands = ["npm", "npx"]`, `filesystem { write = ["${project}"] }`))
	closure := w.write(w.home+"/closure", "/nix/store/b-node\n/nix/store/a-libc\n/nix/store/b-node\n", 0o644)
	w.host.environ = append(w.host.environ, "HUSK_VAR_nothing=1")
	w.ok("render", file, "--out", out, "--target", "exec", "--closure", closure, "--arch", "arm64")
	p := planIn(t, out+"/npm")
	if p.Syscalls.Arch != "arm64" {
		t.Errorf("the filter is for %s", p.Syscalls.Arch)
	}
	if got := strings.Join(p.Program.Closure, " "); got != "/nix/store/a-libc /nix/store/b-node" {
		t.Errorf("closure %q", got)
	}
	for _, r := range p.Filesystem.Reserved {
		if r.Path.Anchor == plan.AnchorRoot && strings.HasPrefix(r.Path.Path, w.home) && !strings.HasPrefix(r.Path.Path, filepath.Dir(w.host.executable)) {
			t.Errorf("the builder's %s is in the plan", r.Path)
		}
	}
	planIn(t, out+"/npx")
}

// --command takes names that the profile doesn't know; --path is searched alone.
func TestRenderNamedCommand(t *testing.T) {
	w, file, out := rendered(t, profileText("tool", `commands = ["npm"]`))
	own := w.write(w.home+"/package/bin/jq", "#!/bin/sh\n", 0o755)
	w.ok("render", file, "--out", out, "--target", "exec", "--command", "jq=tool", "--path", filepath.Dir(own))
	if p := planIn(t, out+"/jq"); p.Program.Path != own || p.Command != "jq" {
		t.Errorf("starts %s as %s", p.Program.Path, p.Command)
	}
	if _, err := os.Stat(out + "/npm"); err == nil {
		t.Error("npm was rendered as well")
	}
	if got := w.husk("render", file, "--out", out+"2", "--target", "exec", "--command", "npm=tool", "--path", filepath.Dir(own)); got != 1 {
		t.Errorf("npm was found outside of --path: status %d", got)
	}
}

func TestRenderRefuses(t *testing.T) {
	w, file, out := rendered(t, profileText("npm", `commands = ["npm"]`))
	user := w.write(w.home+"/package/user.hcl", profileText("npm", `commands = ["npm"]`, `description = user`), 0o644)
	broken := w.write(w.home+"/package/broken.hcl", "profile \"npm\" {\n  nonsense = 1\n}\n", 0o644)
	foreign := w.write(w.home+"/closure", "/usr/lib\n", 0o644)
	empty := w.write(w.home+"/empty", "\n", 0o644)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{file, "--out", out}, "not in /nix/store"},
		{[]string{user, "--out", out, "--target", "exec"}, "user"},
		{[]string{broken, "--out", out, "--target", "exec"}, "broken.hcl:2"},
		{[]string{file, "--out", out, "--target", "exec", "--closure", foreign}, "not a path in /nix/store"},
		{[]string{file, "--out", out, "--target", "exec", "--closure", empty}, "is empty"},
		{[]string{file, "--out", out, "--target", "exec", "--command", "npm"}, "NAME=PROFILE"},
		{[]string{file, "--out", out, "--target", "exec", "--command", "npm=other"}, "other"},
		{[]string{file, "--out", out, "--target", "exec", "--arch", "mips"}, "mips"},
	} {
		if w.husk(append([]string{"render"}, c.args...)...) == 0 || !strings.Contains(w.err.String(), c.want) {
			t.Errorf("%q: want %q in\n%s", c.args, c.want, w.err.String())
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("%q wrote %s", c.args, out)
		}
	}
}
