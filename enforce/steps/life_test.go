package steps

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// next takes one event that must come.
func (b *begun) next() Event {
	b.t.Helper()
	e, ok := b.Next()
	if !ok || e.Failed != nil {
		b.t.Fatalf("no event: %+v, %v", e, ok)
	}
	return e
}

func TestStopAndContinue(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN} {
		dir := t.TempDir()
		b := startWith(t, true, func(l *List) {
			l.Program()
			l.OwnGroup(-1)
			l.shell(dir, fmt.Sprintf("kill -%d $$; : >\"$DIR/went-on\"; kill -%d $$; exit 3", sig, sig))
		})
		for round := range 2 {
			if e := b.next(); e.Stopped != syscall.Signal(sig) {
				t.Fatalf("%v, round %d: %+v", sig, round, e)
			}
			if went := present(dir, "went-on")(); went != (round == 1) {
				t.Fatalf("%v, round %d: went on is %v", sig, round, went)
			}
			kill(t, b.Pid, unix.SIGCONT) // PID 1 passes it on
		}
		if e := b.end(true); !e.Ended || e.Status.ExitStatus() != 3 {
			t.Errorf("%v: %+v", sig, e)
		}
	}
}

// A signal for the program reaches the program alone, one for the group
// everybody in it.
func TestForwardedSignals(t *testing.T) {
	const listen = `
exec 2>/dev/null
sh -c 'trap ": >$DIR/child-got" USR1; : >$DIR/child-ready; while ! test -e $DIR/done; do sleep 0.02; done' &
trap ': >$DIR/got' USR1
: >$DIR/ready
while ! test -e $DIR/done; do sleep 0.02; done
wait
exit 9`
	for how, group := range map[int]bool{ToProgram: false, ToGroup: true} {
		dir := t.TempDir()
		b := startWith(t, true, func(l *List) {
			l.OwnGroup(-1)
			l.Program()
			l.OwnGroup(-1)
			l.shell(dir, listen)
		})
		eventually(t, "the program is ready", present(dir, "ready"))
		eventually(t, "its child is ready", present(dir, "child-ready"))
		if err := sigqueue(b.Pid, unix.SIGUSR1, how); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the program got the signal", present(dir, "got"))
		if group {
			eventually(t, "its child got the signal", present(dir, "child-got"))
		}
		if err := os.WriteFile(dir+"/done", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if e := b.end(true); !e.Ended || e.Status.ExitStatus() != 9 {
			t.Errorf("how %d: %+v", how, e)
		}
		if present(dir, "child-got")() != group {
			t.Errorf("how %d: the child got the signal: %v", how, !group)
		}
	}
}

// kill(2) from outside has no value: it is for the program.
func TestPlainSignalIsForTheProgram(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGUSR2} {
		dir := t.TempDir()
		b := startWith(t, true, script(dir, `: >$DIR/ready; while :; do sleep 0.02; done`))
		eventually(t, "the program is ready", present(dir, "ready"))
		kill(t, b.Pid, sig)
		if e := b.end(true); !e.Ended || !e.Status.Signaled() || e.Status.Signal() != sig {
			t.Errorf("%v: %+v", sig, e)
		}
	}
}

// What the program sends to its PID 1 does nothing: PID 1 serves the parent.
func TestSignalsFromInsideAreIgnored(t *testing.T) {
	dir := t.TempDir()
	e := startWith(t, true, script(dir, `trap ': >$DIR/echo' USR1 TERM
for s in USR1 TERM KILL STOP HUP INT QUIT SEGV; do kill -$s 1; done
sleep 0.05; exit 4`)).end(true)
	if !e.Ended || e.Status.ExitStatus() != 4 || e.Stopped != 0 {
		t.Errorf("%+v", e)
	}
	if present(dir, "echo")() {
		t.Error("PID 1 passed a signal from inside on")
	}
}

