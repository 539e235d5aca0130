package steps

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// parentEnv makes the test binary the parent of a sandbox that a test kills.
const parentEnv = "HUSK_STEPS_TEST_PARENT"

// lateParentEnv makes it one that is killed before its child is bound to it.
const lateParentEnv = "HUSK_STEPS_TEST_LATE_PARENT"

// becomeEnv makes the test binary become the program itself.
const becomeEnv = "HUSK_STEPS_TEST_BECOME"

// settle has signals end what the tests start also where this process ignores them,
// as below nohup(1): what was started so keeps that (execve(2)), unless its parent
// catches the signal.
func settle() {
	for sig := unix.Signal(1); sig <= unix.SIGSYS; sig++ {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
}

func TestMain(m *testing.M) {
	settle()
	if dir := os.Getenv(becomeEnv); dir != "" {
		fmt.Println(become(dir))
		os.Exit(1)
	}
	for name, be := range map[string]func(string) error{parentEnv: beParent, lateParentEnv: beLateParent} {
		if dir := os.Getenv(name); dir != "" {
			if err := be(dir); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// sandboxed are the flags of a sandbox with a PID 1 of its own, as root or as
// anybody.
const sandboxed = unix.CLONE_NEWUSER | unix.CLONE_NEWPID

// begun is a process of a test, with the list that it runs.
type begun struct {
	*Process
	t *testing.T
}

// startWith starts a process: plain, or with a PID 1 of its own. write gets the
// list and says what belongs to the program by calling l.Program.
func startWith(t *testing.T, reaper bool, write func(l *List)) *begun {
	t.Helper()
	p, err := launch(reaper, write)
	if err == unix.EPERM || err == unix.ENOSPC {
		cannotRun(t, "no user namespace: "+err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return &begun{p, t}
}

func launch(reaper bool, write func(l *List)) (*Process, error) {
	pipe, err := Pipe()
	if err != nil {
		return nil, err
	}
	l, o := New(), Options{Reaper: reaper, Terminal: -1, Pipe: pipe}
	l.BlockSignals()
	l.DieWithParent(pipe)
	if reaper {
		o.Flags = sandboxed
		l.Write("/proc/self/setgroups", "deny", noOrigin)
		l.Write("/proc/self/uid_map", "0 "+strconv.Itoa(os.Getuid())+" 1", noOrigin)
		l.Write("/proc/self/gid_map", "0 "+strconv.Itoa(os.Getgid())+" 1", noOrigin)
	}
	p := l.Process(o)
	if err := p.Clone(); err != nil {
		unix.Close(pipe[0])
		unix.Close(pipe[1])
		return nil, err
	}
	write(l)
	if p.NeedsReset() {
		l.ResetHandlers()
	}
	return p, p.Run()
}

// shell ends a list with a script that $DIR is set for.
func (l *List) shell(dir, script string) {
	l.RestoreSignals(0)
	l.Exec("/bin/sh", []string{"sh", "-c", script}, []string{"PATH=/usr/bin:/bin", "DIR=" + dir})
}

// script is a whole list that runs nothing but a script.
func script(dir, text string) func(*List) {
	return func(l *List) {
		l.Program()
		l.shell(dir, text)
	}
}

// end gives the failure or else the last event, and waits for the process.
// Without a PID 1 the status is the process's own.
func (b *begun) end(reaper bool) Event {
	b.t.Helper()
	var last Event
	for {
		e, ok := b.Next()
		if !ok {
			break
		}
		if last.Failed == nil {
			last = e
		}
	}
	status := b.wait()
	if !reaper && last.Failed == nil {
		return Event{Ended: true, Status: status}
	}
	return last
}

// wait waits for the child itself.
func (b *begun) wait() unix.WaitStatus {
	b.t.Helper()
	var status unix.WaitStatus
	for {
		pid, err := unix.Wait4(b.Pid, &status, 0, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid != b.Pid {
			b.t.Fatalf("wait4: %d, %v", pid, err)
		}
		return status
	}
}

// eventually waits for something that another process does; the time is only
// there so that a broken test ends.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came: %s", what)
		}
	}
}

func present(parts ...string) func() bool {
	return func() bool {
		_, err := os.Lstat(filepath.Join(parts...))
		return err == nil
	}
}

func content(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// childrenOf lists a process's children, dead ones too.
func childrenOf(t *testing.T, pid int) []int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // the thread ended
		}
		for _, field := range strings.Fields(string(text)) {
			n, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, n)
		}
	}
	return pids
}

// running says whether a process is there and no zombie.
func running(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, ok := strings.Cut(string(stat), ") ")
	return ok && rest[0] != 'Z' && rest[0] != 'X'
}

func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func kill(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := unix.Kill(pid, sig); err != nil {
		t.Fatal(err)
	}
}
