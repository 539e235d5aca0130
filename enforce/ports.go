package enforce

import (
	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// handledPorts gives the network rights that Landlock is to hold, of those that
// the kernel knows. UDP of a filtered network is the namespace's alone: a
// program that asks for a name binds any port for it.
func (s *start) handledPorts(known uint64) uint64 {
	switch s.plan.Network.Mode {
	case plan.NetworkHost:
		return 0
	case plan.NetworkFiltered:
		return known & landlock.NetTCP
	}
	return known
}

// allowPorts writes the rules for TCP ports, the second layer of a filtered
// network and the only one without a network namespace: a program may connect
// to ports that rules name, and bind those that it listens on.
func (s *start) allowPorts(handled uint64) {
	if handled == 0 || s.plan.Network.Mode != plan.NetworkFiltered {
		return
	}
	seen := map[int]bool{}
	connect := func(port, origin int) {
		if !seen[port] {
			seen[port] = true
			s.list.AllowPort(port, landlock.NetConnectTCP, "connect", origin)
		}
	}
	for _, l := range network.Listeners(&s.plan.Network) {
		if !l.UDP {
			connect(l.Port, l.Origin)
		}
	}
	for _, l := range s.plan.Network.Listen {
		connect(l.Port, l.Origin)
		s.list.AllowPort(l.Port, landlock.NetBindTCP, "bind", l.Origin)
	}
}
