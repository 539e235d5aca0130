package observe_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// watched is a victim, traced.
type watched struct {
	cmd    *exec.Cmd
	go_    io.WriteCloser
	tracer *exec.Cmd
	lines  *bufio.Scanner
}

// watch starts a shell that will become a victim, or with starter start it, and
// a tracer for it.
func watch(t *testing.T, victim string, starter bool) *watched {
	t.Helper()
	w := &watched{cmd: exec.Command(os.Args[0])}
	text, who := `exec "$0"`, ""
	if starter {
		text, who = `"$0"; exit 5`, " starter"
	}
	w.cmd.Env, w.cmd.Stderr = append(os.Environ(), roleShell+"="+text, roleVictim+"="+victim), io.Discard
	var err error
	if w.go_, err = w.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	ready, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := ready.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	w.tracer = exec.Command(os.Args[0])
	w.tracer.Env, w.tracer.Stderr = append(os.Environ(), roleTracer+"="+strconv.Itoa(w.cmd.Process.Pid)+who), os.Stderr
	out, err := w.tracer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.tracer.Start(); err != nil {
		t.Fatal(err)
	}
	w.lines = bufio.NewScanner(out)
	if !w.lines.Scan() || w.lines.Text() != "traces" {
		_, _ = w.cmd.Process.Kill(), w.cmd.Wait()
		cannotRun(t, "the kernel lets nobody trace here: "+w.lines.Text())
	}
	return w
}

// run lets the victim go on and gives its status and what the tracer said.
func (w *watched) run(t *testing.T) (syscall.WaitStatus, []string) {
	t.Helper()
	if _, err := w.go_.Write([]byte("x\n")); err != nil {
		t.Fatal(err)
	}
	return w.end(t)
}

func (w *watched) end(t *testing.T) (syscall.WaitStatus, []string) {
	t.Helper()
	_ = w.cmd.Wait()
	var said []string
	for w.lines.Scan() {
		said = append(said, w.lines.Text())
	}
	if err := w.tracer.Wait(); err != nil || len(said) == 0 || said[len(said)-1] != "done" {
		t.Fatalf("the tracer: %v, %q", err, said)
	}
	return w.cmd.ProcessState.Sys().(syscall.WaitStatus), said[:len(said)-1]
}

// comm is the name that the kernel gives this test's program.
func comm() string {
	name := filepath.Base(os.Args[0])
	return name[:min(len(name), 15)]
}

func TestCallsThatEndAProcess(t *testing.T) {
	ended := func(main bool) string {
		return comm() + ` true 99 4242 "file" true ` + strconv.FormatBool(main) + " true"
	}
	for _, c := range []struct {
		victim  string
		signal  unix.Signal // that ends it, or
		status  int
		said    string
		starter bool
	}{
		{"kill", unix.SIGSYS, 0, ended(true), false},
		{"trap", unix.SIGSYS, 0, ended(true), false},
		{"thread", unix.SIGSYS, 0, ended(true), false},
		{"child", 0, 5, ended(false), false},
		{"kill", 0, 5, ended(true), true},
		{"child", 0, 5, ended(false), true},
		{"permit", 0, int(unix.EINVAL), "", false},
		{"catch", 0, 2, "", false},
		{"sent", unix.SIGSYS, 0, "", false},
		{"signal", unix.SIGKILL, 0, "", false},
		{"many", 0, 0, "", false},
		{"own", 0, int(unix.ENOSYS), "", false},
		{"debugger", 0, 4, "", false},
		{"attacher", 0, 4, "", false},
	} {
		t.Run(c.victim+strconv.FormatBool(c.starter), func(t *testing.T) {
			status, said := watch(t, c.victim, c.starter).run(t)
			if got := strings.Join(said, "\n"); got != c.said {
				t.Errorf("told %q, want %q", got, c.said)
			}
			switch {
			case c.signal != 0 && (!status.Signaled() || status.Signal() != c.signal):
				t.Errorf("ended by %v, want %v", status, c.signal)
			case c.signal == 0 && (!status.Exited() || status.ExitStatus() != c.status):
				t.Errorf("status %v (%d), want %d", status, status.ExitStatus(), c.status)
			}
		})
	}
}

// A traced process that is stopped stays so for its parent and for itself, and
// goes on at SIGCONT.
func TestStopsAreStops(t *testing.T) {
	w := watch(t, "stop", false)
	if _, err := w.go_.Write([]byte("x\n")); err != nil {
		t.Fatal(err)
	}
	pid := w.cmd.Process.Pid
	var status unix.WaitStatus
	if got, err := unix.Wait4(pid, &status, unix.WUNTRACED, nil); err != nil || got != pid || !status.Stopped() || status.StopSignal() != unix.SIGSTOP {
		t.Fatalf("%d, %v, %v", got, err, status)
	}
	if got, err := unix.Wait4(pid, &status, unix.WUNTRACED|unix.WNOHANG, nil); err != nil || got != 0 {
		t.Fatalf("a second report: %d, %v, %v", got, err, status)
	}
	if err := unix.Kill(pid, unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	ended, said := w.end(t)
	if ended.ExitStatus() != 7 || len(said) != 0 {
		t.Errorf("%v, %q", ended, said)
	}
}

// A tracer that is killed leaves what it traces as it is, also one that is
// stopped for it at that moment.
func TestATracerMayGo(t *testing.T) {
	w := watch(t, "many", false)
	if err := w.tracer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = w.tracer.Wait()
	if _, err := w.go_.Write([]byte("x\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Wait(); err != nil {
		t.Error(err)
	}
}
