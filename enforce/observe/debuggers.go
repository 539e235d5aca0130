package observe

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/observe/asking"
)

// A debugger in the sandbox finds its processes untraced: whoever calls ptrace(2)
// is stopped before the call (package asking), the tracer lets go of the thread
// that is meant, and the call goes on. From then on that one is the debugger's;
// it is not taken back.

// asked answers such a stop.
func (t *Tracer) asked(tid int) {
	call, _ := (&Thread{ID: tid}).Call()
	mark, err := unix.PtraceGetEventMsg(tid)
	if err != nil || mark != asking.Mark || call.Number != unix.SYS_PTRACE {
		// The program's own filter asks a tracer of its own, and there is none: the
		// call fails as it would without this one (seccomp(2), SECCOMP_RET_TRACE).
		_ = refuse(tid)
		_ = ptrace(unix.PTRACE_CONT, tid, 0, 0)
		return
	}
	switch int(call.Args[0]) {
	case unix.PTRACE_TRACEME:
		t.letGo(tid, 0)
		return
	case unix.PTRACE_ATTACH, unix.PTRACE_SEIZE:
		// It stops, and is let go of then; the caller waits for that. Where nobody of
		// that number is traced, the kernel answers.
		target := inside(tid, int(int32(call.Args[1])))
		if target > 0 && target != tid && ptrace(unix.PTRACE_INTERRUPT, target, 0, 0) == nil {
			t.wanted[target] = append(t.wanted[target], tid)
			return
		}
	}
	_ = ptrace(unix.PTRACE_CONT, tid, 0, 0)
}

// gone lets those go on who wait for a thread that is not traced any more.
func (t *Tracer) gone(tid int) {
	for _, caller := range t.wanted[tid] {
		_ = ptrace(unix.PTRACE_CONT, caller, 0, 0)
	}
	delete(t.wanted, tid)
}

// letGo stops tracing a stopped thread, which gets signal where that is not 0.
func (t *Tracer) letGo(tid int, signal unix.Signal) {
	_ = ptrace(unix.PTRACE_DETACH, tid, 0, uintptr(signal))
	t.Released = t.Released || tid == t.Main
	t.gone(tid)
}

// inside gives the thread that a traced one calls by a number, which counts in
// the caller's PID namespace (pid_namespaces(7)); 0 where this tracer has none
// of that number.
func inside(caller, number int) int {
	depth := len(innerNumbers(statusOf("/proc/" + strconv.Itoa(caller))))
	for _, process := range numbered("/proc") {
		tasks := "/proc/" + process + "/task"
		if depth == 0 || len(innerNumbers(statusOf("/proc/"+process))) < depth {
			continue
		}
		for _, thread := range numbered(tasks) {
			status := statusOf(tasks + "/" + thread)
			all := innerNumbers(status)
			if status["TracerPid"] == strconv.Itoa(unix.Gettid()) && len(all) >= depth && all[depth-1] == strconv.Itoa(number) {
				tid, _ := strconv.Atoi(thread)
				return tid
			}
		}
	}
	return 0
}

// innerNumbers are a thread's, in each PID namespace that it is in, the innermost
// last.
func innerNumbers(status map[string]string) []string { return strings.Fields(status["NSpid"]) }

// statusOf reads the fields of a status (proc_pid_status(5)).
func statusOf(dir string) map[string]string {
	text, _ := os.ReadFile(dir + "/status")
	fields := map[string]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			fields[name] = strings.TrimSpace(value)
		}
	}
	return fields
}

// numbered lists the entries of a directory that are numbers.
func numbered(dir string) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err == nil {
			names = append(names, e.Name())
		}
	}
	return names
}
