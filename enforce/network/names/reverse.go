package names

import (
	"net/netip"
	"strconv"
	"strings"
)

// reverseAddress reads the name of a PTR question (RFC 1035, 3.5; RFC 3596,
// 2.5).
func reverseAddress(name string) (netip.Addr, bool) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if digits, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		labels := strings.Split(digits, ".")
		var b [4]byte
		if len(labels) != len(b) {
			return netip.Addr{}, false
		}
		for i, label := range labels {
			n, err := strconv.ParseUint(label, 10, 8)
			if err != nil {
				return netip.Addr{}, false
			}
			b[3-i] = byte(n)
		}
		return netip.AddrFrom4(b), true
	}
	digits, ok := strings.CutSuffix(name, ".ip6.arpa")
	labels := strings.Split(digits, ".")
	var b [16]byte
	if !ok || len(labels) != 2*len(b) {
		return netip.Addr{}, false
	}
	for i, label := range labels {
		n, err := strconv.ParseUint(label, 16, 4)
		if err != nil || len(label) != 1 {
			return netip.Addr{}, false
		}
		b[15-i/2] |= byte(n) << (4 * (i % 2))
	}
	return netip.AddrFrom16(b), true
}
