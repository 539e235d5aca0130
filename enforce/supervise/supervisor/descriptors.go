package supervisor

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// receive takes the descriptors of one message (unix(7), SCM_RIGHTS). io.EOF
// says that there will be no more.
func receive(socket int) ([]*os.File, error) {
	var content [1]byte
	control := make([]byte, unix.CmsgSpace(4*maxDescriptors))
	n, length, _, _, err := unix.Recvmsg(socket, content[:], control, unix.MSG_CMSG_CLOEXEC)
	for err == unix.EINTR {
		n, length, _, _, err = unix.Recvmsg(socket, content[:], control, unix.MSG_CMSG_CLOEXEC)
	}
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.EOF
	}
	messages, err := unix.ParseSocketControlMessage(control[:length])
	if err != nil {
		return nil, err
	}
	var files []*os.File
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			return nil, err
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "listener"))
		}
	}
	return files, nil
}

// maxDescriptors is what one message can carry (SCM_MAX_FD).
const maxDescriptors = 253

// Kinds of sockets that come out.
const (
	listener  = iota // accepts connections
	datagrams        // UDP
	lent             // for a connection into the sandbox
)

func kindOf(f *os.File) (int, error) {
	fd := int(f.Fd())
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind == unix.SOCK_DGRAM {
		return datagrams, err
	}
	if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err != nil || listens != 0 {
		return listener, err
	}
	return lent, nil
}
