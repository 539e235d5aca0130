package names

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// upstream is a resolver that knows a few names.
type upstream map[string][]string

func (u upstream) Lookup(_ context.Context, name string) ([]netip.Addr, error) {
	found, ok := u[name]
	if !ok {
		return nil, ErrNotFound
	}
	if len(found) == 0 {
		return nil, errors.New("the server does not answer")
	}
	var all []netip.Addr
	for _, text := range found {
		all = append(all, netip.MustParseAddr(text))
	}
	return all, nil
}

func newResponder(denied map[string]string) *Responder {
	return &Responder{
		Rules: rules.New([]plan.Connect{{Host: "good.example", Ports: []int{443}}, {Host: "*.wild.example", Ports: []int{443}},
			{Host: "private.example", Ports: []int{443}}, {Host: "four.example", Ports: []int{443}}, {Host: "absent.example", Ports: []int{443}},
			{Host: "broken.example", Ports: []int{443}}}),
		Pool: new(Pool),
		Upstream: upstream{
			"good.example": {"203.0.113.1", "2001:db8::1"}, "a.wild.example": {"203.0.113.2", "2001:db8::2"},
			"private.example": {"10.0.0.1", "::ffff:127.0.0.1", "fe80::1"}, "four.example": {"::ffff:203.0.113.4"}, "evil.example": {"203.0.113.9"},
			"broken.example": {},
		},
		Denied: func(name, reason string, _ []netip.Addr) { denied[name] = reason },
	}
}

func question(t testing.TB, name string, kind dnsmessage.Type, class dnsmessage.Class) []byte {
	t.Helper()
	n, err := dnsmessage.NewName(name)
	if err != nil {
		t.Fatal(err)
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: 7, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: kind, Class: class}}}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ask gives the code and the answers as text.
func ask(t *testing.T, r *Responder, name string, kind dnsmessage.Type) (dnsmessage.RCode, []string) {
	t.Helper()
	var m dnsmessage.Message
	if err := m.Unpack(r.Answer(context.Background(), question(t, name, kind, dnsmessage.ClassINET), true)); err != nil {
		t.Fatal(err)
	}
	if m.ID != 7 || !m.Response || !m.RecursionDesired || len(m.Questions) != 1 || m.Questions[0].Name.String() != name {
		t.Errorf("%s: %+v", name, m.Header)
	}
	var all []string
	for _, a := range m.Answers {
		switch body := a.Body.(type) {
		case *dnsmessage.AResource:
			all = append(all, netip.AddrFrom4(body.A).String())
		case *dnsmessage.AAAAResource:
			all = append(all, netip.AddrFrom16(body.AAAA).String())
		case *dnsmessage.PTRResource:
			all = append(all, body.PTR.String())
		default:
			t.Errorf("%s: a record %T", name, body)
		}
	}
	return m.RCode, all
}

