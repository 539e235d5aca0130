package main

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/sys/unix"
)

var terminalTries = map[string]try{
	"tiocsti":      {"", 0, func([]string) (string, error) { return "", terminalIoctl(unix.TIOCSTI) }},
	"tiocsti-high": {"", 0, func([]string) (string, error) { return "", terminalIoctl(1<<32 | unix.TIOCSTI) }},
	"tioclinux":    {"", 0, func([]string) (string, error) { return "", terminalIoctl(unix.TIOCLINUX) }},
	"tioclinux-high": {"", 0, func([]string) (string, error) {
		return "", terminalIoctl(1<<32 | unix.TIOCLINUX)
	}},
	"tcgets":  {"", 0, tryTcgets},
	"winsize": {"", 0, tryWinsize},
	"line":    {"", 0, tryLine},
}

// terminal gives the controlling terminal, or standard input where there is
// none.
func terminal() (*os.File, error) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return os.Stdin, nil
	}
	return f, nil
}

// terminalIoctl sends a request that pushes a character into the terminal. A
// kernel that compares only the low 32 bits of the request, as Linux does,
// takes it with any high bits.
func terminalIoctl(request uintptr) error {
	f, err := terminal()
	if err != nil {
		return err
	}
	return ioctlByte(f.Fd(), request)
}

func tryTcgets([]string) (string, error) {
	f, err := terminal()
	if err != nil {
		return "", err
	}
	_, err = unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return "", err
}

// tryLine says "up", reads a line and gives it back; it says "continued" each time
// it goes on after a stop, so that who drives the terminal knows when the next
// line is this program's.
func tryLine([]string) (string, error) {
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, unix.SIGCONT)
	go func() {
		for range continued {
			fmt.Println("continued")
		}
	}()
	fmt.Println("up")
	if err := awaitInput(); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return "", err
	}
	return "got <" + strings.TrimSpace(line) + ">", nil
}

// awaitInput waits in the foreground until there is something to read. A read that
// waits takes what is typed also when its process has been told to stop: it looks
// for input first and for signals then (n_tty_read, drivers/tty/n_tty.c). A shell that
// has its terminal back would lose its line to a program that was slow to stop. In
// the background a read is refused before it waits, which is what is to be seen.
func awaitInput() error {
	group, err := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	if err != nil || group != unix.Getpgrp() {
		return err
	}
	for {
		if _, err := unix.Poll([]unix.PollFd{{Fd: 0, Events: unix.POLLIN}}, -1); err != unix.EINTR {
			return err
		}
	}
}

func tryWinsize([]string) (string, error) {
	f, err := terminal()
	if err != nil {
		return "", err
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %d", size.Row, size.Col), nil
}
