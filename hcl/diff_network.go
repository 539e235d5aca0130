package hcl

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func (d *differ) network() {
	a, b := d.a.Network, d.b.Network
	d.ranked("network", "mode", a.Mode, b.Mode, a.Origin, b.Origin, plan.NetworkNone, plan.NetworkFiltered, plan.NetworkHost)
	if a.Mode != plan.NetworkHost && b.Mode != plan.NetworkHost {
		d.ranked("network", "loopback", yes(a.Loopback), yes(b.Loopback), a.Origin, b.Origin, "no", "yes")
	}
	d.bothWays(func(effect Effect, from, to *plan.Plan) {
		if to.Network.Mode != plan.NetworkFiltered {
			return // said by the mode
		}
		for _, c := range to.Network.Connect {
			for _, port := range c.Ports {
				if !permits(from.Network, c, port) {
					d.add(effect, "network", fmt.Sprintf("connect %s:%d%s%s", c.Host, port, protocolSuffix(c), checkSuffix(c)), c.Origin)
				}
			}
		}
		for _, l := range to.Network.Listen {
			d.listen(effect, from.Network, l)
		}
	})
}

func protocolSuffix(c plan.Connect) string {
	if c.Protocol == "udp" {
		return "/udp"
	}
	return ""
}

func checkSuffix(c plan.Connect) string {
	if c.Check == "off" {
		return " without a check of the name"
	}
	return ""
}

// permits reports whether a policy has all that a rule permits for a port.
func permits(n plan.Network, c plan.Connect, port int) bool {
	if n.Mode == plan.NetworkHost {
		return true
	}
	if n.Mode == plan.NetworkNone {
		return false
	}
	for _, other := range n.Connect {
		unchecked := other.Check == "off" || c.Check != "off"
		if protocolSuffix(other) == protocolSuffix(c) && unchecked && hostCovers(other.Host, c.Host) {
			for _, p := range other.Ports {
				if p == port {
					return true
				}
			}
		}
	}
	return false
}

// hostCovers reports whether every destination that host means is one that
// wide means.
func hostCovers(wide, host string) bool {
	if wide == host {
		return true
	}
	if suffix, ok := strings.CutPrefix(wide, "*"); ok {
		return strings.HasSuffix(host, suffix)
	}
	network, err := netip.ParsePrefix(wide)
	if err != nil {
		return false
	}
	if inner, err := netip.ParsePrefix(host); err == nil {
		return inner.Bits() >= network.Bits() && network.Contains(inner.Addr())
	}
	address, err := netip.ParseAddr(host)
	return err == nil && network.Contains(address)
}

func (d *differ) listen(effect Effect, from plan.Network, l plan.Listen) {
	if from.Mode == plan.NetworkHost {
		return
	}
	for _, other := range from.Listen {
		if other.Port == l.Port && (other.Publish || !l.Publish) && from.Mode == plan.NetworkFiltered {
			return
		}
	}
	verb := "listen"
	if l.Publish {
		verb = "publish"
	}
	d.add(effect, "network", fmt.Sprintf("%s %d", verb, l.Port), l.Origin)
}

// scopes of a socket rule, the narrowest first.
var socketScopes = map[string]int{"file": 0, "children": 1, "subtree": 2}

func (d *differ) sockets() {
	d.bothWays(func(effect Effect, from, to *plan.Plan) {
		for _, s := range to.Sockets {
			covered := false
			for _, other := range from.Sockets {
				covered = covered || other.Access == s.Access && socketCovers(other, s)
			}
			if !covered {
				what := s.Access + " " + s.Path.String()
				if s.Scope != "file" {
					what += " (" + s.Scope + ")"
				}
				d.add(effect, "socket", what, s.Origin)
			}
		}
	})
}

func socketCovers(wide, s plan.Socket) bool {
	if wide.Path == s.Path {
		return socketScopes[wide.Scope] >= socketScopes[s.Scope]
	}
	rest, inside := strictlyBelow(s.Path, wide.Path)
	if !inside {
		return false
	}
	return wide.Scope == "subtree" || wide.Scope == "children" && s.Scope == "file" && !strings.Contains(rest, "/")
}
