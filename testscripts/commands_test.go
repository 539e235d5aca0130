package testscripts

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/husk-sandbox/husk/testscripts/pty"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// commands are the scripts' own; the package comment documents them.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"alike":    cmdAlike,
	"empty":    cmdEmpty,
	"exitcode": cmdExitcode,
	"expand":   cmdExpand,
	"signal":   cmdSignal,
	"waitfor":  cmdWaitfor,
	"waitgone": cmdWaitgone,
}

// patience bounds how long a command waits for what must come. It is there so that
// a script that fails ends; one that passes never waits for it.
const patience = 3 * time.Minute

// want stops the script unless there are at least so many arguments and no !.
func want(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

// cmdExitcode: exitcode STATUS PROGRAM [ARG…]
func cmdExitcode(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) >= 2, "exitcode STATUS PROGRAM [ARG...]")
	if _, err := strconv.Atoi(args[0]); err != nil && unix.SignalNum("SIG"+args[0]) == 0 {
		ts.Fatalf("usage: exitcode STATUS PROGRAM [ARG...]: %q is neither a status nor a signal", args[0])
	}
	if got := run(ts, args[1], args[2:]...); got != args[0] {
		ts.Fatalf("%s ended with %s, not %s", args[1], got, args[0])
	}
}

// cmdAlike: alike PROGRAM [ARG…]
func cmdAlike(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) >= 1, "alike PROGRAM [ARG...]")
	plain := runWithPath(ts, ts.Getenv("PATH"), args)
	wrapped := runWithPath(ts, ts.Getenv("BIN")+":"+ts.Getenv("PATH"), args)
	if plain != wrapped {
		ts.Fatalf("not alike\nwithout the wrapper: %s\nwith it: %s", plain, wrapped)
	}
}

// outcome is what a program's caller sees of it.
type outcome struct{ status, stdout, stderr string }

func (o outcome) String() string {
	return "status " + o.status + "\n[stdout]\n" + o.stdout + "[stderr]\n" + o.stderr
}

func runWithPath(ts *testscript.TestScript, path string, args []string) outcome {
	// env looks the program up on the PATH it sets, as a shell does.
	status := run(ts, "env", append([]string{"PATH=" + path}, args...)...)
	return outcome{status, ts.ReadFile("stdout"), ts.ReadFile("stderr")}
}

// run runs a program and gives its status in the notation of exitcode.
func run(ts *testscript.TestScript, program string, args ...string) string {
	err := ts.Exec(program, args...)
	if err == nil {
		return "0"
	}
	exit, ok := err.(*exec.ExitError)
	if !ok {
		ts.Fatalf("%v", err)
	}
	return pty.Describe(exit.Sys().(syscall.WaitStatus))
}

// cmdEmpty: [!] empty DIR…
func cmdEmpty(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, len(args) >= 1, "[!] empty DIR...")
	for _, dir := range args {
		entries, err := os.ReadDir(ts.MkAbs(dir))
		ts.Check(err)
		if len(entries) == 0 && neg {
			ts.Fatalf("%s is empty", dir)
		}
		if len(entries) > 0 && !neg {
			ts.Fatalf("%s holds %v", dir, entries)
		}
	}
}

var reference = regexp.MustCompile(`@[A-Z_]+@`)

// cmdExpand: expand FILE…
func cmdExpand(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) >= 1, "expand FILE...")
	for _, file := range args {
		text := reference.ReplaceAllStringFunc(ts.ReadFile(file), func(name string) string {
			return ts.Getenv(strings.Trim(name, "@"))
		})
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o644))
	}
}

// cmdSignal: signal NAME PIDFILE
func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	const usage = "signal NAME PIDFILE"
	want(ts, !neg && len(args) == 2, usage)
	sig := unix.SignalNum("SIG" + args[0])
	want(ts, sig != 0, usage+": no such signal: "+args[0])
	ts.Check(syscall.Kill(readPid(ts, args[1]), sig))
}

func readPid(ts *testscript.TestScript, file string) int {
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(file)))
	ts.Check(err)
	if pid <= 1 {
		ts.Fatalf("%s holds %d, which is no process to touch", file, pid)
	}
	return pid
}

// cmdWaitfor: waitfor FILE
func cmdWaitfor(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 1, "waitfor FILE")
	poll(ts, args[0]+" to hold something", func() bool {
		info, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil && info.Size() > 0
	})
}

// cmdWaitgone: waitgone PIDFILE
func cmdWaitgone(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 1, "waitgone PIDFILE")
	pid := readPid(ts, args[0])
	poll(ts, "the end of process "+strconv.Itoa(pid), func() bool {
		return syscall.Kill(pid, 0) == syscall.ESRCH
	})
}

func poll(ts *testscript.TestScript, what string, done func() bool) {
	for deadline := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("waited %s for %s in vain", patience, what)
		}
	}
}
