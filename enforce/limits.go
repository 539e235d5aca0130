package enforce

import (
	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// rlimits says which resource carries which limit (setrlimit(2)).
//
// processes: since Linux 5.14 the kernel counts them per user namespace, so
// the bound is the sandbox's own; root of the host is exempt from it.
// memory is the private writable memory of each process (RLIMIT_DATA); address
// space would be the wrong measure, since node and the JVM reserve far more
// than they use.
var rlimits = map[string]int{
	plan.LimitProcesses: unix.RLIMIT_NPROC,
	plan.LimitFiles:     unix.RLIMIT_NOFILE,
	plan.LimitMemory:    unix.RLIMIT_DATA,
	plan.LimitFileSize:  unix.RLIMIT_FSIZE,
	plan.LimitCPUTime:   unix.RLIMIT_CPU,
	plan.LimitCore:      unix.RLIMIT_CORE,
}

// addLimits writes the steps. A bound above the caller's own limit, soft or hard,
// is the caller's: it is not the profile's to raise.
func addLimits(l *steps.List, p *plan.Plan, degraded bool) error {
	for _, limit := range p.Limits {
		resource, ok := rlimits[limit.Name]
		if !ok {
			if limit.Name == plan.LimitWallTime {
				continue // the waiting parent's
			}
			return &Failure{Text: "unknown limit " + limit.Name, From: where(p, limit.Origin)}
		}
		if degraded {
			continue
		}
		var now unix.Rlimit
		if err := unix.Prlimit(0, resource, nil, &now); err != nil {
			return &Failure{Text: "cannot read the limit " + limit.Name + ": " + err.Error(), From: where(p, limit.Origin)}
		}
		hard := min(limit.Value, now.Max)
		if limit.Name == plan.LimitCPUTime {
			hard = min(limit.Value+5, now.Max) // SIGXCPU first, then SIGKILL
		}
		l.Rlimit(limit.Name, resource, min(limit.Value, now.Cur), hard, limit.Origin)
	}
	return nil
}

// wallTime gives the seconds a session may last, 0 for no bound.
func wallTime(p *plan.Plan) uint64 {
	for _, limit := range p.Limits {
		if limit.Name == plan.LimitWallTime {
			return limit.Value
		}
	}
	return 0
}
