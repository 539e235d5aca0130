package main

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal whose both ends the stage holds.
type terminal struct {
	master, slave *os.File
	path          string
}

// openTerminal makes one that neither echoes nor waits for whole lines, so that
// what is typed into it can be counted.
func openTerminal() (*terminal, error) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		return nil, err
	}
	t := &terminal{master: master, path: "/dev/pts/" + strconv.Itoa(number)}
	if t.slave, err = os.OpenFile(t.path, os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0); err != nil {
		return nil, err
	}
	mode, err := unix.IoctlGetTermios(int(t.slave.Fd()), unix.TCGETS)
	if err != nil {
		return nil, err
	}
	mode.Lflag &^= unix.ICANON | unix.ECHO
	return t, unix.IoctlSetTermios(int(t.slave.Fd()), unix.TCSETS, mode)
}

// shown gives what was written to the terminal.
func (t *terminal) shown() string {
	var text strings.Builder
	buffer := make([]byte, 4096)
	for {
		fds := []unix.PollFd{{Fd: int32(t.master.Fd()), Events: unix.POLLIN}}
		if n, err := unix.Poll(fds, int((50 * time.Millisecond).Milliseconds())); err != nil || n == 0 || fds[0].Revents&unix.POLLIN == 0 {
			return text.String()
		}
		n, err := unix.Read(int(t.master.Fd()), buffer)
		if err != nil {
			return text.String()
		}
		text.Write(buffer[:n])
	}
}

func (t *terminal) close() {
	t.master.Close()
	t.slave.Close()
}
