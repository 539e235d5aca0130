package seccomp

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp/condition"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// Verdict is what a policy makes of one call: the cases in the order in which
// they are tried. The last one has no condition.
type Verdict struct {
	Call string
	Arch string // a GOARCH
	// Number is the call's number on Arch, -1 where it does not exist there;
	// then there are no cases.
	Number int
	Cases  []Case
}

// Case is one line that decides.
type Case struct {
	When   string // a condition over the arguments; empty: always
	Action string // in the plan's notation
	By     By
	Origin int    // index into the plan's origins, or plan.NoOrigin
	Detail string // the group's name, or the reason of husk's baseline
	expr   condition.Expr
	lift   Lift
}

// Explain says which lines decide about a call, for the architecture that the
// policy was compiled for, else this machine's. It fails for a name that is no
// call and for a policy that has errors.
func Explain(p plan.Syscalls, call string) (Verdict, error) {
	goarch := p.Arch
	if goarch == "" {
		goarch = runtime.GOARCH
	}
	c, ok := table.Find(call)
	if !ok {
		return Verdict{}, fmt.Errorf("%s", unknownCall(call))
	}
	if _, ok := auditArch[goarch]; !ok {
		return Verdict{}, fmt.Errorf("husk knows no system calls of %q", goarch)
	}
	r := read(p, goarch)
	if err := r.err(); err != nil {
		return Verdict{}, err
	}
	return r.verdict(c), nil
}

func (r *policy) verdict(call table.Call) Verdict {
	v := Verdict{Call: call.Name, Arch: r.goarch, Number: -1}
	nr, ok := call.Number(r.goarch)
	if !ok {
		return v
	}
	v.Number = nr
	for _, c := range r.clauses(call.Name) {
		v.Cases = append(v.Cases, Case{c.when, c.action.String(), c.by, c.origin, c.detail, c.expr, c.lift})
	}
	return v
}

// For gives the case that decides for these arguments; false for a call that
// does not exist on the architecture.
func (v Verdict) For(args [6]uint64) (Case, bool) {
	for _, c := range v.Cases {
		if c.expr == nil || c.expr.Holds(args) {
			return c, true
		}
	}
	return Case{}, false
}

// Permits says whether the case lets the call through (allow, log, notify).
func (c Case) Permits() bool {
	a, err := ParseAction(c.Action)
	return err == nil && a.Permits()
}

// String gives the case as a sentence without its place: "EPERM where arg1 ==
// TIOCSTI, by husk's baseline: types into …".
func (c Case) String() string {
	var b strings.Builder
	if c.Action == answerDone {
		b.WriteString("answered as if it were done")
	} else {
		b.WriteString(c.Action)
	}
	if c.When != "" {
		b.WriteString(" where " + c.When)
	}
	b.WriteString(", by " + c.By.String())
	switch {
	case c.By == ByGroup:
		b.WriteString(" " + c.Detail)
	case c.Detail != "":
		b.WriteString(": " + c.Detail)
	}
	return b.String()
}

// Lift gives the HCL, for the profile's syscalls block, that permits what one of
// the call's cases refuses, and no more than that; empty where it refuses nothing,
// where nothing can lift it, or where the line that refuses has to be changed
// itself (a rule, a list that names the call).
func (v Verdict) Lift(c Case) string {
	switch {
	case c.Permits() || c.By == ByRule || c.By == ByName:
		return ""
	case c.By == ByBaseline && c.lift == LiftNever:
		return ""
	case c.By == ByBaseline && c.lift == LiftByRule:
		return v.Rule()
	}
	return fmt.Sprintf("allow = [%q]", v.Call)
}

// Rule gives the HCL, for the profile's syscalls block, that permits the call
// whatever a list says.
func (v Verdict) Rule() string { return fmt.Sprintf("rule %q { action = \"allow\" }", v.Call) }
