// Package datagram reads and writes UDP on sockets that are bound to every
// address, and tells which address a datagram was sent to (ip(7), IP_PKTINFO;
// ipv6(7), IPV6_RECVPKTINFO), so that the answer can come from there.
package datagram

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// Max is the largest datagram, in bytes.
const Max = 1<<16 - 1

// Socket is one such socket.
type Socket struct {
	conn *net.UDPConn
	v6   bool
}

// Open takes a bound socket with its packet information switched on; file is
// closed.
func Open(file *os.File) (*Socket, error) {
	conn, err := net.FilePacketConn(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		return nil, errors.Join(errors.New("not a UDP socket"), conn.Close())
	}
	local, ok := udp.LocalAddr().(*net.UDPAddr)
	return &Socket{conn: udp, v6: ok && local.IP.To4() == nil}, nil
}

// Port is the port it is bound to.
func (s *Socket) Port() int { return s.conn.LocalAddr().(*net.UDPAddr).Port }

// Close ends readers as well.
func (s *Socket) Close() error { return s.conn.Close() }

// Read reads a datagram: its length, who sent it, and to which address.
func (s *Socket) Read(b []byte) (n int, from netip.AddrPort, to netip.Addr, err error) {
	var control [128]byte
	n, length, _, from, err := s.conn.ReadMsgUDPAddrPort(b, control[:])
	if err != nil {
		return 0, from, to, err
	}
	return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), destination(control[:length]), nil
}

// destination finds the address in control messages; the zero one where there
// is none.
func destination(control []byte) netip.Addr {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return netip.Addr{}
	}
	for _, m := range messages {
		switch {
		case m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_PKTINFO && len(m.Data) >= unix.SizeofInet6Pktinfo:
			return netip.AddrFrom16([16]byte(m.Data[:16])).Unmap()
		case m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_PKTINFO && len(m.Data) >= unix.SizeofInet4Pktinfo:
			return netip.AddrFrom4([4]byte(m.Data[8:12]))
		}
	}
	return netip.Addr{}
}

// Write sends a datagram as if from an address of the sandbox.
func (s *Socket) Write(b []byte, from netip.Addr, to netip.AddrPort) error {
	_, _, err := s.conn.WriteMsgUDPAddrPort(b, s.source(from), to)
	return err
}

// source is the control message that says where a datagram comes from. An
// IPv4 address on a socket for both goes in its mapped form (ip_cmsg_send,
// net/ipv4/ip_sockglue.c).
func (s *Socket) source(a netip.Addr) []byte {
	level, kind, info := unix.IPPROTO_IP, unix.IP_PKTINFO, make([]byte, unix.SizeofInet4Pktinfo)
	if s.v6 {
		level, kind, info = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, make([]byte, unix.SizeofInet6Pktinfo)
		b := a.As16()
		copy(info, b[:])
	} else {
		b := a.Unmap().As4()
		copy(info[4:], b[:])
	}
	control := make([]byte, unix.CmsgSpace(len(info)))
	e := binary.NativeEndian
	// struct cmsghdr: a length as wide as a pointer, then two ints (cmsg(3)).
	e.PutUint64(control[0:], uint64(unix.CmsgLen(len(info))))
	e.PutUint32(control[8:], uint32(level))
	e.PutUint32(control[12:], uint32(kind))
	copy(control[unix.CmsgLen(0):], info)
	return control
}
