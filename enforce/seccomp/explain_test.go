package seccomp_test

import (
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
)

func explain(t *testing.T, p plan.Syscalls, call string) seccomp.Verdict {
	t.Helper()
	p.Arch = "amd64"
	v, err := seccomp.Explain(p, call)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestExplainGivesTheOrder(t *testing.T) {
	t.Parallel()
	p := plan.Syscalls{
		Default: "allow", Origin: 1,
		Rules: []plan.SyscallRule{
			{Call: "socket", When: "arg0 == AF_VSOCK", Action: "allow", Origin: 2},
			{Call: "socket", When: "arg0 == AF_INET6", Action: "kill", Origin: 3},
			{Call: "ioctl", Action: "allow", Origin: 8},
		},
		Lists: []plan.SyscallList{
			list("errno:EPERM", 4, "@keyring", "@debug"), list("allow", 5, "keyctl", "ptrace"),
			list("trap", 6, "ptrace"), list("log", 7, "@file-system"),
		},
	}
	for call, want := range map[string]string{
		"socket": "allow rule 2; kill rule 3; errno:EAFNOSUPPORT husk's baseline -1; errno:EPROTONOSUPPORT husk's baseline -1; errno:EPROTONOSUPPORT husk's baseline -1; allow default 1",
		"keyctl": "allow list 5", "add_key": "errno:EPERM group 4", "ptrace": "trap list 6", "unlink": "log group 7",
		"chmod": "errno:EPERM husk's baseline -1; log group 7", "openat2": "errno:ENOSYS husk's baseline -1",
		"read": "allow default 1", "mount": "errno:EPERM husk's baseline -1", "ioctl": "errno:EPERM husk's baseline -1; allow rule 8",
	} {
		var got []string
		for _, c := range explain(t, p, call).Cases {
			got = append(got, c.Action+" "+c.By.String()+" "+itoa(c.Origin))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %s, want %s", call, strings.Join(got, "; "), want)
		}
	}
}

func itoa(n int) string {
	if n < 0 {
		return "-1"
	}
	return string(rune('0' + n))
}

// lift gives what lifts the first refusal of a call that anything can lift.
func lift(v seccomp.Verdict) string {
	for _, c := range v.Cases {
		if lift := v.Lift(c); lift != "" {
			return lift
		}
	}
	return ""
}

func TestExplainLift(t *testing.T) {
	t.Parallel()
	base := plan.Syscalls{Default: "allow"}
	for _, c := range []struct {
		policy plan.Syscalls
		call   string
		want   string
	}{
		{base, "read", ""},
		{base, "keyctl", `allow = ["keyctl"]`},
		{base, "clone3", `rule "clone3" { action = "allow" }`},
		{base, "socket", `rule "socket" { action = "allow" }`},
		{base, "ioctl", `rule "ioctl" { action = "allow" }`},
		{setPolicy("kill"), "openat", `allow = ["openat"]`},
		{plan.Syscalls{Default: "kill"}, "openat", `allow = ["openat"]`},
		{plan.Syscalls{Default: "allow", Lists: []plan.SyscallList{list("kill", 0, "ptrace")}}, "ptrace", ""},
		{plan.Syscalls{Default: "allow", Rules: []plan.SyscallRule{{Call: "ptrace", Action: "kill"}}}, "ptrace", ""},
		{plan.Syscalls{Default: "allow", Rules: []plan.SyscallRule{{Call: "ioctl", Action: "allow"}}}, "ioctl", ""},
	} {
		if got := lift(explain(t, c.policy, c.call)); got != c.want {
			t.Errorf("%s under %+v: %q, want %q", c.call, c.policy, got, c.want)
		}
	}
}

// What Lift says works.
func TestLiftLifts(t *testing.T) {
	t.Parallel()
	for _, line := range seccomp.Baseline() {
		if line.Lift == seccomp.LiftNever {
			continue
		}
		p := plan.Syscalls{Default: "allow"}
		switch lift := lift(explain(t, p, line.Call)); {
		case explain(t, p, line.Call).Number < 0:
			continue
		case strings.HasPrefix(lift, "rule"):
			p.Rules = []plan.SyscallRule{{Call: line.Call, Action: "allow"}}
		case strings.HasPrefix(lift, "allow"):
			p.Lists = []plan.SyscallList{list("allow", 0, line.Call)}
		default:
			t.Errorf("%s: nothing lifts it", line.Call)
		}
		v := explain(t, p, line.Call)
		if last := v.Cases[len(v.Cases)-1]; !last.Permits() {
			t.Errorf("%s stays refused: %s", line.Call, last)
		}
		for _, c := range v.Cases[:len(v.Cases)-1] {
			if line.Call != "ioctl" || !strings.Contains(c.When, "TIOCSTI") {
				t.Errorf("%s stays refused: %s", line.Call, c)
			}
		}
	}
}

func TestExplainRefuses(t *testing.T) {
	t.Parallel()
	if _, err := seccomp.Explain(plan.Syscalls{Default: "allow"}, "raed"); err == nil || !strings.Contains(err.Error(), `did you mean "read"?`) {
		t.Errorf("a misspelt call: %v", err)
	}
	if _, err := seccomp.Explain(plan.Syscalls{}, "read"); err == nil {
		t.Error("a policy without a default is explained")
	}
	v := explain(t, plan.Syscalls{Default: "allow"}, "mmap2")
	if _, ok := v.For([6]uint64{}); ok || v.Number != -1 || len(v.Cases) != 0 {
		t.Errorf("a call that x86-64 lacks: %+v", v)
	}
}

func TestVerdictSentences(t *testing.T) {
	t.Parallel()
	v := explain(t, plan.Syscalls{Default: "allow"}, "setns")
	if got := v.Cases[0].String(); !strings.HasPrefix(got, "errno:EPERM, by husk's baseline: ") {
		t.Errorf("setns: %s", got)
	}
	v = explain(t, setPolicy("kill", "@buffer"), "socket")
	c, ok := v.For([6]uint64{1})
	if got := c.String(); !ok || got != "allow where arg0 == AF_UNIX, by group @buffer" {
		t.Errorf("socket(AF_UNIX) under @buffer: %s", got)
	}
	if c, _ := v.For([6]uint64{2}); c.String() != "kill, by default" {
		t.Errorf("socket(AF_INET) under @buffer: %s", c)
	}
}
