package hcl

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// access is what may be done with one path.
type access struct {
	read, write, execute bool
	// from are the rules that decide, for their origins.
	readFrom, writeFrom, executeFrom int
}

// files compares the access at every path that a rule of either plan names:
// between two such paths nothing changes.
func (d *differ) files() {
	// Where the views differ, that is said once, not for every path.
	host := d.a.Filesystem.View == plan.ViewHost && d.b.Filesystem.View == plan.ViewHost
	paths := append(namedPaths(d.a), namedPaths(d.b)...)
	slices.SortStableFunc(paths, func(x, y plan.Path) int { return cmp.Compare(len(x.Path), len(y.Path)) })
	turned := make(map[plan.Path][3]turn)
	for _, p := range paths {
		if _, seen := turned[p]; seen {
			continue
		}
		before, after := accessAt(d.a, p, host), accessAt(d.b, p, host)
		here := [3]turn{{before.read, after.read}, {before.write, after.write}, {before.execute, after.execute}}
		turned[p] = here
		// What changes with a directory is said of the directory.
		above := turnedAbove(turned, p)
		if here[0] != above[0] {
			d.right("read", p, before.read, after.read, before.readFrom, after.readFrom)
		}
		if here[1] != above[1] {
			d.right("write", p, before.write, after.write, before.writeFrom, after.writeFrom)
		}
		if here[2] != above[2] {
			d.right("execute", p, before.execute, after.execute, before.executeFrom, after.executeFrom)
		}
	}
	d.ranked("filesystem", "view", d.a.Filesystem.View, d.b.Filesystem.View, plan.NoOrigin, plan.NoOrigin,
		plan.ViewEmpty, plan.ViewMinimal, plan.ViewHost)
	d.memory()
	d.binds()
	if a, b := strings.Join(d.a.Filesystem.Markers, ", "), strings.Join(d.b.Filesystem.Markers, ", "); a != b {
		d.add(Differs, "filesystem", "markers "+b+" instead of "+a, plan.NoOrigin)
	}
	d.words("filesystem", "join", func(p *plan.Plan) ([]string, int) { return joined(p), plan.NoOrigin })
	d.tmpfs()
}

// turn is a right before and after.
type turn struct{ before, after bool }

// turnedAbove gives what the nearest path above p has.
func turnedAbove(turned map[plan.Path][3]turn, p plan.Path) [3]turn {
	for p.Path != "" && p.Path != "/" {
		p.Path = strings.TrimSuffix(path.Dir(p.Path), ".")
		if above, ok := turned[p]; ok {
			return above
		}
	}
	return [3]turn{}
}

// memory compares what an execute list takes away beside the files.
func (d *differ) memory() {
	a, b := d.a.Filesystem.ExecuteOnly, d.b.Filesystem.ExecuteOnly
	switch {
	case a && !b:
		d.add(Allows, "filesystem", "execute memory that is in no file", plan.NoOrigin)
	case b && !a:
		d.add(Denies, "filesystem", "execute memory that is in no file", plan.NoOrigin)
	}
}

// joined lists the directories that are shown as one mount.
func joined(p *plan.Plan) []string {
	var all []string
	for _, r := range p.Filesystem.Join {
		all = append(all, r.Path.String())
	}
	return all
}

func (d *differ) right(name string, p plan.Path, before, after bool, fromA, fromB int) {
	switch {
	case after && !before:
		d.add(Allows, "filesystem", name+" "+p.String(), fromB)
	case before && !after:
		d.add(Denies, "filesystem", name+" "+p.String(), fromA)
	}
}

// namedPaths are the paths of a plan at which access can change.
func namedPaths(p *plan.Plan) []plan.Path {
	f := p.Filesystem
	var all []plan.Path
	for _, rules := range [][]plan.PathRule{f.Read, f.Write, f.Execute, f.Hide, f.Protect, f.Reserved} {
		for _, r := range rules {
			all = append(all, r.Path)
		}
	}
	return all
}

// accessAt gives the access at a path: of what is hidden and what is granted the
// nearest rule above it decides, and of two at the same place the closing one;
// what is protected is never writable. With host, what no rule names can
// be read as on the host.
func accessAt(p *plan.Plan, at plan.Path, host bool) access {
	f := p.Filesystem
	read, readFrom := nearestRule(at, f.Read)
	write, writeFrom := nearestRule(at, f.Write)
	hide, _ := nearestRule(at, f.Hide)
	protect, _ := nearestRule(at, f.Protect, f.Reserved)
	execute, executeFrom := nearestRule(at, f.Execute)
	var a access
	a.write = write > hide && protect < 0
	a.writeFrom = writeFrom
	a.read = max(read, write) > hide
	a.readFrom = readFrom
	if write > read {
		a.readFrom = writeFrom
	}
	if !a.read && hide < 0 {
		a.read = host && at.Anchor == plan.AnchorRoot
		a.readFrom = plan.NoOrigin
	}
	a.execute, a.executeFrom = a.read, a.readFrom
	if f.ExecuteOnly {
		a.execute, a.executeFrom = execute > hide, executeFrom
	}
	return a
}

// nearestRule gives the length of the longest rule at or above a path, and its
// origin; -1 where there is none.
func nearestRule(at plan.Path, lists ...[]plan.PathRule) (length, origin int) {
	length, origin = -1, plan.NoOrigin
	for _, rules := range lists {
		for _, r := range rules {
			if _, inside := strictlyBelow(at, r.Path); inside && len(r.Path.Path) > length {
				length, origin = len(r.Path.Path), r.Origin
			}
		}
	}
	return length, origin
}

func (d *differ) binds() {
	find := func(all []plan.Bind, to plan.Path) (plan.Bind, bool) {
		for _, b := range all {
			if b.To == to {
				return b, true
			}
		}
		return plan.Bind{}, false
	}
	d.bothWays(func(effect Effect, from, to *plan.Plan) {
		for _, b := range to.Filesystem.Bind {
			other, both := find(from.Filesystem.Bind, b.To)
			what := b.Mode + " " + b.From.String() + " at " + b.To.String()
			switch {
			case !both, other.From != b.From, other.Mode != b.Mode && b.Mode == plan.ModeWrite:
				d.add(effect, "filesystem", what, b.Origin)
			}
		}
	})
}

func (d *differ) tmpfs() {
	d.bothWays(func(effect Effect, from, to *plan.Plan) {
		for _, t := range to.Filesystem.Tmpfs {
			found, smaller := false, false
			for _, other := range from.Filesystem.Tmpfs {
				if other.Path == t.Path {
					found, smaller = true, other.Size < t.Size
				}
			}
			if !found {
				d.add(Differs, "filesystem", "an empty directory at "+t.Path.String()+map[Effect]string{Allows: "", Denies: " no more"}[effect], plan.NoOrigin)
			} else if smaller {
				d.add(effect, "filesystem", "more room at "+t.Path.String(), t.Origin)
			}
		}
	})
}
