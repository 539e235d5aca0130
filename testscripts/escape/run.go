package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// verdict is how one attempt went with one tool.
type verdict int

const (
	blocked verdict = iota
	open
	// notApplicable is without a sandbox only: there is nothing to block here.
	notApplicable
	// broken: the program never ran, or it ended in a way that says nothing. It
	// counts as neither.
	broken
)

func (v verdict) String() string { return [...]string{"blocked", "open", "n/a", "broken"}[v] }

// outcome is a verdict with what it rests on.
type outcome struct {
	verdict verdict
	why     string
}

// result is what is left of a run.
type result struct {
	stdout, stderr string
	status         int // of the command; 128+n after signal n
	stopped        bool
	dumped         bool // a core dump was made
	late           bool // it had to be killed
}

// patience is how long a run may take, and how long what must come of it is
// waited for. It only bounds what is broken, so it is long.
const patience = 3 * time.Minute

// try makes a stage, runs the attempt there with the tool and looks what came
// of it.
func (k *kit) try(t tool, a *attempt) outcome {
	s, err := newStage(k, t.name == nothing.name, a.props)
	if s != nil {
		defer s.strike()
	}
	if errors.Is(err, errMissing) {
		return outcome{notApplicable, err.Error()}
	}
	if err != nil {
		return outcome{broken, "stage: " + err.Error()}
	}
	s.vars["LAUNCHER"] = "1"
	if _, ok := s.vars["VICTIM"]; ok && t.name == nothing.name {
		s.vars["LAUNCHER"] = s.vars["VICTIM"] // nobody launched it; never the machine's PID 1
	}
	s.note()
	r, err := s.run(t, a, a.run)
	if err == nil && a.then != nil {
		r, err = s.run(t, a, a.then)
	}
	if err != nil {
		return outcome{broken, err.Error()}
	}
	return judge(t, a, s, r)
}

// judge looks from outside first, since the program's own word may be wrong.
func judge(t tool, a *attempt, s *stage, r *result) outcome {
	said := lastLine(r.stderr)
	if !strings.Contains(r.stderr, "started\n") {
		if a.mayNotStart && r.status != 0 && t.name != nothing.name {
			return outcome{blocked, "did not start: " + said}
		}
		return outcome{broken, fmt.Sprintf("never ran (status %d): %s", r.status, strings.TrimSpace(r.stderr))}
	}
	worked, evidence := r.status == 0, "the program's word"
	if a.seen != nil {
		worked, evidence = a.seen(s, r)
	}
	switch {
	case worked:
		return outcome{open, evidence}
	case r.late:
		return outcome{broken, "did not end in " + patience.String()}
	case t.name == nothing.name:
		return unsandboxed(a, r, said)
	case r.status == 2:
		return outcome{broken, said}
	}
	return outcome{blocked, said}
}

// errorName finds the name of an error at the end of a program's last word.
var errorName = regexp.MustCompile(`\b(E[A-Z0-9]{2,})$`)

// unsandboxed says what a failure without any sandbox means.
func unsandboxed(a *attempt, r *result, said string) outcome {
	const notHere = 3 // programs/c/attempt.h
	name := errorName.FindString(said)
	if r.status == notHere || (name != "" && slices.Contains(a.lacks, name)) {
		return outcome{notApplicable, said}
	}
	return outcome{broken, fmt.Sprintf("fails without a sandbox, too (status %d): %s", r.status, said)}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// run runs one command of the attempt.
func (s *stage) run(t tool, a *attempt, words []string) (*result, error) {
	argv := s.expand(words...)
	if !strings.HasPrefix(argv[0], "/") {
		argv[0] = s.kit.programs + "/" + argv[0]
	}
	name := a.profile
	if name == "" {
		name = "project"
	}
	argv, err := t.command(s, policies[name], argv)
	if err != nil {
		return nil, err
	}
	s.note() // again: the tool may have made files of its own
	cmd := exec.Command("", append(append([]string{}, s.standin...), argv...)...)
	cmd.Args = cmd.Args[1:]
	if cmd.Path, err = exec.LookPath(cmd.Args[0]); err != nil {
		return nil, err
	}
	cmd.Dir, cmd.Env = s.vars["PROJECT"], s.environment()
	return s.wait(cmd, a.killed)
}

// killWhenLocked kills what was started as soon as the program holds its lock:
// it lives then, and nothing of it has ended.
func (s *stage) killWhenLocked(started *os.Process) {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
		f, err := os.Open(s.path("$PROJECT/lock"))
		if err != nil {
			continue
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		f.Close()
		if err != nil {
			_ = started.Kill()
			return
		}
	}
}

// wait starts the command with the stage's streams and waits for its end, or
// for its being stopped. It may be killed as soon as it holds its lock.
func (s *stage) wait(cmd *exec.Cmd, killed bool) (*result, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = &out, &errs, s.inherited
	if s.stdin != nil {
		cmd.Stdin = s.stdin
	}
	if s.stdout != nil {
		cmd.Stdout = s.stdout
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: s.group}
	if s.terminal != nil && s.vars["OTHER_TERMINAL"] == "" {
		cmd.Stdin = s.terminal.slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	}
	// What lingers may hold the pipes. What the command wrote must have been read by
	// then, on a busy machine too.
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if killed {
		go s.killWhenLocked(cmd.Process)
	}
	r := &result{}
	ended := s.watch(cmd.Process.Pid, r)
	err := cmd.Wait()
	close(ended)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return nil, err
	}
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if r.status = status.ExitStatus(); status.Signaled() {
		r.status, r.dumped = 128+int(status.Signal()), status.CoreDump()
	}
	for _, f := range []*os.File{s.stdin, s.stdout} {
		if f != nil {
			f.Close()
		}
	}
	r.stdout, r.stderr = out.String(), errs.String()
	return r, nil
}

// watch kills what takes too long, and sets going what was stopped, noting that.
func (s *stage) watch(pid int, r *result) (ended chan struct{}) {
	ended = make(chan struct{})
	go func() {
		late := time.After(patience)
		for {
			select {
			case <-ended:
				return
			case <-late:
				r.late = true
				_ = unix.Kill(pid, unix.SIGKILL)
			case <-time.After(20 * time.Millisecond):
				stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
				if i := bytes.LastIndexByte(stat, ')'); i > 0 && len(stat) > i+2 && stat[i+2] == 'T' {
					r.stopped = true
					_ = unix.Kill(pid, unix.SIGCONT)
				}
			}
		}
	}()
	return ended
}