// The program's orphans are PID 1's to wait for.
func TestOrphansAreReaped(t *testing.T) {
	dir := t.TempDir()
	b := startWith(t, true, script(dir, `
for i in 1 2 3 4 5 6 7 8 9 10; do sh -c 'sh -c "exit 1" & exit 0'; done
: >$DIR/ready
while ! test -e $DIR/done; do sleep 0.02; done`))
	eventually(t, "the orphans are made", present(dir, "ready"))
	eventually(t, "PID 1 has no child but the program", func() bool { return len(childrenOf(t, b.Pid)) == 1 })
	if err := os.WriteFile(dir+"/done", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if e := b.end(true); !e.Ended || e.Status != 0 {
		t.Errorf("%+v", e)
	}
}

// When the program ends, what it started ends, in whatever session it hides.
func TestNothingOutlivesTheProgram(t *testing.T) {
	dir := t.TempDir()
	b := startWith(t, true, script(dir, `
setsid sh -c 'trap "" TERM HUP; : >$DIR/ready; exec sleep 1000' &
while ! test -e $DIR/ready; do sleep 0.02; done
while ! test -e $DIR/done; do sleep 0.02; done
exit 5`))
	eventually(t, "the daemon runs", present(dir, "ready"))
	var all []int
	var descend func(pid int)
	descend = func(pid int) {
		for _, child := range childrenOf(t, pid) {
			all = append(all, child)
			descend(child)
		}
	}
	descend(b.Pid)
	if len(all) < 2 {
		t.Fatalf("processes in the sandbox: %v", all)
	}
	if err := os.WriteFile(dir+"/done", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if e := b.end(true); !e.Ended || e.Status.ExitStatus() != 5 {
		t.Errorf("%+v", e)
	}
	for _, pid := range all {
		if running(pid) {
			t.Errorf("process %d outlives the sandbox", pid)
		}
	}
}

// PID 1 killed from outside: the parent learns it from wait(2), and the program
// is gone with it.
func TestKilledPID1(t *testing.T) {
	dir := t.TempDir()
	b := startWith(t, true, script(dir, `: >$DIR/ready; exec sleep 1000`))
	eventually(t, "the program runs", present(dir, "ready"))
	program := childrenOf(t, b.Pid)
	if len(program) != 1 {
		t.Fatalf("children of PID 1: %v", program)
	}
	kill(t, b.Pid, unix.SIGKILL)
	if e, ok := b.Next(); ok {
		t.Errorf("a report of a killed PID 1: %+v", e)
	}
	if status := b.wait(); !status.Signaled() || status.Signal() != unix.SIGKILL {
		t.Errorf("status %#x", status)
	}
	if running(program[0]) {
		t.Error("the program lives on")
	}
}

// The parent killed: nothing of the sandbox is left, with a PID 1 and without.
func TestKilledParent(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		dir := dirFor(t, reaper)
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), parentEnv+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		var first int
		if _, scanErr := fmt.Sscan(line, &first); err != nil || scanErr != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if strings.Contains(line, "not permitted") {
				cannotRun(t, "no user namespace: "+line)
			}
			t.Fatalf("the parent said %q: %v, %v", line, err, scanErr)
		}
		eventually(t, "the program runs", present(dir, "ready"))
		all := append(childrenOf(t, first), first)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it says that it was killed
		for _, pid := range all {
			eventually(t, fmt.Sprintf("the end of process %d", pid), func() bool { return !running(pid) })
		}
	})
}

// beParent starts a program that never ends, and waits to be killed. The kind
// of sandbox is in the directory's name.
func beParent(dir string) error {
	p, err := launch(strings.HasSuffix(dir, "/reaper"), script(dir, `: >$DIR/ready; exec sleep 1000`))
	if err != nil {
		fmt.Println(err)
		return err
	}
	fmt.Println(p.Pid)
	if e, ok := p.Next(); ok {
		return fmt.Errorf("an event: %+v", e)
	}
	_, err = unix.Wait4(p.Pid, nil, 0, nil)
	return errors.Join(errors.New("the program ended"), err)
}

// dirFor gives a directory whose name says what kind of sandbox is meant.
func dirFor(t *testing.T, reaper bool) string {
	t.Helper()
	dir := t.TempDir() + "/plain"
	if reaper {
		dir = path.Dir(dir) + "/reaper"
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// lateParent is a parent whose child waits at a gate before it binds itself, and
// whose report pipe the test has as well.
type lateParent struct {
	cmd          *exec.Cmd
	child        int
	report, gate [2]*os.File
}

func startLateParent(t *testing.T, dir string) *lateParent {
	t.Helper()
	p := &lateParent{cmd: exec.Command("/proc/self/exe")}
	for _, pair := range []*[2]*os.File{&p.report, &p.gate} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close(); w.Close() })
		*pair = [2]*os.File{r, w}
	}
	p.cmd.Env = append(os.Environ(), lateParentEnv+"="+dir)
	p.cmd.Stderr = os.Stderr
	p.cmd.ExtraFiles = []*os.File{p.report[0], p.report[1], p.gate[0]}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.report[1].Close()
	line, err := bufio.NewReader(out).ReadString('\n')
	if _, scanErr := fmt.Sscan(line, &p.child); err != nil || scanErr != nil {
		_ = p.cmd.Wait()
		if strings.Contains(line, "not permitted") {
			cannotRun(t, "no user namespace: "+line)
		}
		t.Fatalf("the parent said %q: %v, %v", line, err, scanErr)
	}
	return p
}

