package hcl

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Effect is what a change means for the program.
type Effect string

// Effects of a [Change] from a plan a to a plan b.
const (
	Allows  Effect = "allows"  // b permits what a does not
	Denies  Effect = "denies"  // b does not permit what a permits
	Differs Effect = "differs" // something else happens; neither permits more
)

// Change is one difference in meaning between two plans.
type Change struct {
	Effect Effect
	// Area is the block it is about: "filesystem", "network", …
	Area string
	// What is said to a person: "write ${home}/.npm".
	What string
	// Origin is the rule in the plan that permits more (for Differs, in b);
	// nil where that is a default.
	Origin *plan.Origin
}

// String gives the change as a line: "+ filesystem: write ${home}/.npm".
func (c Change) String() string {
	sign := map[Effect]string{Allows: "+", Denies: "-", Differs: "~"}[c.Effect]
	return fmt.Sprintf("%s %s: %s", sign, c.Area, c.What)
}

// Diff gives what b permits that a does not, and the reverse, by meaning: a
// grant that a wider one already covers is no difference. The order of rules
// and where they come from make none either. Groups of system calls and
// conditions over arguments are compared as they are written.
func Diff(a, b *plan.Plan) []Change {
	d := &differ{a: a, b: b}
	d.files()
	d.modes()
	d.environment()
	d.network()
	d.sockets()
	d.buses()
	d.syscalls()
	d.limits()
	d.others()
	slices.SortStableFunc(d.changes, func(x, y Change) int {
		return cmp.Or(cmp.Compare(areaOrder(x.Area), areaOrder(y.Area)), cmp.Compare(x.Effect, y.Effect), cmp.Compare(x.What, y.What))
	})
	return slices.CompactFunc(d.changes, func(x, y Change) bool { return x.Effect == y.Effect && x.Area == y.Area && x.What == y.What })
}

var areas = []string{
	"program", "filesystem", "home", "tmp", "environment", "network", "socket", "dbus", "namespaces", "syscalls",
	"limits", "identity", "terminal", "descriptors", "late_drop", "supervise", "verify", "degrade",
}

func areaOrder(area string) int { return slices.Index(areas, area) }

// differ collects the changes from a to b.
type differ struct {
	a, b    *plan.Plan
	changes []Change
}

// add notes a change; origin indexes the plan that permits more.
func (d *differ) add(effect Effect, area, what string, origin int) {
	p := d.b
	if effect == Denies {
		p = d.a
	}
	c := Change{Effect: effect, Area: area, What: what}
	if origin >= 0 && origin < len(p.Origins) {
		c.Origin = &p.Origins[origin]
	}
	d.changes = append(d.changes, c)
}

// bothWays calls compare once for what b permits beyond a, and once for the
// reverse.
func (d *differ) bothWays(compare func(effect Effect, from, to *plan.Plan)) {
	compare(Allows, d.a, d.b)
	compare(Denies, d.b, d.a)
}

// ranked compares a word by how much it permits, least first. Words outside
// the ranking are only different.
func (d *differ) ranked(area, name, a, b string, originA, originB int, ranking ...string) {
	if a == b {
		return
	}
	what := fmt.Sprintf("%s %s instead of %s", name, b, a)
	ra, rb := slices.Index(ranking, a), slices.Index(ranking, b)
	switch {
	case ra < 0 || rb < 0:
		d.add(Differs, area, what, originB)
	case rb > ra:
		d.add(Allows, area, what, originB)
	default:
		d.add(Denies, area, what, originA)
	}
}

// words compares two lists in which every word permits something.
func (d *differ) words(area, name string, list func(*plan.Plan) ([]string, int)) {
	d.bothWays(func(effect Effect, from, to *plan.Plan) {
		less, _ := list(from)
		more, origin := list(to)
		for _, w := range more {
			if !slices.Contains(less, w) {
				d.add(effect, area, name+" "+w, origin)
			}
		}
	})
}
