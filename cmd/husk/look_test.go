package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/hcl"
)

func TestList(t *testing.T) {
	w := newWorld(t)
	if out := w.ok("list"); out != "" || !strings.Contains(w.err.String(), "wraps a command") {
		t.Errorf("without profiles: %q, %q", out, w.err.String())
	}
	if out := w.ok("list", "--library"); !strings.Contains(out, "\nnpm ") || !strings.Contains(out, "npm, npx") {
		t.Errorf("the library: %s", out)
	}
	w.profile("a.hcl", profileText("a", `commands = ["curl", "no-such-tool"]`))
	var l listing
	decode(t, w.ok("list", "--json"), &l)
	if l.Version != listVersion || len(l.Commands) != 2 {
		t.Fatalf("%+v", l)
	}
	c, missing := l.Commands[0], l.Commands[1]
	if c.Name != "curl" || c.Profile != "a" || !strings.HasSuffix(c.Program, "/tools/curl") || c.Installed || c.Wrapper != w.bin("curl") {
		t.Errorf("%+v", c)
	}
	if missing.Name != "no-such-tool" || missing.Program != "" || !strings.Contains(missing.Problem, "not found on PATH") {
		t.Errorf("%+v", missing)
	}
	if i := slices.IndexFunc(l.Profiles, func(l listed) bool { return l.Name == "a" }); i < 0 || l.Profiles[i].Layer != "user" || l.Profiles[i].Line != 1 {
		t.Errorf("%+v", l.Profiles)
	}
	w.profile("a.hcl", profileText("a", `commands = ["curl"]`))
	w.ok("apply")
	decode(t, w.ok("list", "--json"), &l)
	c = l.Commands[0]
	if !c.Installed || len(c.Before) != 0 || len(c.Shadows) == 0 || !strings.HasSuffix(c.Shadows[0], "/tools/curl") {
		t.Errorf("%+v", c)
	}
	if out := w.ok("list"); !strings.Contains(out, "installed") || !strings.Contains(out, "shadows ") {
		t.Errorf("%s", out)
	}
}

// A wrapper that was rendered when PATH was another one says what it starts.
func TestListStale(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a", `commands = ["curl"]`))
	w.ok("apply")
	old := w.home + "/../../tools/curl"
	newer := w.write(w.home+"/newer/curl", "#!/bin/sh\n", 0o755)
	w.host.environ[1] = strings.Replace(w.host.environ[1], "/bin:", "/bin:"+w.home+"/newer:", 1)
	var l listing
	decode(t, w.ok("list", "--json"), &l)
	c := l.Commands[0]
	if c.Program != newer || c.Starts != filepath.Clean(old) {
		t.Errorf("%+v", c)
	}
	if out := w.ok("list"); !strings.Contains(out, "/tools/curl (husk apply makes it "+newer+")") || w.err.Len() > 0 {
		t.Errorf("%s%s", out, w.err.String())
	}
	w.husk("doctor")
	if !strings.Contains(w.err.String(), "husk: warning: the wrapper of curl starts ") {
		t.Errorf("%s", w.err.String())
	}
	w.ok("apply")
	if out := w.ok("list"); strings.Contains(out, "makes it") {
		t.Errorf("%s", out)
	}
}

// What stands on PATH before the wrappers is said, but for a project's own.
func TestListPath(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a", `commands = ["curl"]`))
	w.ok("apply")
	usual := w.host.environ[1]
	for before, want := range map[string]string{
		"":                  "",
		"/usr/local/bin:":   "husk: warning: 1 directory stands on PATH before the wrapper directory: /usr/local/bin",
		"/a::/b/c:":         `husk: warning: 3 directories stand on PATH before the wrapper directory: /a, "", /b/c`,
		"/a:relative:/b/c:": "husk: warning: 3 directories stand on PATH before the wrapper directory: /a, relative, /b/c",
		w.home + "/.local/share/husk/projects/1/bin:": "",
	} {
		w.host.environ[1] = strings.Replace(usual, "PATH=", "PATH="+before, 1)
		w.ok("list")
		if got := w.err.String(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", before, got, want)
		}
	}
	w.host.environ[1] = "PATH=/usr/bin"
	w.ok("list")
	if !strings.Contains(w.err.String(), "is not on PATH") {
		t.Errorf("%s", w.err.String())
	}
}

