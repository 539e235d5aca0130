package kernel

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// situation is what in a system may keep a user from namespaces
// (user_namespaces(7)).
type situation struct {
	appArmor bool // kernel.apparmor_restrict_unprivileged_userns is on
	off      bool // kernel.unprivileged_userns_clone is 0, on Debian's older kernels
	none     bool // user.max_user_namespaces is 0
	confined bool // this process is under a filter already
}

func currentSituation() situation {
	return situation{
		appArmor: reads("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
		off:      reads("/proc/sys/kernel/unprivileged_userns_clone", "0"),
		none:     reads("/proc/sys/user/max_user_namespaces", "0"),
		confined: Confined(),
	}
}

// reads says whether a switch below /proc/sys is there with that value.
func reads(file, value string) bool {
	text, err := os.ReadFile(file)
	return err == nil && strings.TrimSpace(string(text)) == value
}

// NamespaceHint explains why the kernel refuses a namespace, or rights in one.
func NamespaceHint(err error) string { return currentSituation().hint(err) }

func (s situation) hint(err error) string {
	refused := errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOSYS)
	switch {
	case s.none:
		return "user namespaces are switched off here: sysctl user.max_user_namespaces is 0; as root, sysctl -w user.max_user_namespaces=15000"
	case s.off && refused:
		return "unprivileged user namespaces are switched off: as root, sysctl -w kernel.unprivileged_userns_clone=1"
	case s.appArmor && refused:
		return "AppArmor restricts unprivileged user namespaces on this system: husk doctor --apparmor prints a profile that permits " +
			"them to husk and says how to load it; or, for everybody, sysctl kernel.apparmor_restrict_unprivileged_userns=0"
	case s.confined && refused:
		return "this runs inside another sandbox or a container, whose system call filter allows no new namespaces: " +
			"use that one's protection, or start the command outside of it"
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EUSERS):
		return "a limit on namespaces is reached: look at sysctl user.max_user_namespaces and its siblings; 0 switches them off"
	case refused:
		return "unprivileged user namespaces are switched off: sysctl kernel.unprivileged_userns_clone=1 on Debian's older kernels; " +
			"in a container, its seccomp profile must allow clone with CLONE_NEWUSER"
	case errors.Is(err, unix.EINVAL):
		return "this kernel is built without one of the namespaces that are asked for"
	}
	return "husk doctor shows what this kernel offers"
}

// LandlockHint says how to get Landlock.
const LandlockHint = "Landlock needs CONFIG_SECURITY_LANDLOCK=y and \"landlock\" in the lsm= list of the kernel's command line"
