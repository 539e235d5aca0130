package network

import (
	"strings"

	"golang.org/x/sys/unix"
)

// File is a file of the sandbox's own.
type File struct{ Path, Content string }

// ResolverFiles are what programs read to resolve names. Any server would do, and
// one on lo can always be reached; the host's search list would only ask for
// names that are not permitted. The host's hosts(5) would tell programs its
// addresses, and a connection to one of those is none to a name.
func ResolverFiles() []File {
	return []File{
		{"/etc/resolv.conf", "# the sandbox's names are answered by husk, whatever server is asked\nnameserver 127.0.0.1\n"},
		{"/etc/hosts", "127.0.0.1 localhost" + hostName() + "\n::1 localhost ip6-localhost ip6-loopback\n"},
	}
}

// hostName gives the machine's own name behind a space, "" where it is none to
// write down: programs look it up.
func hostName() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	name := unix.ByteSliceToString(u.Nodename[:])
	if name == "" || name == "localhost" || strings.ContainsAny(name, " \t\n#") {
		return ""
	}
	return " " + name
}
