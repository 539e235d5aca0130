package steps

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// both runs a test without and with a PID 1.
func both(t *testing.T, test func(t *testing.T, reaper bool)) {
	t.Run("plain", func(t *testing.T) { test(t, false) })
	t.Run("reaper", func(t *testing.T) { test(t, true) })
}

func TestProgramEnds(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		for _, c := range []struct {
			script string
			exit   int
			signal unix.Signal
		}{
			{"exit 0", 0, 0}, {"exit 7", 7, 0}, {"exit 255", 255, 0}, {"exit 125", 125, 0},
			{"kill -TERM $$", 0, unix.SIGTERM}, {"kill -KILL $$", 0, unix.SIGKILL}, {"kill -USR1 $$", 0, unix.SIGUSR1},
		} {
			e := startWith(t, reaper, script(t.TempDir(), c.script)).end(reaper)
			switch {
			case e.Failed != nil || !e.Ended:
				t.Errorf("%s: %+v", c.script, e)
			case c.signal == 0 && (!e.Status.Exited() || e.Status.ExitStatus() != c.exit):
				t.Errorf("%s: status %#x", c.script, e.Status)
			case c.signal != 0 && (!e.Status.Signaled() || e.Status.Signal() != c.signal):
				t.Errorf("%s: status %#x, want signal %d", c.script, e.Status, c.signal)
			}
		}
	})
}

// What was prepared reaches the program as it is.
func TestArgumentsAndEnvironment(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		dir := t.TempDir()
		args := []string{"name", "-c", `printf '%s\n' "$0" "$@" "$ODD" >"$DIR/out"; env >"$DIR/env"`, "zero", "", "a b", "ü\n'\"", strings.Repeat("x", 40_000)}
		e := startWith(t, reaper, func(l *List) {
			l.Program()
			l.RestoreSignals(0)
			l.Exec("/bin/sh", args, []string{"PATH=/usr/bin:/bin", "DIR=" + dir, "ODD=a=b\nc"})
		}).end(reaper)
		if !e.Ended || e.Status != 0 {
			t.Fatalf("%+v", e)
		}
		if got, want := content(t, dir, "out"), strings.Join(append(args[3:], "a=b\nc"), "\n")+"\n"; got != want {
			t.Errorf("arguments %q, want %q", got, want)
		}
		if env := "\n" + content(t, dir, "env"); strings.Contains(env, "\nHOME=") || strings.Contains(env, "\nUSER=") {
			t.Errorf("the parent's variables reached the program: %q", env)
		}
	})
}

// A step that the kernel refuses is reported by name with its errno, whoever
// runs it, and nothing after it happens.
func TestFailureNamesTheStep(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		for _, inProgram := range []bool{false, true} {
			dir := t.TempDir()
			e := startWith(t, reaper, func(l *List) {
				if inProgram {
					l.Program()
				}
				l.Mkdir(dir+"/before", 0o700, 11)
				l.Mkdir(dir+"/before", 0o700, 11) // there already, which is fine
				l.Mkdir(dir+"/none/at/all", 0o700, 12)
				l.Mkdir(dir+"/after", 0o700, 13)
				if !inProgram {
					l.Program()
				}
				l.shell(dir, `: >"$DIR/ran"`)
			}).end(reaper)
			process := map[bool]string{false: "init", true: "program"}[inProgram]
			if e.Failed == nil || e.Failed.Step.Kind != Mkdir || e.Failed.Step.Origin != 12 ||
				e.Failed.Step.Process != process || e.Failed.Errno != unix.ENOENT {
				t.Fatalf("in %s: %+v", process, e)
			}
			if got, want := e.Failed.Error(), "mkdir "+dir+"/none/at/all: no such file or directory"; got != want {
				t.Errorf("the error is %q, want %q", got, want)
			}
			for name, want := range map[string]bool{"before": true, "after": false, "ran": false} {
				if present(dir, name)() != want {
					t.Errorf("in %s: %s: present is %v", process, name, !want)
				}
			}
		}
	})
}