// A library profile that was rendered is listed as well.
func TestListRenderedLibrary(t *testing.T) {
	w := newWorld(t)
	w.ok("apply", "--library", "curl")
	var l listing
	decode(t, w.ok("list", "--json"), &l)
	if len(l.Commands) != 1 || l.Commands[0].Name != "curl" || !l.Commands[0].Installed {
		t.Errorf("%+v", l.Commands)
	}
}

func TestCheck(t *testing.T) {
	w := newWorld(t)
	file := w.profile("a.hcl", profileText("a", `commands = ["curl"]`))
	if out := w.ok("check"); out != "" || w.err.Len() > 0 {
		t.Errorf("nothing is wrong: %q, %q", out, w.err.String())
	}
	w.profile("a.hcl", "profile \"a\" {\n  inherits = [\"bsae\"]\n  filesytem {}\n}\n")
	w.fails(1, []string{"a.hcl:2", "a.hcl:3", `did you mean "filesystem"`}, "check")
	w.fails(1, []string{"a.hcl:2", "a.hcl:3"}, "check", file)
	if status := w.husk("check", "--format", "json"); status != 1 || w.err.Len() > 0 {
		t.Errorf("status %d, standard error %q", status, w.err.String())
	}
	var report struct {
		Version     int
		Errors      int
		Diagnostics []struct {
			Severity, Summary, Detail, File string
			Range                           struct {
				Start, End struct{ Line, Column, Byte int }
			}
		}
		Warnings int
	}
	decode(t, w.out.String(), &report)
	if report.Version != 1 || report.Errors != 2 || report.Diagnostics[0].File != file || report.Diagnostics[0].Range.Start.Line != 2 {
		t.Errorf("%+v", report)
	}
}

// A project's file is checked as one: it may name all profiles, and adds none.
func TestCheckProject(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a", `commands = ["curl"]`))
	file := w.write(w.home+"/project/.husk.hcl", "profile \"*\" {\n  limits { files = 10 }\n}\n", 0o644)
	if out := w.ok("check", file); out != "" || w.err.Len() > 0 {
		t.Errorf("%q, %q", out, w.err.String())
	}
	w.write(file, "profile \"b\" {}\nprofile \"a\" {\n  commands = [\"x\"]\n}\n", 0o644)
	w.fails(1, []string{".husk.hcl:3", "in a project's file", "b changes no profile"}, "check", file)
	w.fails(1, []string{"no such file"}, "check", w.home+"/.husk.hcl")
	w.profile("a.hcl", "profile \"a\" {\n  filesytem {}\n}\n")
	w.fails(1, []string{"a.hcl:2", ".husk.hcl:3"}, "check", file, w.home+"/.config/husk/profiles/a.hcl")
}

func TestExplain(t *testing.T) {
	w := newWorld(t)
	file := w.profile("a.hcl", profileText("a", `commands = ["curl"]`, `filesystem {`, `  read = ["${home}/.curlrc"]`, `}`, `limits { memory = "2G" }`))
	out := w.ok("explain", "curl")
	for _, want := range []string{
		"curl -> ", "filesystem\n", "  read         ${home}/.curlrc", file + ":5", "  memory       2G", "library/base.hcl:",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the text lacks %q:\n%s", want, out)
		}
	}
	var e explanation
	decode(t, w.ok("explain", "a", "--json"), &e)
	i := slices.IndexFunc(e.Rules, func(r rule) bool { return r.Rule == "read" })
	if e.Version != explanationVersion || e.Command != "curl" || i < 0 {
		t.Fatalf("%+v", e)
	}
	if r := e.Rules[i]; r.Part != "filesystem" || r.Value != "${home}/.curlrc" || r.Origin == nil || r.Origin.File != file || r.Origin.Line != 5 {
		t.Errorf("%+v", r)
	}
	w.ok("apply")
	var of explanation
	decode(t, w.ok("explain", w.bin("curl"), "--json"), &of)
	if of.Program != e.Program || len(of.Rules) != len(e.Rules) {
		t.Errorf("the wrapper has %d rules for %s, the profile %d for %s", len(of.Rules), of.Program, len(e.Rules), e.Program)
	}
	w.ok("apply", "--renderer", "sh")
	decode(t, w.ok("explain", w.bin("curl"), "--json"), &of)
	if of.Program != e.Program {
		t.Errorf("the script starts %s, the profile %s", of.Program, e.Program)
	}
	w.fails(1, []string{"husk: error: ", "husk: hint: this takes a wrapper"}, "explain", w.write(w.home+"/x", "{", 0o644))
	w.fails(1, []string{"has no command"}, "explain", "library/base", "--steps")
}

