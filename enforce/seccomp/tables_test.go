package seccomp_test

import (
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/condition"
	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
	"github.com/husk-sandbox/husk/enforce/seccomp/simulator"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// Every name, condition and action of husk's own tables can be read, for every
// architecture.
func TestOwnTables(t *testing.T) {
	t.Parallel()
	readable := func(where, call, when, action string) {
		c, ok := table.Find(call)
		if !ok {
			t.Errorf("%s: no call %q", where, call)
			return
		}
		for _, goarch := range table.Architectures() {
			if when == "" {
				continue
			}
			if _, err := condition.Parse(when, goarch, c); err != nil {
				t.Errorf("%s: %s: %q: %v", where, call, when, err)
			}
		}
		if action == "" {
			return
		}
		if _, err := seccomp.ParseAction(action); err != nil {
			t.Errorf("%s: %s: %v", where, call, err)
		}
	}
	for _, line := range seccomp.CoreRefusals() {
		readable("no core", line.Call, line.When, "")
	}
	for _, line := range seccomp.Baseline() {
		readable("baseline", line.Call, line.When, line.Action)
		if line.Why == "" {
			t.Errorf("the baseline refuses %s without a reason", line.Call)
		}
	}
	groups := map[string]bool{}
	for _, g := range seccomp.Groups() {
		if groups[g.Name] || !strings.HasPrefix(g.Name, "@") || g.Summary == "" {
			t.Errorf("group %q: %q", g.Name, g.Summary)
		}
		groups[g.Name] = true
	}
	for _, g := range seccomp.Groups() {
		for _, name := range strings.Fields(g.Calls) {
			if strings.HasPrefix(name, "@") {
				if !groups[name] {
					t.Errorf("%s holds %s, which is no group", g.Name, name)
				}
				continue
			}
			readable(g.Name, name, "", "")
		}
		for _, m := range g.Members {
			readable(g.Name, m.Call, m.When, m.Answer)
			for _, with := range strings.Fields(m.With) {
				if !groups[with] {
					t.Errorf("%s: %s needs %s, which is no group", g.Name, m.Call, with)
				}
			}
		}
		if len(g.Expand([]string{g.Name})) == 0 {
			t.Errorf("%s is empty", g.Name)
		}
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]seccomp.Action{
		"allow": 0x7fff0000, "log": 0x7ffc0000, "notify": 0x7fc00000, "trap": 0x30000, "kill": 0x80000000,
		"errno:EPERM": 0x50001, "errno:ENOSYS": 0x50026,
	} {
		got, err := seccomp.ParseAction(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s is %#x (%s), %v", text, uint32(got), got, err)
		}
		if got.Permits() != (text == "allow" || text == "log" || text == "notify") {
			t.Errorf("%s permits: %v", text, got.Permits())
		}
	}
	for _, text := range []string{"", "deny", "errno", "errno:", "errno:1", "errno:NOPE", "Allow"} {
		if _, err := seccomp.ParseAction(text); err == nil {
			t.Errorf("%q is taken for an action", text)
		}
	}
}

// Calls that are simply permitted load no argument, so that the kernel's
// per-call cache answers them; and no filter is long.
func TestPlainCallsLoadNoArguments(t *testing.T) {
	t.Parallel()
	argued := map[string]bool{}
	for _, line := range seccomp.Baseline() {
		argued[line.Call] = argued[line.Call] || line.When != ""
	}
	for goarch, audit := range map[string]uint32{"amd64": 0xc000003e, "arm64": 0xc00000b7} {
		p, err := seccomp.Compile(plan.Syscalls{Default: "allow", ForeignABI: "kill"}, goarch)
		if err != nil {
			t.Fatal(err)
		}
		program, err := filter.Decode(p.Program)
		if err != nil {
			t.Fatal(err)
		}
		if p.Arch != goarch || len(program) > 180 {
			t.Errorf("the baseline for %s: arch %q, %d instructions", goarch, p.Arch, len(program))
		}
		for nr, call := range table.ByNumber(goarch) {
			if call == nil {
				continue
			}
			r, err := simulator.Run(program, simulator.Data{Number: int32(nr), Arch: audit})
			if err != nil {
				t.Fatal(err)
			}
			if r.LoadedArgs != argued[call.Name] {
				t.Errorf("%s on %s: loads arguments: %v", call.Name, goarch, r.LoadedArgs)
			}
			if r.Executed > 25 {
				t.Errorf("%s on %s takes %d instructions", call.Name, goarch, r.Executed)
			}
		}
	}
}

func TestCompileIsDeterministic(t *testing.T) {
	t.Parallel()
	p := setPolicy("kill", "@system-service", "@pledge-stdio", "@buffer")
	first, err := seccomp.Compile(p, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := seccomp.Compile(p, "amd64")
		if err != nil || string(again.Program) != string(first.Program) {
			t.Fatalf("another program from the same policy (%v)", err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, c := range []struct {
		name   string
		policy plan.Syscalls
	}{
		{"baseline", plan.Syscalls{Default: "allow", ForeignABI: "kill"}},
		{"service", setPolicy("errno:EPERM", "@system-service")},
		{"reader", setPolicy("kill", "@start-dynamic", "@pledge-stdio", "@pledge-rpath")},
		{"computation", setPolicy("kill", "@computation", "@start-static")},
		{"buffer", setPolicy("trap", "@buffer")},
		{"network", setPolicy("kill", "@network")},
	} {
		for _, goarch := range table.Architectures() {
			b.Run(c.name+"/"+goarch, func(b *testing.B) {
				for b.Loop() {
					p, err := seccomp.Compile(c.policy, goarch)
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(p.Program)/filter.InstructionSize), "instructions")
				}
			})
		}
	}
}
