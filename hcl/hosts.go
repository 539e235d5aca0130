package hcl

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

var aHost = decodeText("a host", `"registry.npmjs.org"`, checkHost)

// CheckHost says why something cannot be the host of a connect block; nil where it
// can. Profiles and the command line have the same rules.
func CheckHost(host string) error {
	if summary, detail := checkHost(host); summary != "" {
		return fmt.Errorf("%s: %s", summary, detail)
	}
	return nil
}

// hostLabel is one part of a name: letters, digits, hyphens, and the
// underscore that service names have (RFC 1123, RFC 2782).
var hostLabel = lazily(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// checkHost says what is wrong with the destination of a connect block, and
// what to write. A name is compared with the one that is asked for, so there
// is exactly one way to write it.
func checkHost(s string) (summary, detail string) {
	switch {
	case s == "":
		return "no host", "write a name, like \"registry.npmjs.org\", an address or a network"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return "space in a host name", fmt.Sprintf("%q cannot be a host; write one name for each block", s)
	case strings.Contains(s, "://"):
		return "a URL is not a host", "write the name alone" + hostOf(s) + "; ports = [443] says the port"
	case strings.ContainsRune(s, '@'):
		return "a user in a host name", fmt.Sprintf("write %q", s[strings.LastIndexByte(s, '@')+1:])
	case strings.Contains(s, "/"):
		return checkNetwork(s)
	case strings.HasPrefix(s, "["):
		return "brackets around an address", fmt.Sprintf("write %q, and the port in ports", strings.TrimPrefix(strings.Split(s, "]")[0], "["))
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return checkAddress(s, a)
	}
	if name, port, found := strings.Cut(s, ":"); found {
		return "a port in a host name", fmt.Sprintf("write connect %q { ports = [%s] }", name, port)
	}
	return checkName(s)
}

// hostOf gives the name in a URL for a hint.
func hostOf(s string) string {
	if u, err := url.Parse(s); err == nil && u.Hostname() != "" {
		return fmt.Sprintf(", %q", u.Hostname())
	}
	return ""
}

func checkNetwork(s string) (summary, detail string) {
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return "not a network", fmt.Sprintf("%q is neither a host nor a network; a host has no path, a network looks like \"10.0.0.0/8\"", s)
	case p.Masked().String() != s:
		return "network with bits of a host", fmt.Sprintf("write %q, or one address without /%d", p.Masked(), p.Bits())
	}
	return "", ""
}

func checkAddress(s string, a netip.Addr) (summary, detail string) {
	switch {
	case a.Zone() != "":
		return "zone in an address", fmt.Sprintf("an interface of the host means nothing inside; write %q", a.WithZone(""))
	case a.Is4In6():
		return "IPv4 address in IPv6 form", fmt.Sprintf("write %q", a.Unmap())
	case a.String() != s:
		return "address not in its short form", fmt.Sprintf("write %q", a)
	}
	return "", ""
}

func checkName(s string) (summary, detail string) {
	name, wild := strings.CutPrefix(s, "*.")
	switch {
	case s == "*":
		return "every host", "say which hosts, or write mode = \"host\" for the whole network"
	case strings.ContainsRune(name, '*'):
		return "* inside a host name", "a * stands for whole labels at the front: \"*.example.com\""
	case strings.HasPrefix(s, "."):
		return "host name with a leading dot", fmt.Sprintf("write %q for all names below it", "*"+s)
	case strings.HasSuffix(s, "."):
		return "host name with a trailing dot", fmt.Sprintf("write %q", strings.ToLower(strings.TrimRight(s, ".")))
	case strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }):
		if ascii, err := idna.Lookup.ToASCII(name); err == nil {
			return "host name with letters outside ASCII", fmt.Sprintf("write it as it is asked for: %q", s[:len(s)-len(name)]+ascii)
		}
		return "host name with letters outside ASCII", fmt.Sprintf("%q is not a valid international name", s)
	case s != strings.ToLower(s):
		return "host name in capitals", fmt.Sprintf("write %q", strings.ToLower(s))
	case len(name) > 253:
		return "host name too long", "a name has at most 253 characters"
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !hostLabel().MatchString(label) {
			return "not a host name", fmt.Sprintf("%q cannot be a part of a name; a part has 1 to 63 letters, digits or hyphens", label)
		}
	}
	last := labels[len(labels)-1]
	switch {
	case strings.Trim(last, "0123456789") == "":
		return "not an address", fmt.Sprintf("%q ends like an address but is none; write four numbers from 0 to 255 without leading zeros", s)
	case wild && len(labels) == 1:
		return "a whole top-level domain", fmt.Sprintf("%q permits every host below .%s; write at least one more label", s, name)
	}
	return "", ""
}
