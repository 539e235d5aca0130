package seccomp

import (
	"fmt"
	"strings"

	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// Action is what happens to a call, as the filter's return value
// (SECCOMP_RET_*, linux/seccomp.h).
type Action uint32

// The actions without a parameter. [ErrnoAction] makes the others.
const (
	Kill   Action = 0x80000000 // SECCOMP_RET_KILL_PROCESS
	Trap   Action = 0x00030000 // SECCOMP_RET_TRAP: SIGSYS
	Notify Action = 0x7fc00000 // SECCOMP_RET_USER_NOTIF
	Log    Action = 0x7ffc0000 // SECCOMP_RET_LOG: allowed, and logged by the kernel
	Allow  Action = 0x7fff0000 // SECCOMP_RET_ALLOW
)

const errnoBase Action = 0x00050000 // SECCOMP_RET_ERRNO

var words = map[string]Action{"allow": Allow, "log": Log, "notify": Notify, "trap": Trap, "kill": Kill}

// actionWords lists what an action may be, for messages.
const actionWords = "allow, log, notify, errno:NAME, trap or kill"

// answerDone is an action of husk's own, which no profile can write: the call is
// not carried out, and answered as if it were.
const answerDone = "errno:0"

// ErrnoAction refuses a call with that error.
func ErrnoAction(errno uint16) Action { return errnoBase | Action(errno) }

// ParseAction reads an action as the plan writes it: allow, log, notify, trap,
// kill or errno:NAME.
func ParseAction(text string) (Action, error) {
	if a, ok := words[text]; ok {
		return a, nil
	}
	name, ok := strings.CutPrefix(text, "errno:")
	if !ok {
		return 0, fmt.Errorf("%q is no action: write %s", text, actionWords)
	}
	number, ok := table.Errno(name)
	if !ok {
		return 0, fmt.Errorf("%q is no error that the kernel knows%s", name, didYouMean(name, table.Errnos()))
	}
	return ErrnoAction(number), nil
}

// Permits says whether the call is, or may be, carried out.
func (a Action) Permits() bool { return a == Allow || a == Log || a == Notify }

// rank orders actions by strictness: kill, trap, errno, notify, log, allow.
func (a Action) rank() int {
	switch a {
	case Kill:
		return 5
	case Trap:
		return 4
	case Notify:
		return 2
	case Log:
		return 1
	case Allow:
		return 0
	}
	return 3
}

// String gives the action in the plan's notation.
func (a Action) String() string {
	for word, b := range words {
		if a == b {
			return word
		}
	}
	for _, name := range table.Errnos() {
		if n, _ := table.Errno(name); ErrnoAction(n) == a {
			return "errno:" + name
		}
	}
	return fmt.Sprintf("errno:%d", a&^errnoBase)
}
