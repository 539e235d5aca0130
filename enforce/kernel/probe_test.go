package kernel

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestProbe(t *testing.T) {
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	features := Probe()
	seen := map[string]bool{}
	for _, f := range features {
		switch {
		case f.Name == "" || seen[f.Name]:
			t.Errorf("a name that is empty or stands twice: %+v", f)
		case f.Detail == "":
			t.Errorf("%s: not a word on what was found", f.Name)
		case f.Available && f.Hint != "":
			t.Errorf("%s is there, and has a hint: %s", f.Name, f.Hint)
		case !f.Available && f.Hint == "":
			t.Errorf("%s is missing, and there is no hint", f.Name)
		case f.Degrade != "" && !slices.Contains(plan.Degradable, f.Degrade):
			t.Errorf("%s: no profile can say degrade = [%q]", f.Name, f.Degrade)
		case strings.HasSuffix(f.Hint, ".") || strings.HasSuffix(f.Detail, "."):
			t.Errorf("%s: a full stop", f.Name)
		}
		if !f.Available {
			t.Logf("%s: %s (%s)", f.Name, f.Detail, f.Hint)
			if os.Getenv("HUSK_MUST_WORK") == "1" {
				t.Errorf("%s is missing on a machine that should have it", f.Name)
			}
		}
		seen[f.Name] = true
	}
	for _, name := range plan.Degradable {
		if name != plan.DegradeLimits && !slices.ContainsFunc(features, func(f Feature) bool { return f.Degrade == name }) {
			t.Errorf("nothing that is asked for could be missing by %q", name)
		}
	}
	after, err := os.ReadDir("/proc/self/fd")
	if err != nil || len(after) != len(before) {
		t.Errorf("%d descriptors, %d before, %v", len(after), len(before), err)
	}
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("a child is left: %v", err)
	}
}

func TestNamespaceHint(t *testing.T) {
	if switchedOn("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") {
		if hint := NamespaceHint(unix.EPERM); !strings.Contains(hint, "AppArmor") {
			t.Errorf("the restriction is on, and the hint is %q", hint)
		}
		return
	}
	for errno, want := range map[unix.Errno]string{
		unix.ENOSPC: "user.max_user_namespaces",
		unix.EUSERS: "user.max_user_namespaces",
		unix.EPERM:  "unprivileged_userns_clone",
		unix.EACCES: "unprivileged_userns_clone",
		unix.EINVAL: "built without",
		unix.ENOMEM: "husk doctor",
	} {
		if hint := NamespaceHint(errno); !strings.Contains(hint, want) || strings.Contains(hint, "AppArmor") {
			t.Errorf("%v: %q, want %q in it", errno, hint, want)
		}
	}
}

func TestSwitchedOn(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]bool{"0\n": false, "1\n": true, "2": true, "": false} {
		file := dir + "/switch"
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := switchedOn(file); got != want {
			t.Errorf("%q: %v", content, got)
		}
	}
	if switchedOn(dir + "/none") {
		t.Error("what isn't there is on")
	}
}

func TestSeccompAsksForAnAction(t *testing.T) {
	if err := actionAvailable(unix.SECCOMP_RET_ERRNO); err == unix.ENOSYS {
		cannotRun(t, "no seccomp filters")
	} else if err != nil {
		t.Errorf("errno: %v", err)
	}
	if err := actionAvailable(0x00010000); err != unix.EOPNOTSUPP {
		t.Errorf("an action that doesn't exist: %v", err)
	}
	if err := Seccomp(); err != nil {
		t.Errorf("kill: %v", err)
	}
}
