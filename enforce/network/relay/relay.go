// Package relay is the filtered network outside of the sandbox: it accepts what
// the sandbox connects to, decides, dials from the host's network, and copies.
// A connection that is slow or dead holds up nothing but itself.
package relay

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/datagram"
	"github.com/husk-sandbox/husk/enforce/network/names"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// Relay is one sandbox's network.
type Relay struct {
	rules  *rules.Set
	names  *names.Responder
	record func(audit.Event)
	// place names a rule's line for the record.
	place func(origin int) string
	slots chan struct{}
	// ctx is over with the relay, ending a little earlier: with the sandbox.
	ctx    context.Context
	done   context.CancelFunc
	ending context.Context
	ended  context.CancelFunc

	mu      sync.Mutex
	open    map[closer]struct{}
	servers map[closer]struct{} // of these, what takes new ones
	sending map[*sending]struct{}
	drained chan struct{} // closed when sending is empty, nil where nobody waits
	closed  bool
	running sync.WaitGroup
	flows   map[flowKey]*flow
	asked   map[string]bool // names whose denial is on record
	met     map[string]bool // destinations that are on record
}

type closer interface{ Close() error }

// Options of [New].
type Options struct {
	Rules    *rules.Set
	Upstream names.Upstream
	Record   func(audit.Event)
	Place    func(origin int) string
	// Budget bounds how many connections there are at once, and pipes in this
	// process.
	Budget Budget
}

// New gives a network that serves nothing yet.
func New(o Options) *Relay {
	r := &Relay{
		rules: o.Rules, record: o.Record, place: o.Place, slots: make(chan struct{}, o.Budget.Connections),
		open: map[closer]struct{}{}, servers: map[closer]struct{}{}, sending: map[*sending]struct{}{}, flows: map[flowKey]*flow{}, asked: map[string]bool{}, met: map[string]bool{},
	}
	pipes.Lock()
	pipes.most = o.Budget.Pipes
	pipes.Unlock()
	r.ctx, r.done = context.WithCancel(context.Background())
	r.ending, r.ended = context.WithCancel(r.ctx)
	r.names = &names.Responder{Rules: o.Rules, Pool: new(names.Pool), Upstream: o.Upstream, Denied: r.deniedName}
	return r
}

// maxNamesOnRecord bounds the denied names that are remembered as recorded.
const maxNamesOnRecord = 1 << 14

// deniedName records a name that was refused, once, with the first of its addresses.
func (r *Relay) deniedName(name, reason string, found []netip.Addr) {
	r.mu.Lock()
	known := r.asked[name] || len(r.asked) >= maxNamesOnRecord
	if !known {
		r.asked[name] = true
	}
	r.mu.Unlock()
	if known {
		return
	}
	e := audit.Event{Kind: audit.Resolve, Verdict: audit.Denied, Name: name, Reason: reason}
	if v := r.rules.Name(name); v.Allowed && len(found) > 0 {
		e.Address = found[0].String()
		e.Lift = rules.Text(plan.Connect{Host: e.Address, Ports: v.Rule.Ports, Protocol: v.Rule.Protocol})
	}
	r.record(e)
}

// opened records a destination before it is first connected to: the line of a
// connection is written when it has ended, and never if this process is killed
// before.
func (r *Relay) opened(e audit.Event) {
	to := e.Name
	if to == "" {
		to = e.Address
	}
	if e.Kind == audit.Publish {
		to = "" // whoever comes
	}
	key := e.Kind + " " + e.Protocol + " " + to + " " + strconv.Itoa(e.Port)
	r.mu.Lock()
	known := r.met[key]
	if len(r.met) < maxNamesOnRecord {
		r.met[key] = true // else it is recorded again
	}
	r.mu.Unlock()
	if !known {
		e.State = audit.Opened
		r.record(e)
	}
}

