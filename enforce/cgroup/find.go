package cgroup

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// Controllers, as cgroup.controllers names them.
const (
	Memory    = "memory"
	Processes = "pids"
	CPU       = "cpu"
)

// Hierarchy is a mounted cgroup v2 hierarchy and the caller's place in it.
type Hierarchy struct {
	Mount string // where it is mounted
	Own   string // the caller's group, as /proc/self/cgroup names it
}

// mounts are where a version 2 hierarchy is: alone, or beside those of version 1.
var mounts = []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}

// Host gives the running system's hierarchy. The error says why there is none.
func Host() (Hierarchy, error) {
	for _, mount := range mounts {
		var fs unix.Statfs_t
		if unix.Statfs(mount, &fs) != nil || fs.Type != unix.CGROUP2_SUPER_MAGIC {
			continue
		}
		text, err := readFile(unix.AT_FDCWD, "/proc/self/cgroup")
		if err != nil {
			return Hierarchy{}, errors.New("/proc/self/cgroup: " + err.Error())
		}
		for _, line := range strings.Split(text, "\n") {
			if own, ok := strings.CutPrefix(line, "0::"); ok && path.IsAbs(own) {
				return Hierarchy{Mount: mount, Own: path.Clean(own)}, nil
			}
		}
		return Hierarchy{}, errors.New("this process is in no cgroup of version 2")
	}
	return Hierarchy{}, errors.New("no cgroup v2 hierarchy is mounted at " + mounts[0])
}

// Place is a directory in which the caller may make groups.
type Place struct {
	Path string
	// Missing are controllers that it has and does not give to its groups yet.
	Missing []string
}

// Find gives the nearest place with all the controllers in want: the caller's
// own group or one above it that the caller may write. The caller must be
// allowed to move processes out of its own group into a new one, which is
// decided at the common ancestor: the place itself (cgroup-v2.rst, "Delegation
// Containment"). With enable, a place also counts that could give its groups the
// controllers and does not do so yet.
//
// This is on every start's way: whether a directory may be written is asked
// before what it offers, since a file of cgroupfs costs ten times as much to
// read and the answer is mostly no.
func (h Hierarchy) Find(want []string, enable bool) (Place, error) {
	var possible *Place
	for dir := h.Own; ; dir = path.Dir(dir) {
		at := path.Join(h.Mount, dir)
		if writable(at) {
			missing := without(want, readWords(path.Join(at, "cgroup.subtree_control")))
			if len(missing) == 0 {
				return Place{Path: at}, nil
			}
			// A group with processes of its own cannot give controllers to others,
			// but for the root ("No Internal Process Constraint").
			if enable && possible == nil && (dir != h.Own || dir == "/") && offers(at, want) &&
				unix.Access(path.Join(at, "cgroup.subtree_control"), unix.W_OK) == nil {
				possible = &Place{Path: at, Missing: missing}
			}
		}
		if dir == "/" {
			break
		}
	}
	switch {
	case possible != nil:
		return *possible, nil
	case enable && !h.offeredAbove(want): // else nobody reads why
		return Place{}, errors.New("the cgroup v2 hierarchy does not have the controllers " + strings.Join(want, ", "))
	}
	return Place{}, errors.New("no cgroup with the controllers " + strings.Join(want, ", ") + " is delegated to this user")
}

// Offers says whether the hierarchy has the controllers at all: version 1 may have
// them, and then version 2 has not (cgroups(7)).
func (h Hierarchy) Offers(controllers []string) bool { return offers(h.Mount, controllers) }

// offeredAbove says whether a group from the caller's own to the root has them.
func (h Hierarchy) offeredAbove(want []string) bool {
	for dir := h.Own; ; dir = path.Dir(dir) {
		found := offers(path.Join(h.Mount, dir), want)
		if found || dir == "/" {
			return found
		}
	}
}

// offers says whether the group dir has all the controllers in want.
func offers(dir string, want []string) bool {
	return len(without(want, readWords(path.Join(dir, "cgroup.controllers")))) == 0
}

// writable says whether the caller may make a group in dir and have a process
// of its own begin there.
func writable(dir string) bool {
	return unix.Access(dir, unix.W_OK|unix.X_OK) == nil && unix.Access(path.Join(dir, "cgroup.procs"), unix.W_OK) == nil
}

// without gives the words of want that have does not have.
func without(want, have []string) []string {
	var left []string
	for _, w := range want {
		found := false
		for _, h := range have {
			found = found || h == w
		}
		if !found {
			left = append(left, w)
		}
	}
	return left
}

func readWords(file string) []string {
	text, err := readFile(unix.AT_FDCWD, file)
	if err != nil {
		return nil
	}
	return strings.Fields(text)
}

// readFile reads a small file of proc or cgroupfs, below the directory dir.
func readFile(dir int, name string) (string, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	var text []byte
	buffer := make([]byte, 4096)
	for {
		n, err := unix.Read(fd, buffer)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return "", err
		case n == 0:
			return string(text), nil
		}
		text = append(text, buffer[:n]...)
	}
}
