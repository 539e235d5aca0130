package seccomptest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/condition"
	"github.com/husk-sandbox/husk/enforce/seccomp/simulator"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// Audit architectures (linux/audit.h), written out here once more: a mistake in
// the compiler must not be repeated.
const (
	AuditAMD64 = 0xc000003e
	AuditARM64 = 0xc00000b7
	AuditI386  = 0x40000003
	AuditARM   = 0x40000028
)

// Audit gives the audit architecture of goarch.
func Audit(goarch string) uint32 {
	if goarch == "amd64" {
		return AuditAMD64
	}
	return AuditARM64
}

// Reference answers what a policy makes of a call, slowly and plainly.
type Reference struct {
	policy plan.Syscalls
	goarch string
	parsed map[[2]string]condition.Expr
	// members holds what the groups of the policy's lists say about each call.
	members map[string][]member
}

// member is one member of a group that a list names.
type member struct {
	seccomp.Member
	action string // the list's
}

// NewReference reads a policy that [seccomp.Compile] takes.
func NewReference(p plan.Syscalls, goarch string) *Reference {
	r := &Reference{p, goarch, map[[2]string]condition.Expr{}, map[string][]member{}}
	groups := map[string]seccomp.Group{}
	for _, g := range seccomp.Groups() {
		groups[g.Name] = g
	}
	for _, list := range p.Lists {
		for _, name := range list.Names {
			g, ok := groups[name]
			if !ok {
				continue
			}
			for _, m := range g.Expand(namesFor(p, list.Action)) {
				r.members[m.Call] = append(r.members[m.Call], member{m, list.Action})
			}
		}
	}
	return r
}

// namesFor gives what all lists of an action name.
func namesFor(p plan.Syscalls, action string) (names []string) {
	for _, list := range p.Lists {
		if list.Action == action {
			names = append(names, list.Names...)
		}
	}
	return names
}

// Action gives the filter's return value for one call.
func (r *Reference) Action(d simulator.Data) (uint32, error) {
	// On x86-64 every number from the x32 bit on is foreign but -1, with which
	// a tracer skips a call.
	beyond := r.goarch == "amd64" && (d.Number >= 0x40000000 || d.Number < -1)
	if d.Arch != Audit(r.goarch) || beyond {
		if r.policy.ForeignABI == "" {
			return value("kill")
		}
		return value(r.policy.ForeignABI)
	}
	name, ok := table.Name(r.goarch, int(d.Number))
	if !ok {
		if permits(r.policy.Default) {
			return value("errno:ENOSYS")
		}
		return value(r.policy.Default)
	}
	action, err := r.decide(name, d.Args)
	if err != nil {
		return 0, err
	}
	if permits(action) {
		if refused, err := r.refusedBy(name, d.Args, seccomp.LiftNever); err != nil || refused != "" {
			return orValue(refused, err)
		}
	}
	return value(action)
}

func orValue(action string, err error) (uint32, error) {
	if err != nil {
		return 0, err
	}
	return value(action)
}

// decide goes down the order of precedence.
func (r *Reference) decide(call string, args [6]uint64) (string, error) {
	for _, rule := range r.policy.Rules {
		if rule.Call != call {
			continue
		}
		if holds, err := r.holds(call, rule.When, args); err != nil || holds {
			return rule.Action, err
		}
	}
	byRule, err := r.refusedBy(call, args, seccomp.LiftByRule)
	if err != nil {
		return "", err
	}
	if named := r.named(call); named != "" {
		if permits(named) && byRule != "" {
			return byRule, nil
		}
		return named, nil
	}
	refused, err := r.refusedBy(call, args, seccomp.LiftByName)
	if err != nil {
		return "", err
	}
	if refused == "" {
		refused = byRule
	}
	return r.unnamed(call, args, refused)
}

// unnamed decides where only groups, the baseline and the default speak.
func (r *Reference) unnamed(call string, args [6]uint64, refused string) (string, error) {
	group, answer, err := r.grouped(call, args)
	switch {
	case err != nil:
		return "", err
	case group != "" && !permits(group):
		return group, nil
	case group != "" && refused != "":
		return refused, nil
	case group != "":
		return group, nil
	case refused != "" && rank(r.policy.Default) <= rank("errno:EPERM"):
		return refused, nil
	case answer != "":
		return answer, nil
	}
	return r.policy.Default, nil
}

// named gives the strictest action among the lists that name the call.
func (r *Reference) named(call string) string {
	best := ""
	for _, list := range r.policy.Lists {
		for _, name := range list.Names {
			if name == call && (best == "" || rank(list.Action) > rank(best)) {
				best = list.Action
			}
		}
	}
	return best
}

// grouped gives the strictest action among the lists that name a group with
// the call, and the soft answer of a permitted set.
func (r *Reference) grouped(call string, args [6]uint64) (best, answer string, err error) {
	for _, m := range r.members[call] {
		holds, err := r.holds(call, m.When, args)
		switch {
		case err != nil:
			return "", "", err
		case !holds:
		case m.Answer != "" && permits(m.action):
			if answer == "" {
				answer = m.Answer
			}
		case best == "" || rank(m.action) > rank(best):
			best = m.action
		}
	}
	return best, answer, nil
}

// refusedBy gives the baseline's answer of one kind.
func (r *Reference) refusedBy(call string, args [6]uint64, lift seccomp.Lift) (string, error) {
	lines := seccomp.Baseline()
	if r.policy.NoCore {
		lines = slices.Concat(lines, seccomp.CoreRefusals())
	}
	for _, line := range lines {
		if line.Call != call || line.Lift != lift {
			continue
		}
		if holds, err := r.holds(call, line.When, args); err != nil || holds {
			return line.Action, err
		}
	}
	return "", nil
}

func (r *Reference) holds(call, when string, args [6]uint64) (bool, error) {
	if when == "" {
		return true, nil
	}
	key := [2]string{call, when}
	e, ok := r.parsed[key]
	if !ok {
		c, found := table.Find(call)
		if !found {
			return false, fmt.Errorf("no call %q", call)
		}
		var err error
		if e, err = condition.Parse(when, r.goarch, c); err != nil {
			return false, err
		}
		r.parsed[key] = e
	}
	return e.Holds(args), nil
}

func permits(action string) bool { return rank(action) < 3 }

func rank(action string) int {
	for i, a := range []string{"allow", "log", "notify", "errno", "trap", "kill"} {
		if action == a {
			return i
		}
	}
	return 3
}

// value gives the return value of an action (linux/seccomp.h).
func value(action string) (uint32, error) {
	switch action {
	case "allow":
		return 0x7fff0000, nil
	case "log":
		return 0x7ffc0000, nil
	case "notify":
		return 0x7fc00000, nil
	case "trap":
		return 0x00030000, nil
	case "kill":
		return 0x80000000, nil
	case "errno:0":
		return 0x00050000, nil
	}
	name, ok := strings.CutPrefix(action, "errno:")
	number, known := table.Errno(name)
	if !ok || !known {
		return 0, fmt.Errorf("no action %q", action)
	}
	return 0x00050000 | uint32(number), nil
}
