package steps

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// loopback is the index of lo, the first interface of every network namespace.
const loopback = 1

// LocalRoutes makes every address local (rtnetlink(7)): a connection to
// anywhere ends at a listener of this namespace. In words of ip-route(8): local
// default dev lo table local, for IPv4 and, where v6 says that there is such a
// thing, for IPv6.
func (l *List) LocalRoutes(v6 bool) {
	l.begin(Network, noOrigin, "netlink", "ask for routes")
	l.add(unix.SYS_SOCKET, value(unix.AF_NETLINK), value(unix.SOCK_RAW|unix.SOCK_CLOEXEC), value(unix.NETLINK_ROUTE)).into(0)
	l.begin(Network, noOrigin, "IPv4 route", "every IPv4 address is local")
	l.netlink(localRoute(unix.AF_INET, unix.RT_SCOPE_HOST))
	if v6 {
		l.begin(Network, noOrigin, "IPv6 route", "every IPv6 address is local")
		l.netlink(localRoute(unix.AF_INET6, unix.RT_SCOPE_UNIVERSE))
	}
	l.add(unix.SYS_CLOSE, slot(0))
}

// localRoute is an RTM_NEWROUTE message: struct nlmsghdr, struct rtmsg, and one
// attribute, the interface.
func localRoute(family, scope byte) []byte {
	m := make([]byte, unix.SizeofNlMsghdr+unix.SizeofRtMsg+8)
	e := binary.NativeEndian
	e.PutUint32(m[0:], uint32(len(m)))
	e.PutUint16(m[4:], unix.RTM_NEWROUTE)
	e.PutUint16(m[6:], unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	route := m[unix.SizeofNlMsghdr:]
	route[0] = family // destination of length 0: all of them
	route[4] = unix.RT_TABLE_LOCAL
	route[5] = unix.RTPROT_STATIC
	route[6] = scope
	route[7] = unix.RTN_LOCAL
	attribute := route[unix.SizeofRtMsg:]
	e.PutUint16(attribute[0:], 8)
	e.PutUint16(attribute[2:], unix.RTA_OIF)
	e.PutUint32(attribute[4:], loopback)
	return m
}

// netlink sends a message to the socket in slot 0 and fails with the error of
// the answer (struct nlmsgerr; the kernel answers before sendto(2) returns).
func (l *List) netlink(message []byte) {
	answer := l.memory.bytes(256)
	l.add(unix.SYS_SENDTO, slot(0), l.data(message), value(len(message)), arg{}, arg{}, arg{})
	l.add(unix.SYS_RECVFROM, slot(0), address(answer), value(len(answer)), arg{}, arg{}, arg{})
	l.expect(answer, unix.SizeofNlMsghdr)
}

// Listener is a socket that a list makes in the sandbox's network namespace
// for somebody outside: bound to a port of every address.
type Listener struct {
	UDP  bool
	Port int
	// Origin is the rule that names the port first.
	Origin int
}

// String names it: "tcp port 443".
func (k Listener) String() string {
	if k.UDP {
		return "udp port " + strconv.Itoa(k.Port)
	}
	return "tcp port " + strconv.Itoa(k.Port)
}

// perMessage is how many descriptors go with one message; the kernel takes 253
// (SCM_MAX_FD, unix(7)).
const perMessage = 250

// Listen makes listeners and sends them over the socket to (unix(7),
// SCM_RIGHTS). With v6 they take both kinds of addresses.
func (l *List) Listen(to int, listeners []Listener, v6 bool) {
	for len(listeners) > 0 {
		n := min(len(listeners), perMessage)
		message, descriptors := l.descriptorMessage(n)
		for i, k := range listeners[:n] {
			l.begin(Network, k.Origin, k.String(), k.String(), " of every address")
			l.listen(k, v6)
			l.storeInt32(descriptors, 4*i, 0)
		}
		l.begin(Network, noOrigin, "listeners", "hand over ", strconv.Itoa(n), " listeners")
		l.add(unix.SYS_SENDMSG, value(to), address(message), value(unix.MSG_NOSIGNAL))
		listeners = listeners[n:]
	}
}

// backlog is what waits until it is accepted: a program's burst.
const backlog = 4096

// listen makes one listener in slot 0. No address is reused (SO_REUSEADDR): the
// port must not be another socket's as well.
func (l *List) listen(k Listener, v6 bool) {
	family, kind := unix.AF_INET, unix.SOCK_STREAM
	if v6 {
		family = unix.AF_INET6
	}
	if k.UDP {
		kind = unix.SOCK_DGRAM
	}
	l.add(unix.SYS_SOCKET, value(family), value(kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK), arg{}).into(0)
	if v6 {
		l.option(unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0)
	}
	// Which address a datagram was sent to is told only if that was asked for
	// before it came.
	switch {
	case k.UDP && v6:
		l.option(unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
		// An answer comes from the address that was asked. A route makes every
		// address local, which IPv4 is content with; as a source, IPv6 takes those
		// of an interface alone (ip6_datagram_send_ctl, net/ipv6/datagram.c).
		l.option(unix.IPPROTO_IPV6, unix.IPV6_FREEBIND, 1)
	case k.UDP:
		l.option(unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	}
	name := l.memory.bytes(16) // struct sockaddr_in, any address
	if v6 {
		name = l.memory.bytes(28) // struct sockaddr_in6
	}
	binary.NativeEndian.PutUint16(name, uint16(family))
	binary.BigEndian.PutUint16(name[2:], uint16(k.Port))
	l.add(unix.SYS_BIND, slot(0), address(name), value(len(name)))
	if !k.UDP {
		l.add(unix.SYS_LISTEN, slot(0), value(backlog))
	}
}

func (l *List) option(level, name int, on uint32) {
	b := l.memory.bytes(4)
	binary.NativeEndian.PutUint32(b, on)
	l.add(unix.SYS_SETSOCKOPT, slot(0), value(level), value(name), address(b), value(len(b)))
}

// PrivilegedPorts lets everybody in the network namespace bind ports from
// first on (ip_unprivileged_port_start, ip(7)); which ones the program may
// bind is Landlock's to say.
func (l *List) PrivilegedPorts(first, origin int) {
	l.Write("/proc/sys/net/ipv4/ip_unprivileged_port_start", strconv.Itoa(first), origin)
}
