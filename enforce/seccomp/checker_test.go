package seccomp_test

import (
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

func list(action string, origin int, names ...string) plan.SyscallList {
	return plan.SyscallList{Action: action, Names: names, Origin: origin}
}

// setPolicy is an allow-list.
func setPolicy(def string, names ...string) plan.Syscalls {
	return plan.Syscalls{Default: def, ForeignABI: "kill", Lists: []plan.SyscallList{{Action: "allow", Names: names}}}
}

func TestCheckFinds(t *testing.T) {
	t.Parallel()
	allow := func(lists ...plan.SyscallList) plan.Syscalls {
		return plan.Syscalls{Default: "allow", Lists: lists, Origin: 9}
	}
	rules := func(rules ...plan.SyscallRule) plan.Syscalls { return plan.Syscalls{Default: "allow", Rules: rules} }
	for _, c := range []struct {
		name    string
		policy  plan.Syscalls
		origin  int
		warning bool
		want    string // in summary: detail
	}{
		{"misspelt call", allow(list("allow", 3, "opneat")), 3, false, `unknown system call: "opneat" is no system call of Linux; did you mean "openat"?`},
		{"misspelt group", allow(list("allow", 3, "@nework-io")), 3, false, `did you mean "@network-io"?`},
		{"a group without @", allow(list("allow", 3, "network-io")), 3, false, `write "@network-io"`},
		{"a call with @", allow(list("allow", 3, "@openat")), 3, false, `write "openat"`},
		{"nothing like it", allow(list("allow", 3, "zzzzzzzz")), 3, false, `"zzzzzzzz" is no system call of Linux`},
		{"empty name", allow(list("allow", 3, "")), 3, false, `"" is no system call`},
		{"misspelt error", allow(list("errno:ENOSYSS", 4, "read")), 4, false, `did you mean "ENOSYS"?`},
		{"unknown action", allow(list("deny", 4, "read")), 4, false, `"deny" is no action: write allow, log, notify, errno:NAME, trap or kill`},
		{"no default", plan.Syscalls{Origin: 2}, 2, false, `unknown action in default: "" is no action`},
		{"foreign ABIs let in", plan.Syscalls{Default: "allow", ForeignABI: "allow", Origin: 5}, 5, false, "foreign_abi must refuse"},
		{"foreign ABIs logged", plan.Syscalls{Default: "allow", ForeignABI: "log", Origin: 5}, 5, false, "past every rule"},
		{"rule for nothing", rules(plan.SyscallRule{Call: "sokcet", Action: "allow", Origin: 7}), 7, false, `did you mean "socket"?`},
		{"rule with a bad action", rules(plan.SyscallRule{Call: "socket", Action: "yes", Origin: 7}), 7, false, `unknown action in rule "socket"`},
		{"misspelt constant", rules(plan.SyscallRule{Call: "socket", When: "arg0 == AF_UNX", Action: "allow", Origin: 7}), 7, false, `did you mean "AF_UNIX"?`},
		{"bad condition", rules(plan.SyscallRule{Call: "socket", When: "arg0 === 1", Action: "allow", Origin: 7}), 7, false, `bad condition in rule "socket"`},
		{"rule that is never reached", rules(
			plan.SyscallRule{Call: "socket", Action: "allow", Origin: 7},
			plan.SyscallRule{Call: "socket", When: "arg0 == 1", Action: "kill", Origin: 8}), 8, true, `rule "socket" never decides`},
		{"two lists", allow(list("allow", 3, "ptrace"), list("kill", 4, "ptrace")), 3, true, "the stricter one, kill, wins over allow"},
		{"clone3 in a list", allow(list("allow", 3, "clone3")), 3, true, `clone3 stays refused: `},
		{"no execve", plan.Syscalls{Default: "kill", Origin: 6}, 6, false, `execve itself is refused`},
		{"no start-up", plan.Syscalls{Default: "kill", Origin: 6, Lists: []plan.SyscallList{list("allow", 3, "execve")}}, 6, true, `arch_prctl (kill), exit_group (kill), brk (kill)`},
		{"neither", plan.Syscalls{Default: "kill", Origin: 6, Lists: []plan.SyscallList{list("allow", 3, "execve", "arch_prctl", "brk", "exit_group", "set_tid_address",
			"set_robust_list", "rseq", "prlimit64", "getrandom", "mprotect")}}, 6, true, `no program gets through its start-up code: refused: readlinkat (kill)`},
		{"no loader", plan.Syscalls{Default: "kill", Origin: 6, Lists: []plan.SyscallList{list("allow", 3, "@start-static")}}, 6, true, `openat (kill), read (kill)`},
		{"no look at files", plan.Syscalls{Default: "kill", Origin: 6, Lists: []plan.SyscallList{list("allow", 3, "@start-static", "openat", "read", "mmap", "mprotect",
			"close", "pread64", "access", "munmap", "readlinkat")}}, 6, true, `its loader is refused: newfstatat (kill) or fstat (kill); add "@start-dynamic"`},
		{"no code can be mapped", plan.Syscalls{Default: "allow", Origin: 6, Rules: []plan.SyscallRule{
			{Call: "mmap", When: "arg2 & PROT_EXEC != 0", Action: "errno:EACCES"}}}, 6, true, `mmap (errno:EACCES)`},
		{"no threads", plan.Syscalls{Default: "errno:EPERM", Origin: 6, Lists: []plan.SyscallList{
			list("allow", 3, "@start-dynamic", "clone"), list("errno:EPERM", 3, "clone3")}}, -2, false, ""},
		{"threads killed", plan.Syscalls{Default: "kill", Origin: 6, Lists: []plan.SyscallList{list("allow", 3, "@start-dynamic", "clone")}}, 6, true, `write errno = { ENOSYS = ["clone3"] }`},
	} {
		found := false
		for _, p := range (seccomp.Checker{Arch: "amd64"}).Check(c.policy) {
			text := p.Summary + ": " + p.Detail
			if c.want != "" && strings.Contains(text, c.want) && p.Origin == c.origin && p.Warning == c.warning {
				found = true
			}
		}
		if found != (c.want != "") {
			t.Errorf("%s: %+v, want %q at %d", c.name, (seccomp.Checker{Arch: "amd64"}).Check(c.policy), c.want, c.origin)
		}
	}
}

func TestCheckFindsAllAtOnce(t *testing.T) {
	t.Parallel()
	problems := seccomp.Checker{}.Check(plan.Syscalls{
		Default: "perhaps", ForeignABI: "never",
		Lists: []plan.SyscallList{list("allow", 1, "nope", "@nope"), list("nope", 2, "read")},
		Rules: []plan.SyscallRule{{Call: "nope", Action: "allow", Origin: 3}, {Call: "read", When: "arg9", Action: "allow", Origin: 4}},
	})
	if len(problems) != 7 {
		t.Errorf("%d problems, want 7: %+v", len(problems), problems)
	}
	if _, err := seccomp.Compile(plan.Syscalls{Default: "allow", Lists: []plan.SyscallList{list("allow", 1, "nope")}}, "amd64"); err == nil {
		t.Error("a policy with an unknown call is compiled")
	}
}

func TestCheckIsContent(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]plan.Syscalls{
		"the baseline": {Default: "allow", ForeignABI: "kill"},
		"a service":    {Default: "errno:EPERM", Lists: []plan.SyscallList{list("allow", 1, "@system-service")}},
		"a traced list": {Default: "kill", Lists: []plan.SyscallList{list("allow", 1, "access", "arch_prctl", "brk", "close", "execve", "exit_group",
			"faccessat", "getrandom", "mmap", "mprotect", "munmap", "newfstatat", "openat", "pread64", "prlimit64", "read", "rseq", "set_robust_list", "set_tid_address", "write")}},
		"killing":          {Default: "kill", Lists: []plan.SyscallList{list("allow", 1, "@system-service")}},
		"a reader":         {Default: "kill", Lists: []plan.SyscallList{list("allow", 1, "@start-dynamic", "@pledge-stdio", "@pledge-rpath")}},
		"calls of others":  {Default: "allow", Lists: []plan.SyscallList{list("kill", 1, "mmap2", "socketcall", "s390_sthyi")}},
		"nested sandboxes": {Default: "allow", Rules: []plan.SyscallRule{{Call: "clone", Action: "allow"}, {Call: "clone3", Action: "allow"}, {Call: "unshare", Action: "allow"}}},
	} {
		for _, goarch := range table.Architectures() {
			if problems := (seccomp.Checker{Arch: goarch}).Check(p); len(problems) > 0 {
				t.Errorf("%s on %s: %+v", name, goarch, problems)
			}
		}
	}
}

func TestOtherArchitectures(t *testing.T) {
	t.Parallel()
	if problems := (seccomp.Checker{Arch: "riscv64"}).Check(plan.Syscalls{Default: "allow"}); len(problems) != 1 {
		t.Errorf("riscv64: %+v", problems)
	}
	if _, err := seccomp.Compile(plan.Syscalls{Default: "allow"}, "riscv64"); err == nil {
		t.Error("a filter for riscv64")
	}
	if _, err := seccomp.Explain(plan.Syscalls{Default: "allow", Arch: "riscv64"}, "read"); err == nil {
		t.Error("an explanation for riscv64")
	}
}
