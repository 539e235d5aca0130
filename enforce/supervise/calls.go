package supervise

import (
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// Calls is the record of what a policy logs: the first call of each number is
// written at once, so that little is lost with a parent that is killed, and how
// many there were at the end. So a program writes no more than two lines for
// each call that there is, however often it makes it. It may be used by several
// goroutines.
type Calls struct {
	mutex  sync.Mutex
	policy *plan.Plan
	write  func(audit.Event)
	seen   [mostCalls]seen
	closed bool
}

// seen is what is known of the calls of one number.
type seen struct {
	count int64
	rule  string // the line that logged the first one
}

// mostCalls bounds the numbers that are told apart. The kernel has none above
// 500 yet, and a policy logs none that its tables do not know.
const mostCalls = 1024

// NewCalls gives an empty record, whose lines go to write.
func NewCalls(p *plan.Plan, write func(audit.Event)) *Calls {
	return &Calls{policy: p, write: write}
}

// logged gives the origin of the line that logs the call; ok is false where none
// does, and the filter asked for another reason.
func (c *Calls) logged(n *notification) (origin int, ok bool) {
	value, ok := evaluate(c.policy.Syscalls.LogProgram, n)
	if !ok || value&unix.SECCOMP_RET_ACTION_FULL != unix.SECCOMP_RET_USER_NOTIF {
		return plan.NoOrigin, false
	}
	return c.policy.Syscalls.Line(int(value & unix.SECCOMP_RET_DATA)), true
}

// record counts a call, where the policy logs it.
func (c *Calls) record(n *notification) {
	if n.call < 0 || n.call >= mostCalls {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	call := &c.seen[n.call]
	if call.count > 0 && n.call != unix.SYS_CONNECT && n.call != unix.SYS_LISTEN {
		call.count++ // every notification of that number is one
		return
	}
	origin, ok := c.logged(n)
	if !ok || c.closed {
		return
	}
	if call.count++; call.count == 1 {
		if o, ok := c.policy.Origin(origin); ok {
			call.rule = o.Place()
		}
		c.write(call.event(int(n.call)))
	}
}

func (s *seen) event(number int) audit.Event {
	return audit.Event{Kind: audit.Syscall, Verdict: audit.Logged, Arch: runtime.GOARCH, Number: &number, Count: s.count, Rule: s.rule}
}

// Close writes the counts of what came more than once. Calls that come later are
// not recorded.
func (c *Calls) Close() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	for number := range c.seen {
		if call := &c.seen[number]; call.count > 1 {
			c.write(call.event(number))
		}
	}
}
