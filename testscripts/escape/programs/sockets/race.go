package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Who decides about a socket's address reads it before the kernel does, and
// resolves its path before the kernel does: in between, another thread may
// change either.

// raceFor is how long a race is run. Where there is no sandbox it must be won, and
// the variable that says so does not come into one.
func raceFor() time.Duration {
	if os.Getenv("HUSK_ESCAPE_BARE") != "" {
		return time.Minute
	}
	return 400 * time.Millisecond
}

// ownSocket listens beside name and answers nothing.
func ownSocket(name string) (string, error) {
	own := filepath.Join(filepath.Dir(name), "o")
	l, err := net.Listen("unix", own)
	if err != nil {
		return "", err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	return own, nil
}

// race connects again and again while flip changes where that leads, until
// somebody outside answered.
func race(flip func(outside bool), try func() (int, error)) error {
	var done atomic.Bool
	go func() {
		for outside := false; !done.Load(); outside = !outside {
			flip(outside)
		}
	}()
	defer done.Store(true)
	for end := time.Now().Add(raceFor()); time.Now().Before(end); {
		fd, err := try()
		if err != nil {
			continue
		}
		answer := make([]byte, 64)
		n, err := unix.Read(fd, answer)
		_ = unix.Close(fd)
		if err == nil && n > 0 {
			_, err = os.Stdout.Write(bytes.TrimSpace(answer[:n]))
			return err
		}
	}
	return errors.New("the race was never won")
}

// tryRaceAddress changes the address in memory. Both names are of one length.
func tryRaceAddress(args []string) error {
	own, err := ownSocket(args[0])
	if err != nil {
		return err
	}
	if len(own) != len(args[0]) {
		return fmt.Errorf("%s and %s must be of one length", own, args[0])
	}
	a := newRawAddress(own)
	last := len(own) - 1
	return race(func(outside bool) {
		if outside {
			a.set(last, args[0][last])
		} else {
			a.set(last, own[last])
		}
	}, a.connect)
}

// tryRaceLink changes a link on the way to the socket.
func tryRaceLink(args []string) error {
	own, err := ownSocket(args[0])
	if err != nil {
		return err
	}
	way := filepath.Join(filepath.Dir(own), "w")
	return race(func(outside bool) {
		to := own
		if outside {
			to = args[0]
		}
		if os.Symlink(to, way+"2") == nil {
			_ = os.Rename(way+"2", way)
		}
	}, func() (int, error) { return connect(way) })
}
