package testscripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// scenario is a kind of start. Together they go through everything that a start
// may do but the network and a user of the program's own.
type scenario struct {
	name     string
	before   []string // what takes something from the kernel first
	profile  string   // in the profile, beside what all have
	flat     bool     // no namespaces: the program is the wrapper's child
	secret   bool     // a command is run before the sandbox
	late     bool     // there is a helper
	direct   bool     // the wrapper becomes the program
	kept     bool     // the session directory is the system's to remove
	fewest   int      // as many calls there are at least
	confined string   // a pattern of what the program says in its sandbox
}

var withoutNamespaces = []string{"nouserns", "ENOSPC"}

const degraded = `
  degrade = ["namespaces", "network-namespace"]
`

const whatBothSay = `Seccomp=2\n.*NoNewPrivs=1\n.*listen: EACCES\n.*read: E`

var scenarios = []scenario{
	{name: "whole", fewest: 150, confined: whatBothSay},
	{name: "landlock-only", before: withoutNamespaces, flat: true, profile: degraded + `
  tmp { strict = true }`, fewest: 60, confined: whatBothSay},
	{name: "strict", profile: `
  tmp {
    strict = true
    size   = "1M"
  }
  home { mode = "private" }`, fewest: 150, confined: whatBothSay},
	{name: "late-drop", late: true, profile: `
  late_drop { chroot = true }`, fewest: 150, confined: whatBothSay + `.*root empty`},
	{name: "secrets", secret: true, profile: `
  environment {
    secret "TOKEN" { file = "${home}/token" }
    secret "KEY" { command = ["@ASK@"] }
  }`, fewest: 150, confined: whatBothSay + `.*TOKEN=hunter2 KEY=key`},
	{name: "root", profile: `
  identity { user = "root" }`, fewest: 150, confined: whatBothSay},
	{name: "kept", kept: true, profile: `
  tmp { cleanup = "system" }`, fewest: 150, confined: whatBothSay},
	{name: "in-place", direct: true, kept: true, profile: `
  namespaces { share = ["user", "mount", "pid", "ipc", "uts", "cgroup", "time"] }
  network { mode = "host" }
  tmp {
    cleanup = "system"
    strict  = true
  }`, fewest: 40, confined: `Seccomp=2\n.*NoNewPrivs=1\n.*read: E`},
}

// faultsLook leaves what is hard to remove and says what the sandbox is like, the
// system call filter, Landlock, capabilities, limits and the view each by
// something that it alone does.
const faultsLook = `echo started
mkdir -p "$TMPDIR/a/b" && chmod 000 "$TMPDIR/a"
for field in Seccomp NoNewPrivs CapBnd CapPrm SigBlk; do "$PROBE_DIR/probe" status $field; done
"$PROBE_DIR/probe" listen 127.0.0.1:0
"$PROBE_DIR/probe" keyring
[ -n "$FLAT" ] || ls -A / /dev . hidden
[ -n "$FLAT" ] || echo /proc/[0-9]*
ulimit -Hn
ulimit -Hc
ls -A "$TMPDIR/."| grep -v /
[ -n "$FLAT" ] || "$PROBE_DIR/probe" interfaces
"$PROBE_DIR/probe" create /etc/planted
"$PROBE_DIR/probe" read "$DIARY"
echo "TOKEN=$TOKEN KEY=$KEY"
[ -z "$SBX_D" ] || exec "$PROBE_DIR/probe" drop C
exit 1
`

// profileText writes the scenario's profile.
func (s scenario) profileText() string {
	hide := ""
	if !s.direct { // who shares the mount namespace may hide nothing
		hide = `
    hide  = ["${project}/hidden"]`
	}
	return `profile "all" {
  environment { pass = ["PROBE_DIR", "DIARY", "FLAT"] }
}
profile "try" {
  inherits = ["all"]
  filesystem {
    read  = [env("PROBE_DIR")]
    write = ["${project}"]` + hide + `
  }
  command "tried" {
    exec = "/bin/sh"
    args = ["look.sh"]
  }` + s.profile + `
}
`
}

// met gives the numbers of the calls that are met, from 1: each one with
// HUSK_EVERY_CALL=1, else the first of each kind, and some of the others.
func met(calls []string) (numbers []int) {
	const some = 29
	seen := map[string]bool{}
	for i, call := range calls {
		if os.Getenv("HUSK_EVERY_CALL") == "1" || !seen[call] || i%some == 0 {
			numbers = append(numbers, i+1)
		}
		seen[call] = true
	}
	return numbers
}

