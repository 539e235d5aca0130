package enforce

import "github.com/husk-sandbox/husk/enforce/plan"

// unsupported refuses what a plan may hold and this enforcer does not enforce:
// a rule that is not understood must never be a rule that is not kept.
func unsupported(p *plan.Plan) error {
	refuse := func(what string, origin int) error {
		return &Failure{Text: what + " is not enforced yet", From: where(p, origin)}
	}
	switch {
	case p.Network.Mode != plan.NetworkNone && p.Network.Mode != plan.NetworkFiltered && p.Network.Mode != plan.NetworkHost:
		return refuse("network mode "+p.Network.Mode, p.Network.Origin)
	case p.Supervise != nil:
		return refuse("supervise", p.Supervise.Origin)
	case len(p.Verify) > 0:
		return refuse("verify", p.Verify[0].Origin)
	case len(p.Syscalls.Program) == 0 || len(p.Syscalls.Program)%8 != 0:
		return &Failure{Text: "the plan holds no system call filter", Hint: "render the wrapper again: husk apply"}
	}
	return checkCallLog(p)
}
