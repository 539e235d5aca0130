package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds what nobody answers. Who is let through is answered, however busy
// the machine is.
const patience = 20 * time.Second

// converse prints what the other side says.
func converse(c net.Conn) error {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	buffer := make([]byte, 256)
	n, err := c.Read(buffer)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(buffer[:n])
	return err
}

func tryTCP(args []string) error {
	c, err := net.DialTimeout("tcp", args[0], patience)
	if err != nil {
		return err
	}
	return converse(c)
}

// tryMPTCP connects with multipath TCP, which Landlock's TCP rules don't know. net
// falls back to TCP without a word, so the socket is asked for by hand first.
func tryMPTCP(args []string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
	if errors.Is(err, unix.EPROTONOSUPPORT) || errors.Is(err, unix.ENOPROTOOPT) {
		return fmt.Errorf("socket: %w", err)
	}
	if err != nil {
		return err
	}
	_ = unix.Close(fd)
	var d net.Dialer
	d.SetMultipathTCP(true)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := d.DialContext(ctx, "tcp", args[0])
	if err != nil {
		return err
	}
	return converse(c)
}

// tryFastOpen connects by sending: connect(2) is never called.
func tryFastOpen(args []string) error {
	to, err := netip.ParseAddrPort(args[0])
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	err = unix.Sendto(fd, []byte("?"), unix.MSG_FASTOPEN, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	if err != nil {
		return fmt.Errorf("sendto: %w", err)
	}
	return show(fd)
}

func tryUDP(args []string) error {
	c, err := net.Dial("udp", args[0])
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte(args[1]))
	return err
}

// tryInterface looks for a network interface of the host by its name.
func tryInterface(args []string) error {
	_, err := net.InterfaceByName(args[0])
	return err
}
