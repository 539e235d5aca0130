package supervise

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// maxAddress is sizeof(struct sockaddr_storage), the most that the kernel takes.
const maxAddress = 128

// address is a struct sockaddr, copied from its owner.
type address []byte

// copyAddress copies the address of a call. The kernel answers EINVAL to
// impossible lengths (move_addr_to_kernel, net/socket.c).
func (c *caller) copyAddress(at, length uint64) (address, error) {
	n := int32(length) // an int
	if n < 0 || n > maxAddress {
		return nil, unix.EINVAL
	}
	a := make(address, n)
	return a, c.read(at, a)
}

// family is AF_UNSPEC where the address is too short to have one.
func (a address) family() uint16 {
	if len(a) < 2 {
		return unix.AF_UNSPEC
	}
	return binary.NativeEndian.Uint16(a)
}

// path gives the path of a unix address; "" for one that is unnamed or abstract
// (unix(7)). The kernel takes a path up to its NUL or the address's end.
func (a address) path() string {
	if len(a) <= 2 || a[2] == 0 {
		return ""
	}
	text, _, _ := bytes.Cut(a[2:], []byte{0})
	return string(text)
}

// abstract says that a unix address is a name outside of the file system.
func (a address) abstract() bool { return len(a) > 2 && a[2] == 0 }

// port is an internet address's port; ok is false where it is too short. IPv4
// and IPv6 addresses have it at one place (ip(7), ipv6(7)).
func (a address) port() (port uint16, ok bool) {
	if len(a) < unix.SizeofSockaddrInet4 {
		return 0, false
	}
	return binary.BigEndian.Uint16(a[2:]), true
}

// toKernel says that a netlink address is the kernel's own and joins no group
// (netlink(7)).
func (a address) toKernel() bool {
	return len(a) >= unix.SizeofSockaddrNetlink && binary.NativeEndian.Uint64(a[4:]) == 0
}
