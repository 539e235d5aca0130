package session

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// helperEnv names the helper that the test binary is when it is started anew.
const helperEnv = "HUSK_SESSION_TEST_HELPER"

// helpers are what a test needs a process of its own for.
var helpers = map[string]func() error{
	"hold":                holdUntilKilled,
	"full-disk":           makeOnFullDisk,
	"full-disk-then-room": makeOnFullDiskThenFree,
	"collect-busy":        collectBusy,
	"remove-busy":         removeBusy,
	"unmapped":            unmapped,
}

func TestMain(m *testing.M) {
	if name := os.Getenv(helperEnv); name != "" {
		if err := helpers[name](); err != nil {
			os.Stdout.WriteString("error: " + err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	// What the tests say of / and /tmp holds of no other place, and the address of a
	// unix socket has to be short (unix(7)).
	os.Setenv("TMPDIR", "/tmp")
	os.Exit(m.Run())
}

// helper gives the command that runs one of the helpers with dir as its
// working directory.
func helper(t *testing.T, name, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env, cmd.Dir = append(os.Environ(), helperEnv+"="+name), dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// inOwnMounts runs a helper in an empty directory, as root of a user namespace
// with mounts of its own: that works for everybody who may have one.
func inOwnMounts(t *testing.T, name string) {
	t.Helper()
	cmd := helper(t, name, trusted(t))
	a := cmd.SysProcAttr
	a.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) {
		cannotRun(t, "no user namespace to mount in: "+err.Error())
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
}

// euid is the user whose rules the tests check.
var euid = os.Geteuid()

// stranger is a user who is neither root nor the one of the tests.
const stranger = 64321

// trusted gives an empty directory that passes validation, with its links
// resolved.
func trusted(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// giveAway makes path a stranger's, which takes root.
func giveAway(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("only root can give files away; the test should have chosen another way")
	}
	if err := os.Lchown(path, stranger, stranger); err != nil {
		t.Fatal(err)
	}
}

// inMemory is trusted on a file system in memory where there is one: for trees
// of thousands of files.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "husk-session-test-")
	if err != nil {
		return trusted(t)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func mkdir(t *testing.T, mode os.FileMode, parts ...string) string {
	t.Helper()
	dir := filepath.Join(parts...)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

func symlink(t *testing.T, target string, parts ...string) string {
	t.Helper()
	name := filepath.Join(parts...)
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
	return name
}

func write(t *testing.T, content string, parts ...string) string {
	t.Helper()
	name := filepath.Join(parts...)
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// make1 makes a session directory that must come into being.
func make1(t *testing.T, base, profile string, keep bool) *Dir {
	t.Helper()
	d, err := Make(base, profile, euid, keep)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// abandon lets go of a session directory as a killed parent does.
func abandon(d *Dir) {
	unix.Close(d.fd)
	unix.Close(d.base)
}

func collect(t *testing.T, base string) []string {
	t.Helper()
	removed, err := Collect(base, euid)
	if err != nil {
		t.Fatal(err)
	}
	return removed
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// wantRefusal fails the test unless err has all the words in it.
func wantRefusal(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q in it", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not have %q in it", err, w)
		}
	}
}
