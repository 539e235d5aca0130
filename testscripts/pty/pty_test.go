package pty

import (
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// TestMain has SIGHUP and SIGINT end what the tests start also where this process
// ignores them, as below nohup(1): what was started so keeps that (execve(2)), unless
// its parent catches the signal.
func TestMain(m *testing.M) {
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	os.Exit(m.Run())
}

// hold runs program in a terminal and holds the dialogue with it.
func hold(t *testing.T, dialogue string, program ...string) (string, error) {
	t.Helper()
	d, err := Parse(dialogue)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := Start(exec.Command(program[0], program[1:]...))
	if err != nil {
		t.Fatal(err)
	}
	err = d.Hold(terminal)
	if _, waitErr := terminal.Wait(); err == nil && waitErr != nil {
		t.Error(waitErr)
	}
	if closeErr := terminal.Close(); closeErr != nil {
		t.Error(closeErr)
	}
	return terminal.Output(), err
}

func TestDialogue(t *testing.T) {
	out, err := hold(t, `
		# the program sees a terminal of the size that was set
		expect "ready"
		resize 33 111
		send "go on\r"
		expect "size 33 111"
		never "no terminal"
		exit 3
	`, "sh", "-c", `test -t 0 || echo no terminal; echo ready; read -r x; echo "size $(stty size)"; exit 3`)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestInterruptCharacter(t *testing.T) {
	out, err := hold(t, `
		expect "ready"
		send "\x03"
		exit INT
	`, "sh", "-c", "echo ready; exec sleep 600")
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestSignalReachesTheProgram(t *testing.T) {
	out, err := hold(t, `
		expect "ready"
		signal USR1
		expect "got it"
		exit 0
	`, "sh", "-c", `trap "echo got it; exit 0" USR1; echo ready; while :; do sleep 0.01; done`)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestHangup(t *testing.T) {
	out, err := hold(t, "expect \"ready\"\nhangup\nexit HUP", "sh", "-c", "echo ready; exec sleep 600")
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestHoldReports(t *testing.T) {
	tests := []struct{ name, dialogue, want string }{
		{"wrong status", `exit 0`, "line 1: exit 0: ended with 7"},
		{"text that never comes", "expect \"ready\"\nexpect \"never\"", `line 2: expect "never": the terminal was closed`},
		{"text that must not come", "expect \"ready\"\nnever \"rea.y\"", `the terminal shows "ready"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := hold(t, test.dialogue, "sh", "-c", "echo ready; exit 7")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ dialogue, want string }{
		{"", "the dialogue is empty"},
		{"\nshout \"x\"", `line 2: unknown verb "shout"`},
		{"send hello", "line 1: send: want a quoted text"},
		{`expect "("`, "line 1: expect: error parsing regexp"},
		{"never", "line 1: never: want a quoted regular expression"},
		{"resize 10", "line 1: resize: want ROWS COLUMNS"},
		{"resize 10 70000", "line 1: resize: strconv.ParseUint"},
		{"signal NONE", `line 1: signal: unknown signal "NONE"`},
		{"hangup now", "line 1: hangup: takes nothing"},
		{"exit well", `line 1: exit: want a status or the name of a signal`},
	}
	for _, test := range tests {
		_, err := Parse(test.dialogue)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, want one with %q", test.dialogue, err, test.want)
		}
	}
}
