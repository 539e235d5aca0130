package seccomp

import (
	"errors"
	"fmt"
	"sort"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp/condition"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// clause is one line of what becomes of a call: the first one whose condition
// holds decides. The last one of a call has no condition.
type clause struct {
	expr   condition.Expr // nil: always
	when   string         // its text
	action Action
	by     By
	origin int
	line   int    // as plan.Syscalls.Line counts
	detail string // the group's name, or why the baseline refuses
	lift   Lift   // for ByBaseline
}

// policy is a plan's policy, read and ready to be asked for one call.
type policy struct {
	goarch  string
	def     Action
	foreign Action
	origin  int
	rules   map[string][]clause
	named   map[string][]clause
	grouped map[string][]clause
	// answers are the soft answers of sets.
	answers  map[string][]clause
	baseline map[string][]clause
	problems []Problem
}

// read gathers a plan's policy for one architecture. What it cannot use becomes
// a problem; the rest is still there, so that all problems are found at once.
func read(p plan.Syscalls, goarch string) *policy {
	r := &policy{
		goarch: goarch, origin: p.Origin,
		rules: map[string][]clause{}, named: map[string][]clause{}, grouped: map[string][]clause{},
		answers: map[string][]clause{}, baseline: baselineFor(goarch, p.NoCore),
	}
	r.def = r.action(p.Default, p.Origin, "default")
	r.readForeign(p)
	for i, rule := range p.Rules {
		r.readRule(rule, 1+len(p.Lists)+i)
	}
	together := groupsByAction(p.Lists)
	for i, list := range p.Lists {
		r.readList(list, 1+i, together[list.Action])
	}
	return r
}

func (r *policy) problem(origin int, summary, detail string) {
	r.problems = append(r.problems, Problem{Origin: origin, Summary: summary, Detail: detail})
}

// err gives the problems that keep the policy from being compiled.
func (r *policy) err() error {
	var errs []error
	for _, p := range r.problems {
		if !p.Warning {
			errs = append(errs, fmt.Errorf("%s: %s", p.Summary, p.Detail))
		}
	}
	return errors.Join(errs...)
}

func (r *policy) action(text string, origin int, where string) Action {
	a, err := ParseAction(text)
	if err != nil {
		r.problem(origin, "unknown action in "+where, err.Error())
		return Kill
	}
	return a
}

// readForeign reads the action for calls of another ABI. It must not permit
// them: they have numbers of their own, which this filter does not know.
func (r *policy) readForeign(p plan.Syscalls) {
	r.foreign = Kill
	if p.ForeignABI == "" {
		return
	}
	before := len(r.problems)
	defer func() {
		for i := range r.problems[before:] {
			r.problems[before+i].Attribute = "foreign_abi"
		}
	}()
	r.foreign = r.action(p.ForeignABI, p.Origin, "foreign_abi")
	if r.foreign.Permits() {
		r.problem(p.Origin, "foreign_abi must refuse",
			fmt.Sprintf("%q would let calls of another ABI past every rule: write kill, trap or errno:NAME", p.ForeignABI))
		r.foreign = Kill
	}
}

func (r *policy) readRule(rule plan.SyscallRule, line int) {
	call, ok := table.Find(rule.Call)
	if !ok {
		r.problem(rule.Origin, "unknown system call in rule", unknownCall(rule.Call))
		return
	}
	c := clause{when: rule.When, by: ByRule, origin: rule.Origin, line: line}
	c.action = r.action(rule.Action, rule.Origin, fmt.Sprintf("rule %q", rule.Call))
	if rule.When != "" {
		var err error
		if c.expr, err = condition.Parse(rule.When, r.goarch, call); err != nil {
			r.problem(rule.Origin, fmt.Sprintf("bad condition in rule %q", rule.Call), conditionDetail(err))
			return
		}
	}
	r.rules[rule.Call] = append(r.rules[rule.Call], c)
}

// readList reads one list; with are the groups of all lists of its action.
func (r *policy) readList(list plan.SyscallList, line int, with map[string]bool) {
	action := r.action(list.Action, list.Origin, "list")
	for _, name := range list.Names {
		if name == "" || name[0] != '@' {
			if _, ok := table.Find(name); !ok {
				r.problem(list.Origin, "unknown system call", unknownCall(name))
				continue
			}
			r.named[name] = append(r.named[name], clause{action: action, by: ByName, origin: list.Origin, line: line})
			continue
		}
		group, ok := findGroup(name)
		if !ok {
			r.problem(list.Origin, "unknown group of system calls", unknownGroup(name))
			continue
		}
		for _, m := range group.expand(with) {
			r.addMember(group, m, clause{action: action, by: ByGroup, origin: list.Origin, line: line})
		}
	}
}

// addMember adds one member of a group. An answer of its own counts only where
// the group is permitted: denied, the group is denied as a whole.
func (r *policy) addMember(g *Group, m Member, c clause) {
	c.when, c.detail = m.When, g.Name
	if m.When != "" {
		c.expr = mustParse(m.When, r.goarch, m.Call)
	}
	if m.Answer != "" && c.action.Permits() {
		c.action = mustAction(m.Answer)
		r.answers[m.Call] = append(r.answers[m.Call], c)
		return
	}
	r.grouped[m.Call] = append(r.grouped[m.Call], c)
}

// mentions says whether any line speaks of the call; else the default decides.
func (r *policy) mentions(call string) bool {
	for _, lines := range []map[string][]clause{r.rules, r.named, r.grouped, r.answers, r.baseline} {
		if len(lines[call]) > 0 {
			return true
		}
	}
	return false
}

// clauses is the order of precedence: the profile's rules in their order, lists
// that name the call, lists that name a group together with husk's baseline
// (the stricter of the two wins), the default; and whatever of it permits the
// call permits all but what nothing lifts.
func (r *policy) clauses(call string) []clause {
	lines := append([]clause(nil), r.rules[call]...)
	if named := strictestFirst(r.named[call]); len(named) > 0 {
		if named[0].action.Permits() {
			lines = append(lines, r.refusals(call, LiftByRule)...)
		}
		lines = append(lines, named[0])
	} else {
		lines = append(lines, r.unnamed(call)...)
	}
	var out []clause
	for _, c := range reachable(lines) {
		if c.action.Permits() {
			for _, b := range r.refusals(call, LiftNever) {
				out = append(out, both(b, c))
			}
		}
		out = append(out, c)
	}
	return out
}

// unnamed gives the clauses of a call that no list names by itself.
func (r *policy) unnamed(call string) []clause {
	var out, permitted []clause
	for _, c := range strictestFirst(r.grouped[call]) {
		if c.action.Permits() {
			permitted = append(permitted, c)
		} else {
			out = append(out, c)
		}
	}
	refused := append(r.refusals(call, LiftByName), r.refusals(call, LiftByRule)...)
	switch {
	case r.def.rank() <= errnoBase.rank():
		out = append(out, refused...)
	default:
		// The default is stricter than the baseline. Where a group permits the
		// call, the baseline's milder answer stands; elsewhere the default.
		for _, b := range refused {
			for _, p := range permitted {
				out = append(out, both(b, p))
			}
		}
	}
	out = append(out, permitted...)
	out = append(out, r.answers[call]...)
	return append(out, clause{action: r.def, by: ByDefault, origin: r.origin})
}

// both gives the baseline's line b where p's condition holds too.
func both(b, p clause) clause {
	switch {
	case p.expr == nil:
	case b.expr == nil:
		b.expr, b.when = p.expr, p.when
	default:
		b.expr = condition.And{X: p.expr, Y: b.expr}
		b.when = "(" + p.when + ") && (" + b.when + ")"
	}
	return b
}

func (r *policy) refusals(call string, l Lift) (out []clause) {
	for _, c := range r.baseline[call] {
		if c.lift == l {
			out = append(out, c)
		}
	}
	return out
}

// strictestFirst sorts by strictness; equally strict ones keep their order.
func strictestFirst(clauses []clause) []clause {
	out := append([]clause(nil), clauses...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].action.rank() > out[j].action.rank() })
	return out
}

// reachable cuts the clauses after the first one without a condition.
func reachable(clauses []clause) []clause {
	for i, c := range clauses {
		if c.expr == nil {
			return clauses[:i+1]
		}
	}
	return clauses
}

// unknownAction is for numbers without a name. A call that is newer than the
// tables is refused as an older kernel would, wherever the default permits what
// is not named: nobody has judged it.
func (r *policy) unknownAction() Action {
	if r.def.Permits() {
		return mustAction("errno:ENOSYS")
	}
	return r.def
}

// mustParse reads a condition of husk's own tables, which a test has read for
// every architecture.
func mustParse(text, goarch, call string) condition.Expr {
	c, ok := table.Find(call)
	if !ok {
		panic("seccomp: the table has no call " + call)
	}
	e, err := condition.Parse(text, goarch, c)
	if err != nil {
		panic("seccomp: " + call + ": " + text + ": " + err.Error())
	}
	return e
}

func mustAction(text string) Action {
	if text == answerDone {
		return ErrnoAction(0)
	}
	a, err := ParseAction(text)
	if err != nil {
		panic("seccomp: " + err.Error())
	}
	return a
}