func TestAnswers(t *testing.T) {
	denied := map[string]string{}
	r := newResponder(denied)
	const svcb, https = dnsmessage.Type(64), dnsmessage.Type(65)
	for _, c := range []struct {
		name string
		kind dnsmessage.Type
		code dnsmessage.RCode
		want string
	}{
		{"good.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "198.18.0.2"},
		{"GOOD.Example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "198.18.0.2"},
		{"good.example.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, "fd68:7573:6b00::2"},
		{"good.example.", dnsmessage.TypeMX, dnsmessage.RCodeSuccess, ""}, {"good.example.", svcb, dnsmessage.RCodeSuccess, ""},
		{"good.example.", https, dnsmessage.RCodeSuccess, ""}, {"good.example.", dnsmessage.TypeTXT, dnsmessage.RCodeSuccess, ""},
		{"a.wild.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "198.18.0.3"},
		{"good.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "198.18.0.2"}, // still
		{"four.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "198.18.0.4"}, {"four.example.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, ""},
		{"localhost.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "127.0.0.1"}, {"localhost.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, "::1"},
		{"evil.example.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""}, {"wild.example.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""},
		{"good.example.evil.example.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""}, {"sub.good.example.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""},
		{"absent.example.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""}, {"broken.example.", dnsmessage.TypeA, dnsmessage.RCodeServerFailure, ""},
		{"private.example.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""}, {"private.example.", dnsmessage.TypeAAAA, dnsmessage.RCodeNameError, ""},
		{"good.example\x00.", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""}, {".", dnsmessage.TypeA, dnsmessage.RCodeNameError, ""},
		{"2.0.18.198.in-addr.arpa.", dnsmessage.TypePTR, dnsmessage.RCodeSuccess, "good.example."},
		{"1.0.0.127.in-addr.arpa.", dnsmessage.TypePTR, dnsmessage.RCodeSuccess, "localhost."},
		{"1.113.0.203.in-addr.arpa.", dnsmessage.TypePTR, dnsmessage.RCodeNameError, ""}, {"9.9.18.198.in-addr.arpa.", dnsmessage.TypePTR, dnsmessage.RCodeNameError, ""},
		{"x.in-addr.arpa.", dnsmessage.TypePTR, dnsmessage.RCodeNameError, ""},
	} {
		code, got := ask(t, r, c.name, c.kind)
		if code != c.code || strings.Join(got, " ") != c.want {
			t.Errorf("%q %v: %v %v, want %v %s", c.name, c.kind, code, got, c.code, c.want)
		}
	}
	for name, want := range map[string]string{"evil.example": rules.NoRule, "private.example": rules.Private, "good.example\x00.": rules.NoName} {
		if denied[name] != want {
			t.Errorf("%q is on record as %q, want %q", name, denied[name], want)
		}
	}
	if reason, ok := denied["good.example"]; ok {
		t.Errorf("good.example was denied: %s", reason)
	}
}

func TestOddMessages(t *testing.T) {
	r := newResponder(map[string]string{})
	plain := question(t, "good.example.", dnsmessage.TypeA, dnsmessage.ClassINET)
	change := func(change func(m *dnsmessage.Message)) []byte {
		var m dnsmessage.Message
		if err := m.Unpack(plain); err != nil {
			t.Fatal(err)
		}
		change(&m)
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	option := func(version uint32, size uint16) dnsmessage.Resource {
		return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName("."), Type: dnsmessage.TypeOPT,
			Class: dnsmessage.Class(size), TTL: version << 16}, Body: &dnsmessage.OPTResource{}}
	}
	for name, c := range map[string]struct {
		message []byte
		code    dnsmessage.RCode // -1 in truth: none
		none    bool
	}{
		"an answer":       {message: change(func(m *dnsmessage.Message) { m.Response = true }), none: true},
		"nothing":         {message: nil, none: true},
		"half a head":     {message: plain[:7], none: true},
		"half a question": {message: plain[:20], code: dnsmessage.RCodeFormatError},
		"two questions":   {message: change(func(m *dnsmessage.Message) { m.Questions = append(m.Questions, m.Questions[0]) }), code: dnsmessage.RCodeFormatError},
		"no question":     {message: change(func(m *dnsmessage.Message) { m.Questions = nil }), code: dnsmessage.RCodeFormatError},
		"an update":       {message: change(func(m *dnsmessage.Message) { m.OpCode = 5 }), code: dnsmessage.RCodeNotImplemented},
		"another class":   {message: change(func(m *dnsmessage.Message) { m.Questions[0].Class = dnsmessage.ClassCHAOS }), code: dnsmessage.RCodeRefused},
		"EDNS":            {message: change(func(m *dnsmessage.Message) { m.Additionals = append(m.Additionals, option(0, 4096)) })},
		"EDNS twice": {message: change(func(m *dnsmessage.Message) { m.Additionals = append(m.Additionals, option(0, 4096), option(0, 4096)) }),
			code: dnsmessage.RCodeFormatError},
	} {
		b := r.Answer(context.Background(), c.message, true)
		if c.none {
			if b != nil {
				t.Errorf("%s: answered", name)
			}
			continue
		}
		var m dnsmessage.Message
		if err := m.Unpack(b); err != nil || m.RCode != c.code || len(b) > plainSize {
			t.Errorf("%s: %v, %v", name, m.RCode, err)
		}
	}
	// Another version of EDNS is told so (BADVERS), and gets nothing else.
	var m dnsmessage.Message
	b := r.Answer(context.Background(), change(func(m *dnsmessage.Message) { m.Additionals = append(m.Additionals, option(1, 4096)) }), true)
	if err := m.Unpack(b); err != nil || len(m.Answers) > 0 || len(m.Additionals) != 1 || m.Additionals[0].Header.ExtendedRCode(m.RCode) != 16 {
		t.Errorf("EDNS 1: %+v, %v", m, err)
	}
}

func TestTruncation(t *testing.T) {
	a := &answer{question: dnsmessage.Question{Name: dnsmessage.MustNewName("good.example."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
		asked: true, size: 40, v4: netip.MustParseAddr("198.18.0.2")}
	var m dnsmessage.Message
	if err := m.Unpack(a.pack(true)); err != nil || !m.Truncated || len(m.Answers) > 0 {
		t.Errorf("over UDP: %+v, %v", m, err)
	}
	a.header.Truncated = false
	if err := m.Unpack(a.pack(false)); err != nil || m.Truncated || len(m.Answers) != 1 {
		t.Errorf("over TCP: %+v, %v", m, err)
	}
}

func TestPool(t *testing.T) {
	var p Pool
	for i := range maxNames {
		name := "n" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i)}).String()
		v4, v6, err := p.Add(name)
		if err != nil {
			t.Fatal(i, err)
		}
		for _, a := range []netip.Addr{v4, v6, netip.AddrFrom16(v4.As16())} {
			if got, own := p.Name(a); got != name || !own {
				t.Fatalf("%v is %q, want %q", a, got, name)
			}
		}
		if again, _, _ := p.Add(name); again != v4 {
			t.Fatalf("%s was %v and is %v", name, v4, again)
		}
	}
	if _, _, err := p.Add("one.more"); !errors.Is(err, ErrFull) {
		t.Errorf("too many: %v", err)
	}
	for text, own := range map[string]bool{"198.18.0.1": true, "198.19.255.255": true, "198.20.0.1": false, "fd68:7573:6b00::1": true,
		"fd68:7573:6b00:0:1::2": true, "fd68:7573:6b01::2": false, "127.0.0.1": false} {
		if name, got := p.Name(netip.MustParseAddr(text)); got != own || name != "" {
			t.Errorf("%s: %q, %v", text, name, got)
		}
	}
}

// FuzzAnswer looks for a message that is answered with something that is no
// answer to it, or with an address of a name that is not permitted.
func FuzzAnswer(f *testing.F) {
	f.Add(question(f, "good.example.", dnsmessage.TypeA, dnsmessage.ClassINET), true)
	f.Add(question(f, "evil.example.", dnsmessage.TypeAAAA, dnsmessage.ClassINET), false)
	f.Add(question(f, "2.0.18.198.in-addr.arpa.", dnsmessage.TypePTR, dnsmessage.ClassINET), true)
	r := newResponder(map[string]string{})
	f.Fuzz(func(t *testing.T, b []byte, udp bool) {
		answered := r.Answer(context.Background(), b, udp)
		if answered == nil {
			return
		}
		var m dnsmessage.Message
		if err := m.Unpack(answered); err != nil {
			t.Fatalf("%x: %v", answered, err)
		}
		if !m.Response || udp && len(answered) > ednsSize {
			t.Fatalf("%d bytes, %+v", len(answered), m.Header)
		}
		for _, a := range m.Answers {
			if name, ok := rules.Name(a.Header.Name.String()); ok && a.Header.Type != dnsmessage.TypePTR && name != rules.Localhost && !r.Rules.Name(name).Allowed {
				t.Fatalf("an answer for %s", name)
			}
		}
	})
}