// Every rule that a plan can hold is in the explanation, with its value.
func TestExplanationIsComplete(t *testing.T) {
	home := func(below string) plan.Path { return plan.Path{Anchor: plan.AnchorHome, Path: below} }
	rules := func(below string) []plan.PathRule { return []plan.PathRule{{Path: home(below)}} }
	secret := home("f-secret")
	p := &plan.Plan{
		Origins: []plan.Origin{{Profile: "p", File: "f.hcl", Line: 7, Through: []string{"p", "q"}}},
		Program: plan.Program{Path: "/p", Args: []string{"f-args"}, Grants: []string{"/f-grant"}, Digest: "f-digest"},
		Filesystem: plan.Filesystem{
			View: "f-view", Read: rules("f-read"), Write: rules("f-write"), Execute: rules("f-exec"), Hide: rules("f-hide"), Protect: rules("f-protect"),
			Reserved: rules("f-reserved"), Bind: []plan.Bind{{From: home("f-from"), To: home("f-to"), Mode: "f-bindmode"}},
			Tmpfs: []plan.Tmpfs{{Path: home("f-tmpfs"), Size: 3 << 20}}, Markers: []string{"f-marker"},
		},
		Home: plan.Home{Mode: "f-home"}, Tmp: plan.Tmp{Mode: "f-tmp", SlashTmp: "f-slash", Cleanup: "f-cleanup", Strict: true},
		Environment: plan.Environment{
			Pass: []plan.EnvPass{{Pattern: "F_PASS"}}, Set: []plan.EnvSet{{Name: "F_SET", Text: "f-set"}}, Unset: []plan.EnvPass{{Pattern: "F_UNSET"}},
			Secrets: []plan.Secret{{Name: "F_SECRET", File: &secret}, {Name: "F_OTHER", Command: []string{"f-command"}}},
		},
		Network: plan.Network{Mode: "f-network", Connect: []plan.Connect{{Host: "f-host", Ports: []int{4711}, Protocol: "udp", Check: "off"}}, Listen: []plan.Listen{{Port: 8155, Publish: true}}, Loopback: true},
		Sockets: []plan.Socket{{Path: home("f-socket"), Access: "f-access", Scope: "f-scope"}},
		DBus:    []plan.Bus{{Bus: "f-bus", Rules: []plan.BusRule{{Kind: "f-kind", Text: "f-text"}}}}, DBusProxy: &plan.DBusProxy{Path: "/f-proxy"},
		Namespaces: plan.Namespaces{Share: []string{"uts"}}, Degrade: []string{"f-degrade"},
		Syscalls: plan.Syscalls{
			Default: "f-default", ForeignABI: "f-abi", Lists: []plan.SyscallList{{Action: "f-action", Names: []string{"f-call"}}},
			Rules: []plan.SyscallRule{{Call: "f-rule", When: "f-when", Action: "f-rule-action"}},
		},
		Limits:   []plan.Limit{{Name: plan.LimitMemory, Value: 5 << 30}, {Name: plan.LimitWallTime, Value: 90}, {Name: plan.LimitFiles, Value: 77}},
		Identity: plan.Identity{User: "f-user", Title: true, Undumpable: true}, Terminal: plan.Terminal{NewSession: true}, LateDrop: &plan.LateDrop{Chroot: true},
		Supervise: &plan.Supervise{OnDenied: "f-denied", Approver: "f-approver", Rate: "f-rate", Burst: 21, Audit: "f-audit"},
		Verify:    []plan.Verify{{Path: home("f-verify"), SHA256: "f-sha"}},
	}
	var all strings.Builder
	for _, r := range explanationOf(p).Rules {
		all.WriteString(r.Rule + " " + r.Value + "\n")
	}
	for _, want := range []string{
		"f-args", "f-grant", "f-digest", "f-view", "f-read", "f-write", "f-exec", "f-hide", "f-protect", "f-reserved", "f-from", "f-to", "f-bindmode",
		"f-tmpfs", "3M", "f-marker", "f-home", "f-tmp", "f-slash", "f-cleanup", "strict", "F_PASS", "F_SET", "f-set", "F_UNSET", "F_SECRET", "f-secret",
		"F_OTHER", "f-command", "f-network", "f-host", "4711", "udp", "unchecked", "8155", "published", "loopback true", "f-socket", "f-bus", "f-kind", "f-text", "/f-proxy", "f-access", "f-scope", "uts", "f-degrade",
		"f-default", "f-abi", "f-action", "f-call", "f-rule", "f-when", "f-rule-action", "order the first rule", "5G", "1m30s", "77", "f-user", "title true", "dumpable false", "new_session true", "late_drop",
		"f-denied", "f-approver", "f-rate", "21", "f-audit", "f-verify", "f-sha",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("the explanation lacks %q", want)
		}
	}
}

