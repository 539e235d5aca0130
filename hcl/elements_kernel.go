package hcl

import (
	"fmt"
	"slices"
	"strings"
)

// syscallActions are the actions of the syscall policy; errno:NAME is the
// other one.
var syscallActions = []string{"allow", "trap", "kill", "log", "notify"}

var (
	errnoName = lazily(`^E[A-Z0-9]{1,15}$`)
	callForm  = lazily(`^@?[a-z_][a-z0-9_-]*$`)
)

var (
	anAction = decodeText("an action", `"allow"`, func(s string) (string, string) {
		if slices.Contains(syscallActions, s) {
			return "", ""
		}
		name, isErrno := strings.CutPrefix(s, "errno:")
		switch {
		case isErrno && errnoName().MatchString(name):
			return "", ""
		case isErrno:
			return "not an error's name", fmt.Sprintf("%q is not like \"errno:EPERM\"", s)
		case s == "deny":
			return "unknown action \"deny\"", "to let a call fail write \"errno:EPERM\""
		case errnoName().MatchString(s):
			return fmt.Sprintf("unknown action %q", s), fmt.Sprintf("write %q", "errno:"+s)
		}
		return fmt.Sprintf("unknown action %q", s),
			fmt.Sprintf("write %s or \"errno:NAME\"%s", oneOf(syscallActions), DidYouMean(s, syscallActions))
	})

	// Whether there is such a call is for the SyscallChecker to say.
	callName = decodeText("a system call or @group", `"ptrace"`, func(s string) (string, string) {
		if !callForm().MatchString(s) {
			return "not a system call", fmt.Sprintf("%q cannot be the name of a call; write one like \"ptrace\", or a group like \"@mount\"", s)
		}
		return "", ""
	})

	errorName = decodeText("an error's name", `"ENOSYS"`, func(s string) (string, string) {
		if !errnoName().MatchString(s) {
			return "not an error's name", fmt.Sprintf("%q is not like ENOSYS", s)
		}
		return "", ""
	})

	// A rule is for one call, since each has arguments of its own.
	oneCall = decodeText("a system call", `"socket"`, func(s string) (string, string) {
		switch {
		case strings.HasPrefix(s, "@"):
			return "a group in a rule", fmt.Sprintf("a rule is for one call; write %q into a list, like deny or errno", s)
		case !callForm().MatchString(s):
			return "not a system call", fmt.Sprintf("%q cannot be the name of a call; write one like \"socket\"", s)
		}
		return "", ""
	})

	// Whether there is such a promise is for the SyscallChecker to say.
	aPromise = decodeText("a promise", `"stdio"`, func(s string) (string, string) {
		if name, ok := strings.CutPrefix(s, promiseGroup); ok {
			return "a group where a promise stands", fmt.Sprintf("write %q here, or %q in allow", name, s)
		}
		if !callForm().MatchString(s) || strings.HasPrefix(s, "@") {
			return "not a promise", fmt.Sprintf("%q cannot be a promise; write one like \"stdio\" or \"rpath\"", s)
		}
		return "", ""
	})

	aCondition = decodeText("a condition", `"arg0 == AF_UNIX"`, func(s string) (string, string) {
		if strings.TrimSpace(s) == "" {
			return "empty condition", "leave the attribute out when the rule always holds, or write a condition like \"arg0 == AF_UNIX\""
		}
		return "", ""
	})
)
