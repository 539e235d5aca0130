package testscripts

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The tests in faults_test.go let the system calls of a start fail, one after the
// other, or end a process in the moment of each. A filter hands the calls to the
// test, which counts them and answers the one that is to fail
// (seccomp_unotify(2)): so the real binaries run, and also what the cloned child
// does is covered.

// faulty are the calls that can fail for want of room or rights, with where their
// path is among the arguments, -1 for none. write(2) is not among them, since it
// also tells of the failure.
var faulty = map[int32]struct {
	name string
	path int
}{
	unix.SYS_OPENAT: {"openat", 1}, unix.SYS_OPENAT2: {"openat2", 1}, unix.SYS_MKDIRAT: {"mkdirat", 1}, unix.SYS_SYMLINKAT: {"symlinkat", 2},
	unix.SYS_MKNODAT: {"mknodat", 1}, unix.SYS_UNLINKAT: {"unlinkat", 1}, unix.SYS_FCHMOD: {"fchmod", -1}, unix.SYS_FCHMODAT: {"fchmodat", 1},
	unix.SYS_FSTAT: {"fstat", -1}, unix.SYS_FLOCK: {"flock", -1}, unix.SYS_GETDENTS64: {"getdents64", -1},
	unix.SYS_MOUNT: {"mount", 1}, unix.SYS_UMOUNT2: {"umount2", 0}, unix.SYS_OPEN_TREE: {"open_tree", 1}, unix.SYS_MOVE_MOUNT: {"move_mount", 3},
	unix.SYS_MOUNT_SETATTR: {"mount_setattr", 1}, unix.SYS_FSOPEN: {"fsopen", -1}, unix.SYS_FSCONFIG: {"fsconfig", -1}, unix.SYS_FSMOUNT: {"fsmount", -1},
	unix.SYS_PIVOT_ROOT: {"pivot_root", 0}, unix.SYS_CHDIR: {"chdir", 0}, unix.SYS_FCHDIR: {"fchdir", -1}, unix.SYS_UNSHARE: {"unshare", -1},
	unix.SYS_CLONE3: {"clone3", -1}, unix.SYS_SETPGID: {"setpgid", -1}, unix.SYS_CLOSE_RANGE: {"close_range", -1}, unix.SYS_KEYCTL: {"keyctl", -1},
	unix.SYS_CAPSET: {"capset", -1}, unix.SYS_LANDLOCK_CREATE_RULESET: {"landlock_create_ruleset", -1},
	unix.SYS_LANDLOCK_ADD_RULE: {"landlock_add_rule", -1}, unix.SYS_LANDLOCK_RESTRICT_SELF: {"landlock_restrict_self", -1},
	unix.SYS_SECCOMP: {"seccomp", -1}, unix.SYS_SOCKET: {"socket", -1}, unix.SYS_EXECVE: {"execve", 0}, unix.SYS_PIPE2: {"pipe2", -1},
	unix.SYS_PRCTL: {"prctl", -1}, unix.SYS_PRLIMIT64: {"prlimit64", -1}, unix.SYS_SOCKETPAIR: {"socketpair", -1}, unix.SYS_DUP3: {"dup3", -1},
	unix.SYS_CLONE: {"clone", -1}, unix.SYS_IOCTL: {"ioctl", -1},
}

// runtimes are calls that Go's runtime makes for itself, and ends the process
// where they fail: they are met in the children alone, which have no runtime.
var runtimes = map[string]bool{"prctl": true, "prlimit64": true, "clone": true, "ioctl": true, "dup3": true, "pipe2": true}

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

// The processes of a start.
const (
	ofWrapper = "wrapper"
	ofCommand = "command" // that prints a secret
	ofProbe   = "probe"   // whether calls are answered already
	ofInit    = "init"
	ofProgram = "program" // until it is executed
	ofHelper  = "helper"  // the late drop's
)

// injection is one run with one fault.
type injection struct {
	who  string     // whose call is met
	at   int        // which of that process's, counted from 1
	name string     // of the mode
	fail unix.Errno // what it is answered with, 0 for none
	// kill ends the caller's process, or the wrapper.
	killCaller, killWrapper bool
}

// observed is what a run came to.
type observed struct {
	calls          map[string][]string // of each process, that could have been met
	met            string              // the call that was, "" for none
	path           string              // its path, where it has one that can be read
	wrapperKilled  bool
	stuck          bool // something ran on and on
	status         int
	stdout, stderr string
}

// overseer answers the calls of one run.
type overseer struct {
	injection
	scenario
	listener int
	wrapper  int
	// The other processes, 0 while there are none.
	command, probe, init, child, helper uint32
	commandExecuted, executed           bool
	wrapperExecuted                     bool
	calls                               map[string][]string
	met, path                           string
	wrapperWasKilled                    bool
}

