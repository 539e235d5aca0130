package testscripts

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the files that cmp compares with")

// tools is what every script uses; TestMain sets it.
var tools *toolbox

func TestMain(m *testing.M) {
	testscript.Main(suite{m}, programs)
}

// programs are run by exec from scripts; testscript puts each on PATH.
var programs = map[string]func(){
	"asuser":     asuserMain,
	"busd":       busdMain,
	"container":  containerMain,
	"dnsd":       dnsdMain,
	"faulty":     faultyMain,
	"nokeyring":  nokeyringMain,
	"nomounts":   nomountsMain,
	"noipv6":     noipv6Main,
	"nolandlock": nolandlockMain,
	"nouserns":   nousernsMain,
	"noptrace":   noptraceMain,
	"pty":        ptyMain,
	"httpd":      httpdMain,
	"unixd":      unixdMain,
	"webd":       webdMain,
}

// suite builds the tools before the tests and removes them afterwards.
type suite struct{ m *testing.M }

func (s suite) Run() int {
	flag.Parse()
	settle()
	var err error
	if tools, err = openToolbox(); err != nil {
		fmt.Fprintln(os.Stderr, "testscripts:", err)
		return 1
	}
	status := s.m.Run()
	if keep := flag.Lookup("testwork"); keep != nil && keep.Value.String() == "true" {
		fmt.Fprintln(os.Stderr, "testscripts: left in place:", tools.dir)
		return status
	}
	if err := tools.remove(); err != nil {
		fmt.Fprintln(os.Stderr, "testscripts:", err)
		return max(status, 1)
	}
	return status
}

// settle makes the tests independent of how they were started. What they make may be
// read by the other user that they run as, and written by nobody else, whatever the
// umask. SIGHUP and SIGINT end what they start, also where this process ignores them,
// as below nohup(1) or in the background of a shell without job control: a program
// that was started so keeps that (execve(2)), unless its parent catches the signal.
func settle() {
	syscall.Umask(0o022)
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
}

// params gives the parameters of one run over the scripts in dir.
func params(t *testing.T, dir string) testscript.Params {
	t.Helper()
	if tools.borrowed == "" {
		if err := noteSources(".."); err != nil {
			t.Fatal(err)
		}
	}
	work, err := tools.workdir()
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Dir:                 dir,
		Setup:               setup,
		Condition:           condition,
		Cmds:                commands,
		WorkdirRoot:         work,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	}
}

// TestScripts runs the scripts that hold for everybody, as who runs the test.
func TestScripts(t *testing.T) {
	testscript.RunT(newRunner(t), params(t, "script"))
}

// TestRootScripts runs the scripts that need root to set up what they test.
func TestRootScripts(t *testing.T) {
	if os.Getuid() != 0 {
		// Not a feature that is missing, so not HUSK_MUST_WORK's business.
		t.Skip("these set up what only root can: run the tests as root as well")
	}
	testscript.RunT(newRunner(t), params(t, "script/root"))
}
