package main

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// address gives a socket's address; one that begins with @ is abstract.
func address(name string) unix.Sockaddr { return &unix.SockaddrUnix{Name: name} }

// show prints what the other side says.
func show(fd int) error {
	buffer := make([]byte, 256)
	n, err := unix.Read(fd, buffer)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	_, err = os.Stdout.Write(buffer[:n])
	return err
}

func connect(name string) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	if err := unix.Connect(fd, address(name)); err != nil {
		return -1, fmt.Errorf("connect: %w", err)
	}
	return fd, nil
}

func tryStream(args []string) error {
	fd, err := connect(args[0])
	if err != nil {
		return err
	}
	return show(fd)
}

// tryStreamLink goes by a link, and by the working directory's name in /proc.
func tryStreamLink(args []string) error {
	if err := unix.Symlink(args[0], "way"); err != nil {
		return fmt.Errorf("symlink: %w", err)
	}
	if err := tryStream([]string{"/proc/self/cwd/way"}); err != nil {
		return tryStream([]string{"/proc/thread-self/root" + args[0]})
	}
	return nil
}

// datagram gives an unconnected datagram socket.
func datagram() (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	return fd, nil
}

func trySendto(args []string) error {
	fd, err := datagram()
	if err != nil {
		return err
	}
	return unix.Sendto(fd, []byte(args[1]), 0, address(args[0]))
}

func trySendmsg(args []string) error {
	fd, err := datagram()
	if err != nil {
		return err
	}
	return unix.Sendmsg(fd, []byte(args[1]), nil, address(args[0]), 0)
}

func trySendmmsg(args []string) error {
	fd, err := datagram()
	if err != nil {
		return err
	}
	return sendmmsg(fd, []byte(args[1]), args[0])
}

// pair gives a datagram socket that was never asked for with socket(2).
func pair() (int, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return -1, fmt.Errorf("socketpair: %w", err)
	}
	return fds[0], nil
}

func tryPairSendto(args []string) error {
	fd, err := pair()
	if err != nil {
		return err
	}
	return unix.Sendto(fd, []byte(args[1]), 0, address(args[0]))
}

func tryPairSendmsg(args []string) error {
	fd, err := pair()
	if err != nil {
		return err
	}
	return unix.Sendmsg(fd, []byte(args[1]), nil, address(args[0]), 0)
}

// tryRawSendto asks for SOCK_RAW, which unix(7) sockets take as datagrams.
func tryRawSendto(args []string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_RAW, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	return unix.Sendto(fd, []byte(args[1]), 0, address(args[0]))
}

func trySeqpacket(args []string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	if err := unix.Connect(fd, address(args[0])); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return show(fd)
}

// tryDatagramConnect gives the socket its address first: then a plain write(2),
// which no filter can tell from others, sends.
func tryDatagramConnect(args []string) error {
	fd, err := datagram()
	if err != nil {
		return err
	}
	if err := unix.Connect(fd, address(args[0])); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	_, err = unix.Write(fd, []byte(args[1]))
	return err
}

// tryReceiveDescriptor takes a directory of the host from a daemon, and reads a
// file through it.
func tryReceiveDescriptor(args []string) error {
	fd, err := connect(args[0])
	if err != nil {
		return err
	}
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(fd, make([]byte, 256), rights, 0)
	if err != nil {
		return fmt.Errorf("recvmsg: %w", err)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return fmt.Errorf("no descriptor came: %w", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return err
	}
	file, err := unix.Openat(fds[0], args[1], unix.O_RDONLY, 0)
	if err != nil {
		return fmt.Errorf("openat: %w", err)
	}
	return show(file)
}

// trySendDescriptor gives an accomplice outside a directory of the sandbox.
func trySendDescriptor(args []string) error {
	fd, err := connect(args[0])
	if err != nil {
		return err
	}
	dir, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return unix.Sendmsg(fd, []byte(args[1]), unix.UnixRights(dir), nil, 0)
}

// tryLeakedSocket uses a connection that the caller had open.
func tryLeakedSocket(args []string) error {
	fd, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return show(fd)
}
