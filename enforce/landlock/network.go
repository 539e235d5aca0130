package landlock

import ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

// Rights on TCP ports.
const (
	NetBindTCP    uint64 = ll.AccessNetBindTCP
	NetConnectTCP uint64 = ll.AccessNetConnectTCP
	NetTCP               = NetBindTCP | NetConnectTCP
)

// ConnectUnix is connecting to pathname sockets that were not made inside.
const ConnectUnix Access = ll.AccessFSResolveUnix
