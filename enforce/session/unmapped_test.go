package session

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestMapsEverybody(t *testing.T) {
	for text, want := range map[string]bool{
		"         0          0 4294967295\n": true,
		"1000 1000 1\n":                      false,
		"0 1000 1\n1 100000 65536\n":         false,
		"0 0 1\n":                            false,
		"0 0 4294967294\n":                   false,
		"1 1 4294967295\n":                   false,
		"":                                   false,
	} {
		if got := mapsEverybody(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestOwner(t *testing.T) {
	for _, c := range []struct {
		name      string
		uid, euid uint32
		complete  bool
		rootless  bool
		want      string // in the error, "" for none
	}{
		{"/x", 0, 1000, false, true, ""},
		{"/x", 1000, 1000, false, true, ""},
		{"/x", 1001, 1000, false, true, "user 1001"},
		// All have a number: nobody is a user like others.
		{"/tmp", nobodys, 1000, true, false, "user 65534"},
		{"/x", nobodys, nobodys, true, false, ""},
		// The owner of / has none: root's places, and no other.
		{"/", nobodys, 1000, false, false, ""},
		{"/tmp", nobodys, 1000, false, true, ""},
		{"/tmp/x", nobodys, 1000, false, true, "without a number"},
		{"/home/mallory", nobodys, 1000, false, true, "without a number"},
		{"/data", nobodys, 1000, false, true, "without a number"},
		// The owner of / has a number, so it is not that one's.
		{"/tmp", nobodys, 1000, false, false, "without a number"},
		// Who has no number cannot tell own things from others'.
		{"/home/me", nobodys, nobodys, false, true, "without a number"},
		{"/tmp", nobodys, nobodys, false, true, ""},
	} {
		v := validator{euid: c.euid, complete: func() bool { return c.complete }, rootless: c.rootless}
		err := v.owner(c.name, c.uid)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// For real: in a namespace that maps the test's user alone, / and /tmp are
// nobody's. A directory of a user without a number is not used.
func TestValidateWhereRootHasNoNumber(t *testing.T) {
	if os.Geteuid() != 0 {
		validateUnmapped(t, os.Geteuid(), "")
		return
	}
	dir := trusted(t)
	for _, parent := range []string{dir, dir + "/.."} { // the way there must be open to a stranger
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	theirs := mkdir(t, 0o777, dir, "theirs")
	if err := os.Lchown(theirs, stranger+1, stranger+1); err != nil {
		t.Fatal(err)
	}
	giveAway(t, mkdir(t, 0o700, theirs, "mine"))
	validateUnmapped(t, stranger, theirs+"/mine")
}

// validateUnmapped runs the helper as user in such a namespace.
func validateUnmapped(t *testing.T, user int, foreign string) {
	t.Helper()
	// As a user of the machine, start this very file anew: /proc/self/exe.
	cmd := exec.Command("/proc/self/exe")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), helperEnv+"=unmapped", "FOREIGN="+foreign)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: user, HostID: user, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(user), Gid: 0, NoSetGroups: true}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) {
		cannotRun(t, "no user namespace: "+err.Error())
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// unmapped is the helper.
func unmapped() error {
	var st syscall.Stat_t
	if err := syscall.Stat("/", &st); err != nil || st.Uid != nobodys {
		return fmt.Errorf("/ belongs to %d, %v: the namespace is not what the test needs", st.Uid, err)
	}
	if got, err := Validate("/tmp", os.Geteuid()); err != nil || got != "/tmp" {
		return fmt.Errorf("/tmp: %q, %v", got, err)
	}
	foreign := os.Getenv("FOREIGN")
	if foreign == "" {
		return nil
	}
	if _, err := Validate(foreign, os.Geteuid()); err == nil || !strings.Contains(err.Error(), "without a number") {
		return fmt.Errorf("%s: %v", foreign, err)
	}
	return nil
}
