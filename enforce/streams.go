package enforce

import "golang.org/x/sys/unix"

// closedStreams finds the standard streams that the caller had closed. Go's
// runtime opens /dev/null, for reading and writing, in the place of each
// before main, so that no file gets their numbers. A caller that really passes
// such a descriptor (daemon(3) does) passes one, duplicated; the runtime opens
// one per stream. Where the kernel can't compare descriptors
// (F_DUPFD_QUERY, Linux 6.10), the streams stay what they are.
func closedStreams() []int {
	var null []int
	for fd := range 3 {
		if isReadWriteNull(fd) {
			null = append(null, fd)
		}
	}
	for i, fd := range null {
		for _, other := range null[:i] {
			same, err := unix.FcntlInt(uintptr(fd), dupfdQuery, other)
			if err != nil || same == 1 {
				return nil
			}
		}
	}
	return null
}

// dupfdQuery is F_DUPFD_QUERY of fcntl(2): 1 where both descriptors are one
// open file description.
const dupfdQuery = 1024 + 3

func isReadWriteNull(fd int) bool {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFCHR || st.Rdev != unix.Mkdev(1, 3) {
		return false
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_ACCMODE == unix.O_RDWR
}
