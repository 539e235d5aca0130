package hcl

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func (d *differ) environment() {
	d.bothWays(func(effect Effect, from, to *plan.Plan) {
		for _, pass := range to.Environment.Pass {
			if !passes(from.Environment, pass.Pattern) && !unset(to.Environment, pass.Pattern) {
				d.add(effect, "environment", "pass "+pass.Pattern, pass.Origin)
			}
		}
		for _, u := range from.Environment.Unset {
			if passes(to.Environment, u.Pattern) && !unset(to.Environment, u.Pattern) {
				d.add(effect, "environment", "pass "+u.Pattern, plan.NoOrigin)
			}
		}
		for _, s := range to.Environment.Secrets {
			if !slices.ContainsFunc(from.Environment.Secrets, func(o plan.Secret) bool { return secretText(o) == secretText(s) }) {
				d.add(effect, "environment", "secret "+secretText(s), s.Origin)
			}
		}
	})
	d.setVariables()
}

// setVariables compares values: none permits more than another.
func (d *differ) setVariables() {
	before := make(map[string]string)
	for _, s := range d.a.Environment.Set {
		before[s.Name] = setText(s)
	}
	for _, s := range d.b.Environment.Set {
		old, both := before[s.Name]
		delete(before, s.Name)
		switch {
		case !both:
			d.add(Differs, "environment", fmt.Sprintf("set %s = %q", s.Name, setText(s)), s.Origin)
		case old != setText(s):
			d.add(Differs, "environment", fmt.Sprintf("set %s = %q instead of %q", s.Name, setText(s), old), s.Origin)
		}
	}
	for _, name := range sortedKeys(before) {
		d.add(Differs, "environment", "set "+name+" no more", plan.NoOrigin)
	}
}

func setText(s plan.EnvSet) string {
	if s.Path != nil {
		return s.Path.String()
	}
	return s.Text
}

func secretText(s plan.Secret) string {
	if s.File != nil {
		return s.Name + " from " + s.File.String()
	}
	return s.Name + " from the command " + strings.Join(s.Command, " ")
}

// passes reports whether every variable that a pattern means is passed.
func passes(e plan.Environment, pattern string) bool {
	return !unset(e, pattern) && slices.ContainsFunc(e.Pass, func(p plan.EnvPass) bool { return patternCovers(p.Pattern, pattern) })
}

func unset(e plan.Environment, pattern string) bool {
	return slices.ContainsFunc(e.Unset, func(p plan.EnvPass) bool { return patternCovers(p.Pattern, pattern) })
}

// patternCovers reports whether all names that narrow matches are matched by
// wide. A star of narrow stands for itself: it can only be matched by a star.
func patternCovers(wide, narrow string) bool {
	// Names of variables have none of path.Match's other special characters.
	matched, err := path.Match(wide, narrow)
	return err == nil && matched
}

// actions by how much they permit, the least first.
func actionRank(action string) int {
	switch {
	case action == "kill":
		return 0
	case action == "trap":
		return 1
	case strings.HasPrefix(action, "errno:"):
		return 2
	case action == "notify":
		return 3
	}
	return 4 // allow, log
}

func (d *differ) syscalls() {
	a, b := d.a.Syscalls, d.b.Syscalls
	d.action("default", a.Default, b.Default, a.Origin, b.Origin)
	d.action("calls of other ABIs:", a.ForeignABI, b.ForeignABI, a.Origin, b.Origin)
	before, after := callActions(a), callActions(b)
	names := append(sortedKeys(before), sortedKeys(after)...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		x, y := before[name], after[name]
		if x.action == "" {
			x = callAction{a.Default, plan.NoOrigin}
		}
		if y.action == "" {
			y = callAction{b.Default, plan.NoOrigin}
		}
		d.action(name, x.action, y.action, x.origin, y.origin)
	}
	d.rules()
}

func (d *differ) action(name, a, b string, originA, originB int) {
	what := fmt.Sprintf("%s %s instead of %s", name, b, a)
	switch {
	case a == b:
	case actionRank(b) > actionRank(a):
		d.add(Allows, "syscalls", what, originB)
	case actionRank(b) < actionRank(a):
		d.add(Denies, "syscalls", what, originA)
	default:
		d.add(Differs, "syscalls", what, originB)
	}
}

