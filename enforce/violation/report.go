package violation

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce"
	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/observe"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// report is what can be said of one call that a program ended at. Everything
// that is in the program is read when it is made.
type report struct {
	plan    *plan.Plan
	program string // as the kernel has it
	call    string // its name, or its number where no table has it
	text    string // with its arguments
	at      string // "libc.so.6+0x10fb67"
	foreign bool   // of another ABI
	number  int
	// What decides about it; no case where the policy can't be asked.
	verdict seccomp.Verdict
	decided seccomp.Case
	known   bool
}

// foreignNumbers is where the numbers of x32 calls begin (__X32_SYSCALL_BIT).
const foreignNumbers = 0x40000000

func newReport(p *plan.Plan, call observe.Call, t *observe.Thread) *report {
	r := &report{plan: p, program: t.Name(), number: int(call.Number), call: strconv.FormatInt(call.Number, 10)}
	r.text, r.at = "call "+r.call, place(t, call.PC)
	if call.Arch != 0 && call.Arch != observe.NativeArch || call.Number >= foreignNumbers {
		r.foreign, r.text = true, r.text+" of another ABI"
		return r
	}
	goarch := p.Syscalls.Arch
	name, ok := table.Name(goarch, r.number)
	if !ok {
		return r
	}
	found, _ := table.Find(name)
	r.call, r.text = name, rendered(found, goarch, call.Args, t)
	if v, err := seccomp.Explain(p.Syscalls, name); err == nil {
		r.verdict = v
		r.decided, r.known = v.For(call.Args)
	}
	return r
}

// place names an address: by file and offset where it lies in one.
func place(t *observe.Thread, address uint64) string {
	file, offset := t.Place(address)
	if file == "" {
		return hex(address)
	}
	return file + "+" + hex(offset)
}

// Actions that end a program.
const (
	kill = "kill"
	trap = "trap"
)

// done is what each of them does to it.
var done = map[string]string{kill: audit.Killed, trap: audit.Trapped}

// action is what the policy does at the call.
func (r *report) action() string {
	switch {
	case r.foreign:
		return r.plan.Syscalls.ForeignABI
	case r.known:
		return r.decided.Action
	}
	return r.plan.Syscalls.Default
}

// ends says whether the profile is what ended the program: else it was a filter
// of the program's own, a signal that somebody sent, or another thread's call.
func (r *report) ends() bool { a := r.action(); return a == kill || a == trap }

// key is the same for what need not be told twice.
func (r *report) key() string { return r.program + "\x00" + r.call }

// rule is the line that decides: "file:line", "" for husk's own.
func (r *report) rule() string {
	index := r.plan.Syscalls.Origin
	if r.known {
		index = r.decided.Origin
	}
	if o, ok := r.plan.Origin(index); ok {
		return o.Place()
	}
	return ""
}

// tell prints it for a person.
func (r *report) tell() {
	text := fmt.Sprintf("%s was ended by SIGSYS: %s at %s is %s by profile %q", r.program, r.text, r.at, done[r.action()], r.plan.Profile)
	if rule := r.rule(); rule != "" {
		text += " (" + rule + ")"
	}
	enforce.Say(text)
	enforce.Hint(r.hint())
}

// lift is the HCL that permits the call, "" where a line has to be changed.
func (r *report) lift() string {
	if !r.known {
		return ""
	}
	return r.verdict.Lift(r.decided)
}

// hint says what to write.
func (r *report) hint() string {
	if r.foreign {
		return `use a 64-bit build of the program, or answer such calls with an error: foreign_abi = "errno:ENOSYS"`
	}
	if !r.known {
		return "husk knows no call of that number, and so none that a profile could name"
	}
	more := fmt.Sprintf("husk why %s syscall %s says more", r.plan.Profile, r.call)
	if lift := r.lift(); lift != "" {
		where := fmt.Sprintf("in profile %q: syscalls { %s }", r.plan.Profile, lift)
		if strings.HasPrefix(lift, "rule ") { // HCL has no block in a block of one line
			where = fmt.Sprintf("in the syscalls block of profile %q: %s", r.plan.Profile, lift)
		}
		return fmt.Sprintf("to permit it, write %s, or a rule for the arguments that it needs; %s", where, more)
	}
	switch r.decided.By {
	case seccomp.ByRule:
		return "to permit it, change that rule, or put one before it that permits these arguments; " + more
	case seccomp.ByName:
		return fmt.Sprintf("to permit it, take %q out of %s there, or write in the syscalls block of profile %q: %s, with the arguments that it needs; %s",
			r.call, r.action(), r.plan.Profile, r.verdict.Rule(), more)
	}
	return more
}

// event is the entry of the audit log.
func (r *report) event() audit.Event {
	return audit.Event{Kind: audit.Syscall, Verdict: audit.Denied, Reason: done[r.action()], Name: r.call,
		Program: r.program, Call: r.text, At: r.at, Rule: r.rule(), Lift: r.lift()}
}
