package supervisor

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// receive takes the descriptors of one message (unix(7), SCM_RIGHTS). io.EOF
// says that there will be no more, errCut that there was no room for all of them.
func receive(socket int) ([]*os.File, error) {
	var content [1]byte
	control := make([]byte, unix.CmsgSpace(4*maxDescriptors))
	n, length, flags, _, err := unix.Recvmsg(socket, content[:], control, unix.MSG_CMSG_CLOEXEC)
	for err == unix.EINTR {
		n, length, flags, _, err = unix.Recvmsg(socket, content[:], control, unix.MSG_CMSG_CLOEXEC)
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
	if flags&unix.MSG_CTRUNC != 0 {
		for _, f := range files {
			_ = f.Close()
		}
		return nil, errCut
	}
	return files, nil
}

// errCut: the kernel drops what this process has no descriptors for (recvmsg(2),
// MSG_CTRUNC).
var errCut = errors.New("too few descriptors: the limit on open files is too low")

// maxDescriptors is what one message can carry (SCM_MAX_FD).
const maxDescriptors = 253
