package relay

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/network/datagram"
	"github.com/husk-sandbox/husk/enforce/network/rules"
)

// UDP has no connections; what one port sends to another one is a flow until
// nothing has come for a while.
const (
	flowIdle = 60 * time.Second
	maxFlows = 1024
	// maxWaiting bounds the datagrams of a flow that wait until its name is
	// looked up.
	maxWaiting = 16
)

type flowKey struct {
	from netip.AddrPort
	to   netip.AddrPort
}

// flow is one of them. queue is read by its own goroutine.
type flow struct {
	queue chan []byte
	conn  *net.UDPConn
}

// serveUDP relays what udp rules permit, and answers questions for names.
func (r *Relay) serveUDP(s *datagram.Socket) {
	port := uint16(s.Port())
	relay := func(b []byte, from netip.AddrPort, to netip.Addr) bool {
		return r.datagram(s, b, from, netip.AddrPortFrom(to, port))
	}
	if port == network.DNSPort {
		r.names.ServeUDP(r.ctx, s, func(b []byte, from netip.AddrPort, to netip.Addr) bool {
			return r.decide(netip.AddrPortFrom(to, port), rules.UDP).Allowed && relay(b, from, to)
		})
		return
	}
	buffer := make([]byte, datagram.Max)
	for {
		n, from, to, err := s.Read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil && to.IsValid() {
			relay(buffer[:n], from, to)
		}
	}
}

// datagram hands a datagram to its flow, which it begins if need be. What is
// too much is dropped, as on any network.
func (r *Relay) datagram(s *datagram.Socket, b []byte, from, to netip.AddrPort) bool {
	key := flowKey{from, to}
	r.mu.Lock()
	f := r.flows[key]
	if f == nil && len(r.flows) < maxFlows && !r.closed {
		f = &flow{queue: make(chan []byte, maxWaiting)}
		r.flows[key] = f
		r.running.Add(1)
		go r.runFlow(s, key, f)
	}
	r.mu.Unlock()
	if f == nil {
		return true
	}
	select {
	case f.queue <- append([]byte(nil), b...):
	default:
	}
	return true
}

// runFlow is a flow's life.
func (r *Relay) runFlow(s *datagram.Socket, key flowKey, f *flow) {
	defer r.running.Done()
	d := r.decide(key.to, rules.UDP)
	e := r.event(audit.Send, rules.UDP, d)
	began := time.Now()
	if d.Allowed {
		r.opened(e)
		if err := r.dialFlow(d, f, &e); errors.Is(err, errPrivate) {
			e.Verdict, e.Reason = audit.Denied, rules.Private
		} else if err != nil {
			e.Error = err.Error()
		}
	}
	if f.conn != nil {
		r.exchange(s, key, f, &e)
	} else {
		select { // what comes again soon is the same flow's
		case <-r.ctx.Done():
		case <-time.After(time.Second):
		}
	}
	r.mu.Lock()
	delete(r.flows, key)
	r.mu.Unlock()
	e.Duration = time.Since(began).Milliseconds()
	r.record(e)
}

func (r *Relay) dialFlow(d decision, f *flow, e *audit.Event) error {
	ctx, cancel := context.WithTimeout(r.ctx, dialPatience)
	defer cancel()
	to, err := r.addresses(ctx, d, rules.UDP)
	if err != nil {
		return err
	}
	e.Address = to[0].String()
	f.conn, err = net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to[0], uint16(d.port))))
	return err
}

// exchange passes datagrams both ways until nothing has come for a while.
func (r *Relay) exchange(s *datagram.Socket, key flowKey, f *flow, e *audit.Event) {
	if !r.track(f.conn) {
		_ = f.conn.Close()
		return
	}
	defer r.running.Done()
	defer r.untrack(f.conn)
	answered := make(chan int64)
	go func() { answered <- receive(s, key, f.conn) }()
	for {
		select {
		case b := <-f.queue:
			_ = f.conn.SetReadDeadline(time.Now().Add(flowIdle))
			if _, err := f.conn.Write(b); err == nil {
				e.Sent += int64(len(b))
			}
		case n := <-answered: // closed, or quiet both ways
			e.Received = n
			return
		}
	}
}

// receive passes answers in, and gives their bytes once none has come for a
// while.
func receive(s *datagram.Socket, key flowKey, conn *net.UDPConn) (total int64) {
	buffer := make([]byte, datagram.Max)
	for {
		n, err := conn.Read(buffer)
		var timeout net.Error
		switch {
		case errors.Is(err, net.ErrClosed), errors.As(err, &timeout) && timeout.Timeout():
			return total
		case err != nil:
			continue // refused, says an earlier datagram's answer
		}
		total += int64(n)
		_ = conn.SetReadDeadline(time.Now().Add(flowIdle))
		if err := s.Write(buffer[:n], key.to.Addr(), key.from); errors.Is(err, net.ErrClosed) {
			return total
		}
	}
}
