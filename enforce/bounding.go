package enforce

import "golang.org/x/sys/unix"

// mayDrop says whether this process may change its bounding set
// (CAP_SETPCAP, capabilities(7)). Root in a container often may not; then no_new_privs
// keeps what is cleared from coming back at an execve(2).
func mayDrop() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&header, &data[0]) == nil && data[0].Effective&(1<<unix.CAP_SETPCAP) != 0
}

// lastCapability gives the highest capability number that the kernel knows:
// PR_CAPBSET_READ answers EINVAL to those it doesn't (capabilities(7)).
func lastCapability() int {
	last := unix.CAP_LAST_CAP
	for last > 0 {
		if _, _, errno := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_CAPBSET_READ, uintptr(last), 0); errno == 0 {
			break
		}
		last--
	}
	for last < 63 {
		if _, _, errno := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_CAPBSET_READ, uintptr(last+1), 0); errno != 0 {
			break
		}
		last++
	}
	return last
}
