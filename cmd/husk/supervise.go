package main

import (
	"path/filepath"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// husk supervise is no command for people: husk-enforce executes it in its own
// place, for profiles that need decisions while the program runs. Neither is husk
// observe, which it starts beside itself for profiles that end programs at system
// calls. main hands them to their packages before anything else is looked at.

// needsSupervisor says whether a plan is one of those.
func needsSupervisor(p *plan.Plan) bool {
	return p.Network.Mode == plan.NetworkFiltered || p.Syscalls.Ends()
}

// supervisor is the husk that a plan's parent goes on as: the one beside its
// enforcer, never one that is searched for, like the enforcer itself.
func (p *pipeline) supervisor(of *plan.Plan) string {
	switch {
	case !needsSupervisor(of):
		return ""
	case p.enforcer == "":
		return p.app.host.executable
	}
	return besideEnforcer(p.enforcer)
}

func besideEnforcer(enforcer string) string { return filepath.Join(filepath.Dir(enforcer), "husk") }