// Every rule of a profile that writes everything has the line that it comes from;
// husk's own rules have none.
func TestEveryRuleHasItsLine(t *testing.T) {
	p, _ := hcl.LoadFiles(hcl.Options{}, []string{"../../hcl/testdata/equal/every.hcl"})
	resolved, d := p.Resolve("npm", "npm")
	if resolved == nil {
		t.Fatal(d.List)
	}
	for _, r := range explanationOf(resolved).Rules {
		own := r.Part == "namespaces" && r.Rule == "new" || r.Part == "syscalls" && r.Rule == "order"
		if (r.Origin == nil) != own {
			t.Errorf("%s %s %s: origin %v", r.Part, r.Rule, r.Value, r.Origin)
		}
	}
}

// On a terminal, what opens and what closes can be told at a glance.
func TestExplanationInColour(t *testing.T) {
	var out bytes.Buffer
	at := func(line int) *origin { return &origin{File: "f.hcl", Line: line} }
	e := explanation{Profile: "p", Source: "f.hcl", Command: "c", Rules: []rule{
		{Part: "filesystem", Rule: "read", Value: "/r", Origin: at(1)},
		{Part: "filesystem", Rule: "write", Value: "/w", Origin: at(1)},
		{Part: "filesystem", Rule: "hide", Value: "/h"},
		{Part: "environment", Rule: "pass", Value: "A", Origin: at(2)},
		{Part: "environment", Rule: "pass", Value: "B", Origin: at(2)},
		{Part: "environment", Rule: "pass", Value: "C", Origin: at(3)},
		{Part: "environment", Rule: "pass", Value: "D"},
		{Part: "environment", Rule: "pass", Value: "E"},
		{Part: "network", Rule: "mode", Value: "host"},
	}}
	if err := (&printer{out: &out}).explanation(e); err != nil {
		t.Fatal(err)
	}
	want := "c  profile \"p\", from f.hcl\n" +
		"\nfilesystem\n  read         /r    f.hcl:1\n  write        /w    f.hcl:1\n  hide         /h\n" +
		"\nenvironment\n  pass         A B   f.hcl:2\n  pass         C     f.hcl:3\n  pass         D\n  pass         E\n" +
		"\nnetwork\n  mode         host\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	if err := (&printer{out: &out, colour: true}).explanation(e); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\x1b[1mfilesystem\x1b[0m", "\x1b[33mwrite       \x1b[0m \x1b[33m/w\x1b[0m", "\x1b[32mhide", "\x1b[31mhost", "\x1b[2mf.hcl:1\x1b[0m", "  read         /r ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q lacks %q", out.String(), want)
		}
	}
}

