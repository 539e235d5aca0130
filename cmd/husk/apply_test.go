package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestApplyWithoutProfiles(t *testing.T) {
	w := newWorld(t)
	w.fails(1, []string{"there are no profiles of yours in " + w.home + "/.config/husk/profiles", "husk: hint: husk init"}, "apply")
	w.fails(1, []string{`the library has no profile "nope"`, "husk list --library"}, "apply", "--library", "nope")
	w.fails(1, []string{`the library profile "base" has no commands`}, "apply", "--library", "base")
	if _, err := os.Stat(w.bin("")); err == nil {
		t.Error("the wrapper directory was made")
	}
}

func TestApplyLibrary(t *testing.T) {
	w := newWorld(t)
	w.ok("apply", "--library", "npm,curl")
	p := w.installed("npm")
	if p.Profile != "npm" && p.Profile != "library/npm" || p.Source != "library/npm.hcl" || !strings.HasSuffix(p.Program.Path, "/tools/npm") {
		t.Errorf("%s from %s starts %s", p.Profile, p.Source, p.Program.Path)
	}
	if len(p.Syscalls.Program) == 0 || p.Syscalls.Arch == "" {
		t.Error("the plan has no system call filter")
	}
	if !slices.Contains(p.Environment.WithoutPath, w.home+"/.local/share/husk/bin") {
		t.Errorf("the wrapper directory stays on PATH: %q", p.Environment.WithoutPath)
	}
	var reserved []string
	for _, r := range p.Filesystem.Reserved {
		reserved = append(reserved, r.Path.Path)
		if r.Origin != plan.NoOrigin {
			t.Errorf("%s has an origin", r.Path.Path)
		}
	}
	for _, want := range []string{w.home + "/.local/share/husk/bin", w.home + "/.config/husk/profiles", w.home + "/.local/state/husk", w.host.executable, w.host.executable + "-enforce"} {
		if !slices.Contains(reserved, want) {
			t.Errorf("%s is not reserved: %q", want, reserved)
		}
	}
	text, err := os.ReadFile(w.bin("curl"))
	if err != nil || !strings.HasPrefix(string(text), "#!"+w.host.executable+"-enforce\n# husk wrapper for curl (renderer exec, husk ") {
		t.Errorf("%.200s, %v", text, err)
	}
	w.ok("apply", "--library", "curl")
	if _, err := os.Stat(w.bin("npm")); err == nil {
		t.Error("a wrapper that nobody asks for is still there")
	}
}

// The user's layer is rendered beside the library's; a profile of the same name
// is the user's.
func TestApplyLayers(t *testing.T) {
	w := newWorld(t)
	w.profile("mine.hcl", `
profile "npm" {
  inherits = ["library/npm"]
  commands = ["npm"]
  filesystem { read = ["${home}/.config/extra"] }
}`)
	w.ok("apply", "--library", "npm,curl")
	if p := w.installed("npm"); !strings.HasSuffix(p.Source, "/mine.hcl") {
		t.Errorf("npm is from %s", p.Source)
	}
	if _, err := os.Stat(w.bin("npx")); err == nil {
		t.Error("npx of the hidden library profile was rendered")
	}
	w.installed("curl")
}

func TestApplyChangesNothingOnErrors(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a", `commands = ["npm"]`))
	w.ok("apply")
	before, err := os.ReadFile(w.bin("npm"))
	if err != nil {
		t.Fatal(err)
	}
	w.profile("b.hcl", "profile \"b\" {\n  inherits = [\"bsae\"]\n  commands = [\"curl\"]\n  filesytem { read = 3 }\n}\n")
	w.profile("a.hcl", profileText("a", `commands = ["npm"]`, `filesystem { read = ["/opt"] }`))
	w.fails(1, []string{"b.hcl:2", "bsae", "b.hcl:4", "filesytem"}, "apply")
	if after, err := os.ReadFile(w.bin("npm")); err != nil || string(after) != string(before) {
		t.Error("a wrapper changed")
	}
	if w.out.Len() > 0 {
		t.Errorf("standard output has %q", w.out.String())
	}
}

func TestApplyReportsAllMissingPrograms(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a", `commands = ["no-such-a", "npm", "no-such-b"]`))
	w.fails(1, []string{"no-such-a: not found on PATH", "no-such-b: not found on PATH", "husk: hint: install it"}, "apply")
	if _, err := os.Stat(w.bin("npm")); err == nil {
		t.Error("npm was rendered all the same")
	}
}

