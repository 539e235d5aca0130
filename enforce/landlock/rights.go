// Package landlock turns the file and network policy into what the kernel's
// Landlock takes (Documentation/userspace-api/landlock.rst). The system calls
// themselves are steps of the setup program; here are the numbers.
package landlock

import (
	"strings"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// Access is a set of LANDLOCK_ACCESS_FS_* rights.
type Access uint64

// What the policy's words mean as rights.
const (
	List    Access = ll.AccessFSReadDir
	Read    Access = ll.AccessFSReadFile | ll.AccessFSReadDir
	Execute Access = ll.AccessFSExecute
	// Write is everything that changes a tree, but no device nodes. Refer lets
	// files be renamed and linked between granted trees (EXDEV otherwise).
	Write Access = Read | ll.AccessFSWriteFile | ll.AccessFSRemoveDir | ll.AccessFSRemoveFile |
		ll.AccessFSMakeDir | ll.AccessFSMakeReg | ll.AccessFSMakeSock | ll.AccessFSMakeFifo |
		ll.AccessFSMakeSym | ll.AccessFSRefer | ll.AccessFSTruncate
	// Device is the use of device files.
	Device Access = Read | ll.AccessFSWriteFile | ll.AccessFSTruncate | ll.AccessFSIoctlDev
)

// onFile are the rights that a rule on anything but a directory may have; the
// kernel answers EINVAL to others.
const onFile Access = ll.AccessFSExecute | ll.AccessFSWriteFile | ll.AccessFSReadFile |
	ll.AccessFSTruncate | ll.AccessFSIoctlDev | ll.AccessFSResolveUnix

// OnFile leaves the rights that make sense for a file.
func (a Access) OnFile() Access { return a & onFile }

// String names the rights, shortest form first.
func (a Access) String() string {
	var words []string
	add := func(mask Access, word string) {
		if mask != 0 && a&mask == mask {
			words = append(words, word)
		}
	}
	switch {
	case a&Write == Write:
		words = append(words, "write")
	case a&ll.AccessFSWriteFile != 0:
		words = append(words, "write the file")
		add(ll.AccessFSReadFile, "read")
	case a&ll.AccessFSReadFile != 0:
		words = append(words, "read")
	default:
		add(ll.AccessFSReadDir, "list")
	}
	add(ll.AccessFSExecute, "execute")
	add(ll.AccessFSIoctlDev, "device ioctls")
	return strings.Join(words, ", ")
}

// abi is what one version of the interface added.
type abi struct {
	fs      Access
	net     uint64
	scoped  uint64
	version int
}

// abis lists what husk uses, by the version that brought it.
var abis = []abi{
	{version: 1, fs: 1<<13 - 1},
	{version: 2, fs: ll.AccessFSRefer},
	{version: 3, fs: ll.AccessFSTruncate},
	{version: 4, net: ll.AccessNetBindTCP | ll.AccessNetConnectTCP},
	{version: 5, fs: ll.AccessFSIoctlDev},
	{version: 6, scoped: ll.ScopeAbstractUnixSocket | ll.ScopeSignal},
	{version: 9, fs: ll.AccessFSResolveUnix},
	{version: 10, net: ll.AccessNetBindUDP | ll.AccessNetConnectSendUDP},
}

// Versions that a guarantee needs.
const (
	ABIFiles   = 3 // truncate: before it a read-only file could be emptied
	ABINetwork = 4
	ABIScope   = 6
	ABIUnix    = 9 // pathname unix sockets; below it connect(2) is mediated
)

// ABI gives the kernel's version, 0 with the errno where there is no Landlock.
func ABI() (int, error) { return ll.LandlockGetABIVersion() }

// Handled is what a ruleset takes away where no rule gives it back.
type Handled struct {
	FS     Access
	Net    uint64
	Scoped uint64
}

// HandledBy gives all that a kernel of the given version can hold.
func HandledBy(version int) Handled {
	var h Handled
	for _, a := range abis {
		if a.version <= version {
			h.FS |= a.fs
			h.Net |= a.net
			h.Scoped |= a.scoped
		}
	}
	return h
}
