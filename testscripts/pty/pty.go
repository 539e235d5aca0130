// Package pty runs a program in a pseudo-terminal and holds a dialogue with it,
// as a person at a terminal does. It exists for tests: the terminal is a real
// one, with a session, a foreground process group and job control.
package pty

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Terminal is a pseudo-terminal with a program in it.
type Terminal struct {
	master *os.File
	cmd    *exec.Cmd

	mu     sync.Mutex
	change *sync.Cond
	output []byte // everything the program wrote, CR LF line ends
	closed bool   // nothing more will come
	ended  bool   // cmd.Wait has returned
}

// Start runs cmd as the leader of a new session whose controlling terminal is
// a new pseudo-terminal of 24 rows and 80 columns. The command's standard
// streams are replaced by the terminal.
func Start(cmd *exec.Cmd) (*Terminal, error) {
	master, slave, err := open()
	if err != nil {
		return nil, err
	}
	defer slave.Close()
	t := &Terminal{master: master, cmd: cmd}
	t.change = sync.NewCond(&t.mu)
	if err := errors.Join(t.Resize(24, 80), keep(slave)); err != nil {
		master.Close()
		return nil, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		master.Close()
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	go t.collect()
	go t.wait()
	return t, nil
}

// open makes a pseudo-terminal (pts(4)). The slave is opened before the program
// starts and with O_NOCTTY, so that it becomes nobody's terminal by accident.
func open() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	var number int
	err = control(master, func(fd int) (err error) {
		if number, err = unix.IoctlGetInt(fd, unix.TIOCGPTN); err != nil {
			return err
		}
		return unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	})
	if err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("unlock the pseudo-terminal: %w", err)
	}
	slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}

// keep has the terminal keep its input and output when a character sends a signal
// (termios(3), NOFLSH). The kernel throws them away after it has sent the signal
// (isig, drivers/tty/n_tty.c): with them goes what a quick program, or the shell, has
// written by then.
func keep(slave *os.File) error {
	return control(slave, func(fd int) error {
		modes, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return err
		}
		modes.Lflag |= unix.NOFLSH
		return unix.IoctlSetTermios(fd, unix.TCSETS, modes)
	})
}

// control runs f with the file's descriptor. File.Fd would make it a blocking one, and
// then a Close waits for the Read that collect is in.
func control(file *os.File, f func(fd int) error) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := conn.Control(func(fd uintptr) { result = f(int(fd)) }); err != nil {
		return err
	}
	return result
}

// collect reads until the last process has closed the terminal, which the
// kernel reports as EIO.
func (t *Terminal) collect() {
	buf := make([]byte, 4096)
	for {
		n, err := t.master.Read(buf)
		t.mu.Lock()
		t.output = append(t.output, buf[:n]...)
		if err != nil {
			t.closed = true
		}
		t.change.Broadcast()
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// wait collects the program's status, which Terminal.Wait reads from cmd.
func (t *Terminal) wait() {
	// The error repeats what cmd.ProcessState says: the streams are files, so
	// that nothing else can fail here.
	_ = t.cmd.Wait()
	t.mu.Lock()
	t.ended = true
	t.change.Broadcast()
	t.mu.Unlock()
}

// Resize sets the window size, in characters; the foreground process group
// gets SIGWINCH.
func (t *Terminal) Resize(rows, columns uint16) error {
	size := &unix.Winsize{Row: rows, Col: columns}
	err := control(t.master, func(fd int) error { return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, size) })
	if err != nil {
		return fmt.Errorf("resize the pseudo-terminal: %w", err)
	}
	return nil
}

// Send types text: \r is the Enter key, \x03 Ctrl-C, \x1a Ctrl-Z, \x04 Ctrl-D.
func (t *Terminal) Send(text string) error {
	_, err := t.master.WriteString(text)
	return err
}

// Signal sends a signal to the program itself.
func (t *Terminal) Signal(sig syscall.Signal) error {
	return t.cmd.Process.Signal(sig)
}

// Output gives everything written until now.
func (t *Terminal) Output() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.output)
}

// HangUp takes the terminal away, as a closed window or a lost connection does:
// the kernel sends SIGHUP to the session's leader and the foreground group.
func (t *Terminal) HangUp() error {
	if err := t.master.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// Close ends whatever is left in the terminal's session and gives the terminal
// back.
func (t *Terminal) Close() error {
	t.mu.Lock()
	ended := t.ended
	t.mu.Unlock()
	if !ended {
		// The hang-up that the close sends may be ignored, this cannot.
		if err := t.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
	}
	return t.HangUp()
}