// whose says which process made a call, "" for what is none of husk's any more.
func (o *overseer) whose(n notification) string {
	if _, err := os.Stat(fmt.Sprintf("/proc/%d/task/%d", o.wrapper, n.PID)); err == nil {
		if o.executed {
			return "" // it is the program itself
		}
		return ofWrapper
	}
	switch {
	case o.executed && n.PID != o.init:
		return ""
	case o.secret && (o.command == 0 || o.command == n.PID):
		o.command = n.PID
		if o.commandExecuted {
			return ""
		}
		return ofCommand
	case o.probe == n.PID, n.Call == unix.SYS_PRCTL && n.Args[0] == unix.PR_SET_NO_NEW_PRIVS && !o.isKnown(n.PID):
		o.probe = n.PID
		return ofProbe
	case !o.flat && (o.init == 0 || o.init == n.PID):
		o.init = n.PID
		return ofInit
	case o.child == 0 || o.child == n.PID:
		o.child = n.PID
		return ofProgram
	case o.late && (o.helper == 0 || o.helper == n.PID):
		o.helper = n.PID
		return ofHelper
	}
	return ""
}

func (o *overseer) isKnown(pid uint32) bool {
	return pid == o.init || pid == o.child || pid == o.helper
}

// runTime is how long a run may take: a machine may be slow, and a process that
// is left runs for ever.
const runTime = 60 * time.Second

var errStuck = errors.New("a process is left and waits")

// serve answers until the last process under the filter is gone.
func (o *overseer) serve() error {
	for deadline := time.Now().Add(runTime); ; {
		fds := []unix.PollFd{{Fd: int32(o.listener), Events: unix.POLLIN}}
		ready, err := unix.Poll(fds, int(max(0, time.Until(deadline).Milliseconds())))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return err
		case ready == 0:
			return errStuck
		case fds[0].Revents&unix.POLLIN == 0:
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
	who, call := o.whose(n), faulty[n.Call].name
	if who == ofWrapper && call == "execve" && !o.wrapperExecuted {
		o.wrapperExecuted = true
		return pass // how the test starts it
	}
	if who == "" || who == ofWrapper && runtimes[call] || who == ofCommand && call != "execve" || repeated(n) {
		return pass
	}
	o.calls[who] = append(o.calls[who], call)
	if call == "execve" {
		o.commandExecuted = o.commandExecuted || who == ofCommand
		o.executed = o.executed || who == ofProgram || who == ofWrapper
	}
	if who != o.who || len(o.calls[who]) != o.at {
		return pass
	}
	o.met, o.path = call, pathOf(n)
	switch {
	case o.killWrapper, o.killCaller && who == ofWrapper:
		_ = unix.Kill(o.wrapper, unix.SIGKILL)
		o.wrapperWasKilled = true
	case o.killCaller:
		_ = unix.Kill(int(n.PID), unix.SIGKILL)
	default:
		return answer{ID: n.ID, Errno: -int32(o.fail)}
	}
	return pass
}

// repeated says whether a call is one of the forty that a step makes to empty the
// bounding set, after the first.
func repeated(n notification) bool {
	return n.Call == unix.SYS_PRCTL && n.Args[0] == unix.PR_CAPBSET_DROP && n.Args[1] > 0
}

// pathOf reads the path of a call from its caller's memory, "" where there is none
// or the test may not look: a process of husk's is not dumpable after its first
// steps, which keeps everybody out but root.
func pathOf(n notification) string {
	at := faulty[n.Call].path
	if at < 0 {
		return ""
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", n.PID))
	if err != nil {
		return ""
	}
	defer mem.Close()
	buffer := make([]byte, unix.PathMax)
	read, _ := mem.ReadAt(buffer, int64(n.Args[at])) // up to the end of the mapping
	text, _, ended := bytes.Cut(buffer[:read], []byte{0})
	if !ended {
		return ""
	}
	return string(text)
}

// run starts the wrapped command under the filter.
func (f *faults) inject(t *testing.T, i injection) observed {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var stdout, stderr bytes.Buffer
	argv := append(append([]string{}, f.before...), "faulty", f.command())
	cmd := &exec.Cmd{Path: filepath.Join(f.programs, argv[0]), Args: argv, Env: f.env, Dir: f.dir,
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
	o := &overseer{injection: i, scenario: f.scenario, wrapper: cmd.Process.Pid, calls: map[string][]string{},
		listener: listenerOf(t, cmd.Process.Pid, number)}
	defer unix.Close(o.listener)
	err = o.serve()
	switch {
	case err == errStuck:
		o.end()
	case err != nil:
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is looked at below
	return observed{calls: o.calls, met: o.met, path: o.path, wrapperKilled: o.wrapperWasKilled, stuck: err == errStuck,
		status: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: strings.TrimSpace(stderr.String())}
}

// end ends what a run left.
func (o *overseer) end() {
	for _, pid := range []int{o.wrapper, int(o.command), int(o.probe), int(o.init), int(o.child), int(o.helper)} {
		if pid > 0 {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
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
