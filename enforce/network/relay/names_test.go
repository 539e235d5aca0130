package relay

import (
	"strconv"
	"testing"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/network/rules"
)

// A program that asks for ever new names costs no more than so much memory: this
// process is outside of the sandbox's limits.
func TestDeniedNamesAreBounded(t *testing.T) {
	recorded := 0
	r := New(Options{Rules: rules.New(nil), Record: func(audit.Event) { recorded++ }})
	defer r.done()
	for i := range maxNamesOnRecord + 100 {
		r.deniedName(strconv.Itoa(i)+".example", rules.NoRule)
		r.deniedName("0.example", rules.NoRule) // once is enough
	}
	if len(r.asked) != maxNamesOnRecord || recorded != maxNamesOnRecord {
		t.Errorf("%d names are remembered and %d recorded, the bound is %d", len(r.asked), recorded, maxNamesOnRecord)
	}
}
