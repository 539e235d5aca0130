package supervise

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// Requests and attributes of sock_diag(7) for unix sockets (linux/unix_diag.h).
const (
	diagShowFile = 2 // UDIAG_SHOW_VFS
	diagFile     = 1 // UNIX_DIAG_VFS

	diagHeader  = 16 // struct nlmsghdr and struct unix_diag_msg have this size
	diagRequest = diagHeader + 24
)

// isBoundTo asks the kernel whether a unix socket of this process's network
// namespace is bound to that very file. A path alone doesn't say so: the file
// may have been renamed, and another one put in its place.
//
// The kernel gives 32 bits of the inode's number only. Where it has more, the
// answer is no.
func (c *caller) isBoundTo(sock, file int) bool {
	var st, socket unix.Stat_t
	if unix.Fstat(file, &st) != nil || st.Ino>>32 != 0 || unix.Fstat(sock, &socket) != nil || socket.Ino>>32 != 0 {
		return false
	}
	answer, ok := askDiag(uint32(socket.Ino))
	if !ok {
		return false
	}
	ino, dev, ok := boundInode(answer)
	return ok && uint64(ino) == st.Ino && (sameDevice(dev, st.Dev) || sameDevice(dev, c.superblock(file)))
}

// askDiag sends one request and gives its answer.
func askDiag(ino uint32) ([]byte, bool) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, false
	}
	defer unix.Close(fd)
	request := make([]byte, diagRequest)
	binary.NativeEndian.PutUint32(request[0:], diagRequest)
	binary.NativeEndian.PutUint16(request[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST)
	body := request[diagHeader:] // struct unix_diag_req
	body[0] = unix.AF_UNIX
	binary.NativeEndian.PutUint32(body[4:], ^uint32(0)) // states: any
	binary.NativeEndian.PutUint32(body[8:], ino)
	binary.NativeEndian.PutUint32(body[12:], diagShowFile)
	binary.NativeEndian.PutUint64(body[16:], ^uint64(0)) // cookie: any
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, false
	}
	answer := make([]byte, 4096)
	n, from, err := unix.Recvfrom(fd, answer, 0)
	kernel, ok := from.(*unix.SockaddrNetlink)
	if err != nil || !ok || kernel.Pid != 0 || n < 2*diagHeader {
		return nil, false
	}
	return answer[:n], binary.NativeEndian.Uint16(answer[4:]) == unix.SOCK_DIAG_BY_FAMILY
}

// boundInode finds the file in an answer: struct unix_diag_vfs.
func boundInode(answer []byte) (ino, dev uint32, ok bool) {
	for rest := answer[2*diagHeader:]; len(rest) >= unix.SizeofRtAttr; {
		length := int(binary.NativeEndian.Uint16(rest))
		if length < unix.SizeofRtAttr || length > len(rest) {
			return 0, 0, false
		}
		value := rest[unix.SizeofRtAttr:length]
		if binary.NativeEndian.Uint16(rest[2:]) == diagFile && len(value) >= 8 {
			return binary.NativeEndian.Uint32(value), binary.NativeEndian.Uint32(value[4:]), true
		}
		rest = rest[min(len(rest), (length+3)&^3):]
	}
	return 0, 0, false
}

// sameDevice compares the kernel's own form of a device number, 12 bits and 20,
// with that of stat(2).
func sameDevice(kernel uint32, dev uint64) bool {
	return kernel>>20 == unix.Major(dev) && kernel&0xfffff == unix.Minor(dev)
}

// superblock gives the device number of the file system that a file lies in,
// which is not that of stat(2) everywhere (Btrfs has one per subvolume): it is
// what mountinfo has for the file's mount (proc_pid_mountinfo(5)).
func (c *caller) superblock(file int) uint64 {
	mount := field(readAll("/proc/self/fdinfo/"+strconv.Itoa(file)), "mnt_id:")
	if mount == "" {
		return 0
	}
	return mountDevice(readAll(c.proc+"/mountinfo"), mount)
}
