package enforce

import (
	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/plan"
	"golang.org/x/sys/unix"
)

// handledPorts gives the network rights that Landlock is to hold, of those that
// the kernel knows. UDP of a filtered network is the namespace's alone: a
// program that asks for a name binds any port for it. So is a loopback that may be
// used freely: the kernel chooses the ports, and a rule of Landlock names one.
func (s *start) handledPorts(known uint64) uint64 {
	switch {
	case s.plan.Network.Mode == plan.NetworkHost:
		return 0
	case s.plan.Network.Loopback && s.ownNetwork():
		return 0
	case s.plan.Network.Mode == plan.NetworkFiltered:
		return known & landlock.NetTCP
	}
	return known
}

// ownNetwork says whether the sandbox gets a network namespace of its own.
func (s *start) ownNetwork() bool { return s.tier.namespaces && s.flags&unix.CLONE_NEWNET != 0 }

// allowPorts writes the rules for TCP ports, the second layer of a filtered
// network and the only one without a network namespace: a program may connect
// to ports that rules name, and bind those that it listens on.
func (s *start) allowPorts(handled uint64) {
	if handled == 0 {
		return
	}
	for _, r := range connectPorts(s.plan) {
		s.list.AllowPort(r.port, landlock.NetConnectTCP, "connect", r.origin)
	}
	if s.plan.Network.Mode != plan.NetworkFiltered {
		return
	}
	for _, l := range s.plan.Network.Listen {
		s.list.AllowPort(l.Port, landlock.NetBindTCP, "bind", l.Origin)
	}
}

// unfilteredNotice says what is left of a filtered network without a network
// namespace.
func (s *start) unfilteredNotice() string {
	if s.tier.abi < landlock.ABINetwork || s.tier.lacks(plan.DegradeLandlock) {
		return "the network is not filtered at all: there are neither network namespaces nor Landlock's network rules"
	}
	return "the network is filtered by port alone, without a network namespace: TCP to the ports of the rules reaches every host, UDP every port"
}

// portRule is a TCP port that may be connected to, by a line of the profile.
type portRule struct{ port, origin int }

// connectPorts lists them, each once; there are none but in a filtered network.
func connectPorts(p *plan.Plan) (rules []portRule) {
	if p.Network.Mode != plan.NetworkFiltered {
		return nil
	}
	seen := map[int]bool{}
	add := func(port, origin int) {
		if !seen[port] {
			seen[port] = true
			rules = append(rules, portRule{port, origin})
		}
	}
	for _, l := range network.Listeners(&p.Network) {
		if !l.UDP {
			add(l.Port, l.Origin)
		}
	}
	for _, l := range p.Network.Listen {
		add(l.Port, l.Origin)
	}
	return rules
}
