package seccomp

import (
	"fmt"
	"runtime"
	"slices"
	"sort"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// Checker finds mistakes in a system call policy.
type Checker struct {
	// Arch is the GOARCH to check for; empty means this machine's.
	Arch string
}

// Check gives all problems of a policy, in the order of its lines: unknown
// names, groups and constants (with the nearest one that exists), conditions
// that cannot be, lines that can never decide, and filters that would refuse
// the execve or what the dynamic loader needs.
func (c Checker) Check(p plan.Syscalls) []Problem {
	goarch := c.Arch
	if goarch == "" {
		goarch = runtime.GOARCH
	}
	if _, ok := auditArch[goarch]; !ok {
		return []Problem{{Origin: p.Origin, Summary: "no filter for this architecture",
			Detail: fmt.Sprintf("husk knows the system calls of %v, not of %q", table.Architectures(), goarch)}}
	}
	r := read(p, goarch)
	r.checkRules()
	r.checkNames()
	if r.err() == nil {
		r.checkClone()
		r.checkStart()
	}
	return r.problems
}

func (r *policy) warn(origin int, summary, detail string) {
	r.problems = append(r.problems, Problem{Origin: origin, Summary: summary, Detail: detail, Warning: true})
}

// checkRules finds rules behind one that always holds.
func (r *policy) checkRules() {
	for _, call := range sorted(r.rules) {
		lines := r.rules[call]
		for _, late := range lines[len(reachable(lines)):] {
			r.warn(late.origin, fmt.Sprintf("rule %q never decides", call),
				"an earlier rule for the same call has no condition, and the first rule that holds decides")
		}
	}
}

// checkNames finds calls in lists with different actions, and permits that lift
// nothing.
func (r *policy) checkNames() {
	for _, call := range sorted(r.named) {
		lines := r.named[call]
		strictest := strictestFirst(lines)[0]
		for _, c := range lines {
			if c.action != strictest.action {
				r.warn(c.origin, fmt.Sprintf("%s stands in several lists", call),
					fmt.Sprintf("the stricter one, %s, wins over %s: take %q out of one of them, or write a rule", strictest.action, c.action, call))
			}
		}
		still := func(c clause) bool { return c.lift == LiftByRule && c.expr == nil }
		if strictest.action.Permits() && slices.ContainsFunc(r.baseline[call], still) && len(r.rules[call]) == 0 {
			r.warn(strictest.origin, fmt.Sprintf("%s stays refused", call),
				fmt.Sprintf("husk refuses %s in every profile, and a name in a list does not lift that: write rule %q { action = \"allow\" } if it must be", call, call))
		}
	}
}

// checkClone finds allow-lists that permit clone and kill clone3: libc tries
// clone3 first and takes clone only after ENOSYS.
func (r *policy) checkClone() {
	clone, _ := table.Find("clone")
	clone3, _ := table.Find("clone3")
	const thread = 0x3d0f00 // what pthread_create asks for
	one, _ := r.verdict(clone).For([6]uint64{thread, anywhere, anywhere})
	other, _ := r.verdict(clone3).For([6]uint64{anywhere, 88})
	if one.Permits() && other.By == ByDefault && !other.Permits() && other.Action != "errno:ENOSYS" {
		r.warn(r.origin, "threads cannot be started",
			fmt.Sprintf("clone is permitted, but clone3, which libc tries first, gets %s: write errno = { ENOSYS = [\"clone3\"] }", other.Action))
	}
}

func sorted(m map[string][]clause) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
