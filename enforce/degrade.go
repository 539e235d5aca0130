package enforce

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// tier is what this start can do, after the kernel was asked and the profile's
// degrade was consulted.
type tier struct {
	abi int // of Landlock, 0 for none
	// without names what is done without, in words, for the one line that says so.
	without []string
	// namespaces is false where they could not be had and need not be.
	namespaces bool
	seccomp    bool
}

// degrades says whether the profile may do without name.
func degrades(p *plan.Plan, name string) bool {
	for _, d := range p.Degrade {
		if d == name {
			return true
		}
	}
	return false
}

func sharesNamespace(p *plan.Plan, name string) bool {
	for _, s := range p.Namespaces.Share {
		if s == name {
			return true
		}
	}
	return false
}

// lack notes that something is missing, or fails where the profile needs it.
func (t *tier) lack(p *plan.Plan, name, what, hint string) error {
	if degrades(p, name) {
		t.without = append(t.without, name)
		return nil
	}
	return &Failure{Text: what, Hint: hint + "; or let the profile do without: degrade = [" + strconv.Quote(name) + "]"}
}

// askLandlock finds out what the kernel's Landlock can hold.
func (t *tier) askLandlock(p *plan.Plan) error {
	abi, err := landlock.ABI()
	if err != nil || abi < landlock.ABIFiles {
		what := "Landlock is missing: " + landlockReason(err, abi)
		t.abi = 0
		if err == nil {
			t.abi = abi
		}
		return t.lack(p, plan.DegradeLandlock, what, kernel.LandlockHint)
	}
	t.abi = abi
	if abi < landlock.ABINetwork && p.Network.Mode != plan.NetworkHost {
		if err := t.lack(p, plan.DegradeLandlockNetwork, "Landlock of this kernel (ABI "+strconv.Itoa(abi)+") has no network rules",
			"Linux 6.7 has them"); err != nil {
			return err
		}
	}
	if abi < landlock.ABIScope {
		return t.lack(p, plan.DegradeLandlockScope, "Landlock of this kernel (ABI "+strconv.Itoa(abi)+") cannot keep signals and abstract sockets inside",
			"Linux 6.12 can")
	}
	return nil
}

func landlockReason(err error, abi int) string {
	switch err {
	case nil:
		return "ABI " + strconv.Itoa(abi) + " cannot keep files from being truncated (Linux 6.2 can)"
	case unix.ENOSYS:
		return "this kernel is built without it"
	case unix.EOPNOTSUPP:
		return "it is built into this kernel and switched off"
	}
	return err.Error()
}

// cloneFlags gives the CLONE_NEW* flags. A time namespace can't be had from
// clone(2), whose flag bit is taken; unshare(2) makes it for the children.
func cloneFlags(p *plan.Plan) uintptr {
	var flags uintptr
	for _, n := range []struct {
		name string
		flag uintptr
	}{
		{plan.NamespaceUser, unix.CLONE_NEWUSER}, {plan.NamespaceMount, unix.CLONE_NEWNS},
		{plan.NamespacePID, unix.CLONE_NEWPID}, {plan.NamespaceIPC, unix.CLONE_NEWIPC},
		{plan.NamespaceUTS, unix.CLONE_NEWUTS}, {plan.NamespaceCgroup, unix.CLONE_NEWCGROUP},
	} {
		if !sharesNamespace(p, n.name) {
			flags |= n.flag
		}
	}
	if p.Network.Mode != plan.NetworkHost && !sharesNamespace(p, plan.NamespaceNet) {
		flags |= unix.CLONE_NEWNET
	}
	return flags
}

// notice gives the line that tells what is done without.
func (t *tier) notice(p *plan.Plan) string {
	return "profile " + p.Profile + " runs without " + strings.Join(t.without, ", ") + ", as its degrade allows"
}