func TestFailureOfTheSecondCallOfAStep(t *testing.T) {
	dir := t.TempDir()
	e := startWith(t, false, func(l *List) {
		l.Program()
		l.File(dir+"/file", 0o400, []byte("x"), noOrigin)
		l.File(dir+"/file", 0o400, []byte("y"), 3) // O_EXCL
		l.shell(dir, "exit 0")
	}).end(false)
	if e.Failed == nil || e.Failed.Step.Kind != File || e.Failed.Step.Origin != 3 || e.Failed.Errno != unix.EEXIST {
		t.Errorf("%+v", e)
	}
	if got := content(t, dir, "file"); got != "x" {
		t.Errorf("the file holds %q", got)
	}
}

func TestProgramThatCannotBeExecuted(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		dir := t.TempDir()
		for path, want := range map[string]unix.Errno{
			dir + "/none": unix.ENOENT, dir: unix.EACCES, "/dev/null/x": unix.ENOTDIR, "/etc/passwd": unix.EACCES,
		} {
			e := startWith(t, reaper, func(l *List) {
				l.Program()
				l.CloseOnExec() // the report must get through all the same
				l.Exec(path, []string{"x"}, nil)
			}).end(reaper)
			if e.Failed == nil || e.Failed.Step.Kind != Exec || e.Failed.Errno != want || e.Failed.Step.Object != path {
				t.Errorf("%s: %+v, want %v", path, e, want)
			}
		}
	})
}

func TestNoCloneWithImpossibleFlags(t *testing.T) {
	before := descriptors(t)
	for range 3 {
		pipe, err := Pipe()
		if err != nil {
			t.Fatal(err)
		}
		l := New()
		l.BlockSignals()
		p := l.Process(Options{Flags: unix.CLONE_NEWUSER | unix.CLONE_FS, Terminal: -1, Pipe: pipe})
		if err := p.Clone(); err != unix.EINVAL {
			t.Errorf("clone: %v", err)
		}
		// The pipe is still the caller's, for another try.
		for _, fd := range pipe {
			if err := unix.Close(fd); err != nil {
				t.Errorf("descriptor %d: %v", fd, err)
			}
		}
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

// A list that starts no program is refused, and the waiting child can be ended.
func TestAbort(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		before := descriptors(t)
		p, err := launch(reaper, func(*List) {})
		if err == unix.EPERM || err == unix.ENOSPC {
			cannotRun(t, "no user namespace: "+err.Error())
		}
		if err == nil || !strings.Contains(err.Error(), "starts no program") || p == nil {
			t.Fatalf("Run of a list without a program: %v", err)
		}
		if !running(p.Pid) {
			t.Error("the child didn't wait for its list")
		}
		p.Abort()
		if running(p.Pid) {
			t.Error("the child lives on")
		}
		if _, err := unix.Wait4(p.Pid, nil, 0, nil); err != unix.ECHILD {
			t.Errorf("a zombie is left: %v", err)
		}
		if _, ok := p.Next(); ok {
			t.Error("an event after the end")
		}
		if after := descriptors(t); after != before {
			t.Errorf("%d descriptors, %d before", after, before)
		}
	})
}

func TestNothingIsLeftAfterManyRuns(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		dir := t.TempDir()
		descs, children := descriptors(t), len(childrenOf(t, unix.Getpid()))
		for i := range 200 {
			e := startWith(t, reaper, func(l *List) {
				l.Program()
				l.RestoreSignals(0)
				switch i % 4 {
				case 0:
					l.Exec(dir+"/none", nil, nil)
				case 1:
					l.Mkdir(dir+"/none/x", 0o700, noOrigin)
				}
				l.Exec("/bin/true", []string{"true"}, nil)
			}).end(reaper)
			if failed := i%4 < 2; failed != (e.Failed != nil) || !failed && (!e.Ended || e.Status != 0) {
				t.Fatalf("run %d: %+v", i, e)
			}
		}
		if after := descriptors(t); after != descs {
			t.Errorf("%d descriptors, %d before", after, descs)
		}
		if after := childrenOf(t, unix.Getpid()); len(after) != children {
			t.Errorf("children %v, %d before", after, children)
		}
	})
}

// The parent goes on as before: its signals are not blocked, its memory not
// touched, although the child shared it.
func TestTheParentIsUntouched(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	blocked := blockedSignals(t)
	keep := make([][]byte, 64)
	for i := range keep {
		keep[i] = []byte(strings.Repeat(string(rune('a'+i%26)), 4096))
	}
	for range 20 {
		e := startWith(t, true, script(t.TempDir(), "exit 3")).end(true)
		if !e.Ended || e.Status.ExitStatus() != 3 {
			t.Fatalf("%+v", e)
		}
	}
	for i, b := range keep {
		if string(b) != strings.Repeat(string(rune('a'+i%26)), 4096) {
			t.Fatalf("block %d changed", i)
		}
	}
	if after := blockedSignals(t); after != blocked {
		t.Errorf("blocked signals %s, %s before", after, blocked)
	}
}

