package relay

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/network/inspect"
	"github.com/husk-sandbox/husk/enforce/network/rules"
)

// dialPatience bounds how long a connection may take to be made, the lookup
// with it.
const dialPatience = 30 * time.Second

// handle is the life of one connection from inside.
func (r *Relay) handle(inside *net.TCPConn) {
	local, ok := inside.LocalAddr().(*net.TCPAddr)
	if !ok { // getsockname(2) failed
		reset(inside)
		r.record(audit.Event{Kind: audit.Connect, Verdict: audit.Denied, Reason: rules.Unknown, Protocol: rules.TCP})
		return
	}
	d := r.decide(local.AddrPort(), rules.TCP)
	if !d.Allowed && d.port == network.DNSPort {
		r.names.ServeTCP(r.ctx, inside)
		return
	}
	e := r.event(audit.Connect, rules.TCP, d)
	if !d.Allowed {
		reset(inside)
		r.record(e)
		return
	}
	r.opened(e)
	began := time.Now()
	err := r.connect(inside, d, &e)
	e.Duration = time.Since(began).Milliseconds()
	var refusal inspect.Refusal
	switch {
	case errors.As(err, &refusal):
		e.Verdict, e.Reason = audit.Denied, refusal.Error()
	case errors.Is(err, errPrivate):
		e.Verdict, e.Reason = audit.Denied, rules.Private
	case err != nil && !errors.Is(err, net.ErrClosed) && r.ctx.Err() == nil: // else the sandbox has ended
		e.Error = err.Error()
	}
	r.record(e)
}

// connect dials and copies until both sides have ended.
func (r *Relay) connect(inside *net.TCPConn, d decision, e *audit.Event) error {
	sends := r.begin(inside)
	defer sends.end()
	outside, err := r.dial(d, e)
	sends.made.Store(true)
	if err != nil {
		reset(inside)
		return err
	}
	if !r.track(outside) {
		reset(inside)
		return outside.Close()
	}
	defer r.running.Done()
	defer r.untrack(outside)
	var check *inspect.Inspector
	if d.name != "" && d.Rule.Checked() {
		check = inspect.New(d.name, d.port)
	}
	err = join(inside, outside, check, sends, &e.Sent, &e.Received)
	if check != nil {
		e.Asked = check.Asked()
	}
	return err
}

// dial connects to the first address that answers.
func (r *Relay) dial(d decision, e *audit.Event) (*net.TCPConn, error) {
	ctx, cancel := context.WithTimeout(r.ctx, dialPatience)
	defer cancel()
	to, err := r.addresses(ctx, d, rules.TCP)
	if err != nil {
		return nil, err
	}
	conn, err := dialFirst(ctx, to, uint16(d.port))
	if err != nil {
		return nil, err
	}
	e.Address = conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().String()
	return conn, nil
}

// headStart is how long one address is waited for before the next one is tried
// as well (RFC 8305, 5).
const headStart = 250 * time.Millisecond

// beside bounds the second sockets of connections that are being made, in this
// process: a budget has one for each.
var beside = make(chan struct{}, 64)

// dialFirst tries addresses one after the other, each with a head start, and
// keeps the first connection.
func dialFirst(ctx context.Context, to []netip.Addr, port uint16) (*net.TCPConn, error) {
	if len(to) == 1 {
		return dialOne(ctx, netip.AddrPortFrom(to[0], port))
	}
	type result struct {
		conn *net.TCPConn
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan result)
	running, next := 0, 0
	start := func(done func()) {
		address := netip.AddrPortFrom(to[next], port)
		next++
		running++
		go func() {
			conn, err := dialOne(ctx, address)
			done()
			select {
			case results <- result{conn, err}:
			case <-ctx.Done():
				if conn != nil {
					_ = conn.Close()
				}
			}
		}()
	}
	start(func() {})
	var errs []error
	for running > 0 {
		wait := time.NewTimer(headStart)
		select {
		case got := <-results:
			running--
			if got.err == nil {
				wait.Stop()
				return got.conn, nil
			}
			errs = append(errs, got.err)
			if next < len(to) {
				start(func() {})
			}
		case <-wait.C:
			if next == len(to) {
				break
			}
			select {
			case beside <- struct{}{}:
				start(func() { <-beside })
			default: // one address after the other will do
			}
		case <-ctx.Done(): // what runs tells nobody any more
			wait.Stop()
			return nil, errors.Join(append(errs, ctx.Err())...)
		}
		wait.Stop()
	}
	return nil, errors.Join(errs...)
}

// dialOne connects to one address. A want of descriptors ends when others close
// theirs: it is waited for, and no reason to refuse.
func dialOne(ctx context.Context, to netip.AddrPort) (*net.TCPConn, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, headStart) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", to.String())
		if err == nil {
			return conn.(*net.TCPConn), nil
		}
		if !errors.Is(err, unix.EMFILE) && !errors.Is(err, unix.ENFILE) {
			return nil, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// reset ends a connection at once and without a doubt: the other side is told
// by RST (tcp(7), SO_LINGER), as by a host that refuses.
func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}
