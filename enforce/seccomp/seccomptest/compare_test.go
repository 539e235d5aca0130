package seccomptest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

func allow(def string, names ...string) plan.Syscalls {
	return plan.Syscalls{Default: def, ForeignABI: "kill", Lists: []plan.SyscallList{{Action: "allow", Names: names}}}
}

// policies are the ones that the documentation shows, and every group.
func policies() map[string]plan.Syscalls {
	out := map[string]plan.Syscalls{
		"baseline": {Default: "allow", ForeignABI: "kill"},
		"logging":  {Default: "log", ForeignABI: "errno:ENOSYS"},
		"logging some": {Default: "allow", ForeignABI: "kill", Lists: []plan.SyscallList{
			{Action: "log", Names: []string{"@network-io", "keyctl", "ptrace"}}, {Action: "kill", Names: []string{"ptrace"}},
			{Action: "log", Names: []string{"@keyring", "@pledge-stdio"}},
		}, Rules: []plan.SyscallRule{
			{Call: "socket", When: "arg0 == AF_UNIX", Action: "allow"}, {Call: "socket", When: "arg0 == AF_INET6", Action: "log"},
			{Call: "ioctl", When: "arg1 == TIOCSTI", Action: "log"}, {Call: "lseek", Action: "log"},
		}},
		"logging the rest": {Default: "log", ForeignABI: "kill", Lists: []plan.SyscallList{
			{Action: "allow", Names: []string{"@start-dynamic", "@pledge-stdio"}}, {Action: "kill", Names: []string{"@mount"}}}},
		"no core":        {Default: "allow", ForeignABI: "kill", NoCore: true},
		"no core, kill":  {Default: "kill", NoCore: true, Lists: []plan.SyscallList{{Action: "allow", Names: []string{"@system-service", "prlimit64"}}}},
		"nothing":        {Default: "kill"},
		"nothing, trap":  {Default: "trap", ForeignABI: "trap"},
		"nothing, errno": {Default: "errno:EPERM", ForeignABI: "kill"},
		"service":        allow("errno:EPERM", "@system-service"),
		"service, kill":  allow("kill", "@system-service", "seccomp"),
		"computation":    allow("kill", "@computation", "@start-static"),
		"buffer":         allow("trap", "@buffer"),
		"network":        allow("kill", "@network"),
		"reader":         allow("kill", "@start-dynamic", "@pledge-stdio", "@pledge-rpath"),
		"editor":         allow("errno:EPERM", "@pledge-stdio", "@pledge-rpath", "@pledge-wpath", "@pledge-cpath", "@pledge-fattr", "@pledge-tty"),
		"by name":        allow("allow", "clone", "clone3", "mount", "ioctl", "socket", "keyctl", "open", "openat", "openat2", "chmod", "fchmodat2", "mknodat"),
		"denied group": {Default: "allow", ForeignABI: "kill", Lists: []plan.SyscallList{
			{Action: "errno:EPERM", Names: []string{"@mount", "@keyring", "ptrace"}},
			{Action: "errno:ENOSYS", Names: []string{"clone3", "@pledge-inet"}},
			{Action: "allow", Names: []string{"keyctl", "@file-system"}},
		}},
	}
	for _, g := range seccomp.Groups() {
		out["allow "+g.Name] = allow("kill", g.Name)
		out["log "+g.Name] = plan.Syscalls{Default: "errno:EPERM", ForeignABI: "kill", Lists: []plan.SyscallList{{Action: "log", Names: []string{g.Name}}}}
		out["deny "+g.Name] = plan.Syscalls{Default: "allow", Lists: []plan.SyscallList{{Action: "errno:EACCES", Names: []string{g.Name}}}}
	}
	return out
}

func TestFiltersEqualTheReference(t *testing.T) {
	t.Parallel()
	for name, p := range policies() {
		for _, goarch := range table.Architectures() {
			length, err := Compare(p, goarch, 1)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if length > 1500 {
				t.Errorf("%s on %s has %d instructions", name, goarch, length)
			}
		}
	}
}

var randomActions = []string{"allow", "log", "notify", "errno:EPERM", "errno:ENOSYS", "trap", "kill"}

