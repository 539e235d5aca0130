// Package network is the sandbox's side of the filtered network: what is set
// up inside the network namespace for a supervisor outside.
//
// In the namespace every address is local, so a connection to anywhere ends at
// a listener there; where no rule names a port there is no listener, and the
// kernel refuses at once. The sockets are made by the setup program and handed
// out; the packages below this one are the supervisor's side and are not linked
// into the enforcer.
package network

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// DNSPort is where names are asked for, whatever server a program picks.
const DNSPort = 53

// Listeners gives the sockets that a policy needs: those for names, then one
// for each port and protocol that a connect rule names, in the rules' order.
func Listeners(n *plan.Network) []steps.Listener {
	list := []steps.Listener{{UDP: true, Port: DNSPort, Origin: plan.NoOrigin}, {Port: DNSPort, Origin: plan.NoOrigin}}
	seen := map[steps.Listener]bool{list[0]: true, list[1]: true}
	for i := range n.Connect {
		c := &n.Connect[i]
		for _, port := range c.Ports {
			key := steps.Listener{UDP: c.Protocol == "udp", Port: port, Origin: plan.NoOrigin}
			if !seen[key] {
				seen[key] = true
				key.Origin = c.Origin
				list = append(list, key)
			}
		}
	}
	return list
}

// Conflict finds a port that the program is to bind and that is a listener's
// already: only one of both could have it.
func Conflict(n *plan.Network) (problem string, origin int) {
	taken := map[int]bool{DNSPort: true}
	for i := range n.Connect {
		for _, port := range n.Connect[i].Ports {
			taken[port] = taken[port] || n.Connect[i].Protocol != "udp"
		}
	}
	for _, l := range n.Listen {
		if taken[l.Port] {
			return "port " + strconv.Itoa(l.Port) + " cannot be bound inside: connections to that port of other hosts arrive there", l.Origin
		}
	}
	return "", plan.NoOrigin
}

// LowestListen gives the lowest port that may be bound, 0 where there is none.
func LowestListen(n *plan.Network) (port, origin int) {
	for _, l := range n.Listen {
		if port == 0 || l.Port < port {
			port, origin = l.Port, l.Origin
		}
	}
	return port, origin
}

// HasIPv6 asks whether the kernel knows IPv6 at all (ipv6.disable=1): where it
// does not, socket(2) says so by EAFNOSUPPORT. Any other error says nothing about
// that, and what needs IPv6 will meet it again, and tell it.
func HasIPv6() bool {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		_ = unix.Close(fd)
	}
	return err != unix.EAFNOSUPPORT
}

// unprivileged is the first port that everybody may bind by default.
const unprivileged = 1024

// Steps sets the namespace up; lo is up already. The listeners are sent to the
// descriptor to.
func Steps(l *steps.List, n *plan.Network, to int, v6 bool) {
	l.LocalRoutes(v6)
	if port, origin := LowestListen(n); port > 0 && port < unprivileged {
		l.PrivilegedPorts(port, origin)
	}
	l.Listen(to, Listeners(n), v6)
}