func TestApplyRefusesOneCommandOfTwoProfiles(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("mine", `commands = ["curl"]`))
	w.ok("apply")
	w.fails(1, []string{`"mine"`, `"library/curl"`, `both have the command "curl"`}, "apply", "--library", "curl")
}

// What isn't enforced yet is refused with its line, all of it at once.
func TestApplyRefusesTheUnenforced(t *testing.T) {
	w := newWorld(t)
	file := w.profile("a.hcl", `profile "a" {
  inherits = ["base"]
  commands = ["npm"]
  network {
    mode = "filtered"
    connect "example.org" { ports = [443] }
  }
  supervise { on_denied = "ask" }
}
`)
	w.fails(1, []string{
		file + ":8: profile \"a\": supervise is not enforced yet",
	}, "apply")
}

func TestApplyLeavesEditedWrappers(t *testing.T) {
	w := newWorld(t)
	w.ok("apply", "--library", "npm,curl")
	w.write(w.bin("npm"), "#!/bin/sh\necho mine\n", 0o755)
	w.fails(1, []string{w.bin("npm") + " was edited by hand, so it is left alone"}, "apply", "--library", "npm,curl")
	w.fails(1, []string{"was edited by hand"}, "apply", "--library", "npm,curl")
}

func TestApplyDryRun(t *testing.T) {
	w := newWorld(t)
	if diff := w.ok("apply", "--library", "curl", "--dry-run"); !strings.HasPrefix(diff, "--- /dev/null\n+++ b/curl\n@@ -0,0 +1,") {
		t.Errorf("got %.100q", diff)
	}
	if _, err := os.Stat(w.bin("curl")); err == nil {
		t.Error("a dry run rendered")
	}
}

// The second of two equal runs renders nothing, and sees every change.
func TestApplyAgain(t *testing.T) {
	w := newWorld(t)
	file := w.profile("a.hcl", `
variable "dir" { default = "/opt/a" }
profile "a" {
  inherits = ["base"]
  commands = ["npm"]
  filesystem { read = [var.dir] }
}`)
	for range 2 {
		w.ok("apply")
		time.Sleep(40 * time.Millisecond) // files of this very moment are always read again
	}
	w.ok("apply")
	if !strings.Contains(w.err.String(), "1 wrapper file up to date") {
		t.Errorf("nothing changed, and husk says %q", w.err.String())
	}
	reads := func() string { return w.installed("npm").Filesystem.Read[0].Path.Path }
	w.ok("apply", "--set", "dir=/opt/b")
	if got := reads(); got != "/opt/b" {
		t.Errorf("--set: %s", got)
	}
	w.host.environ = append(w.host.environ, "HUSK_VAR_dir=/opt/c")
	w.ok("apply")
	if got := reads(); got != "/opt/c" {
		t.Errorf("HUSK_VAR: %s", got)
	}
	w.write(file, profileText("a", `commands = ["npm"]`, `filesystem { read = ["/opt/d"] }`), 0o644)
	w.ok("apply")
	if got := reads(); got != "/opt/d" {
		t.Errorf("another text: %s", got)
	}
	newer := w.write(w.home+"/first/npm", "#!/bin/sh\n", 0o755)
	w.host.environ[1] = "PATH=" + w.home + "/first:" + w.host.getenv("PATH")
	w.ok("apply")
	if got := w.installed("npm").Program.Path; got != newer {
		t.Errorf("another program: %s", got)
	}
}

// Dotfile managers link single files; what they link to is reserved as well.
func TestApplyLinkedProfiles(t *testing.T) {
	w := newWorld(t)
	real := w.write(w.home+"/dotfiles/husk/a.hcl", profileText("a", `commands = ["npm"]`), 0o644)
	if err := os.MkdirAll(w.home+"/.config/husk/profiles", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, w.home+"/.config/husk/profiles/a.hcl"); err != nil {
		t.Fatal(err)
	}
	w.ok("apply")
	if !slices.ContainsFunc(w.installed("npm").Filesystem.Reserved, func(r plan.PathRule) bool { return r.Path.Path == w.home+"/dotfiles/husk" }) {
		t.Error("the directory of the linked profile is not reserved")
	}
}