// blockedSignals is this thread's mask, as proc(5) writes it.
func blockedSignals(t *testing.T) string {
	t.Helper()
	for line := range strings.Lines(content(t, "/proc/thread-self/status")) {
		if mask, ok := strings.CutPrefix(line, "SigBlk:"); ok {
			return strings.TrimSpace(mask)
		}
	}
	t.Fatal("proc(5) names no mask")
	return ""
}

// Steps that change something, each seen from the program's side, beside the
// program that goes without the step.
func TestStepsTakeEffect(t *testing.T) {
	for _, c := range []struct {
		name, script  string
		step          func(l *List)
		with, without string // "" for anything else than with
	}{
		{"a limit", "ulimit -n", func(l *List) { l.Rlimit("files", unix.RLIMIT_NOFILE, 61, 61, noOrigin) }, "61", ""},
		{"a closed stream", "test -e /proc/$$/fd/0 && echo open || echo closed",
			func(l *List) { l.CloseStream(0) }, "closed", "open"},
		{"a working directory", "pwd", func(l *List) { l.Chdir("/usr") }, "/usr", ""},
		{"descriptors", "ls /proc/self/fd | wc -w", func(l *List) { l.CloseAllBut() }, "4", ""}, // one is ls's own
		{"descriptors on exec", "ls /proc/self/fd | wc -w", func(l *List) { l.CloseOnExec() }, "4", ""},
		{"no new privileges", "grep NoNewPrivs /proc/self/status | tr -d '[:space:]'",
			func(l *List) { l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1) }, "NoNewPrivs:1", "NoNewPrivs:0"},
		{"a process group", `test "$(ps -o pgid= -p $$ | tr -d ' ')" = $$ && echo own || echo shared`,
			func(l *List) { l.OwnGroup(-1) }, "own", "shared"},
		{"a session", `test "$(ps -o sid= -p $$ | tr -d ' ')" = $$ && echo own || echo shared`,
			func(l *List) { l.NewSession() }, "own", "shared"},
	} {
		t.Run(c.name, func(t *testing.T) {
			extra, err := unix.Open("/dev/null", unix.O_RDONLY, 0) // inherited unless closed
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(extra)
			for _, with := range []bool{true, false} {
				dir := t.TempDir()
				e := startWith(t, false, func(l *List) {
					l.Program()
					if with {
						c.step(l)
					}
					l.shell(dir, "{ "+c.script+"; } >\"$DIR/out\"")
				}).end(false)
				if !e.Ended || e.Status != 0 {
					t.Fatalf("with %v: %+v", with, e)
				}
				got, want := strings.TrimSpace(content(t, dir, "out")), c.without
				if with {
					want = c.with
				}
				if want != "" && got != want || want == "" && got == c.with {
					t.Errorf("with the step %v: %q, want %q", with, got, want)
				}
			}
		})
	}
}

func TestFilesAndLinks(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat("0123456789abcdef", 5000) // larger than a chunk of the arena
	e := startWith(t, false, func(l *List) {
		l.Mkdir(dir+"/d", 0o750, noOrigin)
		l.File(dir+"/d/f", 0o440, []byte(text), noOrigin)
		l.File(dir+"/d/empty", 0o444, nil, noOrigin)
		l.Symlink("d/f", dir+"/link", noOrigin)
		l.Symlink("d/f", dir+"/link", noOrigin) // there already, which is fine
		l.File(dir+"/gone", 0o444, nil, noOrigin)
		l.Remove(dir + "/gone")
		l.Program()
		l.shell(dir, "exit 0")
	}).end(false)
	if !e.Ended || e.Status != 0 {
		t.Fatalf("%+v", e)
	}
	if content(t, dir, "link") != text || content(t, dir, "d", "empty") != "" || present(dir, "gone")() {
		t.Error("the files are not what was asked for")
	}
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(dir, "d", "f"), &st); err != nil || st.Mode&0o777 != 0o440 {
		t.Errorf("mode %o, %v", st.Mode, err)
	}
}
