package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// kitVariable names a kit that was built by root, for the run as an ordinary user.
const kitVariable = "HUSK_ESCAPE_KIT"

// fewest is how many attempts must succeed without a sandbox before this suite
// says anything.
const fewest = 150

var tested *kit

func TestMain(m *testing.M) {
	status, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "escape:", err)
		status = 1
	}
	os.Exit(status)
}

// runAll builds the kit, or borrows it, around the tests.
func runAll(m *testing.M) (status int, err error) {
	settle()
	if borrowed := os.Getenv(kitVariable); borrowed != "" {
		if tested, err = borrow(borrowed); err != nil {
			return 1, err
		}
		defer tested.remove()
		return m.Run(), nil
	}
	if tested, err = openKit(".", ""); err != nil {
		return 1, err
	}
	defer tested.remove()
	tested.bin = tested.built + "/bin"
	for _, name := range []string{"husk", "husk-enforce"} {
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", tested.bin+"/", "../../cmd/"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
	}
	return m.Run(), nil
}

// settle makes the tests independent of how they were started. The kit may be read by
// the other user, whatever the umask. SIGHUP and SIGINT end what is started, also where
// this process ignores them, as below nohup(1): a program that was started so keeps
// that (execve(2)), unless its parent catches the signal.
func settle() {
	syscall.Umask(0o022)
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
}

// TestEscape runs every attempt with nothing around it and then with husk, as
// who runs the tests. What doesn't succeed with nothing is not counted as
// blocked, and must give a reason that the table knows.
func TestEscape(t *testing.T) {
	t.Parallel() // with the other user's
	if os.Getenv(kitVariable) == "" {
		// Here and not where they are built: what is read before m.Run counts for
		// nothing.
		if err := noteSources("../.."); err != nil {
			t.Fatal(err)
		}
	}
	applicable := 0
	for _, area := range areas {
		for i := range area.attempts {
			a := &area.attempts[i]
			if !a.forWhom(os.Getuid() == 0) {
				continue
			}
			t.Run(area.name+"/"+a.name, func(t *testing.T) {
				if attemptBoth(t, a) {
					applicable++
				}
			})
		}
	}
	if applicable < fewest && !t.Failed() {
		t.Errorf("only %d attempts succeed without a sandbox here, and %d should", applicable, fewest)
	}
	t.Logf("%d attempts succeed without a sandbox", applicable)
}

func attemptBoth(t *testing.T, a *attempt) (applicable bool) {
	bare := tested.try(nothing, a)
	switch bare.verdict {
	case notApplicable:
		t.Logf("not applicable: %s", bare.why)
		return false
	case open:
	default:
		t.Errorf("without a sandbox: %s: %s", bare.verdict, bare.why)
		return false
	}
	got := tested.try(husk, a)
	if got.verdict != blocked {
		t.Errorf("with husk: %s: %s", got.verdict, got.why)
	}
	t.Logf("without a sandbox: %s; with husk: %s", bare.why, got.why)
	return true
}

// TestEscapeAsUser runs TestEscape once more as an ordinary user where root
// runs the tests.
func TestEscapeAsUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("TestEscape is this already")
	}
	t.Parallel()
	uid, gid, name := ordinaryUser(t)
	binary := filepath.Join(tested.built, "escape.test")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", self, binary).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	args := []string{"-test.run=^TestEscape$", "-test.v=" + strconv.FormatBool(testing.Verbose())}
	if deadline, ok := t.Deadline(); ok {
		args = append(args, "-test.timeout="+max(time.Second, time.Until(deadline)-10*time.Second).String())
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir = tested.built
	cmd.Env = append(os.Environ(), kitVariable+"="+tested.built, "HOME=/nonexistent", "TMPDIR="+shared, "USER="+name, "LOGNAME="+name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as %s (%d): %v\n%s", name, uid, err, out)
	}
	t.Logf("as %s (%d):\n%s", name, uid, out)
}

// ordinaryUser is the machine's first person (login.defs: UID_MIN), or a
// number that no account has.
func ordinaryUser(t *testing.T) (uid, gid uint32, name string) {
	text, err := os.ReadFile("/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(line, ":")
		if len(fields) < 7 {
			continue
		}
		u, uidErr := strconv.ParseUint(fields[2], 10, 32)
		g, gidErr := strconv.ParseUint(fields[3], 10, 32)
		if uidErr == nil && gidErr == nil && u >= 1000 && u <= 60000 {
			return uint32(u), uint32(g), fields[0]
		}
	}
	return 54321, 54321, "nobody"
}
