package main

import (
	"errors"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

var stuckTries = map[string]try{
	"unix-stuck":  {"PATH READYFILE", 2, tryUnixStuck},
	"unix-toggle": {"PATH", 1, tryUnixToggle},
	"drop-unix":   {"PATH", 1, tryDropUnix},
}

// tryUnixStuck has whoever makes connections in its place wait for one that
// never comes, says so by making READYFILE, and stays.
func tryUnixStuck(args []string) (string, error) {
	full, err := listenUnix(args[0], 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(full)
	for err == nil {
		var fd int
		if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0); err == nil {
			err = unix.Connect(fd, &unix.SockaddrUnix{Name: args[0]})
		}
	}
	if err != unix.EAGAIN {
		return "", err
	}
	own, err := listenUnix(args[0]+".own", 1)
	if err != nil {
		return "", err
	}
	// On one processor, and a busy one, a round needs long to come to anything.
	for pause, end := 20*time.Millisecond, time.Now().Add(2*time.Minute); time.Now().Before(end); pause = min(2*pause, 5*time.Second) {
		cmd := exec.Command("/proc/self/exe", "unix-toggle", args[0])
		if err := cmd.Start(); err != nil {
			return "", err
		}
		time.Sleep(pause)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		passed := make(chan error, 1)
		go func() { passed <- passByte(own, &unix.SockaddrUnix{Name: args[0] + ".own"}) }()
		select {
		case err := <-passed:
			if err != nil {
				return "", err
			}
		case <-time.After(5 * time.Second):
			if err := os.WriteFile(args[1], []byte("stuck\n"), 0o600); err != nil {
				return "", err
			}
			time.Sleep(5 * time.Minute)
			return "nobody ended it", nil
		}
	}
	return "", errors.New("no race")
}

func listenUnix(path string, backlog int) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrUnix{Name: path})
	}
	if err == nil {
		err = unix.Listen(fd, backlog)
	}
	return fd, err
}

// tryUnixToggle connects many sockets, each of which waits and is tried again and
// again for it, while other threads say all the time that they wait. So whoever
// makes the connections is nearly always about to make one: also on a single
// processor, where it must lose that in the right moment.
func tryUnixToggle(args []string) (string, error) {
	sockets := make([]int, 200)
	for i := range sockets {
		var err error
		if sockets[i], err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return "", err
		}
	}
	for range 2 {
		go func() {
			for {
				for _, fd := range sockets {
					_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFL, 0)
				}
			}
		}()
	}
	got := make(chan error, len(sockets))
	for _, fd := range sockets {
		go func() { got <- unix.Connect(fd, &unix.SockaddrUnix{Name: args[0]}) }()
	}
	return "", <-got
}

// tryDropUnix connects to a socket, asks for the empty root, and connects again.
func tryDropUnix(args []string) (string, error) {
	connect := func() string {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			defer unix.Close(fd)
			err = unix.Connect(fd, &unix.SockaddrUnix{Name: args[0]})
		}
		return outcome(err)
	}
	before := connect()
	if said, err := ask("C"); err != nil || said != "O\n" {
		return "", errors.Join(errors.New("answer "+said), err)
	}
	return "before " + before + ", after " + connect(), nil
}
