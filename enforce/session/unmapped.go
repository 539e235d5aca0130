package session

import (
	"os"
	"strconv"
	"strings"
)

// In a user namespace that maps one user alone (bubblewrap's, unshare's), every
// other user looks alike: as the overflow user (user_namespaces(7)). Whether a
// directory is root's or somebody's cannot be told from its owner then.
//
// So it is told from its place. Who owns / decides what every path means, the
// programs and this one among them; not to trust it would change nothing. The
// directories of systemDirectories are made by whoever makes / (hier(7),
// file-hierarchy(7)), and are taken for that one's where / has no number either.
// No other directory of a user without a number is used.

// systemDirectories are root's on every system.
var systemDirectories = []string{
	"/", "/dev", "/dev/shm", "/home", "/mnt", "/opt", "/run", "/run/user", "/srv", "/tmp", "/usr", "/usr/local", "/var", "/var/tmp",
}

// nobodys is the number that stands for every user without one
// (/proc/sys/kernel/overflowuid; the kernel's own, which nobody changes).
const nobodys = 65534

// everybody is the count of all users: 2^32 - 1, since -1 is none.
const everybody = 1<<32 - 1

// everybodyHasANumber says whether nobodys is a user like others: in the first user
// namespace, and in one that maps all. Where the map can't be read it is none.
func everybodyHasANumber() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && mapsEverybody(string(text))
}

// mapsEverybody reads lines of: first number inside, first number outside, count.
func mapsEverybody(text string) bool {
	fields := strings.Fields(text)
	return len(fields) == 3 && fields[0] == "0" && fields[2] == strconv.Itoa(everybody)
}
