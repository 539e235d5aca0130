package testscripts

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// recorder runs one script and keeps how it ended, where testing.T would fail
// the test.
type recorder struct {
	log             strings.Builder
	failed, skipped bool
}

func (r *recorder) Skip(args ...any) {
	r.skipped = true
	r.Log(args...)
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.Log(args...)
	r.FailNow()
}

func (r *recorder) Log(args ...any) { fmt.Fprintln(&r.log, args...) }

func (r *recorder) FailNow() {
	r.failed = true
	runtime.Goexit()
}

func (r *recorder) Parallel()     {}
func (r *recorder) Verbose() bool { return true }

func (r *recorder) Run(_ string, f func(testscript.T)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
}

// play runs a script of the given text.
func play(t *testing.T, text string) *recorder {
	t.Helper()
	file := filepath.Join(t.TempDir(), "self.txtar")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p := params(t, "")
	p.Files = []string{file}
	r := &recorder{}
	testscript.RunT(r, p)
	return r
}

func TestCommands(t *testing.T) {
	tests := []struct {
		name, script string
		want         string // in the log of a script that fails; "" for one that passes
	}{
		{"status", "exitcode 3 sh -c 'exit 3'", ""},
		{"another status", "exitcode 3 sh -c 'exit 4'", "sh ended with 4, not 3"},
		{"signal", "exitcode TERM sh -c 'kill -TERM $$'", ""},
		{"status instead of a signal", "exitcode TERM sh -c 'exit 143'", "sh ended with 143, not TERM"},
		{"status usage", "exitcode 3", "usage: exitcode STATUS PROGRAM"},
		{"status of what", "exitcode well true", `"well" is neither a status nor a signal`},
		{"alike", "alike sh -c 'echo same'", ""},
		{"not alike", "alike sh -c 'echo $PATH'", "not alike"},
		{"alike usage", "alike", "usage: alike PROGRAM"},
		{"empty", "mkdir d\nempty d\n! empty .", ""},
		{"not empty", "mkdir d\ncp f d\nempty d\n-- f --\n", "d holds ["},
		{"is empty", "mkdir d\n! empty d", "d is empty"},
		{"empty usage", "empty", "usage: [!] empty DIR..."},
		{"expand", "expand f\ngrep ^$WORK/@x$ f\n-- f --\n@WORK@/@x\n", ""},
		{"expand usage", "expand", "usage: expand FILE..."},
		{"signal a process", "exec sh s &p&\nwaitfor pid\nsignal TERM pid\nwait p\nstdout got\nwaitgone pid\n-- s --\ntrap 'echo got; exit' TERM\necho $$ >pid\nwhile :; do sleep 0.01; done\n", ""},
		{"signal usage", "signal TERM", "usage: signal NAME PIDFILE"},
		{"signal nobody", "signal NONE pid\n-- pid --\n2\n", "no such signal: NONE"},
		{"signal init", "signal TERM pid\n-- pid --\n1\n", "pid holds 1, which is no process to touch"},
		{"waitfor usage", "waitfor", "usage: waitfor FILE"},
		{"waitgone usage", "waitgone", "usage: waitgone PIDFILE"},
		{"unknown condition", "[no:such] exec true", "unknown condition no:such"},
		{"bad condition", "[landlock:x] exec true", "condition landlock:x"},
		{"pty", "exec pty d sh -c 'test -t 0 && echo terminal'\nstdout '^terminal$'\n-- d --\nexpect \"terminal\"\nexit 0\n", ""},
		{"pty fails", "exec pty d true\n-- d --\nexit 1\n", "d: line 1: exit 1: ended with 0"},
		{"pty usage", "exec pty d", "usage: pty DIALOGUE PROGRAM"},
		{"program without exec", "pty d true", "use 'exec pty' rather than 'pty'"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := play(t, test.script)
			log := r.log.String()
			switch {
			case test.want == "" && r.failed:
				t.Errorf("the script failed:\n%s", log)
			case test.want != "" && !r.failed:
				t.Errorf("the script passed:\n%s", log)
			case !strings.Contains(log, test.want):
				t.Errorf("no %q in:\n%s", test.want, log)
			}
		})
	}
}

// TestWeakerKernels shows that the programs take away what they say, and only
// that.
func TestWeakerKernels(t *testing.T) {
	tests := []struct{ name, script string }{
		{"Landlock", "exec probe call landlock\nexitcode 1 nolandlock ENOSYS probe call landlock\nstdout ENOSYS\nexec nolandlock ENOSYS probe call getpid\n"},
		{"user namespaces", "exec probe unshare user\nexitcode 1 nouserns EPERM probe unshare user\nstdout EPERM\nexitcode 1 nouserns ENOSPC probe clone user\nstdout ENOSPC\nexec nouserns EPERM probe unshare files\nexec nouserns EPERM sh -c 'true & wait'\n"},
		{"ptrace", "exec sh -c 'exit 0'\nexitcode 0 noptrace sh -c 'exit 0'\nexitcode 2 noptrace\n"},
		{"status", "exitcode 5 nouserns EPERM sh -c 'exit 5'\nexitcode 5 nolandlock ENOSYS sh -c 'exit 5'\n"},
		{"sysctl", "exitcode 1 nouserns sysctl probe unshare user\nstdout ENOSPC\nexec nouserns sysctl probe status CapEff\nstdout 'CapEff=0000000000000000'\n"},
		{"usage", "exitcode 2 nolandlock ENOSYS\nexitcode 2 nolandlock EIO true\nexitcode 2 nouserns\nexitcode 2 nouserns EPERM\nexitcode 2 nouserns EIO true\nexitcode 2 asuser\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if r := play(t, test.script); r.failed {
				t.Errorf("the script failed:\n%s", r.log.String())
			}
		})
	}
}

// TestMustWork shows that a skip is a failure where everything must work, and
// only there.
func TestMustWork(t *testing.T) {
	for _, mustWork := range []bool{false, true} {
		t.Run(fmt.Sprint(mustWork), func(t *testing.T) {
			r := &recorder{}
			r.Run("", func(testscript.T) { skip(r, mustWork, "not here") })
			if r.failed != mustWork || r.skipped == mustWork {
				t.Errorf("failed %v, skipped %v", r.failed, r.skipped)
			}
			if !strings.Contains(r.log.String(), "not here") {
				t.Errorf("no reason in %q", r.log.String())
			}
		})
	}
}

func TestFirstPerson(t *testing.T) {
	tests := []struct {
		passwd string
		want   account
	}{
		{"root:x:0:0::/root:/bin/sh\nann:x:1001:1002::/home/ann:/bin/sh\n", account{"ann", 1001, 1002}},
		{"nobody:x:65534:65534::/:/bin/sh\nbroken\nbob:x:n:1::/:/bin/sh\n", account{"nobody", 54321, 54321}},
	}
	for _, test := range tests {
		got, err := firstPerson(strings.NewReader(test.passwd))
		if err != nil || got != test.want {
			t.Errorf("got %v, %v, want %v", got, err, test.want)
		}
	}
}