var randomCalls = []string{"read", "write", "openat", "socket", "ioctl", "clone", "clone3", "mmap", "lseek", "fcntl", "unshare", "keyctl", "sendto", "personality", "chmod", "kill"}

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// randomCondition makes a condition over the arguments that the call has.
func randomCondition(r *rand.Rand, call table.Call, depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		x, y := randomCondition(r, call, depth-1), randomCondition(r, call, depth-1)
		switch r.IntN(3) {
		case 0:
			return "(" + x + ") && (" + y + ")"
		case 1:
			return x + " || " + y
		}
		return "!(" + x + ")"
	}
	n := r.IntN(len(call.Types))
	typ, _ := call.Arg(n)
	top := uint64(1)<<(typ.Bits()-1) - 1
	value := func() string { return fmt.Sprint(interesting[r.IntN(30)] & top) }
	if typ.Signed() && r.IntN(3) == 0 {
		value = func() string { return fmt.Sprint(-1 - int64(interesting[r.IntN(30)]&top)) }
	}
	if typ.Bits() == 64 && r.IntN(3) == 0 {
		value = func() string { return fmt.Sprint(interesting[r.IntN(len(interesting))] & top) }
	}
	switch r.IntN(4) {
	case 0:
		return fmt.Sprintf("arg%d %s %s", n, pick(r, []string{"==", "!="}), value())
	case 1:
		return fmt.Sprintf("arg%d & %d == 0", n, 1+interesting[r.IntN(40)]&top>>1)
	case 2:
		return fmt.Sprintf("arg%d %s [%s, %s, %s]", n, pick(r, []string{"in", "not in"}), value(), value(), value())
	}
	return fmt.Sprintf("arg%d %s %s", n, pick(r, []string{"<", "<=", ">", ">="}), value())
}

func randomPolicy(r *rand.Rand) plan.Syscalls {
	p := plan.Syscalls{Default: pick(r, randomActions), ForeignABI: pick(r, []string{"", "kill", "trap", "errno:ENOSYS"})}
	groups := seccomp.Groups()
	for range r.IntN(6) {
		list := plan.SyscallList{Action: pick(r, randomActions)}
		for range 1 + r.IntN(4) {
			if r.IntN(2) == 0 {
				list.Names = append(list.Names, pick(r, groups).Name)
			} else {
				list.Names = append(list.Names, pick(r, randomCalls))
			}
		}
		p.Lists = append(p.Lists, list)
	}
	for range r.IntN(8) {
		name := pick(r, randomCalls)
		call, _ := table.Find(name)
		rule := plan.SyscallRule{Call: name, Action: pick(r, randomActions)}
		if r.IntN(8) > 0 {
			rule.When = randomCondition(r, call, 3)
		}
		p.Rules = append(p.Rules, rule)
	}
	return p
}

func TestRandomPolicies(t *testing.T) {
	t.Parallel()
	compared := 0
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := randomPolicy(r)
		goarch := pick(r, table.Architectures())
		if _, err := seccomp.Compile(p, goarch); err != nil {
			// A random comparison may be one that never holds, which is refused.
			continue
		}
		compared++
		if _, err := Compare(p, goarch, seed); err != nil {
			t.Fatalf("seed %d, policy %+v: %v", seed, p, err)
		}
	}
	if compared < 60 {
		t.Errorf("only %d random policies could be compared", compared)
	}
}

// A long policy needs jumps of more than 255 instructions.
func TestLongFilters(t *testing.T) {
	t.Parallel()
	p := plan.Syscalls{Default: "kill"}
	for i := range 600 {
		p.Rules = append(p.Rules, plan.SyscallRule{
			Call: "fcntl", Action: pick(rand.New(rand.NewPCG(uint64(i), 3)), randomActions),
			When: fmt.Sprintf("arg1 == %d && arg0 < %d", 0x5400+i, i+1),
		})
	}
	for i, name := range []string{"read", "write", "close", "mmap", "openat", "lseek"} {
		p.Rules = append(p.Rules, plan.SyscallRule{Call: name, Action: "allow", When: fmt.Sprintf("arg0 == %d", i)})
	}
	for _, goarch := range table.Architectures() {
		length, err := Compare(p, goarch, 4)
		if err != nil {
			t.Error(err)
		}
		if length < 1200 {
			t.Errorf("the filter for %s has %d instructions only: too short to be a test", goarch, length)
		}
	}
}
