// Package supervise decides about calls while the program runs, from outside
// of the sandbox: it answers the notifications of a seccomp filter
// (seccomp_unotify(2)).
//
// What it holds is that a program connects to no unix socket of the host that
// lies in a directory it was granted. Landlock does that from ABI 9 on; below,
// [Filter] hands every connect(2) and listen(2) to the process that waits for
// the program, and a [Mediator] answers.
//
// A filter sees numbers and no memory, and what lies in memory can be changed
// by another thread after a decision. So nothing that was looked at is ever
// looked at again by the kernel:
//
//   - connect: the mediator duplicates the socket (pidfd_getfd(2)), copies the
//     address, decides on the copy, and makes the connection itself on the
//     duplicate. Where the address is a path it is resolved once, to a
//     descriptor, and the connection goes to what that descriptor is.
//   - listen: the mediator notes the file that the socket is bound to, and lets
//     the call go on. What it notes is true of a socket that the program holds,
//     whatever the call then does: its listener is inside.
//   - Sockets that send without connecting (datagrams) cannot be held that way:
//     the filter refuses to make them.
//
// If the mediator dies, the kernel answers ENOSYS in its place.
package supervise
