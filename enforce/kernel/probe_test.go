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
			// Who delegates a control group is the system's manager, which a container
			// and a machine for tests often lack.
			if os.Getenv("HUSK_MUST_WORK") == "1" && f.Name != groupFeature {
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
	for _, c := range []struct {
		in    situation
		errno unix.Errno
		want  string
	}{
		{situation{}, unix.ENOSPC, "user.max_user_namespaces and its siblings"},
		{situation{}, unix.EUSERS, "user.max_user_namespaces"},
		{situation{none: true}, unix.ENOSPC, "sysctl -w user.max_user_namespaces"},
		{situation{}, unix.EPERM, "unprivileged_userns_clone"},
		{situation{}, unix.EACCES, "its seccomp profile must allow"},
		{situation{off: true}, unix.EPERM, "sysctl -w kernel.unprivileged_userns_clone=1"},
		{situation{appArmor: true}, unix.EPERM, "husk doctor --apparmor"},
		{situation{appArmor: true}, unix.EACCES, "husk doctor --apparmor"},
		{situation{appArmor: true}, unix.ENOSPC, "a limit on namespaces"},
		{situation{confined: true}, unix.EPERM, "inside another sandbox or a container"},
		{situation{confined: true}, unix.ENOSYS, "inside another sandbox or a container"},
		{situation{confined: true, appArmor: true}, unix.EPERM, "AppArmor"},
		{situation{}, unix.EINVAL, "built without"},
		{situation{}, unix.ENOMEM, "husk doctor"},
	} {
		if hint := c.in.hint(c.errno); !strings.Contains(hint, c.want) {
			t.Errorf("%+v, %v: %q, want %q in it", c.in, c.errno, hint, c.want)
		}
	}
}

func TestReads(t *testing.T) {
	file := t.TempDir() + "/switch"
	for content, want := range map[string]bool{"0\n": true, "1\n": false, "10": false, "": false} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := reads(file, "0"); got != want {
			t.Errorf("%q: %v", content, got)
		}
	}
	if reads(file+"none", "0") {
		t.Error("what isn't there has a value")
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
