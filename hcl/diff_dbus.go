package hcl

import (
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// buses compares what is reached on message buses.
func (d *differ) buses() {
	d.bothWays(func(effect Effect, from, to *plan.Plan) {
		for _, bus := range to.DBus {
			i := slices.IndexFunc(from.DBus, func(b plan.Bus) bool { return b.Bus == bus.Bus })
			var less []plan.BusRule
			if i < 0 {
				d.add(effect, "dbus", "the "+bus.Bus+" bus", bus.Origin)
			} else {
				less = from.DBus[i].Rules
			}
			for _, r := range bus.Rules {
				if !slices.ContainsFunc(less, func(other plan.BusRule) bool { return busRuleCovers(other, r) }) {
					d.add(effect, "dbus", bus.Bus+" "+r.Kind+" "+r.Text, r.Origin)
				}
			}
		}
	})
}

// busLevels are the kinds of rules that imply those before them.
var busLevels = []string{plan.BusSee, plan.BusTalk, plan.BusOwn}

// busRuleCovers reports whether wide permits all that r does. Who may be talked to
// may be called, and its signals are passed on; who may be called is seen.
func busRuleCovers(wide, r plan.BusRule) bool {
	if wide == r {
		return true
	}
	wideName, _, _ := strings.Cut(wide.Text, "=")
	name, _, _ := strings.Cut(r.Text, "=")
	if !BusNameCovers(wideName, name) {
		return false
	}
	level, least := slices.Index(busLevels, wide.Kind), slices.Index(busLevels, r.Kind)
	if least < 0 {
		least = slices.Index(busLevels, plan.BusTalk)
	}
	return level >= 0 && level >= least
}
