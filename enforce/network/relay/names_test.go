package relay

import (
	"net/netip"
	"strconv"
	"testing"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// A program that asks for ever new names costs no more than so much memory: this
// process is outside of the sandbox's limits.
func TestDeniedNamesAreBounded(t *testing.T) {
	recorded := 0
	r := New(Options{Rules: rules.New(nil), Record: func(audit.Event) { recorded++ }})
	defer r.done()
	for i := range maxNamesOnRecord + 100 {
		r.deniedName(strconv.Itoa(i)+".example", rules.NoRule, nil)
		r.deniedName("0.example", rules.NoRule, nil) // once is enough
	}
	if len(r.asked) != maxNamesOnRecord || recorded != maxNamesOnRecord {
		t.Errorf("%d names are remembered and %d recorded, the bound is %d", len(r.asked), recorded, maxNamesOnRecord)
	}
}

// Who is told that a name leads to a private address is told to which, and what to
// add to the name's rule.
func TestPrivateNameOnRecord(t *testing.T) {
	var got []audit.Event
	r := New(Options{Rules: rules.New([]plan.Connect{{Host: "db.example", Ports: []int{80, 5432}}, {Host: "udp.example", Ports: []int{53}, Protocol: rules.UDP}}),
		Record: func(e audit.Event) { got = append(got, e) }, Budget: NewBudget(1024)})
	defer r.done()
	r.deniedName("db.example", rules.Private, []netip.Addr{netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("10.0.0.6")})
	r.deniedName("udp.example", rules.Private, []netip.Addr{netip.MustParseAddr("fd00::1")})
	r.deniedName("other.example", rules.NoRule, nil)
	for i, want := range [][2]string{
		{"10.0.0.5", `connect "10.0.0.5" { ports = [80, 5432] }`},
		{"fd00::1", "connect \"fd00::1\" {\n  ports    = [53]\n  protocol = \"udp\"\n}"}, {"", ""},
	} {
		if e := got[i]; e.Address != want[0] || e.Lift != want[1] {
			t.Errorf("%s: %q, %q", e.Name, e.Address, e.Lift)
		}
	}
}