// Whatever call of a start fails, and whichever process is killed at whichever
// call: the program runs in its whole sandbox or not at all, an error is told
// with what it is about, and nothing is left.
func TestEveryCallMayFail(t *testing.T) {
	if !userNamespaces() {
		skip(t, os.Getenv("HUSK_MUST_WORK") == "1", "no user namespaces")
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { s.test(t) })
	}
}

func (s scenario) test(t *testing.T) {
	f := newFaults(t, s)
	f.inject(t, injection{}) // what a first start makes is there from now on
	f.removeKept(t)
	whole := f.inject(t, injection{})
	f.whole, f.status = whole.stdout, whole.status
	sum := 0
	for _, calls := range whole.calls {
		sum += len(calls)
	}
	if whole.status > 1 || !regexp.MustCompile(`(?s)^started\n.*`+s.confined).MatchString(f.whole) || sum < s.fewest {
		t.Fatalf("without a fault: %+v", whole)
	}
	f.removeKept(t)
	runs, spared := 0, map[string]int{}
	for _, mode := range []injection{
		{name: "EACCES", fail: unix.EACCES}, {name: "ENOSPC", fail: unix.ENOSPC},
		{name: "kill -9 of the caller", killCaller: true}, {name: "kill -9 of the wrapper", killWrapper: true},
	} {
		for who, calls := range whole.calls {
			for _, at := range met(calls) {
				mode.who, mode.at = who, at
				got := f.inject(t, mode)
				f.judge(t, mode, got)
				if runs++; mode.fail != 0 && got.met != "" && got.stdout != "" {
					spared[who+"'s "+got.met]++
				}
			}
		}
	}
	t.Logf("%d calls, %d runs; the program ran all the same without: %v", sum, runs, spared)
}

// faults is what the runs of a scenario have in common.
type faults struct {
	scenario
	programs string // a directory with the programs of this package
	root     string // where everything lies
	env      []string
	dir      string // the project
	tmp      string
	// whole is what the program says in a sandbox that lacks nothing.
	whole  string
	status int
}

func (f *faults) command() string { return f.root + "/home/.local/share/husk/bin/tried" }

func newFaults(t *testing.T, s scenario) *faults {
	t.Helper()
	root, err := tools.workdir()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := &faults{scenario: s, root: root, programs: root + "/programs", dir: root + "/home/project", tmp: root + "/tmp"}
	for _, dir := range []string{f.dir + "/.git", f.dir + "/hidden", f.tmp, f.programs, root + "/home/.config/husk/profiles"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{
		f.dir + "/look.sh": faultsLook, f.dir + "/hidden/secret": "", root + "/home/diary": "dear", root + "/home/token": "hunter2",
		f.programs + "/ask":                          "#!/bin/sh\necho key\n",
		root + "/home/.config/husk/profiles/try.hcl": strings.ReplaceAll(s.profileText(), "@ASK@", f.programs+"/ask"),
	} {
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	// The test binary is each of its programs when it is started by that name.
	for _, name := range []string{"faulty", "nouserns"} {
		if err := os.Symlink(self, filepath.Join(f.programs, name)); err != nil {
			t.Fatal(err)
		}
	}
	f.env = []string{"HOME=" + root + "/home", "PATH=" + tools.bin() + ":" + f.programs + ":/usr/bin:/bin", "TMPDIR=" + f.tmp,
		"PROBE_DIR=" + tools.probe(), "DIARY=" + root + "/home/diary"}
	if s.flat || s.direct {
		f.env = append(f.env, "FLAT=1")
	}
	f.run(t, "husk", "apply")
	return f
}

// run runs a program without a filter.
func (f *faults) run(t *testing.T, argv ...string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(tools.bin(), argv[0]), argv[1:]...)
	cmd.Env, cmd.Dir = f.env, f.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", argv, err, out)
	}
	return string(out)
}

// start runs the wrapped command without a fault, in the scenario's tier.
func (f *faults) start(t *testing.T) {
	t.Helper()
	argv := append(append([]string{}, f.before...), f.command())
	if len(f.before) > 0 {
		argv[0] = filepath.Join(f.programs, argv[0])
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = f.env, f.dir
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != f.status {
		t.Fatalf("the next start: %v\n%s", err, out)
	}
	f.removeKept(t)
}

// left lists what is in the temporary directory.
func (f *faults) left(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(f.tmp + "/*")
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// removeKept removes what the system would.
func (f *faults) removeKept(t *testing.T) {
	t.Helper()
	for _, dir := range f.left(t) {
		if f.kept && strings.HasSuffix(dir, "-kept") {
			_ = os.Chmod(dir+"/a", 0o700) // not where the program never came so far
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
}
