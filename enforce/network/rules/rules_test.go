package rules

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestConnect(t *testing.T) {
	for _, c := range []struct {
		rule, asked string
		want        bool
	}{
		{"example.org", "example.org", true}, {"example.org", "a.example.org", false}, {"example.org", "example.org.evil.net", false},
		{"*.example.org", "a.example.org", true}, {"*.example.org", "a.b.example.org", true}, {"*.example.org", "example.org", false},
		{"*.example.org", "badexample.org", false}, {"10.0.0.0/8", "10.1.2.3", true}, {"10.0.0.0/8", "11.1.2.3", false},
		{"10.1.2.3", "::ffff:10.1.2.3", true}, {"::1", "::1", true}, {"example.org", "10.1.2.3", false},
		{"10.0.0.0/8", "example.org", false}, {"localhost", "127.0.0.1", true}, {"localhost", "127.8.8.8", true},
		{"localhost", "::1", true}, {"localhost", "::ffff:127.0.0.1", true}, {"localhost", "128.0.0.1", false}, {"localhost", "0.0.0.0", false},
	} {
		s := New([]plan.Connect{{Host: c.rule, Ports: []int{443}}})
		ask := func(protocol string, port int) Verdict {
			if a, err := netip.ParseAddr(c.asked); err == nil {
				return s.Address(a, protocol, port)
			}
			return s.Connect(c.asked, protocol, port)
		}
		if v := ask(TCP, 443); v.Allowed != c.want || v.Allowed == (v.Reason != "") || c.want != (v.Rule != nil) {
			t.Errorf("%s for %s: %+v", c.rule, c.asked, v)
		}
		if v := ask(TCP, 444); v.Allowed || c.want != (v.Reason == NoPort) {
			t.Errorf("%s for %s, another port: %+v", c.rule, c.asked, v)
		}
		if v := ask(UDP, 443); v.Allowed {
			t.Errorf("%s for %s over UDP: %+v", c.rule, c.asked, v)
		}
	}
}

// A rule without ports, or with a host that is none, permits nothing.
func TestEmptyRules(t *testing.T) {
	for _, c := range []plan.Connect{
		{Host: "example.org"}, {Host: "*", Ports: []int{443}}, {Host: "*.", Ports: []int{443}}, {Host: "", Ports: []int{443}},
		{Host: "example.org\x00.net", Ports: []int{443}},
	} {
		s := New([]plan.Connect{c})
		for _, name := range []string{"example.org", "a.example.org", "org", "x", ""} {
			if s.Name(name).Allowed || s.Connect(name, TCP, 443).Allowed {
				t.Errorf("%+v permits %q", c, name)
			}
		}
	}
	none := New(nil)
	if none.Name("example.org").Allowed || none.Address(netip.MustParseAddr("192.0.2.1"), TCP, 443).Allowed {
		t.Error("no rules permit something")
	}
}

func TestChecked(t *testing.T) {
	for host, want := range map[string]bool{"example.org": true, "*.example.org": true, "localhost": false, "10.0.0.1": false, "10.0.0.0/8": false} {
		s := New([]plan.Connect{{Host: host}})
		if got := s.rules[0].Checked(); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
	if s := New([]plan.Connect{{Host: "example.org", Check: "off"}}); s.rules[0].Checked() {
		t.Error("check = off is checked")
	}
}

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		"Example.ORG": "example.org", "example.org.": "example.org", "_sip._tcp.example.org": "_sip._tcp.example.org",
		"xn--bcher-kva.example": "xn--bcher-kva.example", "3com.com": "3com.com", "a": "a",
	} {
		if got, ok := Name(in); !ok || got != want {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
	long := strings.Repeat("a", 63)
	for _, in := range []string{
		"", ".", "..", "a..b", ".a", "a.b..", "example.org\x00", "example.org\x00.evil.net", "a b", "a/b", "a:1", "bücher.example",
		"-a.org", "a-.org", long + "a.org", strings.Repeat(long+".", 4) + "a", "10.0.0.1", "1.2.3.04", "0x7f.1", "127.1", "2130706433",
		"0x7f000001", "a.1", "[::1]", "user@example.org", "*.example.org",
	} {
		if got, ok := Name(in); ok {
			t.Errorf("%q is taken for the name %q", in, got)
		}
	}
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": true, "203.0.113.80": true, "::ffff:93.184.216.34": true,
		"64:ff9b::5db8:d822": true, "172.32.0.1": true, "100.128.0.1": true,
		"0.0.0.0": false, "127.0.0.1": false, "127.255.1.1": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "100.100.100.200": false, "168.63.129.16": false,
		"198.18.0.2": false, "224.0.0.1": false, "255.255.255.255": false, "192.0.0.192": false,
		"::": false, "::1": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "fec0::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "2002:7f00:1::": false, "2002:a9fe:a9fe::1": false,
		"2001::1": false, "fd68:7573:6b00::2": false,
	} {
		if got := Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// A name may lead to a private address only where a rule names that.
func TestDial(t *testing.T) {
	s := New([]plan.Connect{{Host: "intranet.example", Ports: []int{443}}, {Host: "10.0.0.0/8", Ports: []int{443}}, {Host: "localhost", Ports: []int{5432}}})
	for _, c := range []struct {
		address   string
		port      int
		want, may bool
	}{
		{"93.184.216.34", 443, true, true}, {"10.1.1.1", 443, true, true}, {"10.1.1.1", 80, false, true},
		{"192.168.1.1", 443, false, false}, {"169.254.169.254", 443, false, false}, {"::ffff:10.1.1.1", 443, true, true},
		{"::ffff:192.168.1.1", 443, false, false},
	} {
		a := netip.MustParseAddr(c.address)
		if got := s.Dial(a, TCP, c.port); got != c.want {
			t.Errorf("dial %s port %d: %v", c.address, c.port, got)
		}
		if got := s.Reachable(a); got != c.may {
			t.Errorf("reach %s: %v", c.address, got)
		}
	}
}

// "Everything" is the Internet: what only this machine and its neighbours reach has
// to be named by a network of its own.
func TestWideNetworks(t *testing.T) {
	wide := New([]plan.Connect{{Host: "0.0.0.0/0", Ports: []int{80}}, {Host: "::/0", Ports: []int{80}}, {Host: "8.0.0.0/5", Ports: []int{80}}})
	for text, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:21f::1": true, "9.9.9.9": true,
		"127.0.0.1": false, "10.0.0.1": false, "169.254.169.254": false, "0.0.0.0": false, "::1": false, "fd00::1": false,
		"::ffff:127.0.0.1": false, "64:ff9b::7f00:1": false,
	} {
		a := netip.MustParseAddr(text)
		if got := wide.Address(a, TCP, 80).Allowed; got != want {
			t.Errorf("a wide network and %s: %v", text, got)
		}
		if got := wide.Dial(a, TCP, 80); got != want {
			t.Errorf("a name that leads to %s: %v", text, got)
		}
	}
	for host, text := range map[string]string{
		"127.0.0.0/8": "127.0.0.1", "127.0.0.1": "127.0.0.1", "10.1.0.0/16": "10.1.2.3", "::1": "::1", "169.254.169.254": "169.254.169.254",
	} {
		if !New([]plan.Connect{{Host: host, Ports: []int{80}}}).Address(netip.MustParseAddr(text), TCP, 80).Allowed {
			t.Errorf("%s does not permit %s", host, text)
		}
	}
}
