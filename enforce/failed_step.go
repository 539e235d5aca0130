package enforce

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// failed turns a step that the kernel refused into a sentence: which step,
// which object, why, which line of which profile, what to do.
func (s *start) failed(f *steps.Failure) error {
	if f.Step.Kind == steps.Exec {
		return s.notExecuted(f.Errno)
	}
	return &Failure{
		Text: "cannot set up the sandbox: " + f.Error(),
		From: where(s.plan, f.Step.Origin),
		Hint: s.hint(f),
		step: f,
	}
}

// hint says what to do about a failed step of this start.
func (s *start) hint(f *steps.Failure) string {
	if s.user != nil && f.Errno == unix.EACCES && f.Step.Process == "program" {
		return "the program is user " + strconv.Itoa(s.user.UID) + ", who may do what the mode bits let others do: chmod o+rx the directories on the way"
	}
	if tooManyKeys(f) {
		users, _ := readFile("/proc/key-users")
		return keyHint(string(users), s.anchors.UID)
	}
	return stepHint(f)
}

// notExecuted has the statuses that shells use (POSIX, Shell Command Language,
// 2.8.2).
func (s *start) notExecuted(errno unix.Errno) error {
	name := s.plan.Program.Path
	f := &Failure{Text: "cannot execute " + name + ": " + errno.Error(), Status: StatusNoExec}
	switch errno {
	case unix.ENOENT, unix.ENOTDIR:
		f.Status = StatusNotFound
		f.Hint = "it was there when the wrapper was rendered, or its interpreter is not visible in the sandbox: husk apply renders it again"
		if s.plan.Filesystem.View == plan.ViewEmpty {
			f.Hint = "the empty view shows nothing but what the profile grants: grant the program's libraries"
		}
	case unix.EACCES:
		f.Hint = "the file is not executable, or the profile does not let it be executed"
	case unix.ENOEXEC:
		f.Hint = "the file has no #! line and is no program of this machine"
	}
	return f
}

// stepHint says what to do about a failed step.
func stepHint(f *steps.Failure) string {
	switch {
	case f.Step.Kind == steps.Bind && f.Errno == unix.ELOOP:
		return "a symbolic link was put there while the sandbox was set up"
	case f.Errno == unix.ENOSYS:
		return "this kernel lacks the call: husk needs Linux 5.14 or newer (mount_setattr); in a container, its seccomp profile must allow it"
	case f.Step.Object == steps.Notifier && f.Errno == unix.EINVAL:
		return "deciding about unix sockets needs Linux 5.19 or newer (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)"
	case f.Step.Object == steps.Notifier && f.Errno == unix.EBUSY:
		return "a sandbox or container around this one answers system calls already, and the kernel has one such place only"
	case f.Step.Kind == steps.Mount && f.Step.Object == "proc" && f.Errno == unix.EPERM:
		return "the container that this runs in hides parts of /proc, so no new one may be mounted; give the profile namespaces { share = [\"pid\"] }, " +
			"or let it do without: degrade = [\"namespaces\"]"
	case f.Step.Kind == steps.Start && f.Errno == unix.EAGAIN:
		return "a limit on processes is reached: the caller's (ulimit -u), the profile's (limits { processes }) or the control group's (pids.max)"
	case f.Errno == unix.ENOSPC || f.Errno == unix.EMFILE || f.Errno == unix.ENOMEM:
		return "a limit of the system is reached: mounts (sysctl fs.mount-max), namespaces (user.max_*_namespaces), memory"
	case powerless(f):
		return kernel.NamespaceHint(f.Errno) + "; or let the profile do without: degrade = [\"namespaces\"]"
	}
	return "husk explain PROFILE --steps lists the steps; husk doctor shows what this kernel offers"
}
