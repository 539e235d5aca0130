package rules

import (
	"net/netip"
	"slices"
)

// notPublic are the networks that a public name has no business in: what only
// this machine or its neighbours reach (IANA's special-purpose registries, RFC
// 6890, without the networks for documentation, which reach nobody).
var notPublic = prefixes(
	"0.0.0.0/8",          // this host (RFC 791); Linux connects 0.0.0.0 to loopback
	"10.0.0.0/8",         // private (RFC 1918)
	"100.64.0.0/10",      // shared by carriers, and by overlay networks (RFC 6598)
	"127.0.0.0/8",        // loopback
	"169.254.0.0/16",     // link-local (RFC 3927), and the clouds' metadata
	"172.16.0.0/12",      // private
	"192.0.0.0/24",       // protocol assignments (RFC 6890); a cloud's metadata
	"192.168.0.0/16",     // private
	"198.18.0.0/15",      // benchmarks (RFC 2544): the sandbox's own addresses
	"224.0.0.0/4",        // multicast
	"240.0.0.0/4",        // reserved, and broadcast
	"::/128",             // unspecified
	"::1/128",            // loopback
	"::/96",              // IPv4-compatible (RFC 4291)
	"64:ff9b:1::/48",     // local translation (RFC 8215)
	"100::/64",           // discard (RFC 6666)
	"fc00::/7",           // unique-local (RFC 4193); fd00:ec2::254 is a cloud's metadata
	"fe80::/10",          // link-local
	"fec0::/10",          // site-local (RFC 3879)
	"ff00::/8",           // multicast
	"100.100.100.200/32", // a cloud's metadata, in shared space already
	"168.63.129.16/32",   // a cloud's metadata, in public space
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// Forms of an IPv4 address inside an IPv6 one, by where it begins.
var embedded = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, // NAT64 (RFC 6052)
	{netip.MustParsePrefix("2002::/16"), 2},     // 6to4 (RFC 3056)
}

// teredo hides its IPv4 address by flipping every bit (RFC 4380).
var teredo = netip.MustParsePrefix("2001::/32")

// special says whether a network lies in one that is not public; a single
// address names itself.
func special(p netip.Prefix) bool {
	return p.IsSingleIP() || slices.ContainsFunc(notPublic, func(n netip.Prefix) bool {
		return n.Bits() <= p.Bits() && n.Contains(p.Addr())
	})
}

// Public says whether a is an address of the public network, in whatever form
// it is written.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	for _, e := range embedded {
		if e.prefix.Contains(a) {
			b := a.As16()
			return Public(netip.AddrFrom4([4]byte(b[e.at : e.at+4])))
		}
	}
	return !teredo.Contains(a)
}
