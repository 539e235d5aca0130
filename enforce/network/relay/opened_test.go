package relay

import (
	"testing"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/rules"
)

// A destination is on record before it is connected to, once; those beyond what
// is remembered are again each time, and never missed.
func TestDestinationsAreOnRecord(t *testing.T) {
	recorded := 0
	r := New(Options{Rules: rules.New(nil), Upstream: &upstreams{}, Budget: NewBudget(100), Record: func(e audit.Event) {
		if recorded++; e.State != audit.Opened {
			t.Errorf("%+v", e)
		}
	}})
	to := func(e audit.Event) { t.Helper(); r.opened(e) }
	want := func(n int) {
		t.Helper()
		if recorded != n {
			t.Errorf("%d lines, want %d", recorded, n)
		}
	}
	one := audit.Event{Kind: audit.Connect, Name: "a.example", Port: 443, Protocol: rules.TCP}
	to(one)
	to(one)
	want(1)
	other := one
	other.Port = 444
	to(other)
	other = one
	other.Protocol = rules.UDP
	to(other)
	other = one
	other.Name, other.Address = "", "192.0.2.1"
	to(other)
	to(other)
	want(4)
	other.Address = "192.0.2.2"
	to(other)
	want(5)
	for port := range maxNamesOnRecord {
		to(audit.Event{Kind: audit.Connect, Name: "b.example", Port: port})
	}
	want(5 + maxNamesOnRecord)
	if len(r.met) > maxNamesOnRecord {
		t.Errorf("%d are remembered", len(r.met))
	}
	late := audit.Event{Kind: audit.Connect, Name: "c.example", Port: 1}
	to(late)
	to(late)
	want(7 + maxNamesOnRecord)
}