func TestDiff(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("a", `commands = ["curl"]`, `filesystem { read = ["/opt/x"] }`))
	file := w.profile("b.hcl", profileText("b", `commands = ["npm"]`, `command "npm" { exec = "curl" }`, `filesystem { read = ["/opt/y"] }`))
	if out := w.ok("diff", "a", "a"); out != "" {
		t.Errorf("a differs from itself: %s", out)
	}
	if status := w.husk("diff", "a", "b"); status != 1 {
		t.Errorf("status %d", status)
	}
	for _, want := range []string{"+ filesystem: read /opt/y  " + file + ":5", "- filesystem: read /opt/x"} {
		if !strings.Contains(w.out.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, w.out.String())
		}
	}
	var d difference
	w.husk("diff", "a", "b", "--json")
	decode(t, w.out.String(), &d)
	if d.Version != diffVersion || d.A != "a" || len(d.Changes) < 2 {
		t.Errorf("%+v", d)
	}
	w.ok("apply")
	if out := w.ok("diff", "curl", w.bin("curl")); out != "" {
		t.Errorf("a fresh wrapper differs from its profile: %s", out)
	}
}

func TestUnenforcedTable(t *testing.T) {
	silent := &plan.Plan{Network: plan.Network{Mode: plan.NetworkNone}, Identity: plan.Identity{User: plan.IdentitySelf}, LateDrop: &plan.LateDrop{}}
	if errs := checkEnforced(silent); len(errs) != 0 {
		t.Errorf("refused: %v", errs)
	}
	loud := &plan.Plan{
		Profile: "p", Origins: []plan.Origin{{File: "f.hcl", Line: 9}},
		Network: plan.Network{Mode: plan.NetworkFiltered, Connect: make([]plan.Connect, 2), Listen: []plan.Listen{{Publish: true}}},
		Sockets: make([]plan.Socket, 1), Identity: plan.Identity{User: plan.IdentityDedicated}, LateDrop: &plan.LateDrop{Chroot: true},
		Supervise: &plan.Supervise{}, Verify: make([]plan.Verify, 1), Environment: plan.Environment{Secrets: make([]plan.Secret, 1)},
		Syscalls: plan.Syscalls{Default: "notify", Lists: []plan.SyscallList{{Action: "notify"}}, Rules: []plan.SyscallRule{{Action: "notify"}}},
	}
	errs := checkEnforced(loud)
	if len(errs) != len(unenforced) {
		t.Errorf("%d of %d entries: %v", len(errs), len(unenforced), errs)
	}
	for _, err := range errs {
		if !strings.HasPrefix(err.Error(), `f.hcl:9: profile "p": `) || !strings.HasSuffix(err.Error(), " is not enforced yet") {
			t.Errorf("%v", err)
		}
	}
}

func TestDoctor(t *testing.T) {
	w := newWorld(t)
	w.ok("apply", "--library", "curl")
	w.husk("doctor", "--json")
	var h health
	decode(t, w.out.String(), &h)
	if h.Version != doctorVersion || len(h.Kernel) == 0 || h.Enforcer == "" || h.Path.Position != 1 || len(h.Commands) != 1 {
		t.Errorf("%+v", h)
	}
	has := func(text string) bool {
		return slices.ContainsFunc(h.Problems, func(p problem) bool { return p.Essential && strings.Contains(p.Text, text) })
	}
	if has("PATH") {
		t.Errorf("%+v", h.Problems)
	}
	w.host.environ[1] = "PATH=/usr/bin:" + w.home + "/.local/share/husk/bin:."
	if status := w.husk("doctor", "--json"); status != 1 {
		t.Errorf("status %d", status)
	}
	h = health{}
	decode(t, w.out.String(), &h)
	if !has("1 directory stands on PATH before the wrapper directory: /usr/bin") || !slices.Equal(h.Path.Relative, []string{"."}) {
		t.Errorf("%+v", h)
	}
	w.probe = func() []kernel.Feature {
		return []kernel.Feature{{Name: "Landlock", Detail: "ABI 1", Hint: "a newer kernel", Degrade: "landlock"}}
	}
	w.fails(1, []string{"this kernel does not offer Landlock: ABI 1", `a newer kernel; a profile with degrade = ["landlock"] does without`}, "doctor")
	w.host.environ[1] = "PATH=/usr/bin"
	w.fails(1, []string{"is not on PATH", "husk hook"}, "doctor")
	w.profile("bad.hcl", "profile {")
	w.fails(1, []string{"have errors", "husk check"}, "doctor")
}

func TestGC(t *testing.T) {
	w := newWorld(t)
	if out := w.ok("gc"); strings.Contains(out, "\n\n") {
		t.Errorf("%q", out)
	}
}
