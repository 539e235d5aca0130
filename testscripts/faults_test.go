package testscripts

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The tests here let the system calls of a start fail, one after the other, or
// end a process in the moment of each. A filter hands the calls to the test,
// which counts them and answers the one that is to fail (seccomp_unotify(2)):
// so the real binaries run, and also what the cloned child does is covered.

// faulty are the calls that can fail for want of room or rights. Those that Go's
// runtime makes for itself are not among them, nor is write(2), which also tells
// of the failure.
var faulty = map[int32]string{
	unix.SYS_OPENAT: "openat", unix.SYS_OPENAT2: "openat2", unix.SYS_MKDIRAT: "mkdirat", unix.SYS_SYMLINKAT: "symlinkat",
	unix.SYS_MKNODAT: "mknodat", unix.SYS_UNLINKAT: "unlinkat", unix.SYS_FCHMOD: "fchmod", unix.SYS_FCHMODAT: "fchmodat",
	unix.SYS_FSTAT: "fstat", unix.SYS_FLOCK: "flock", unix.SYS_GETDENTS64: "getdents64",
	unix.SYS_MOUNT: "mount", unix.SYS_UMOUNT2: "umount2", unix.SYS_OPEN_TREE: "open_tree", unix.SYS_MOVE_MOUNT: "move_mount",
	unix.SYS_MOUNT_SETATTR: "mount_setattr", unix.SYS_FSOPEN: "fsopen", unix.SYS_FSCONFIG: "fsconfig", unix.SYS_FSMOUNT: "fsmount",
	unix.SYS_PIVOT_ROOT: "pivot_root", unix.SYS_CHDIR: "chdir", unix.SYS_FCHDIR: "fchdir", unix.SYS_UNSHARE: "unshare",
	unix.SYS_CLONE3: "clone3", unix.SYS_SETPGID: "setpgid", unix.SYS_CLOSE_RANGE: "close_range", unix.SYS_KEYCTL: "keyctl",
	unix.SYS_CAPSET: "capset", unix.SYS_LANDLOCK_CREATE_RULESET: "landlock_create_ruleset",
	unix.SYS_LANDLOCK_ADD_RULE: "landlock_add_rule", unix.SYS_LANDLOCK_RESTRICT_SELF: "landlock_restrict_self",
	unix.SYS_SECCOMP: "seccomp", unix.SYS_SOCKET: "socket", unix.SYS_EXECVE: "execve",
}

// faultyMain is the program faulty: it hands its calls of that list to whoever
// takes the descriptor whose number it writes to descriptor 3.
func faultyMain() {
	runtime.LockOSThread()
	program := []bpf.Instruction{bpf.LoadAbsolute{Off: 0, Size: 4}}
	for number := range faulty {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(number), SkipFalse: 1},
			bpf.RetConstant{Val: unix.SECCOMP_RET_USER_NOTIF})
	}
	program = append(program, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW})
	check(unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	path, err := exec.LookPath(os.Args[1])
	check(err)
	// The listener gets the lowest free number.
	lowest, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 0)
	check(err)
	check(unix.Close(lowest))
	_, err = unix.Write(3, []byte(strconv.Itoa(lowest)+"\n"))
	check(err)
	unix.CloseOnExec(3)
	_, err = loadListener(program)
	check(err)
	fail(unix.Exec(path, os.Args[1:], os.Environ()).Error())
}

// injection is one run with one fault.
type injection struct {
	at   int        // the call that is met, counted from 1
	name string     // of the mode
	fail unix.Errno // what it is answered with, 0 for none
	// kill ends the caller's process, or the wrapper.
	killCaller, killWrapper bool
}

// observed is what a run came to.
type observed struct {
	calls          int    // that could have been met
	met            string // the one that was, and whose it was
	wrapperKilled  bool
	status         int
	stdout, stderr string
}

// overseer answers the calls of one run.
type overseer struct {
	injection
	listener         int
	wrapper          int
	init, child      uint32 // PID 1 and the program's process, 0 while there is none
	executed         bool   // the program runs
	wrapperExecuted  bool
	count            int
	met              string
	wrapperWasKilled bool
}

// whose says which of the three made a call, "" for what is none of husk's any
// more.
func (o *overseer) whose(n notification) string {
	if _, err := os.Stat(fmt.Sprintf("/proc/%d/task/%d", o.wrapper, n.PID)); err == nil {
		return "wrapper"
	}
	switch {
	case o.init == 0:
		o.init = n.PID
	case n.PID != o.init && o.child == 0:
		o.child = n.PID
	}
	switch {
	case n.PID == o.init:
		return "init"
	case n.PID == o.child && !o.executed:
		return "program"
	}
	return ""
}

