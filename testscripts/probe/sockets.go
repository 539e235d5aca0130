package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

var socketTries = map[string]try{
	"connect":     {"HOST:PORT", 1, tryConnect},
	"exchange":    {"HOST:PORT", 1, tryExchange},
	"hold":        {"HOST:PORT READYFILE", 2, tryHold},
	"lookup":      {"SERVER NAME", 2, tryLookup},
	"listen":      {"HOST:PORT", 1, tryListen},
	"serve":       {"HOST:PORT READYFILE", 2, tryServe},
	"talk":        {"HOST:PORT", 1, tryTalk},
	"free-port":   {"", 0, tryFreePort},
	"serve-udp":   {"HOST:PORT READYFILE", 2, tryServeUDP},
	"tls":         {"HOST:PORT", 1, tryTLS},
	"udp":         {"HOST:PORT", 1, tryUDP},
	"ask-udp":     {"HOST:PORT", 1, tryAskUDP},
	"unix":        {"PATH|@NAME", 1, tryUnix},
	"unix-listen": {"PATH|@NAME", 1, tryUnixListen},
	"socket":      {"FAMILY", 1, trySocket},
	"shm":         {"KEY", 1, onShm(0)},
	"shm-make":    {"KEY", 1, onShm(unix.IPC_CREAT | 0o600)},
	"shm-remove":  {"KEY", 1, tryShmRemove},
	"interfaces":  {"", 0, tryInterfaces},
}

// patience bounds attempts at addresses that nobody answers for.
const patience = time.Minute

func tryConnect(args []string) (string, error) {
	conn, err := net.DialTimeout("tcp", args[0], patience)
	if err != nil {
		return "", err
	}
	return "", conn.Close()
}

// tryExchange connects, sends a byte and waits for one.
func tryExchange(args []string) (string, error) {
	return exchange("tcp", args[0])
}

// tryAskUDP sends a datagram and waits for one.
func tryAskUDP(args []string) (string, error) {
	return exchange("udp", args[0])
}

func exchange(network, address string) (string, error) {
	conn, err := net.DialTimeout(network, address, patience)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte("x")); err != nil {
		return "", err
	}
	_, err = conn.Read(make([]byte, 1))
	return "", err
}

// tryHold keeps a connection open until the other side ends it.
func tryHold(args []string) (string, error) {
	conn, err := net.DialTimeout("tcp", args[0], patience)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := os.WriteFile(args[1], []byte("connected\n"), 0o644); err != nil {
		return "", err
	}
	_, err = conn.Read(make([]byte, 1))
	return "", err
}

// tryLookup asks a server of its own choice for a name's addresses.
func tryLookup(args []string) (string, error) {
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, net.JoinHostPort(args[0], "53"))
	}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found, err := resolver.LookupHost(ctx, args[1])
	return strings.Join(found, " "), err
}

func tryListen(args []string) (string, error) {
	listener, err := net.Listen("tcp", args[0])
	if err != nil {
		return "", err
	}
	return "", listener.Close()
}

// tryServe answers every connection's byte with one, until it is ended.
func tryServe(args []string) (string, error) {
	listener, err := net.Listen("tcp", args[0])
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(args[1], []byte("ready\n"), 0o644); err != nil {
		return "", err
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return "", err
		}
		// What is left unread would make the close a reset.
		if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
			return "", err
		}
		if _, err := conn.Write([]byte("x")); err != nil {
			return "", err
		}
		if err := conn.Close(); err != nil {
			return "", err
		}
	}
}

// tryTalk binds a port, which may be 0 for a free one, and connects to itself there.
func tryTalk(args []string) (string, error) {
	listener, err := net.Listen("tcp", args[0])
	if err != nil {
		return "", err
	}
	defer listener.Close()
	conn, err := net.DialTimeout("tcp", listener.Addr().String(), patience)
	if err != nil {
		return "", err
	}
	return "", conn.Close()
}

// tryServeUDP answers every datagram with itself, until it is ended.
func tryServeUDP(args []string) (string, error) {
	conn, err := net.ListenPacket("udp", args[0])
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(args[1], []byte("ready\n"), 0o644); err != nil {
		return "", err
	}
	buffer := make([]byte, 1<<16)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return "", err
		}
		if _, err := conn.WriteTo(buffer[:n], from); err != nil {
			return "", err
		}
	}
}

