package seccomp

import (
	"fmt"
	"slices"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// auditArch is what struct seccomp_data holds for a call of goarch's own ABI
// (AUDIT_ARCH_*, linux/audit.h). x32 calls have x86-64's value.
var auditArch = map[string]uint32{"amd64": 0xc000003e, "arm64": 0xc00000b7}

// x32Bit marks the numbers of x32 calls (__X32_SYSCALL_BIT, asm/unistd.h).
const x32Bit = 0x40000000

// noCall is the number -1, with which a tracer skips a call; it has the x32 bit
// but is no x32 call.
const noCall = 0xffffffff

// Compile gives the policy with Arch, Program and, where a line of it logs,
// LogProgram filled in, for goarch (amd64 or arm64). It fails where the policy has an error that [Checker] reports, and
// with a [*filter.TooLongError] where the filter is longer than the kernel
// takes.
func Compile(p plan.Syscalls, goarch string) (plan.Syscalls, error) {
	if _, ok := auditArch[goarch]; !ok {
		return plan.Syscalls{}, fmt.Errorf("no system call filter can be made for %q: husk knows %v", goarch, table.Architectures())
	}
	r := read(p, goarch)
	if err := r.err(); err != nil {
		return plan.Syscalls{}, err
	}
	p.Arch, p.LogProgram = goarch, nil
	program, err := r.compile(answer)
	if err != nil {
		return plan.Syscalls{}, err
	}
	p.Program = filter.Encode(program)
	if !p.Logs() {
		return p, nil
	}
	if program, err = r.compile(notifyLogged); err != nil {
		return plan.Syscalls{}, err
	}
	p.LogProgram = filter.Encode(program)
	return p, nil
}

// answer is what the policy's own filter returns where a line decides.
func answer(action Action, _ int) uint32 { return uint32(action) }

// notifyLogged is what the filter beside it returns that hands logged calls to
// the waiting parent: a notification where the policy logs, with the line's
// number in the bits that the kernel doesn't look at; everywhere else nothing,
// since the stricter answer of the two holds (seccomp(2)).
func notifyLogged(action Action, line int) uint32 {
	switch {
	case action != Log:
		return uint32(Allow)
	case line > dataBits:
		line = dataBits
	}
	return uint32(Notify) | uint32(line)
}

// dataBits is SECCOMP_RET_DATA (linux/seccomp.h).
const dataBits = 0xffff

func (r *policy) compile(value func(Action, int) uint32) ([]filter.Instruction, error) {
	b := &filter.Builder{}
	foreign := b.Return(value(r.foreign, 0))
	unknown, unnamed := b.Return(value(r.unknownAction(), 0)), b.Return(value(r.def, 0))
	calls := table.ByNumber(r.goarch)
	segments := make([]filter.Segment, 0, len(calls)+1)
	for nr, call := range calls {
		node := unknown
		switch {
		case call == nil:
		case r.mentions(call.Name):
			node = decide(b, r.clauses(call.Name), value)
		default:
			node = unnamed
		}
		segments = append(segments, filter.Segment{From: uint32(nr), Node: node})
	}
	segments = append(segments, filter.Segment{From: uint32(len(calls)), Node: unknown})
	search := b.Search(segments)
	if r.goarch == "amd64" {
		abi := b.Branch(filter.Equal, noCall, unknown, foreign)
		search = b.Branch(filter.GreaterOrEqual, x32Bit, abi, search)
	}
	// The ABI is looked at first: every number after it is a number of goarch.
	start := b.Load(filter.OffsetArch,
		b.Branch(filter.Equal, auditArch[r.goarch], b.Load(filter.OffsetNumber, search), foreign))
	return b.Assemble(start)
}

// decide gives the code for a call's clauses. Without conditions it is a single
// return: no argument is loaded, and the kernel keeps the answer in its
// per-call cache (seccomp_cache_prepare, kernel/seccomp.c).
func decide(b *filter.Builder, clauses []clause, value func(Action, int) uint32) filter.Node {
	next := filter.Node(-1)
	for _, c := range slices.Backward(clauses) {
		action := b.Return(value(c.action, c.line))
		if c.expr == nil {
			next = action
			continue
		}
		next = lower(b, c.expr, action, next)
	}
	return next
}
