package main

import (
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// unixTries are about unix sockets whose listener may be inside or outside.
var unixTries = map[string]try{
	"unix-own":      {"PATH TIMES", 2, tryUnixOwn},
	"unix-stale":    {"PATH", 1, tryUnixStale},
	"unix-sendto":   {"PATH", 1, onDatagram(sendtoPath)},
	"unix-sendmsg":  {"PATH", 1, onDatagram(sendmsgPath)},
	"unix-sendmmsg": {"PATH", 1, onDatagram(sendmmsgPath)},
	"unix-bound":    {"PATH READYFILE", 2, tryUnixBound},
}

// tryUnixOwn listens and connects to itself that many times, and passes a byte
// each time.
func tryUnixOwn(args []string) (string, error) {
	times, err := strconv.Atoi(args[1])
	if err != nil {
		return "", errUsage
	}
	listener, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	at := &unix.SockaddrUnix{Name: args[0]}
	if err := unix.Bind(listener, at); err != nil {
		return "", err
	}
	if err := unix.Listen(listener, 1); err != nil {
		return "", err
	}
	for range times {
		if err := passByte(listener, at); err != nil {
			return "", err
		}
	}
	return "", unix.Unlink(args[0])
}

// tryUnixStale leaves a socket's file that nobody listens on.
func tryUnixStale(args []string) (string, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return "", err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: args[0]}); err != nil {
		return "", err
	}
	return "", unix.Listen(fd, 1)
}

func passByte(listener int, at unix.Sockaddr) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, at); err != nil {
		return err
	}
	other, _, err := unix.Accept(listener)
	if err != nil {
		return err
	}
	defer unix.Close(other)
	if _, err := unix.Write(other, []byte("x")); err != nil {
		return err
	}
	var b [1]byte
	n, err := unix.Read(fd, b[:])
	if err == nil && (n != 1 || b[0] != 'x') {
		err = unix.EIO
	}
	return err
}

// onDatagram makes a try of sending to a path through whatever connectionless
// socket can be had: one of its own, or one of a pair.
func onDatagram(send func(fd int, path string) error) func([]string) (string, error) {
	return func(args []string) (string, error) {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
		if err != nil {
			var pair [2]int
			if pair, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0); err != nil {
				return "", err
			}
			fd = pair[0]
		}
		return "", send(fd, args[0])
	}
}

func sendtoPath(fd int, path string) error {
	return unix.Sendto(fd, []byte("x"), 0, &unix.SockaddrUnix{Name: path})
}

func sendmsgPath(fd int, path string) error {
	return unix.Sendmsg(fd, []byte("x"), nil, &unix.SockaddrUnix{Name: path}, 0)
}

func sendmmsgPath(fd int, path string) error {
	name := append(binary.NativeEndian.AppendUint16(nil, unix.AF_UNIX), append([]byte(path), 0)...)
	return sendmmsg(fd, name, []byte("x"))
}

// tryUnixBound binds a datagram socket, makes the other file, and says what
// comes first.
func tryUnixBound(args []string) (string, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return "", err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: args[0]}); err != nil {
		return "", err
	}
	if err := os.WriteFile(args[1], []byte("ready\n"), 0o644); err != nil {
		return "", err
	}
	b := make([]byte, 10)
	n, err := unix.Read(fd, b)
	return string(b[:max(0, n)]), err
}
