package steps

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// become runs a list in this very process; the directory's name says which.
func become(dir string) *Failure {
	runtime.LockOSThread()
	l := New()
	l.BlockSignals()
	l.Mkdir(dir+"/made", 0o700, noOrigin)
	if filepath.Base(dir) == "fails" {
		l.Mkdir(dir+"/none/at/all", 0o700, 5)
	}
	l.Program()
	l.ResetHandlers()
	l.CloseOnExec()
	l.shell(dir, `echo $$ >$DIR/pid; exit 6`)
	return l.Become()
}

// In direct mode nobody waits: the process is the program, under its own number.
func TestBecome(t *testing.T) {
	for _, name := range []string{"works", "fails"} {
		dir := t.TempDir() + "/" + name
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), becomeEnv+"="+dir)
		out, err := cmd.Output()
		if err == nil {
			t.Fatalf("%s: no status", name)
		}
		if !present(dir, "made")() {
			t.Errorf("%s: the first step did not happen", name)
		}
		switch code := cmd.ProcessState.ExitCode(); name {
		case "works":
			if code != 6 || len(out) != 0 {
				t.Errorf("status %d, %q", code, out)
			}
			if pid := strings.TrimSpace(content(t, dir, "pid")); pid != strconv.Itoa(cmd.Process.Pid) {
				t.Errorf("the program is process %s, the wrapper was %d", pid, cmd.Process.Pid)
			}
		case "fails":
			if want := "mkdir " + dir + "/none/at/all: no such file or directory\n"; code != 1 || string(out) != want {
				t.Errorf("status %d, %q, want %q", code, out, want)
			}
			if present(dir, "pid")() {
				t.Error("the program ran all the same")
			}
		}
	}
}
