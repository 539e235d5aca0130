package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

// Options say where profiles are and what they are evaluated with.
type Options struct {
	// ProfilesDir is the nearest layer, the user's; "" or an absent directory
	// means that there is none.
	ProfilesDir string
	// SystemDir is the administrator's layer, /etc/husk/profiles.
	SystemDir string
	// Set gives variables values, before HUSK_VAR_name and defaults.
	Set map[string]string
	// Environ is where HUSK_VAR_name is looked for ("name=value" each);
	// nothing else in it is used.
	Environ []string
	// User and UID are the values of user and uid. With NoUser in UID neither is
	// known: the plans are for whoever will start them.
	User string
	UID  int
	// Home is the home directory, "" where it is not known. It is only for
	// comparing rules below ${home} with Reserved: no plan has it.
	Home string
	// Syscalls checks names and conditions of the syscall policy; nil
	// leaves them unchecked.
	Syscalls SyscallChecker
	// Reserved is never writable inside: the wrapper directory, the profile
	// directories, husk's state. It becomes part of every plan.
	Reserved []plan.PathRule
}

// NoUser stands for a user that is not known yet.
const NoUser = -1

// SyscallChecker knows the names of calls and groups, and the language of
// conditions.
type SyscallChecker interface {
	Check(plan.Syscalls) []SyscallProblem
}

// SyscallProblem is what a [SyscallChecker] found.
type SyscallProblem struct {
	// Origin is that of the list or rule, an index of the plan's Origins.
	Origin          int
	Summary, Detail string
	Warning         bool
	// Attribute is the one of syscalls that it is about, where Origin is only
	// that of the block.
	Attribute string
}
