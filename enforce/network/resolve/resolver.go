// Package resolve asks the host's resolver for the addresses of permitted
// names, with a time limit and a small memory.
package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/husk-sandbox/husk/enforce/network/names"
)

// Bounds. The host's resolver does not tell how long an answer holds, so it is
// kept for as long as a program takes from asking to connecting, and a little
// longer; what could not be found, for less.
const (
	keep      = 10 * time.Second
	keepNone  = 2 * time.Second
	maxCached = 1024
	maxAtOnce = 64
	patience  = 10 * time.Second
)

// lookup is the host's resolver, Go's own: hosts(5), resolv.conf(5).
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// Resolver is the host's resolver with a memory. It may be used by several
// goroutines.
type Resolver struct {
	ask   lookup
	now   func() time.Time
	slots chan struct{}

	mu    sync.Mutex
	known map[string]*entry
}

// entry is one name: being asked for until done is closed.
type entry struct {
	done  chan struct{}
	found []netip.Addr
	err   error
	until time.Time
}

// New gives the host's resolver.
func New() *Resolver {
	r := &net.Resolver{PreferGo: true}
	return newResolver(r.LookupNetIP, time.Now)
}

func newResolver(ask lookup, now func() time.Time) *Resolver {
	return &Resolver{ask: ask, now: now, slots: make(chan struct{}, maxAtOnce), known: map[string]*entry{}}
}

// Lookup gives a name's addresses in the order in which to try them.
func (r *Resolver) Lookup(ctx context.Context, name string) ([]netip.Addr, error) {
	e, mine := r.entry(name)
	if mine {
		go r.fill(e, name)
	}
	select {
	case <-e.done:
		return e.found, e.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// entry gives what is known of a name; mine says that the caller is to find it
// out.
func (r *Resolver) entry(name string) (e *entry, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e = r.known[name]; e != nil && (e.until.IsZero() || r.now().Before(e.until)) {
		return e, false
	}
	if len(r.known) >= maxCached {
		r.forget()
	}
	e = &entry{done: make(chan struct{})}
	r.known[name] = e
	return e, true
}

// forget makes room: all that is over, else anything that is not being asked
// for.
func (r *Resolver) forget() {
	now := r.now()
	for name, e := range r.known {
		if !e.until.IsZero() && now.After(e.until) {
			delete(r.known, name)
		}
	}
	for name, e := range r.known {
		if len(r.known) < maxCached {
			return
		}
		if !e.until.IsZero() {
			delete(r.known, name)
		}
	}
}

// fill asks. The name is an absolute one: the host's search list is not for it.
func (r *Resolver) fill(e *entry, name string) {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found, err := r.ask(ctx, "ip", name+".")
	for i := range found {
		found[i] = found[i].Unmap()
	}
	var failure *net.DNSError
	if errors.As(err, &failure) && failure.IsNotFound || err == nil && len(found) == 0 {
		err = errors.Join(names.ErrNotFound, err)
	}
	r.mu.Lock()
	e.found, e.err = found, err
	e.until = r.now().Add(keep)
	if err != nil {
		e.found, e.until = nil, r.now().Add(keepNone)
	}
	r.mu.Unlock()
	close(e.done)
}
