// Package names answers the sandbox's questions for names: each permitted name
// has an address of its own, from networks that nobody else uses, so that a
// connection to that address is a connection to that name.
package names

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"sync"
)

// Networks of the addresses: benchmarks' (RFC 2544), and a unique-local one
// (RFC 4193) whose global part spells "husk".
var (
	pool4 = netip.MustParsePrefix("198.18.0.0/15")
	pool6 = netip.MustParsePrefix("fd68:7573:6b00::/48")
)

// maxNames bounds what a program can make the pool remember by asking for ever
// new names below a wildcard. A name keeps its address for the session, so the
// pool is full for good then.
const maxNames = 1 << 15

// ErrFull says that there have been too many names in this session.
var ErrFull = errors.New("too many names in one session")

// Pool gives names addresses and remembers them. It may be used by several
// goroutines.
type Pool struct {
	mu      sync.RWMutex
	indexes map[string]uint32
	names   []string
}

// Add gives a name's addresses, the same ones for as long as the pool exists.
func (p *Pool) Add(name string) (v4, v6 netip.Addr, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, ok := p.indexes[name]
	if !ok {
		if len(p.names) == maxNames {
			return v4, v6, ErrFull
		}
		if p.indexes == nil {
			p.indexes = map[string]uint32{}
		}
		i = uint32(len(p.names))
		p.names = append(p.names, name)
		p.indexes[name] = i
	}
	v4, v6 = addresses(i)
	return v4, v6, nil
}

// Name gives the name that has an address. own says that it is one of the
// pool's, whether a name has it or not.
func (p *Pool) Name(a netip.Addr) (name string, own bool) {
	a = a.Unmap()
	var i uint32
	switch {
	case pool4.Contains(a):
		b, base := a.As4(), pool4.Addr().As4()
		i = binary.BigEndian.Uint32(b[:]) - binary.BigEndian.Uint32(base[:])
	case pool6.Contains(a):
		b := a.As16()
		i = binary.BigEndian.Uint32(b[12:])
		if _, same := addresses(i - first); same != a {
			return "", true
		}
	default:
		return "", false
	}
	i -= first
	p.mu.RLock()
	defer p.mu.RUnlock()
	if uint64(i) >= uint64(len(p.names)) {
		return "", true
	}
	return p.names[i], true
}

// first is the first host number that is given away.
const first = 2

// addresses gives the pair with an index.
func addresses(i uint32) (v4, v6 netip.Addr) {
	four, six := pool4.Addr().As4(), pool6.Addr().As16()
	binary.BigEndian.PutUint32(four[:], binary.BigEndian.Uint32(four[:])+first+i)
	binary.BigEndian.PutUint32(six[12:], first+i)
	return netip.AddrFrom4(four), netip.AddrFrom16(six)
}