func TestApplyEnforcer(t *testing.T) {
	w := newWorld(t)
	other := w.write(w.home+"/other/husk-enforce", "", 0o755)
	w.ok("apply", "--library", "curl", "--enforcer", other)
	if text, err := os.ReadFile(w.bin("curl")); err != nil || !strings.HasPrefix(string(text), "#!"+other+"\n") {
		t.Errorf("%.100s, %v", text, err)
	}
	if err := os.Chmod(other, 0o757); err != nil {
		t.Fatal(err)
	}
	w.fails(1, []string{"everybody can write to " + other}, "apply", "--library", "curl", "--enforcer", other)
	w.fails(1, []string{"is not an executable file"}, "apply", "--library", "curl", "--enforcer", w.write(w.home+"/plain", "", 0o644))
	if err := os.Remove(w.host.executable + "-enforce"); err != nil {
		t.Fatal(err)
	}
	// Neither PATH nor the environment is asked.
	w.write(w.home+"/../../tools/husk-enforce", "", 0o755)
	w.host.environ = append(w.host.environ, "HUSK_ENFORCE="+other, "HUSK_ENFORCER="+other)
	w.fails(1, []string{"the enforcer is missing", "name it with --enforcer"}, "apply", "--library", "curl")
}

func TestApplyProject(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a", `commands = ["npm"]`, `filesystem { read = ["${project}"] }`))
	file := w.write(w.home+"/project/.husk.hcl", `profile "a" {
  filesystem {
    hide = ["${project}/.env"]
    read = ["${home}/.aws"]
  }
}
`, 0o644)
	find := func() *plan.Plan {
		t.Helper()
		dirs, err := os.ReadDir(w.home + "/.local/share/husk/projects")
		if err != nil || len(dirs) != 1 {
			t.Fatalf("%v, %v", dirs, err)
		}
		p, err := w.readWrapper(w.home + "/.local/share/husk/projects/" + dirs[0].Name() + "/bin/npm")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	has := func(rules []plan.PathRule, path string) bool {
		return slices.ContainsFunc(rules, func(r plan.PathRule) bool { return r.Path.String() == path })
	}
	w.ok("apply", "--project", ".")
	if p := find(); !has(p.Filesystem.Hide, "${project}/.env") || has(p.Filesystem.Read, "${home}/.aws") {
		t.Errorf("not trusted: hide %v, read %v", p.Filesystem.Hide, p.Filesystem.Read)
	}
	if _, err := os.Stat(w.bin("npm")); err == nil {
		t.Error("the user's own wrapper was written")
	}
	w.ok("trust", file)
	w.ok("apply", "--project", w.home+"/project")
	if p := find(); !has(p.Filesystem.Read, "${home}/.aws") {
		t.Errorf("trusted: read %v", p.Filesystem.Read)
	}
	w.write(file, "profile \"a\" {\n  filesystem { read = [\"${home}/.aws\", \"${home}/.ssh\"] }\n}\n", 0o644)
	w.ok("apply", "--project", ".")
	if p := find(); has(p.Filesystem.Read, "${home}/.aws") || has(p.Filesystem.Read, "${home}/.ssh") {
		t.Errorf("trust outlived the content: read %v", p.Filesystem.Read)
	}
}

// What is built for the store names nothing of whoever builds it.
func TestPlansForTheStore(t *testing.T) {
	w := newWorld(t)
	p, err := w.newPipeline(source{bin: "/nix/store/x-out"}, true, "")
	if err != nil {
		t.Fatal(err)
	}
	p.forStore()
	var reserved []string
	for _, r := range p.options.Reserved {
		reserved = append(reserved, r.Path.String())
	}
	for _, want := range []string{"${xdg.config}/husk/profiles", "${xdg.data}/husk", "${xdg.state}/husk", w.host.executable + "-enforce"} {
		if !slices.Contains(reserved, want) {
			t.Errorf("%s is not reserved: %q", want, reserved)
		}
	}
	if slices.ContainsFunc(reserved, func(path string) bool { return strings.HasPrefix(path, w.home) }) {
		t.Errorf("the builder's home is in %q", reserved)
	}
	if !slices.Equal(p.without, []string{"/nix/store/x-out/bin"}) {
		t.Errorf("not on PATH inside: %q", p.without)
	}
	if err := p.load(); err != nil {
		t.Fatal(err)
	}
	resolved, err := p.finish(named{"library/curl", "curl"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(resolved.Filesystem.Reserved) != len(reserved) {
		t.Errorf("reserved: %v", resolved.Filesystem.Reserved)
	}
}
