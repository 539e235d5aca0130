package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// account is a process outside that says how it is: a line when it stands, and
// another when it is asked to end. Where the two differ, or the second never
// comes, somebody got at it.
type account struct {
	cmd    *exec.Cmd
	input  io.WriteCloser
	output *bufio.Reader
	head   string // the line before the first account
	first  string
	last   string
	ended  bool
}

// stand starts programs/outside in a role. group is the process group that it
// joins, 0 for one of its own.
func (s *stage) stand(env []string, args ...string) (*account, error) {
	cmd := exec.Command(s.kit.outside, args...)
	cmd.Env = env
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	a := &account{cmd: cmd, input: input, output: bufio.NewReader(output)}
	s.accounts = append(s.accounts, a)
	for _, line := range []*string{&a.head, &a.first} {
		if *line, err = a.output.ReadString('\n'); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
		*line = strings.TrimSpace(*line)
	}
	return a, nil
}

// end asks for the last account and waits for the end.
func (a *account) end() {
	if a.ended {
		return
	}
	a.ended = true
	_ = a.cmd.Process.Signal(syscall.SIGCONT) // in case it was stopped
	_ = a.input.Close()
	a.last, _ = a.output.ReadString('\n')
	a.last = strings.TrimSpace(a.last)
	if err := a.cmd.Wait(); err != nil {
		a.last = err.Error()
	}
}

// changed says what differs between the two accounts, "" for nothing.
func (a *account) changed() string {
	a.end()
	if a.last == a.first {
		return ""
	}
	before, after := strings.Fields(a.first), strings.Fields(a.last)
	if len(before) != len(after) {
		return a.last
	}
	var differ []string
	for i := range after {
		if after[i] != before[i] {
			differ = append(differ, after[i]+" (was "+before[i]+")")
		}
	}
	return strings.Join(differ, ", ")
}
