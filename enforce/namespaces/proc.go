package namespaces

import "golang.org/x/sys/unix"

// procSecrets are files of proc(5) that tell about the whole machine what no
// namespace hides. keys shows the name of every key of the user's, which a
// login may have made; it is there for everybody.
var procSecrets = []string{"/proc/keys"}

// procOfRoot are files that root's number opens without any capability, and
// the sandbox of root has that number: who waits for which timer, everywhere.
var procOfRoot = []string{"/proc/timer_list"}

// HideProc hides what of /proc is nobody's business in a sandbox. root says
// that root's number is the one that opens files inside.
func (v *View) HideProc(host Lookup, root bool) {
	names := procSecrets
	if root {
		names = append(names[:len(names):len(names)], procOfRoot...)
	}
	for _, name := range names {
		if host.Lstat(name)&unix.S_IFMT == unix.S_IFREG {
			v.Add(Place{Path: name, Kind: HideFile, Origin: none})
		}
	}
}