// open lets the child go on.
func (p *lateParent) open(t *testing.T) {
	t.Helper()
	if _, err := p.gate[1].Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
}

func (p *lateParent) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // it says that it was killed
}

// The parent is killed before its child has asked to die with it, while somebody
// still has its report pipe open, as a thread that ends late would: the child may
// take its parent to be alive, but it never gets a program to start, and ends.
func TestParentKilledBeforeItsChildIsBound(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		dir := dirFor(t, reaper)
		p := startLateParent(t, dir)
		time.Sleep(50 * time.Millisecond) // a parent that did not wait would hand the list out
		p.kill(t)
		if !running(p.child) {
			t.Fatal("the child ended before it was let go on")
		}
		p.open(t)
		if n, err := io.ReadFull(p.report[0], make([]byte, eventSize)); err != nil {
			t.Fatalf("the child has bound itself: %d, %v", n, err)
		}
		time.Sleep(3 * time.Duration(patience.Nano()))
		if !running(p.child) {
			t.Error("the child ended while somebody could have sent the rest")
		}
		p.report[0].Close()
		eventually(t, "the end of the child", func() bool { return !running(p.child) })
		if present(dir, "ran")() {
			t.Error("the program was started without a parent")
		}
	})
}

// The same child with a parent that lives gets its program, and dies with it.
func TestParentOfALateChild(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		dir := dirFor(t, reaper)
		p := startLateParent(t, dir)
		p.open(t)
		eventually(t, "the program runs", present(dir, "ran"))
		p.kill(t)
		eventually(t, "the end of the child", func() bool { return !running(p.child) })
	})
}

// What a child reports before its list is there is the next report.
func TestFailureBeforeRun(t *testing.T) {
	pipe, err := Pipe()
	if err != nil {
		t.Fatal(err)
	}
	l := New()
	l.BlockSignals()
	l.Write("/nowhere/at/all", "", noOrigin)
	l.DieWithParent(pipe)
	p := l.Process(Options{Terminal: -1, Pipe: pipe})
	if err := p.Clone(); err != nil {
		t.Fatal(err)
	}
	script(t.TempDir(), "exit 0")(l)
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	told := p.Reported()
	if e := (&begun{p, t}).end(false); !told || e.Failed == nil || e.Failed.Errno != unix.ENOENT {
		t.Errorf("told %v: %+v", told, e)
	}
}

// A child whose parent is another one by now ends before its program.
func TestChildOf(t *testing.T) {
	for pid, want := range map[int]unix.Errno{os.Getpid(): 0, os.Getpid() + 1: unix.ESRCH} {
		e := startWith(t, false, func(l *List) {
			l.Program()
			l.ChildOf(pid)
			l.shell(t.TempDir(), "exit 7")
		}).end(false)
		switch {
		case want == 0 && e.Status.ExitStatus() != 7:
			t.Errorf("its own parent: %+v", e)
		case want != 0 && (e.Failed == nil || e.Failed.Errno != want):
			t.Errorf("another process: %+v", e)
		}
	}
}

// beLateParent starts a child that waits for descriptor 5 before it binds itself to
// this process, whose report pipe are descriptors 3 and 4.
func beLateParent(dir string) error {
	pipe := [2]int{3, 4}
	l, o := New(), Options{Reaper: strings.HasSuffix(dir, "/reaper"), Terminal: -1, Pipe: pipe}
	l.BlockSignals()
	l.begin(Close, noOrigin, "gate", "gate")
	l.add(unix.SYS_READ, value(5), address(l.memory.bytes(1)), value(1))
	l.DieWithParent(pipe)
	if o.Reaper {
		o.Flags = sandboxed
	}
	p := l.Process(o)
	if err := p.Clone(); err != nil {
		fmt.Println(err)
		return err
	}
	fmt.Println(p.Pid)
	script(dir, `: >$DIR/ran; exec sleep 1000`)(l)
	if p.NeedsReset() {
		l.ResetHandlers()
	}
	if err := p.Run(); err != nil {
		return err
	}
	_, err := unix.Wait4(p.Pid, nil, 0, nil)
	return errors.Join(errors.New("the program ended"), err)
}
