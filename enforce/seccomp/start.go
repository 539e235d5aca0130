package seccomp

import (
	"fmt"
	"strings"

	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// need is a call that the start of a program makes, with arguments as it is
// made. Values are for both architectures.
type need struct {
	call string
	args [6]uint64
	// tolerant says that an error is coped with; killing is not.
	tolerant bool
	// or is what another libc, or another version of it, makes instead. One of the
	// two is enough: a list may come from a trace.
	or *need
}

// anywhere stands for a pointer in the samples.
const anywhere = 0x7f5500001000

// The flags of the samples (asm-generic/mman-common.h, fcntl.h, asm/prctl.h).
const (
	protRead   = 1
	protExec   = 4
	mapPrivate = 2
	mapAnon    = 0x20
	cloexec    = 0x80000
	cwdFD      = 0xffffff9c // AT_FDCWD as an int
	emptyPath  = 0x1000
	archSetFS  = 0x1002
)

// The needs of glibc's and musl's start-up code, seen in traces of both.
var (
	execNeeds = []need{{call: "execve", args: [6]uint64{anywhere, anywhere, anywhere}}}

	commonNeeds = []need{
		{call: "arch_prctl", args: [6]uint64{archSetFS, anywhere}},
		{call: "exit_group"},
		{call: "brk", tolerant: true},
		{call: "set_tid_address", args: [6]uint64{anywhere}, tolerant: true},
		{call: "set_robust_list", args: [6]uint64{anywhere, 24}, tolerant: true},
		{call: "rseq", args: [6]uint64{anywhere, 32, 0, 0x53053053}, tolerant: true},
		{call: "prlimit64", args: [6]uint64{0, 3, 0, anywhere}, tolerant: true},
		{call: "getrandom", args: [6]uint64{anywhere, 8, 1}, tolerant: true},
		{call: "mprotect", args: [6]uint64{anywhere, 0x4000, protRead}, tolerant: true},
	}

	// A static program asks by itself where it lies.
	staticNeeds = []need{
		{call: "readlinkat", args: [6]uint64{cwdFD, anywhere, anywhere, 4096}, tolerant: true},
	}

	dynamicNeeds = []need{
		{call: "openat", args: [6]uint64{cwdFD, anywhere, cloexec}},
		{call: "read", args: [6]uint64{3, anywhere, 832}},
		{call: "newfstatat", args: [6]uint64{3, anywhere, anywhere, emptyPath}, or: &need{call: "fstat", args: [6]uint64{3, anywhere}}},
		{call: "mmap", args: [6]uint64{anywhere, 0x1000, protRead | protExec, mapPrivate, 3}},
		{call: "mmap", args: [6]uint64{0, 0x1000, protRead, mapPrivate | mapAnon, ^uint64(0)}},
		{call: "mprotect", args: [6]uint64{anywhere, 0x4000, protRead}},
		{call: "close", args: [6]uint64{3}},
		{call: "pread64", args: [6]uint64{3, anywhere, 784, 64}, tolerant: true},
		{call: "faccessat", args: [6]uint64{cwdFD, anywhere, 4}, tolerant: true, or: &need{call: "access", args: [6]uint64{anywhere, 4}}},
		{call: "munmap", args: [6]uint64{anywhere, 0x1000}, tolerant: true},
	}
)

// missing gives the needs that the policy does not meet: "openat (kill)".
func (r *policy) missing(needs []need) []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range needs {
		if gone := r.unmet(n); gone != "" && !seen[gone] {
			seen[gone] = true
			out = append(out, gone)
		}
	}
	return out
}

// unmet gives the call with what it gets, "" where the policy meets the need or
// the architecture has no such call.
func (r *policy) unmet(n need) string {
	call, ok := table.Find(n.call)
	if !ok {
		panic("seccomp: the table has no call " + n.call)
	}
	c, exists := r.verdict(call).For(n.args)
	if !exists || c.Permits() || n.tolerant && strings.HasPrefix(c.Action, "errno:") {
		return ""
	}
	text := fmt.Sprintf("%s (%s)", n.call, c.Action)
	if n.or == nil {
		return text
	}
	other := *n.or
	other.tolerant = n.tolerant
	if called, ok := table.Find(other.call); ok {
		if _, exists := called.Number(r.goarch); !exists {
			return text
		}
	}
	gone := r.unmet(other)
	if gone == "" {
		return ""
	}
	return text + " or " + gone
}

// checkStart finds policies under which no program, or no dynamically linked
// one, comes as far as its main function. The filter is loaded before execve,
// so it must permit that and all that follows. What static programs alone need is
// not asked for where dynamically linked ones start: the list is for those.
func (r *policy) checkStart() {
	if gone := r.missing(execNeeds); len(gone) > 0 {
		r.problem(r.origin, "the filter refuses to start the program",
			`execve itself is refused: add "@start-static" or "@start-dynamic" to allow`)
		return
	}
	dynamic := r.missing(dynamicNeeds)
	gone := r.missing(commonNeeds)
	if len(dynamic) > 0 {
		gone = append(gone, r.missing(staticNeeds)...)
	}
	if len(gone) > 0 {
		r.warn(r.origin, "no program gets through its start-up code",
			fmt.Sprintf(`refused: %s; add "@start-static" to allow, or "@start-dynamic" for a dynamically linked program`, strings.Join(gone, ", ")))
		return
	}
	if len(dynamic) > 0 {
		r.warn(r.origin, "a dynamically linked program does not start",
			fmt.Sprintf(`its loader is refused: %s; add "@start-dynamic" to allow, or start static programs only`, strings.Join(dynamic, ", ")))
	}
}
