package main

import (
	"fmt"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// unenforced is the list of what profiles can say and the enforcer doesn't hold
// yet. A rule that would be ignored is refused instead, with its line. Each entry
// gives the rule's words and its origin where the plan has such a rule; taking
// an entry out is all that it needs once it is enforced.
var unenforced = []func(*plan.Plan) (rule string, origin int, present bool){
	func(p *plan.Plan) (string, int, bool) {
		if p.Supervise == nil {
			return "", 0, false
		}
		return "supervise", p.Supervise.Origin, true
	},
	func(p *plan.Plan) (string, int, bool) {
		return first("verify", p.Verify, func(v plan.Verify) int { return v.Origin })
	},
	func(p *plan.Plan) (string, int, bool) {
		return "syscalls { default = \"notify\" }", p.Syscalls.Origin, p.Syscalls.Default == "notify"
	},
	func(p *plan.Plan) (string, int, bool) {
		for _, l := range p.Syscalls.Lists {
			if l.Action == "notify" {
				return "syscalls notify", l.Origin, true
			}
		}
		return "", 0, false
	},
	func(p *plan.Plan) (string, int, bool) {
		for _, r := range p.Syscalls.Rules {
			if r.Action == "notify" {
				return "a syscalls rule with notify", r.Origin, true
			}
		}
		return "", 0, false
	},
}

// first is the first of a list of rules.
func first[T any](rule string, list []T, origin func(T) int) (string, int, bool) {
	if len(list) == 0 {
		return "", 0, false
	}
	return rule, origin(list[0]), true
}

// checkEnforced refuses a plan with rules that would not be held. All of them are
// named.
func checkEnforced(p *plan.Plan) []error {
	var all []error
	for _, entry := range unenforced {
		rule, origin, present := entry(p)
		if !present {
			continue
		}
		all = append(all, fmt.Errorf("%sprofile %s: %s is not enforced yet", at(p, origin), quoted(p.Profile), rule))
	}
	return all
}

// at is "file:line: " of a rule, empty for husk's own.
func at(p *plan.Plan, origin int) string {
	if origin < 0 || origin >= len(p.Origins) {
		return ""
	}
	return p.Origins[origin].Place() + ": "
}
