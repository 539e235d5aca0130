package hcl

import (
	"strings"
	"testing"
)

// changes gives what Diff finds between profiles a and b of a text.
func changes(t *testing.T, a, b string) []string {
	t.Helper()
	p := loadText(t, "profile \"a\" {\n"+a+"\n}\nprofile \"b\" {\n"+b+"\n}\n")
	var all []string
	for _, c := range Diff(mustResolve(t, p, "a", ""), mustResolve(t, p, "b", "")) {
		all = append(all, c.String())
	}
	return all
}

func TestDiff(t *testing.T) {
	files := func(s string) string { return "filesystem {\n" + s + "\n}" }
	network := func(s string) string { return "network {\nmode = \"filtered\"\n" + s + "\n}" }
	syscalls := func(s string) string { return "syscalls {\n" + s + "\n}" }
	for _, test := range []struct{ name, a, b, want string }{
		{"the same in another order", files(`read = ["/a", "/b"]`), files(`read = ["/b", "/a"]`), ""},
		{"a wider grant covers", files(`write = ["${project}"]`), files(`write = ["${project}", "${project}/x"]`), ""},
		{"a new grant", files(`read = ["/a"]`), files(`read = ["/a", "/b"]`), "+ filesystem: execute /b|+ filesystem: read /b"},
		{"write instead of read", files(`read = ["/a"]`), files(`write = ["/a"]`), "+ filesystem: write /a"},
		{"a directory with what lies in it", files(`read = ["/a/b"]`), files("read = [\"/a/b\"]\nwrite = [\"/a\"]\nprotect = [\"/a/b/c\"]"),
			"+ filesystem: execute /a|+ filesystem: read /a|+ filesystem: write /a"},
		{"hide", files(`read = ["/a"]`), files("read = [\"/a\"]\nhide = [\"/a/b\"]"), "- filesystem: execute /a/b|- filesystem: read /a/b"},
		{"protect", files(`write = ["/a"]`), files("write = [\"/a\"]\nprotect = [\"/a/b\"]"), "- filesystem: write /a/b"},
		{"only some may be executed", files(`read = ["/a"]`), files("read = [\"/a\"]\nexecute = []"), "- filesystem: execute /a|- filesystem: execute memory that is in no file"},
		{"bind", "", files(`bind "/a" { to = "/b" }`), "+ filesystem: read /a at /b"},
		{"xdg is not home", files(`read = ["${home}/.cache"]`), files(`read = ["${xdg.cache}"]`),
			"+ filesystem: execute ${xdg.cache}|+ filesystem: read ${xdg.cache}|- filesystem: execute ${home}/.cache|- filesystem: read ${home}/.cache"},
		{"view and home", "", files(`view = "host"`) + "\nhome { mode = \"host\" }", "+ filesystem: view host instead of minimal|+ home: mode host instead of granted"},
		{"tmp", "", "tmp {\nslash_tmp = \"denied\"\nstrict = true\n}", "- tmp: slash_tmp denied instead of private|- tmp: strict yes instead of no"},
		{"tmp size", "", "tmp { size = \"1M\" }", "~ tmp: size 1M instead of without a bound"},
		{"environment", `environment { pass = ["LC_*", "A"] }`, `environment { pass = ["LC_ALL", "B"] }`,
			"+ environment: pass B|- environment: pass A|- environment: pass LC_*"},
		{"unset", `environment { pass = ["A_*"] }`, "environment {\npass = [\"A_*\"]\nunset = [\"A_B\"]\n}", "- environment: pass A_B"},
		{"set", `environment { set = { A = "1", B = "1" } }`, `environment { set = { A = "2", C = "${home}" } }`,
			`~ environment: set A = "2" instead of "1"|~ environment: set B no more|~ environment: set C = "${home}"`},
		{"secret", "", "environment {\nsecret \"T\" { file = \"~/t\" }\n}", "+ environment: secret T from ${home}/t"},
		{"hosts", network(`connect "*.a.example" { ports = [443] }`), network("connect \"x.a.example\" { ports = [443] }\nconnect \"a.example\" { ports = [443] }"),
			"+ network: connect a.example:443|- network: connect *.a.example:443"},
		{"networks", network(`connect "10.0.0.0/8" { ports = [443] }`), network("connect \"10.0.0.0/8\" { ports = [443] }\nconnect \"10.1.0.0/16\" { ports = [443] }\nconnect \"10.1.1.1\" { ports = [443, 80] }"),
			"+ network: connect 10.1.1.1:80"},
		{"mode", network(`connect "a.example" { ports = [443] }`), `network { mode = "host" }`, "+ network: mode host instead of filtered"},
		{"loopback", "network {\nloopback = false\n}", "network {\nloopback = true\n}", "+ network: loopback yes instead of no"},
		{"no loopback", network("loopback = true"), network("loopback = false"), "- network: loopback no instead of yes"},
		{"listen", network("listen = [80]"), network("publish = [80]"), "+ network: publish 80"},
		{"a bus", ``, `dbus "session" {}`, "+ dbus: the session bus"},
		{"a bus and a name on it", ``, `dbus "system" { talk = ["org.a.b"] }`, "+ dbus: system talk org.a.b|+ dbus: the system bus"},
		{"a name that a wider rule covers", `dbus "session" { talk = ["org.a.*"] }`,
			`dbus "session" {
				see  = ["org.a"]
				call = ["org.a.b=*"]
				talk = ["org.a.*", "org.a.b.c"]
			}`, ""},
		{"a name beside a wider rule", `dbus "session" { talk = ["org.a.*"] }`, `dbus "session" { talk = ["org.ab"] }`, "+ dbus: session talk org.ab|- dbus: session talk org.a.*"},
		{"own is more than talk", `dbus "session" { talk = ["org.a.b"] }`, `dbus "session" { own = ["org.a.b"] }`, "+ dbus: session own org.a.b"},
		{"a call is less than talk", `dbus "session" { talk = ["org.a.b"] }`, `dbus "session" { call = ["org.a.b=*"] }`, "- dbus: session talk org.a.b"},
		{"sockets", `socket "/run/x" {}`, `socket "/run" { scope = "subtree" }`, "+ socket: connect /run (subtree)"},
		{"calls", syscalls(`deny = ["ptrace"]`), syscalls("kill = [\"ptrace\"]\nlog = [\"bpf\"]"), "- syscalls: ptrace kill instead of errno:EPERM|~ syscalls: bpf log instead of allow"},
		{"limits lifted", "limits { memory = \"1G\" }", "limits {\nmemory = \"unlimited\"\nfile_size = \"unlimited\"\n}", "+ limits: any memory instead of 1G"},
		{"cgroup", "", "limits { cgroup = \"required\" }", "- limits: cgroup required instead of auto"},
		{"no cgroup", "", "limits { cgroup = \"off\" }", "+ limits: cgroup off instead of auto"},
		{"limits", "limits { files = 10 }", "limits {\nfiles = 20\ncpu_time = \"1s\"\n}", "+ limits: files 20 instead of 10|- limits: cpu_time 1s instead of any"},
		{"the rest", "", "namespaces { share = [\"time\"] }\nidentity {\nuser = \"root\"\ntitle = true\ndumpable = false\n}\nterminal { new_session = true }\ndegrade = [\"seccomp\"]\n" +
			"late_drop { chroot = true }\nsupervise { on_denied = \"ask\" }\nverify \"/x\" { sha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }",
			"+ namespaces: share time|" +
				"- identity: dumpable no instead of yes|~ identity: title yes instead of no|~ identity: user root instead of self|- terminal: new_session yes instead of no|~ late_drop: chroot yes instead of no|" +
				"+ supervise: on_denied ask instead of deny|~ supervise: rate \"10/s\", burst 20, audit \"denials\" instead of \"\", 0, \"\"|- verify: another content of /x|+ degrade: without seccomp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(changes(t, test.a, test.b), "|"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A profile without commands names no program.
func TestDiffOfPrograms(t *testing.T) {
	p := loadText(t, "profile \"a\" {}")
	a, b := mustResolve(t, p, "a", ""), mustResolve(t, p, "a", "")
	a.Program.Path = "/usr/bin/jq"
	want := "~ program: none instead of /usr/bin/jq"
	if got := Diff(a, b); len(got) != 1 || got[0].String() != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// What is more one way is less the other way.
func TestDiffIsSymmetric(t *testing.T) {
	p := loadText(t, `
profile "a" {
  filesystem { read = ["/a"] }
}
profile "b" {
  filesystem { write = ["/b"] }
  limits { files = 1 }
}
`)
	a, b := mustResolve(t, p, "a", ""), mustResolve(t, p, "b", "")
	there, back := Diff(a, b), Diff(b, a)
	if len(there) == 0 || len(there) != len(back) {
		t.Fatal(there, back)
	}
	count := map[Effect]int{}
	for _, c := range there {
		count[c.Effect]++
	}
	for _, c := range back {
		count[map[Effect]Effect{Allows: Denies, Denies: Allows, Differs: Differs}[c.Effect]]--
	}
	if count[Allows] != 0 || count[Denies] != 0 {
		t.Error(there, back)
	}
	if there[0].Origin == nil || there[0].Origin.Line == 0 {
		t.Error("a change by a rule has its origin", there[0])
	}
}