// serve answers until the last process under the filter is gone.
func (o *overseer) serve() error {
	for {
		fds := []unix.PollFd{{Fd: int32(o.listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err == unix.EINTR {
			continue
		} else if err != nil {
			return err
		}
		if fds[0].Revents&unix.POLLIN == 0 {
			return nil // POLLHUP
		}
		n, err := receive(o.listener)
		if err == unix.ENOENT || err == unix.EINTR {
			continue // the caller was killed meanwhile
		}
		if err != nil {
			return err
		}
		if err := respond(o.listener, o.decide(n)); err != nil && err != unix.ENOENT {
			return err
		}
	}
}

func (o *overseer) decide(n notification) answer {
	pass := answer{ID: n.ID, Flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	who := o.whose(n)
	if who == "wrapper" && n.Call == unix.SYS_EXECVE && !o.wrapperExecuted {
		o.wrapperExecuted = true
		return pass // how the test starts it
	}
	if who == "" {
		return pass
	}
	o.count++
	if who == "program" && n.Call == unix.SYS_EXECVE {
		o.executed = true
	}
	if o.count != o.at {
		return pass
	}
	o.met = who + "'s " + faulty[n.Call]
	switch {
	case o.killWrapper, o.killCaller && who == "wrapper":
		_ = unix.Kill(o.wrapper, unix.SIGKILL)
		o.wrapperWasKilled = true
	case o.killCaller:
		_ = unix.Kill(int(n.PID), unix.SIGKILL)
	default:
		return answer{ID: n.ID, Errno: -int32(o.fail)}
	}
	return pass
}

// run starts the wrapped command under the filter.
func (i injection) run(t *testing.T, self string, argv, env []string, dir string) observed {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var stdout, stderr bytes.Buffer
	cmd := &exec.Cmd{Path: self, Args: append([]string{"faulty"}, argv...), Env: env, Dir: dir,
		Stdout: &stdout, Stderr: &stderr, ExtraFiles: []*os.File{w}}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	var number int
	if _, err := fmt.Fscan(r, &number); err != nil {
		_ = cmd.Wait()
		t.Fatalf("the listener's number: %v\n%s", err, stderr.String())
	}
	o := &overseer{injection: i, wrapper: cmd.Process.Pid, listener: listenerOf(t, cmd.Process.Pid, number)}
	defer unix.Close(o.listener)
	if err := o.serve(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is looked at below
	return observed{calls: o.count, met: o.met, wrapperKilled: o.wrapperWasKilled, status: cmd.ProcessState.ExitCode(),
		stdout: stdout.String(), stderr: stderr.String()}
}

// listenerOf takes the listener from the process that has just made it.
func listenerOf(t *testing.T, pid, number int) int {
	t.Helper()
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(process)
	for {
		fd, err := unix.PidfdGetfd(process, number, 0)
		if err == nil {
			return fd
		}
		if err != unix.EBADF {
			t.Fatal(err)
		}
	}
}

// every says how far apart the calls are that a run of the tests meets; with
// HUSK_EVERY_CALL=1 it meets each one.
func every() int {
	if os.Getenv("HUSK_EVERY_CALL") != "" {
		return 1
	}
	return 7
}

const faultsProfile = `profile "try" {
  filesystem {
    read  = ["${env("PROBE_DIR")}"]
    write = ["${project}"]
    hide  = ["${project}/hidden"]
  }
  environment { pass = ["PROBE_DIR", "DIARY"] }
  command "tried" {
    exec = "/bin/sh"
    args = ["look.sh"]
  }
}
`

// faultsLook leaves what is hard to remove and says what the sandbox is like, the
// system call filter, Landlock, capabilities, limits and the view each by
// something that it alone does.
const faultsLook = `mkdir -p "$TMPDIR/a/b" && chmod 000 "$TMPDIR/a"
for field in Seccomp NoNewPrivs CapBnd CapPrm SigBlk; do "$PROBE_DIR/probe" status $field; done
"$PROBE_DIR/probe" listen 127.0.0.1:0
"$PROBE_DIR/probe" keyring
ls -A / /dev . hidden
ls /proc | grep -c '^[0-9]'
ulimit -Hn
ulimit -Hc
"$PROBE_DIR/probe" interfaces
"$PROBE_DIR/probe" create /etc/planted
exec "$PROBE_DIR/probe" read "$DIARY"
`

// Whatever call of a start fails, and whichever process is killed at whichever
// call: the program runs in its whole sandbox or not at all, an error is told
// with what it is about, and nothing is left.
func TestEveryCallMayFail(t *testing.T) {
	if !userNamespaces() {
		skip(t, os.Getenv("HUSK_MUST_WORK") == "1", "no user namespaces")
	}
	f := newFaults(t)
	whole := injection{}.run(t, f.self, f.argv, f.env, f.dir)
	f.whole = whole.stdout
	if whole.status != 1 || !strings.Contains(f.whole, "\nread: E") || !strings.Contains(f.whole, "Seccomp=2\n") ||
		!strings.Contains(f.whole, "listen: EACCES\n") || whole.calls < 100 {
		t.Fatalf("without a fault: %+v", whole)
	}
	step := every()
	for m, mode := range []injection{
		{name: "EACCES", fail: unix.EACCES}, {name: "ENOSPC", fail: unix.ENOSPC},
		{name: "kill -9 of the caller", killCaller: true}, {name: "kill -9 of the wrapper", killWrapper: true},
	} {
		met := map[string]int{}
		for mode.at = 1 + m; mode.at <= whole.calls; mode.at += step {
			got := mode.run(t, f.self, f.argv, f.env, f.dir)
			met[got.met]++
			f.judge(t, mode, got)
		}
		t.Logf("%s: %v", mode.name, met)
	}
}

// faults is what the runs have in common.
type faults struct {
	self string
	argv []string
	env  []string
	dir  string // the project
	tmp  string
	husk string
	// whole is what the program says in a sandbox that lacks nothing.
	whole string
}

func newFaults(t *testing.T) *faults {
	t.Helper()
	root, err := tools.workdir()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := &faults{self: self, dir: root + "/home/project", tmp: root + "/tmp", husk: tools.bin() + "/husk"}
	for _, dir := range []string{f.dir + "/.git", f.dir + "/hidden", f.tmp, root + "/home/.config/husk/profiles"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{f.dir + "/look.sh": faultsLook, root + "/home/diary": "dear", root + "/home/.config/husk/profiles/try.hcl": faultsProfile} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The test binary is each of its programs when it is started by that name.
	f.env = []string{"HOME=" + root + "/home", "PATH=" + tools.bin() + ":/usr/bin:/bin", "TMPDIR=" + f.tmp,
		"PROBE_DIR=" + tools.probe(), "DIARY=" + root + "/home/diary", "TESTSCRIPT_FAULTY=1"}
	f.argv = []string{root + "/home/.local/share/husk/bin/tried"}
	f.run(t, "apply")
	return f
}

// run runs husk without a filter.
func (f *faults) run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(f.husk, args...)
	cmd.Env, cmd.Dir = f.env, f.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("husk %v: %v\n%s", args, err, out)
	}
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

// judge compares a run with what the test promises.
func (f *faults) judge(t *testing.T, i injection, got observed) {
	t.Helper()
	bad := func(what string) { t.Errorf("%s at call %d, the %s: %s: %+v", i.name, i.at, got.met, what, got) }
	confined := got.status == 1 && got.stdout == f.whole
	removing := strings.HasSuffix(got.met, "unlinkat") || strings.Contains(got.stderr, "could not be removed")
	refused := got.status >= 125 && got.status <= 127 && (got.stdout == "" || removing) && strings.Contains(got.stderr, "husk: error: ")
	switch {
	case !strings.HasPrefix(f.whole, got.stdout): // it may have been killed on the way
		bad("the program ran in less than its sandbox")
	case i.fail != 0 && !confined && !refused:
		bad("neither a sandbox nor an error")
	case i.killCaller && !got.wrapperKilled && got.status == 0:
		bad("a killed sandbox ended well")
	}
	if left := f.left(t); len(left) > 0 && !got.wrapperKilled && !removing {
		bad(fmt.Sprintf("left %v", left))
	}
	if left := f.left(t); len(left) > 0 {
		f.run(t, "gc")
		if left := f.left(t); len(left) > 0 {
			bad(fmt.Sprintf("husk gc left %v", left))
		}
	}
	if entries, err := os.ReadDir(f.dir); err != nil || len(entries) != 3 { // .git, hidden, look.sh
		bad(fmt.Sprintf("in the project: %v, %v", entries, err))
	}
}
