package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

// keepMemory adds to the system calls what a limit on programs needs beside the
// file rules: memory that is executed as a file (memfd_create(2) and
// execveat(2)) lies on no file system that has rules, neither the view's
// noexec nor Landlock's. What is sealed against execution stays permitted;
// kernels before 6.3 don't know that seal and have no such memory then. The
// profile's own rules come first.
func (b *builder) keepMemory(k *plan.Syscalls) {
	listed, limited := b.settings.lists["filesystem.execute"]
	if !limited {
		return
	}
	origin := b.originOf("filesystem")
	if len(listed) > 0 {
		origin = b.origin(listed[0])
	}
	rule := memoryRule
	rule.Origin = origin
	k.Rules = append(k.Rules, rule)
}

var memoryRule = plan.SyscallRule{
	Call: "memfd_create", When: "arg1 & MFD_NOEXEC_SEAL == 0", Action: "errno:EACCES", Origin: plan.NoOrigin,
}
