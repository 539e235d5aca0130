package hcl

import (
	"slices"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func (b *builder) lateDrop() *plan.LateDrop {
	if _, given := b.settings.given["late_drop"]; !given {
		return nil
	}
	chroot, _ := b.settings.flag("late_drop.chroot")
	if !chroot {
		return nil
	}
	return &plan.LateDrop{Chroot: chroot, Origin: b.originOf("late_drop", "chroot")}
}

// keepRoot refuses what would give a thread of the program a root and a working
// directory of its own, which a late drop would not reach: unshare(2) with
// CLONE_FS or with the two flags that imply it, a thread that is made without
// sharing them, and clone3, whose flags no filter can read. These rules come
// first, so that no other one lifts them.
func (b *builder) keepRoot(k *plan.Syscalls) {
	drop := b.lateDrop()
	if drop == nil {
		return
	}
	rules := slices.Clone(rootRules)
	for i := range rules {
		rules[i].Origin = drop.Origin
	}
	k.Rules = append(rules, k.Rules...)
}

var rootRules = []plan.SyscallRule{
	{Call: "unshare", When: "arg0 & (CLONE_FS | CLONE_NEWNS | CLONE_NEWUSER) != 0", Action: "errno:EPERM", Origin: plan.NoOrigin},
	{Call: "clone", When: "arg0 & (CLONE_THREAD | CLONE_FS) == CLONE_THREAD", Action: "errno:EPERM", Origin: plan.NoOrigin},
	{Call: "clone3", Action: "errno:ENOSYS", Origin: plan.NoOrigin},
}
