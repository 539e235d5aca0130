package observe_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/observe"
	"github.com/husk-sandbox/husk/enforce/observe/asking"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
)

// The test's program is started again, as a tracer and as what is traced: a
// tracer is never the parent of what it traces in husk, and stops and ends look
// different to one that is.
const (
	roleTracer = "HUSK_TEST_TRACER" // the process to trace
	roleShell  = "HUSK_TEST_SHELL"  // what it runs, once it is traced
	roleVictim = "HUSK_TEST_VICTIM" // what to do
)

// becomeShell makes this process one with a single thread, as husk's are when
// they begin to be traced; a Go program never is.
func becomeShell(text string) int {
	_ = unix.Prctl(unix.PR_SET_PTRACER, ^uintptr(0), 0, 0, 0) // Yama: not an ancestor alone
	_ = os.Unsetenv(roleShell)
	fmt.Fprintln(os.Stderr, syscall.Exec("/bin/sh", []string{"sh", "-c", "echo ready; read go; " + text, os.Args[0]}, os.Environ()))
	return 127
}

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(roleTracer) != "":
		os.Exit(trace(os.Getenv(roleTracer)))
	case os.Getenv(roleShell) != "":
		os.Exit(becomeShell(os.Getenv(roleShell)))
	case os.Getenv(roleVictim) != "":
		os.Exit(victims[os.Getenv(roleVictim)]())
	}
	os.Exit(m.Run())
}

// trace is the tracer's life: a line when it traces, one for each call that a
// process was ended at, and a last one.
func trace(who string) int {
	number, starter := strings.CutSuffix(who, " starter")
	pid, err := strconv.Atoi(number)
	if err != nil {
		return 2
	}
	t, err := observe.Seize(pid, observe.Options{Starter: starter})
	if err != nil {
		fmt.Println("refused:", err)
		return 1
	}
	fmt.Println("traces")
	err = t.Run(func(thread *observe.Thread) {
		call, ok := thread.Call()
		if !ok || call.Number != unix.SYS_GETPRIORITY {
			return
		}
		text, whole, _ := thread.String(call.Args[2], 8)
		file, _ := thread.Place(call.PC)
		fmt.Printf("%s %v %d %d %q %v %v %v\n", thread.Name(), call.Arch == observe.NativeArch, call.Args[0], call.Args[1], text, whole,
			thread.Process() == t.Main, file != "" && strings.HasSuffix(os.Args[0], file))
	})
	if err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	fmt.Println("done")
	return 0
}

// victims are what a traced process does, and the status that it ends with.
var victims = map[string]func() int{
	"kill":   func() int { begin("kill"); return call() },
	"trap":   func() int { begin("trap"); return call() },
	"permit": func() int { begin("allow"); return call() },
	// Go's runtime catches SIGSYS and ends with status 2.
	"catch": func() int { begin("catch"); return call() },
	// One thread of many makes the call; the others are in calls, or none.
	"thread": func() int {
		begin("kill")
		for range 8 {
			go func() {
				runtime.LockOSThread()
				var pipe [2]int
				if unix.Pipe(pipe[:]) == nil {
					_, _ = unix.Read(pipe[0], make([]byte, 1))
				}
			}()
		}
		go func() {
			for {
				_ = unix.Getuid()
			}
		}()
		time.Sleep(20 * time.Millisecond) // whatever they have come to
		done := make(chan int)
		go func() {
			runtime.LockOSThread()
			done <- call()
		}()
		return <-done
	},
	// A child is ended, the parent goes on; so does its own child's parent.
	"child":      func() int { return parent("grandchild") },
	"grandchild": func() int { return parent("kill") },
	// SIGSYS that somebody sends is no call's.
	"sent": func() int {
		begin("allow")
		reset(unix.SIGSYS)
		_ = unix.Kill(unix.Getpid(), unix.SIGSYS)
		select {}
	},
	"stop": func() int {
		begin("allow")
		_ = unix.Kill(unix.Getpid(), unix.SIGSTOP)
		return 7
	},
	"signal": func() int {
		begin("allow")
		_ = unix.Kill(unix.Getpid(), unix.SIGKILL)
		select {}
	},
	// A filter of the program's own that wants a tracer, which it has not got.
	"own": func() int {
		own := asking.Filter()
		binary.LittleEndian.PutUint32(own[3*8+4:], unix.SYS_GETPRIORITY)
		if load(own) != nil {
			return 9
		}
		return call()
	},
	// Debuggers: one that starts what it traces, and one that attaches to it.
	"debugger": func() int { begin("debugger"); return debug(true) },
	"attacher": func() int { begin("debugger"); return debug(false) },
	"many": func() int {
		for range 200 {
			if err := exec.Command("/bin/true").Run(); err != nil {
				return 1
			}
		}
		return 0
	},
}

// begin loads a filter that does action at getpriority(2).
func begin(action string) {
	if action == "debugger" {
		if err := load(asking.Filter()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(9)
		}
		return
	}
	list := plan.SyscallList{Action: action, Names: []string{"getpriority"}, Origin: plan.NoOrigin}
	switch action {
	case "trap":
		reset(unix.SIGSYS)
	case "catch":
		list.Action = "trap"
	}
	compiled, err := seccomp.Compile(plan.Syscalls{Default: "allow", ForeignABI: "kill", Lists: []plan.SyscallList{list}}, runtime.GOARCH)
	if err == nil {
		err = load(compiled.Program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(9)
	}
}

// parent starts a victim and ends with 5 where SIGSYS ended that, or it says so.
func parent(of string) int {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVictim+"="+of)
	err := cmd.Run()
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		return 6
	}
	status := ended.Sys().(syscall.WaitStatus)
	if status.Signaled() && status.Signal() == unix.SIGSYS || status.ExitStatus() == 5 {
		return 5
	}
	return 6
}

// debug traces a child and ends with 4 where that worked. What it traces, and it
// alone, is the debugger's; the child's end is told to its parent as ever.
func debug(fromStart bool) int {
	runtime.LockOSThread()
	child, err := os.StartProcess("/bin/sleep", []string{"sleep", "60"}, &os.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: fromStart}})
	if err == nil && !fromStart {
		err = unix.PtraceAttach(child.Pid)
	}
	var status unix.WaitStatus
	if err == nil {
		_, err = unix.Wait4(child.Pid, &status, 0, nil)
	}
	if err != nil || !status.Stopped() {
		fmt.Fprintln(os.Stderr, err, status)
		return 6
	}
	if err := unix.PtraceDetach(child.Pid); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 7
	}
	_ = child.Kill()
	if _, err := unix.Wait4(child.Pid, &status, 0, nil); err != nil || status.Signal() != unix.SIGKILL {
		return 8
	}
	return 4
}
