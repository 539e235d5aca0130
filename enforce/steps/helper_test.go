package steps

import (
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// withHelper starts a shell with a helper that is confined by confine.
func withHelper(t *testing.T, reaper bool, script string, confine func(l *List)) (*begun, string) {
	t.Helper()
	pipe, err := Pipe()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	l := New()
	l.BlockSignals()
	l.DieWithParent(pipe)
	l.Write("/proc/self/setgroups", "deny", noOrigin)
	l.Write("/proc/self/uid_map", "0 "+strconv.Itoa(os.Getuid())+" 1", noOrigin)
	l.Write("/proc/self/gid_map", "0 "+strconv.Itoa(os.Getgid())+" 1", noOrigin)
	flags := uintptr(unix.CLONE_NEWUSER | unix.CLONE_NEWNS)
	if reaper {
		flags |= unix.CLONE_NEWPID
	}
	p := l.Process(Options{Flags: flags, Reaper: reaper, Terminal: -1, Pipe: pipe, Helper: true})
	if err := p.Clone(); err != nil {
		unix.Close(pipe[0])
		unix.Close(pipe[1])
		cannotRun(t, "no user namespace: "+err.Error())
	}
	l.Program()
	l.EmptyRoot(noOrigin)
	l.StartHelper(7, pipe, noOrigin, func() { confine(l) })
	l.CloseOnExec()
	l.KeepOnExec(7)
	l.ClearCapabilities()
	l.RestoreSignals(0)
	l.Exec("/bin/sh", []string{"sh", "-c", script}, []string{"PATH=/usr/bin:/bin", "DIR=" + dir})
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	return &begun{p, t}, dir
}

func TestHelperGivesAnEmptyRoot(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		p, dir := withHelper(t, reaper, `exec 5>"$DIR/out"; echo C >&7; read answer <&7; cd /; echo "$answer" * >&5`, func(*List) {})
		if e := p.end(reaper); !e.Ended || e.Status != 0 {
			t.Fatalf("%+v", e)
		}
		if got := content(t, dir, "out"); got != "O *\n" {
			t.Errorf("%q", got)
		}
	})
}

// A helper that could not confine itself says why, and nothing is executed.
func TestHelperThatCannotBeConfined(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		p, dir := withHelper(t, reaper, `echo started >"$DIR/out"`, func(l *List) { l.Chdir("/nonexistent") })
		e := p.end(reaper)
		if e.Failed == nil || e.Failed.Step.Process != "helper" || e.Failed.Errno != unix.ENOENT {
			t.Errorf("%+v", e)
		}
		if _, err := os.Stat(dir + "/out"); err == nil {
			t.Error("the program was started all the same")
		}
	})
}

// One that dies without a word keeps the program from starting as well.
func TestHelperThatDies(t *testing.T) {
	both(t, func(t *testing.T, reaper bool) {
		p, dir := withHelper(t, reaper, `echo started >"$DIR/out"`, func(l *List) {
			l.begin(Prctl, noOrigin, "end", "end")
			l.add(unix.SYS_EXIT_GROUP)
		})
		e := p.end(reaper)
		if e.Failed == nil || e.Failed.Step.Process != "program" || e.Failed.Errno != unix.EPIPE {
			t.Errorf("%+v", e)
		}
		if _, err := os.Stat(dir + "/out"); err == nil {
			t.Error("the program was started all the same")
		}
	})
}

// A list that starts a helper needs a process that has one.
func TestHelperWithoutAProcess(t *testing.T) {
	l := New()
	l.Program()
	l.StartHelper(7, [2]int{-1, -1}, noOrigin, func() {})
	c := &child{}
	for i := range l.calls {
		if l.calls[i].op == startHelper {
			if errno := c.inPlace(&l.calls[i]); errno != unix.ENOSYS {
				t.Errorf("started in place: %v", errno)
			}
		}
	}
}
