package violation

import (
	"runtime"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/observe"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// What a policy says about a call decides whether it is told of, and what is to
// be written.
func TestReport(t *testing.T) {
	list := func(action string, names ...string) plan.Syscalls {
		return plan.Syscalls{Default: "allow", ForeignABI: "kill", Arch: runtime.GOARCH, Lists: []plan.SyscallList{{Action: action, Names: names}}}
	}
	rule := list("deny", "acct")
	rule.Lists = nil
	rule.Rules = []plan.SyscallRule{{Call: "socket", When: "arg0 == AF_INET", Action: "trap"}}
	byDefault := plan.Syscalls{Default: "kill", ForeignABI: "errno:ENOSYS", Arch: runtime.GOARCH}
	number := func(name string) int64 {
		c, _ := table.Find(name)
		nr, _ := c.Number(runtime.GOARCH)
		return int64(nr)
	}
	for name, c := range map[string]struct {
		policy plan.Syscalls
		call   observe.Call
		ends   bool
		text   string
		hint   string
	}{
		"list":           {list("kill", "acct"), observe.Call{Number: number("acct")}, true, "acct(NULL)", `take "acct" out of kill there`},
		"group":          {list("trap", "@swap"), observe.Call{Number: number("swapoff")}, true, "swapoff(NULL)", `syscalls { allow = ["swapoff"] }`},
		"another":        {list("kill", "acct"), observe.Call{Number: number("getpid")}, false, "getpid()", ""},
		"rule":           {rule, observe.Call{Number: number("socket"), Args: [6]uint64{2, 1}}, true, "socket(AF_INET, SOCK_STREAM, 0)", "change that rule"},
		"rule's rest":    {rule, observe.Call{Number: number("socket"), Args: [6]uint64{1, 1}}, false, "socket(AF_UNIX, SOCK_STREAM, 0)", ""},
		"default":        {byDefault, observe.Call{Number: number("getpid")}, true, "getpid()", `syscalls { allow = ["getpid"] }`},
		"no such call":   {byDefault, observe.Call{Number: 9999}, true, "call 9999", "no call of that number"},
		"another ABI":    {list("kill", "acct"), observe.Call{Number: 20, Arch: 0x40000003}, true, "call 20 of another ABI", "64-bit build"},
		"x32":            {list("kill", "acct"), observe.Call{Number: foreignNumbers + 39}, true, "of another ABI", "64-bit build"},
		"ABI with errno": {byDefault, observe.Call{Number: 20, Arch: 0x40000003}, false, "of another ABI", ""},
	} {
		r := newReport(&plan.Plan{Profile: "p", Syscalls: c.policy}, c.call, &observe.Thread{ID: -1})
		if r.ends() != c.ends || !strings.Contains(r.text, c.text) {
			t.Errorf("%s: %v, %q", name, r.ends(), r.text)
		}
		if c.ends && !strings.Contains(r.hint(), c.hint) {
			t.Errorf("%s: %q lacks %q", name, r.hint(), c.hint)
		}
	}
}
