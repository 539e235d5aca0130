package steps

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// Notifier is the object of the step that [List.Notify] adds.
const Notifier = "notifier"

// Notify loads a filter whose notifications somebody outside answers
// (seccomp_unotify(2)), and sends its listener through socket, which the other
// side reads. A later filter may refuse what this one permits.
//
// With WAIT_KILLABLE_RECV (Linux 5.19) only a fatal signal interrupts a call
// that is being answered: else a connection that was made already would be
// asked for a second time, and a call that is logged counted twice.
//
// With a token other than 0, this filter load, the message and later filters
// carry it in their sixth argument, which the kernel does not read: a filter that
// would ask about them too knows them by it. The listener is closed by the
// execve(2) to come (seccomp(2), SECCOMP_FILTER_FLAG_NEW_LISTENER).
func (l *List) Notify(program []byte, socket int, token uint64, origin int) {
	const flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	l.token = token
	l.begin(Seccomp, origin, Notifier, "filter of ", strconv.Itoa(len(program)/instruction),
		" instructions, calls that the wrapper answers")
	l.loadFilter(program, flags).into(0)
	message, descriptor := l.descriptorMessage(1)
	l.storeInt32(descriptor, 0, 0)
	l.add(unix.SYS_SENDMSG, value(socket), address(message), value(unix.MSG_NOSIGNAL), arg{}, arg{}, value(token))
}
