package names

import (
	"context"
	"errors"
	"net/netip"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/husk-sandbox/husk/enforce/network/rules"
)

// Upstream resolves names where the host does.
type Upstream interface {
	// Lookup gives a name's addresses. The error is or wraps [ErrNotFound] where
	// the name or its addresses don't exist.
	Lookup(ctx context.Context, name string) ([]netip.Addr, error)
}

// ErrNotFound says that a name has no addresses.
var ErrNotFound = errors.New("no such name")

// Responder answers questions.
type Responder struct {
	Rules    *rules.Set
	Pool     *Pool
	Upstream Upstream
	// Denied is told which names were refused and why, and the addresses that a
	// permitted name has; name is as it was asked for where it is none.
	Denied func(name, reason string, found []netip.Addr)
}

// Bounds of UDP answers in bytes: without EDNS (RFC 1035, 4.2.1), and the
// largest that is sent with it (RFC 9715 on fragments).
const (
	plainSize = 512
	ednsSize  = 1232
)

// ttl is how long a program may keep an answer, in seconds. It holds for the
// whole session, but programs share caches with nobody and ask locally.
const ttl = 60

// Answer gives the answer to a message, nil for what deserves none. limit
// bounds the answer in bytes; 0 is for TCP, which has no bound of its own.
func (r *Responder) Answer(ctx context.Context, message []byte, udp bool) []byte {
	var p dnsmessage.Parser
	head, err := p.Start(message)
	if err != nil || head.Response {
		return nil
	}
	a := &answer{header: dnsmessage.Header{
		ID: head.ID, Response: true, OpCode: head.OpCode, RecursionDesired: head.RecursionDesired, RecursionAvailable: true,
	}}
	if !a.read(&p) {
		a.header.RCode = dnsmessage.RCodeFormatError
		return a.pack(udp)
	}
	switch {
	case a.badVersion: // said in the EDNS part
	case head.OpCode != 0:
		a.header.RCode = dnsmessage.RCodeNotImplemented
	case a.question.Class != dnsmessage.ClassINET:
		a.header.RCode = dnsmessage.RCodeRefused
	default:
		r.decide(ctx, a)
	}
	return a.pack(udp)
}

// decide fills in what the question's name has.
func (r *Responder) decide(ctx context.Context, a *answer) {
	asked := a.question.Name.String()
	if a.question.Type == dnsmessage.TypePTR {
		a.header.RCode = dnsmessage.RCodeNameError
		if name, ok := r.reverse(asked); ok {
			a.header.RCode = dnsmessage.RCodeSuccess
			a.name = name
		}
		return
	}
	name, ok := rules.Name(asked)
	switch {
	case !ok:
		a.deny(r, asked, rules.NoName, nil)
	case name == rules.Localhost:
		a.v4, a.v6 = netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback() // RFC 6761, 6.3
	default:
		if v := r.Rules.Name(name); !v.Allowed {
			a.deny(r, name, v.Reason, nil)
			return
		}
		r.resolve(ctx, a, name)
	}
}

// resolve gives a permitted name its addresses, if it has any where the host
// looks: a name that doesn't exist doesn't exist inside either.
func (r *Responder) resolve(ctx context.Context, a *answer, name string) {
	found, err := r.Upstream.Lookup(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		a.header.RCode = dnsmessage.RCodeNameError
		return
	case err != nil:
		a.header.RCode = dnsmessage.RCodeServerFailure
		return
	}
	has4, has6 := r.families(found)
	if !has4 && !has6 {
		a.deny(r, name, rules.Private, found)
		return
	}
	v4, v6, err := r.Pool.Add(name)
	if err != nil {
		a.header.RCode = dnsmessage.RCodeServerFailure
		r.Denied(name, "too-many-names", nil)
		return
	}
	if has4 {
		a.v4 = v4
	}
	if has6 {
		a.v6 = v6
	}
}

// families says which kinds of addresses there are that may be dialled.
func (r *Responder) families(found []netip.Addr) (has4, has6 bool) {
	for _, address := range found {
		if address = address.Unmap(); r.Rules.Reachable(address) {
			has4 = has4 || address.Is4()
			has6 = has6 || address.Is6()
		}
	}
	return has4, has6
}

// reverse gives the name of an address of ours.
func (r *Responder) reverse(asked string) (string, bool) {
	address, ok := reverseAddress(asked)
	if !ok {
		return "", false
	}
	if address.IsLoopback() {
		return rules.Localhost, true
	}
	name, _ := r.Pool.Name(address)
	return name, name != ""
}
