package testscripts

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// account is a user that programs can run as.
type account struct {
	name     string
	uid, gid int
}

// credential makes a child run as the account, without supplementary groups.
func (a account) credential() *syscall.Credential {
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// ordinaryUser is who runs the test, or where that is root, the first user of
// the machine who is a person (login.defs: UID_MIN to UID_MAX). A machine
// without one gets a number that no account has.
func ordinaryUser() (account, error) {
	if uid := os.Getuid(); uid != 0 {
		return account{name: nameOf(uid), uid: uid, gid: os.Getgid()}, nil
	}
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return account{}, err
	}
	defer f.Close()
	return firstPerson(f)
}

// nameOf gives an account's name; its number where it has none, as subuid(5) has it.
func nameOf(uid int) string {
	number := strconv.Itoa(uid)
	if u, err := user.LookupId(number); err == nil {
		return u.Username
	}
	return number
}

func firstPerson(passwd io.Reader) (account, error) {
	lines := bufio.NewScanner(passwd)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) < 7 {
			continue
		}
		uid, err := strconv.Atoi(fields[2])
		if err != nil || uid < 1000 || uid > 60000 {
			continue
		}
		gid, err := strconv.Atoi(fields[3])
		if err != nil {
			continue
		}
		return account{name: fields[0], uid: uid, gid: gid}, nil
	}
	return account{name: "nobody", uid: 54321, gid: 54321}, lines.Err()
}

// asuserMain is the program asuser.
func asuserMain() {
	if len(os.Args) < 2 {
		fail("usage: asuser PROGRAM [ARG…]")
	}
	if os.Getuid() == 0 {
		user, err := ordinaryUser()
		check(err)
		check(syscall.Setgroups(nil))
		check(syscall.Setgid(user.gid))
		check(syscall.Setuid(user.uid))
		check(os.Setenv("USER", user.name))
		check(os.Setenv("LOGNAME", user.name))
	}
	become(os.Args[1:])
}

// become replaces the process by the program.
func become(argv []string) {
	path, err := exec.LookPath(argv[0])
	check(err)
	fail(fmt.Sprintf("%s: %v", path, syscall.Exec(path, argv, os.Environ())))
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", filepath.Base(os.Args[0]), message)
	os.Exit(2)
}

// TestScriptsAsUser runs TestScripts once more as an ordinary user where root
// runs the tests: what holds for one must hold for the other. The test binary
// runs as that user from the start, so nothing of root's is inherited.
func TestScriptsAsUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("TestScripts is this already")
	}
	user, err := ordinaryUser()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := tools.workdir()
	if err != nil {
		t.Fatal(err)
	}
	// The directory that go test builds in is root's alone.
	binary := filepath.Join(dir, "testscripts.test")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", self, binary).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.CopyFS(filepath.Join(dir, "script"), os.DirFS("script")); err != nil {
		t.Fatal(err)
	}
	args := []string{"-test.run=^TestScripts$"}
	if deadline, ok := t.Deadline(); ok {
		// It ends in time to say which script it is that takes too long.
		args = append(args, "-test.timeout="+max(time.Second, time.Until(deadline)-10*time.Second).String())
	}
	if testing.Verbose() {
		args = append(args, "-test.v")
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), toolsVariable+"="+tools.home(), "HOME=/nonexistent", "TMPDIR="+shared,
		"USER="+user.name, "LOGNAME="+user.name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user.credential()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as %s (%d): %v\n%s", user.name, user.uid, err, out)
	}
	t.Logf("as %s (%d):\n%s", user.name, user.uid, out)
}
