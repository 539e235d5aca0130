// Package rules decides which connections a filtered network permits. It looks
// nothing up and dials nothing: names, addresses and ports in, verdicts out.
package rules

import (
	"net/netip"
	"slices"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Protocols of a rule.
const (
	TCP = "tcp"
	UDP = "udp"
)

// Localhost is the rule for the host's loopback.
const Localhost = "localhost"

// Reasons of a denial: a closed set, for the audit log.
const (
	NoRule        = "no-rule"         // no rule names it
	NoPort        = "no-port"         // a rule names it, but not this port
	NoName        = "not-a-name"      // no host can be called that
	Private       = "private-address" // the name leads to an address that no rule names
	Unknown       = "unknown"         // where it was to go cannot be told
	UnknownOrigin = "unknown-address" // an address of the sandbox's own that no name has
)

// Rule is one connect block.
type Rule struct {
	plan.Connect
	name   string // of an exact rule
	suffix string // ".example.com" of a rule for all below it
	prefix netip.Prefix
}

// Checked says whether TLS and HTTP must name the rule's host.
func (r *Rule) Checked() bool { return r.Check != "off" && !r.prefix.IsValid() && r.name != Localhost }

func (r *Rule) names(name string) bool {
	if r.suffix != "" {
		return len(name) > len(r.suffix) && name[len(name)-len(r.suffix):] == r.suffix
	}
	return r.name != "" && r.name == name
}

// covers says whether a rule about an address or a network is about a, which is
// unmapped. A network names what is not public only where it is not public
// itself: "everything" means the Internet, not this machine's loopback.
func (r *Rule) covers(a netip.Addr) bool {
	return r.prefix.IsValid() && r.prefix.Contains(a) && (Public(a) || special(r.prefix))
}

func (r *Rule) permits(protocol string, port int) bool {
	own := r.Protocol
	if own == "" {
		own = TCP
	}
	return own == protocol && slices.Contains(r.Ports, port)
}

// Set is a policy's rules.
type Set struct{ rules []Rule }

// New reads the rules. A host that is neither a name nor an address matches
// nothing; the language refuses it before.
func New(connect []plan.Connect) *Set {
	s := &Set{rules: make([]Rule, 0, len(connect))}
	for _, c := range connect {
		r := Rule{Connect: c}
		switch {
		case len(c.Host) > 2 && c.Host[:2] == "*.":
			if name, ok := Name(c.Host[2:]); ok {
				r.suffix = "." + name
			}
		default:
			r.prefix = prefix(c.Host)
			if name, ok := Name(c.Host); ok && !r.prefix.IsValid() {
				r.name = name
			}
		}
		s.rules = append(s.rules, r)
	}
	return s
}

func prefix(host string) netip.Prefix {
	if a, err := netip.ParseAddr(host); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen())
	}
	if p, err := netip.ParsePrefix(host); err == nil {
		return p.Masked()
	}
	return netip.Prefix{}
}

// Verdict is an answer, with the rule that gave it: nil where none did.
type Verdict struct {
	Allowed bool
	Reason  string // of a denial
	Rule    *Rule
}

// Name decides about a question for a name, as [Name] gives it: whether any
// rule is about it, whatever the port.
func (s *Set) Name(name string) Verdict {
	for i := range s.rules {
		if r := &s.rules[i]; r.names(name) && len(r.Ports) > 0 {
			return Verdict{Allowed: true, Rule: r}
		}
	}
	return Verdict{Reason: NoRule}
}

// Connect decides about a port of a name.
func (s *Set) Connect(name, protocol string, port int) Verdict {
	return s.first(protocol, port, func(r *Rule) bool { return r.names(name) })
}

// Address decides about a port of an address that the program named itself.
func (s *Set) Address(a netip.Addr, protocol string, port int) Verdict {
	a = a.Unmap()
	return s.first(protocol, port, func(r *Rule) bool {
		if r.prefix.IsValid() {
			return r.covers(a)
		}
		return r.name == Localhost && a.IsLoopback()
	})
}

func (s *Set) first(protocol string, port int, about func(*Rule) bool) Verdict {
	v := Verdict{Reason: NoRule}
	for i := range s.rules {
		r := &s.rules[i]
		if !about(r) {
			continue
		}
		if r.permits(protocol, port) {
			return Verdict{Allowed: true, Rule: r}
		}
		if v.Rule == nil {
			v = Verdict{Reason: NoPort, Rule: r}
		}
	}
	return v
}

// Dial decides about an address that a permitted name was resolved to: one
// that only this machine or its network can reach is refused, unless a rule
// names it (DNS rebinding).
func (s *Set) Dial(a netip.Addr, protocol string, port int) bool {
	return Public(a) || s.Address(a, protocol, port).Allowed
}

// Reachable says whether a permitted name's address could be dialled at some
// port.
func (s *Set) Reachable(a netip.Addr) bool {
	a = a.Unmap()
	return Public(a) || slices.ContainsFunc(s.rules, func(r Rule) bool { return r.covers(a) })
}