// Serve serves a socket from inside the sandbox, whatever kind it is, until the
// relay is closed. file is closed.
func (r *Relay) Serve(file *os.File, udp bool) error {
	if udp {
		s, err := datagram.Open(file)
		if err != nil {
			return err
		}
		r.serve(s, func() { r.serveUDP(s) })
		return nil
	}
	l, err := net.FileListener(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	r.serve(l, func() { r.accept(l, r.handle) })
	return nil
}

// serve runs a server in the background.
func (r *Relay) serve(c closer, run func()) {
	if !r.track(c) {
		_ = c.Close()
		return
	}
	r.mu.Lock()
	r.servers[c] = struct{}{}
	r.mu.Unlock()
	go func() {
		defer r.running.Done()
		defer r.untrack(c)
		run()
	}()
}

// track notes what is to be closed with the relay; false where it is closed
// already.
func (r *Relay) track(c closer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.open[c] = struct{}{}
	r.running.Add(1)
	return true
}

func (r *Relay) untrack(c closer) {
	_ = c.Close()
	r.mu.Lock()
	delete(r.open, c)
	r.mu.Unlock()
}

// Close is for when the sandbox has ended. It takes nothing new, delivers what was
// sent before (see [Relay.drain]), ends every connection and waits until each is on
// record.
func (r *Relay) Close() {
	r.ended()
	r.mu.Lock()
	for c := range r.servers {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.drain()
	r.mu.Lock()
	r.closed = true
	r.done()
	for c := range r.open {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.running.Wait()
}

// accept takes connections while there is room for them.
func (r *Relay) accept(l net.Listener, handle func(*net.TCPConn)) {
	for pause := time.Duration(0); ; {
		r.slots <- struct{}{}
		conn, err := l.Accept()
		if err != nil {
			<-r.slots
			if errors.Is(err, net.ErrClosed) {
				return
			}
			// No descriptors, no memory: what waits, waits longer.
			pause = min(max(2*pause, time.Millisecond), time.Second)
			time.Sleep(pause)
			continue
		}
		pause = 0
		tcp := conn.(*net.TCPConn)
		if !r.track(tcp) {
			<-r.slots
			_ = tcp.Close()
			return
		}
		go func() {
			defer func() { <-r.slots }()
			defer r.running.Done()
			defer r.untrack(tcp)
			handle(tcp)
		}()
	}
}

// decision is what is to become of a connection.
type decision struct {
	rules.Verdict
	name string     // that the program asked for, "" for an address
	to   netip.Addr // that it connects to
	port int
}

// decide looks at where a connection goes.
func (r *Relay) decide(to netip.AddrPort, protocol string) decision {
	d := decision{to: to.Addr().Unmap(), port: int(to.Port())}
	name, own := r.names.Pool.Name(d.to)
	switch {
	case own && name == "":
		d.Reason = rules.UnknownOrigin
	case own:
		d.name = name
		d.Verdict = r.rules.Connect(name, protocol, d.port)
	default:
		d.Verdict = r.rules.Address(d.to, protocol, d.port)
	}
	return d
}

// event begins the record of a decision.
func (r *Relay) event(kind, protocol string, d decision) audit.Event {
	e := audit.Event{Kind: kind, Verdict: audit.Allowed, Name: d.name, Port: d.port, Protocol: protocol}
	if d.name == "" {
		e.Address = d.to.String()
	}
	if d.Rule != nil {
		e.Rule = r.place(d.Rule.Origin)
	}
	if !d.Allowed {
		e.Verdict, e.Reason = audit.Denied, d.Reason
	}
	if host := cmp.Or(e.Name, e.Address); d.Reason == rules.NoPort && d.Rule.Host == host && cmp.Or(d.Rule.Protocol, rules.TCP) == protocol {
		more := d.Rule.Connect
		more.Ports = append(slices.Clone(more.Ports), d.port)
		e.Lift = rules.Text(more)
	}
	return e
}

// addresses gives what may be dialled for a decision, in the order in which to
// try. What was checked here is what is dialled: nothing is looked up again.
func (r *Relay) addresses(ctx context.Context, d decision, protocol string) ([]netip.Addr, error) {
	if d.name == "" {
		if d.to.IsLoopback() && d.Rule.Host == rules.Localhost {
			return loopback(d.to), nil
		}
		return []netip.Addr{d.to}, nil
	}
	found, err := r.names.Upstream.Lookup(ctx, d.name)
	if err != nil {
		return nil, err
	}
	var may []netip.Addr
	for _, a := range found {
		if r.rules.Dial(a, protocol, d.port) {
			may = append(may, a)
		}
	}
	if len(may) == 0 {
		return nil, errPrivate
	}
	return may, nil
}

// errPrivate says that a name leads to nothing that may be dialled.
var errPrivate = errors.New(rules.Private)

// loopback gives both addresses of the host's own, the kind that was asked for
// first.
func loopback(asked netip.Addr) []netip.Addr {
	v4, v6 := netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()
	if asked.Is6() {
		return []netip.Addr{v6, v4}
	}
	return []netip.Addr{v4, v6}
}
