package enforce

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/latedrop"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// dropsLate says whether the program may ask for an empty root later.
func dropsLate(p *plan.Plan) bool { return p.LateDrop != nil && p.LateDrop.Chroot }

// checkLateDrop refuses what a late drop can't be had without.
func (s *start) checkLateDrop() error {
	switch {
	case !dropsLate(s.plan):
	case s.flags&unix.CLONE_NEWNS == 0:
		return s.noLateDrop("needs a mount namespace, for the empty root", "take \"mount\" out of namespaces { share }")
	case s.flags&unix.CLONE_NEWUSER == 0 && s.anchors.UID != 0:
		return s.noLateDrop("needs a user namespace, in which its helper may chroot", "take \"user\" out of namespaces { share }")
	}
	return nil
}

func (s *start) noLateDrop(why, hint string) error {
	return &Failure{Text: "late_drop { chroot = true } " + why, Hint: hint, From: where(s.plan, s.plan.LateDrop.Origin)}
}

// offerDrop starts the helper, before any standard stream is closed: what is
// opened here must not get its number.
func (s *start) offerDrop() error {
	if !dropsLate(s.plan) {
		return nil
	}
	fd := latedrop.Descriptor(append([]int{s.pipe[0], s.pipe[1], s.term.fd}, s.passed...)...)
	if fd == 0 {
		return s.noLateDrop("finds no descriptor from 3 to 9 for SBX_D", "let the program inherit fewer")
	}
	latedrop.Offer{Descriptor: fd, Pipe: s.pipe, LastCapability: lastCapability(), Seccomp: s.tier.seccomp,
		Origin: s.plan.LateDrop.Origin}.Steps(s.list)
	s.drop = fd
	s.env = append(without(s.env, latedrop.Variable), latedrop.Variable+"="+strconv.Itoa(fd))
	return nil
}

// keepDrop lets the program have its end of the socket.
func (s *start) keepDrop() {
	if s.drop > 0 {
		s.list.KeepOnExec(s.drop)
	}
}

// allowEmptyRoot lets the program see that its new root is empty.
func (s *start) allowEmptyRoot(handled landlock.Access) {
	if rights := landlock.List & handled; s.drop > 0 && rights != 0 {
		s.list.AllowEmptyRoot(uint64(rights), rights.String(), s.plan.LateDrop.Origin)
	}
}

// without gives an environment without a variable.
func without(env []string, name string) []string {
	kept := env[:0]
	for _, entry := range env {
		if !strings.HasPrefix(entry, name+"=") {
			kept = append(kept, entry)
		}
	}
	return kept
}
