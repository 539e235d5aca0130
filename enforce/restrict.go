package enforce

import (
	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// handled is what the ruleset takes away where no rule gives it back.
func (s *start) handled() landlock.Handled {
	handled := landlock.HandledBy(s.tier.abi)
	handled.Net = s.handledPorts(handled.Net)
	return handled
}

// callsOfRule is how many calls a rule takes: open, store, add, close.
const callsOfRule = 4

// landlock writes the ruleset: one for files, network and scopes, since two
// would forbid renames between the trees of one (refer).
func (s *start) landlock(rules []access) {
	if s.tier.abi == 0 || s.tier.lacks(plan.DegradeLandlock) {
		return
	}
	handled := s.handled()
	l := s.list
	l.Ruleset(handled.Attr(), handled.String())
	if !s.tier.namespaces && !kernel.Openat2() { // in another sandbox; mounts can't do without it
		l.WithoutOpenat2()
	}
	s.allowPorts(handled.Net)
	names := map[landlock.Access]string{} // of the few sets that there are
	l.Reserve(len(rules), callsOfRule*len(rules))
	for _, r := range rules {
		rights := r.rights & handled.FS
		if r.file {
			rights = rights.OnFile()
		}
		if rights == 0 {
			continue
		}
		if names[rights] == "" {
			names[rights] = rights.String()
		}
		if r.passing {
			l.AllowBeneathIfThere(r.path, uint64(rights), names[rights], r.origin)
		} else {
			l.AllowBeneath(r.path, uint64(rights), names[rights], r.origin)
		}
	}
	s.allowEmptyRoot(handled.FS)
	l.Restrict()
}