// tryTLS makes a TLS connection, to whoever has whatever certificate.
func tryTLS(args []string) (string, error) {
	dialer := &net.Dialer{Timeout: patience}
	conn, err := tls.DialWithDialer(dialer, "tcp", args[0], &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return "", err
	}
	return "", conn.Close()
}

// tryFreePort gives a port that nobody has: one below those that the kernel gives
// to whoever asks for none (ip(7), ip_local_port_range), since one of these may be
// another program's before it is used here.
func tryFreePort([]string) (string, error) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return "", err
	}
	const first = 5000
	end := 0
	if _, err := fmt.Sscan(string(text), &end); err != nil {
		return "", err
	}
	for i := range 1000 {
		port := first + (os.Getpid()+i)%max(end-first, 1000)
		listener, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			return strconv.Itoa(port), listener.Close()
		}
	}
	return "", errors.New("every port is in use")
}

func tryUDP(args []string) (string, error) {
	conn, err := net.Dial("udp", args[0])
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_, err = conn.Write([]byte("x"))
	return "", err
}

func tryUnix(args []string) (string, error) {
	conn, err := net.DialTimeout("unix", args[0], patience)
	if err != nil {
		return "", err
	}
	return "", conn.Close()
}

func tryUnixListen(args []string) (string, error) {
	listener, err := net.Listen("unix", args[0])
	if err != nil {
		return "", err
	}
	return "", listener.Close()
}

// families are address families with a type and protocol they accept.
var families = map[string][3]int{
	"unix":        {unix.AF_UNIX, unix.SOCK_STREAM, 0},
	"inet":        {unix.AF_INET, unix.SOCK_STREAM, 0},
	"inet6":       {unix.AF_INET6, unix.SOCK_STREAM, 0},
	"route":       {unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE},
	"netfilter":   {unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_NETFILTER},
	"generic":     {unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_GENERIC},
	"audit":       {unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_AUDIT},
	"vsock":       {unix.AF_VSOCK, unix.SOCK_STREAM, 0},
	"packet":      {unix.AF_PACKET, unix.SOCK_RAW, 0},
	"alg":         {unix.AF_ALG, unix.SOCK_SEQPACKET, 0},
	"inet-raw":    {unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP},
	"inet-mptcp":  {unix.AF_INET, unix.SOCK_STREAM, 262},
	"unspecified": {unix.AF_UNSPEC, unix.SOCK_STREAM, 0},
}

func trySocket(args []string) (string, error) {
	f, ok := families[args[0]]
	if !ok {
		return "", errUsage
	}
	fd, err := unix.Socket(f[0], f[1], f[2])
	if err != nil {
		return "", err
	}
	return "", unix.Close(fd)
}

// onShm makes a try of asking for the System V shared memory segment with that
// key.
func onShm(flags uintptr) func([]string) (string, error) {
	return func(args []string) (string, error) {
		key, err := strconv.ParseUint(args[0], 0, 32)
		if err != nil {
			return "", errUsage
		}
		_, err = shmget(uintptr(key), flags)
		return "", err
	}
}

func tryShmRemove(args []string) (string, error) {
	key, err := strconv.ParseUint(args[0], 0, 32)
	if err != nil {
		return "", errUsage
	}
	id, err := shmget(uintptr(key), 0)
	if err != nil {
		return "", err
	}
	_, err = unix.SysvShmCtl(int(id), unix.IPC_RMID, nil)
	return "", err
}

// shmget asks for a segment of one page.
func shmget(key, flags uintptr) (uintptr, error) {
	id, _, errno := unix.Syscall(unix.SYS_SHMGET, key, 4096, flags)
	if errno != 0 {
		return 0, errno
	}
	return id, nil
}

func tryInterfaces([]string) (string, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return "", err
	}
	names := make([]string, len(interfaces))
	for i, in := range interfaces {
		names[i] = in.Name
	}
	return strings.Join(names, " "), nil
}