type callAction struct {
	action string
	origin int
}

// callActions gives the action of each name and group that is listed: of several
// lists the strictest decides.
func callActions(s plan.Syscalls) map[string]callAction {
	all := make(map[string]callAction)
	for _, l := range s.Lists {
		for _, name := range l.Names {
			if found, listed := all[name]; !listed || actionRank(l.Action) < actionRank(found.action) {
				all[name] = callAction{l.Action, l.Origin}
			}
		}
	}
	return all
}

// rules compares conditions as they are written.
func (d *differ) rules() {
	has := func(all []plan.SyscallRule, r plan.SyscallRule) bool {
		return slices.ContainsFunc(all, func(o plan.SyscallRule) bool {
			return o.Call == r.Call && o.When == r.When && o.Action == r.Action
		})
	}
	text := func(r plan.SyscallRule) string {
		if r.When == "" {
			return r.Call + " " + r.Action
		}
		return fmt.Sprintf("%s %s when %s", r.Call, r.Action, r.When)
	}
	before, after := writtenRules(d.a), writtenRules(d.b)
	for _, r := range after {
		if !has(before, r) {
			d.add(Differs, "syscalls", text(r), r.Origin)
		}
	}
	for _, r := range before {
		if !has(after, r) {
			d.add(Differs, "syscalls", text(r)+", no more", plan.NoOrigin)
		}
	}
}

// writtenRules are the rules of a plan without those that husk adds for execute
// and late_drop: these two are compared themselves.
func writtenRules(p *plan.Plan) []plan.SyscallRule {
	var added []plan.SyscallRule
	if p.Filesystem.ExecuteOnly {
		added = append(added, memoryRule)
	}
	if p.LateDrop != nil {
		added = append(added, rootRules...)
	}
	return slices.DeleteFunc(slices.Clone(p.Syscalls.Rules), func(r plan.SyscallRule) bool {
		r.Origin = plan.NoOrigin
		return slices.Contains(added, r)
	})
}

func (d *differ) limits() {
	limit := func(p *plan.Plan, name string) (plan.Limit, bool) {
		i := slices.IndexFunc(p.Limits, func(l plan.Limit) bool { return l.Name == name })
		if i < 0 {
			return plan.Limit{Origin: plan.NoOrigin}, false
		}
		return p.Limits[i], p.Limits[i].Value != plan.Unlimited
	}
	for _, name := range plan.LimitNames {
		a, inA := limit(d.a, name)
		b, inB := limit(d.b, name)
		switch {
		case !inA && !inB: // both are without
		case inA && !inB:
			d.add(Allows, "limits", fmt.Sprintf("any %s instead of %s", name, LimitText(a)), b.Origin)
		case !inA && inB:
			d.add(Denies, "limits", fmt.Sprintf("%s %s instead of any", name, LimitText(b)), a.Origin)
		case b.Value > a.Value:
			d.add(Allows, "limits", fmt.Sprintf("%s %s instead of %s", name, LimitText(b), LimitText(a)), b.Origin)
		case b.Value < a.Value:
			d.add(Denies, "limits", fmt.Sprintf("%s %s instead of %s", name, LimitText(b), LimitText(a)), a.Origin)
		}
	}
	d.cgroup()
}

// cgroups by how much they permit, the least first.
var cgroupRank = map[string]int{plan.CgroupRequired: 0, plan.CgroupAuto: 1, plan.CgroupOff: 2}

func (d *differ) cgroup() {
	a, b := d.a.Cgroup, d.b.Cgroup
	if a.Mode == b.Mode {
		return
	}
	effect, origin := Denies, a.Origin
	if cgroupRank[b.Mode] > cgroupRank[a.Mode] {
		effect, origin = Allows, b.Origin
	}
	d.add(effect, "limits", fmt.Sprintf("cgroup %s instead of %s", b.Mode, a.Mode), origin)
}
