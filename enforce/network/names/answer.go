package names

import (
	"net/netip"

	"golang.org/x/net/dns/dnsmessage"
)

// answer is one answer while it is put together.
type answer struct {
	header     dnsmessage.Header
	question   dnsmessage.Question
	asked      bool // there is a question to repeat
	edns       bool
	badVersion bool
	size       int // that the asker takes over UDP

	v4, v6 netip.Addr
	name   string // of a PTR record
}

func (a *answer) deny(r *Responder, name, reason string, found []netip.Addr) {
	a.header.RCode = dnsmessage.RCodeNameError
	r.Denied(name, reason, found)
}

// read takes the one question and the EDNS part of a message (RFC 6891); false
// is for what is no proper question.
func (a *answer) read(p *dnsmessage.Parser) bool {
	a.size = plainSize
	var err error
	if a.question, err = p.Question(); err != nil {
		return false
	}
	a.asked = true
	if _, err := p.Question(); err != dnsmessage.ErrSectionDone {
		return false
	}
	if p.SkipAllAnswers() != nil || p.SkipAllAuthorities() != nil {
		return false
	}
	for {
		h, err := p.AdditionalHeader()
		if err == dnsmessage.ErrSectionDone {
			return true
		}
		if err != nil || p.SkipAdditional() != nil {
			return false
		}
		if h.Type != dnsmessage.TypeOPT {
			continue
		}
		if a.edns { // more than one
			return false
		}
		a.edns = true
		a.badVersion = h.TTL>>16&0xff != 0
		a.size = min(max(int(h.Class), plainSize), ednsSize)
	}
}

// pack gives the message. What is too long for UDP is left out and marked as
// such, so that the asker comes back over TCP (RFC 2181, 9).
func (a *answer) pack(udp bool) []byte {
	m := a.build(true)
	if udp && len(m) > a.size {
		a.header.Truncated = true
		m = a.build(false)
	}
	return m
}

func (a *answer) build(records bool) []byte {
	b := dnsmessage.NewBuilder(make([]byte, 0, plainSize), a.header)
	b.EnableCompression()
	if a.asked {
		if b.StartQuestions() != nil || b.Question(a.question) != nil {
			return nil
		}
	}
	if b.StartAnswers() != nil {
		return nil
	}
	if records && a.records(&b) != nil {
		return nil
	}
	if a.edns {
		if b.StartAdditionals() != nil || a.option(&b) != nil {
			return nil
		}
	}
	m, err := b.Finish()
	if err != nil {
		return nil
	}
	return m
}

// records adds what the question's type asks for; nothing for other types, of
// which HTTPS and SVCB (RFC 9460) matter: what they would say about ports and
// keys is not checked.
func (a *answer) records(b *dnsmessage.Builder) error {
	h := dnsmessage.ResourceHeader{Name: a.question.Name, Class: dnsmessage.ClassINET, TTL: ttl}
	want := func(t dnsmessage.Type) bool { return a.question.Type == t || a.question.Type == dnsmessage.TypeALL }
	if a.v4.IsValid() && want(dnsmessage.TypeA) {
		if err := b.AResource(h, dnsmessage.AResource{A: a.v4.As4()}); err != nil {
			return err
		}
	}
	if a.v6.IsValid() && want(dnsmessage.TypeAAAA) {
		if err := b.AAAAResource(h, dnsmessage.AAAAResource{AAAA: a.v6.As16()}); err != nil {
			return err
		}
	}
	if a.name == "" {
		return nil
	}
	name, err := dnsmessage.NewName(a.name + ".")
	if err != nil {
		return err
	}
	return b.PTRResource(h, dnsmessage.PTRResource{PTR: name})
}

func (a *answer) option(b *dnsmessage.Builder) error {
	const badVersion = 16 // BADVERS
	var h dnsmessage.ResourceHeader
	code := a.header.RCode
	if a.badVersion {
		code = badVersion
	}
	if err := h.SetEDNS0(ednsSize, code, false); err != nil {
		return err
	}
	return b.OPTResource(h, dnsmessage.OPTResource{})
}
