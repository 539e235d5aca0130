package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/husk-sandbox/husk/enforce/network/names"
)

func lookupOf(answer func(host string) ([]netip.Addr, error)) (lookup, *atomic.Int32) {
	asked := new(atomic.Int32)
	return func(_ context.Context, _, host string) ([]netip.Addr, error) {
		asked.Add(1)
		return answer(host)
	}, asked
}

func TestMemory(t *testing.T) {
	now := time.Unix(0, 0)
	ask, asked := lookupOf(func(host string) ([]netip.Addr, error) {
		switch host {
		case "absent.example.":
			return nil, &net.DNSError{IsNotFound: true}
		case "empty.example.":
			return nil, nil
		case "broken.example.":
			return nil, errors.New("no answer")
		}
		return []netip.Addr{netip.MustParseAddr("::ffff:203.0.113.1")}, nil
	})
	r := newResolver(ask, func() time.Time { return now })
	for _, c := range []struct {
		name  string
		after time.Duration
		asks  int32
		err   error
	}{
		{"a.example", 0, 1, nil}, {"a.example", keep - 1, 0, nil}, {"a.example", keep + 1, 1, nil},
		{"absent.example", 0, 1, names.ErrNotFound}, {"absent.example", keepNone - 1, 0, names.ErrNotFound}, {"absent.example", keepNone + 1, 1, names.ErrNotFound},
		{"empty.example", 0, 1, names.ErrNotFound},
	} {
		now = now.Add(c.after)
		before := asked.Load()
		found, err := r.Lookup(context.Background(), c.name)
		if !errors.Is(err, c.err) || asked.Load()-before != c.asks {
			t.Errorf("%s after %v: %v, %v, asked %d times", c.name, c.after, found, err, asked.Load()-before)
		}
		if c.err == nil && (len(found) != 1 || !found[0].Is4()) {
			t.Errorf("%s: %v", c.name, found)
		}
	}
	if _, err := r.Lookup(context.Background(), "broken.example"); err == nil || errors.Is(err, names.ErrNotFound) {
		t.Errorf("a broken server: %v", err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	ask, _ := lookupOf(func(string) ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("203.0.113.1")}, nil })
	r := newResolver(ask, time.Now)
	for i := range 3 * maxCached {
		if _, err := r.Lookup(context.Background(), fmt.Sprintf("n%d.example", i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.known) > maxCached {
		t.Errorf("%d names are remembered", len(r.known))
	}
}

// Many who ask for one name at once are one question; a name that is never
// answered holds up nobody but who asks for it.
func TestOneQuestionForMany(t *testing.T) {
	release := make(chan struct{})
	ask, asked := lookupOf(func(host string) ([]netip.Addr, error) {
		if host == "slow.example." {
			<-release
		}
		return []netip.Addr{netip.MustParseAddr("203.0.113.1")}, nil
	})
	r := newResolver(ask, time.Now)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := r.Lookup(context.Background(), "slow.example"); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := r.Lookup(context.Background(), "quick.example"); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Lookup(ended, "slow.example"); !errors.Is(err, context.Canceled) {
		t.Errorf("somebody who no longer waits: %v", err)
	}
	close(release)
	all.Wait()
	if n := asked.Load(); n != 2 {
		t.Errorf("%d questions", n)
	}
}

// serve answers questions on a socket of the test's own as answer says; nil is
// silence.
func serve(t *testing.T, answer func(question []byte) []byte) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if m := answer(b[:n]); m != nil {
				_, _ = conn.WriteTo(m, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, conn.LocalAddr().String())
	}}
}

// A server that sends garbage, too much, or half of it and then nothing, is an
// error in time and not an address.
func TestBadServers(t *testing.T) {
	for name, answer := range map[string]func(q []byte) []byte{
		"garbage":   func([]byte) []byte { return []byte("\xff\xff garbage \x00") },
		"oversized": func(q []byte) []byte { return append(append([]byte{}, q...), make([]byte, 60000)...) },
		"half":      func(q []byte) []byte { return q[:len(q)/2] },
		"echo":      func(q []byte) []byte { return q },
		"truncated": func(q []byte) []byte { a := append([]byte{}, q...); a[2] |= 0x82; return a },
		"silence":   func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newResolver(serve(t, answer).LookupNetIP, time.Now)
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			if found, err := r.Lookup(ctx, "good.example"); err == nil || len(found) > 0 {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
}
