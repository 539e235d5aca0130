package cgroup

import (
	"encoding/base32"
	"errors"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Group is a session's own group, locked while it is open.
type Group struct {
	// Path is the group's directory.
	Path string

	parent int // the directory it lies in
	name   string
	fd     int
}

// Prefix is the beginning of every group's name.
func Prefix(euid int) string { return "husk-" + strconv.Itoa(euid) + "-" }

// attempts is how often another name is tried when a collector took the new
// group away before it was locked.
const attempts = 100

// Make makes a group for a session of profile in place. It bounds nothing yet.
func Make(place Place, profile string, euid int) (*Group, error) {
	parent, err := unix.Open(place.Path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.New(place.Path + ": " + err.Error())
	}
	for _, controller := range place.Missing {
		if err := writeFile(parent, "cgroup.subtree_control", "+"+controller); err != nil {
			unix.Close(parent)
			return nil, errors.New(place.Path + "/cgroup.subtree_control: " + err.Error())
		}
	}
	for range attempts {
		g, err := makeOne(parent, place.Path, profile, euid)
		if err == nil || err != errTaken {
			if err != nil {
				unix.Close(parent)
			}
			return g, err
		}
	}
	unix.Close(parent)
	return nil, errors.New(place.Path + ": every new group was taken away")
}

var errTaken = errors.New("another process has it")

func makeOne(parent int, dir, profile string, euid int) (*Group, error) {
	var b [10]byte
	if n, err := unix.Getrandom(b[:], 0); err != nil || n != len(b) {
		return nil, errors.New("getrandom: no random numbers")
	}
	name := Prefix(euid) + profile + "-" + strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	if err := unix.Mkdirat(parent, name, 0o755); err != nil {
		return nil, errors.New(path.Join(dir, name) + ": " + err.Error())
	}
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errTaken
	}
	g := &Group{Path: path.Join(dir, name), parent: parent, name: name, fd: fd}
	// A collector that saw it before the lock holds that, or has removed it.
	if unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil || unix.Faccessat(fd, "cgroup.procs", unix.F_OK, 0) != nil {
		unix.Close(fd)
		return nil, errTaken
	}
	return g, nil
}

// Limits are bounds for all processes of a group together; 0 is none.
type Limits struct {
	Memory    uint64 // bytes, swap included
	Processes uint64 // processes and threads
	CPU       uint64 // percent of one processor
}

// Controllers lists what the bounds need.
func (l Limits) Controllers() []string {
	var all []string
	for _, c := range []struct {
		bound uint64
		name  string
	}{{l.Memory, Memory}, {l.Processes, Processes}, {l.CPU, CPU}} {
		if c.bound > 0 {
			all = append(all, c.name)
		}
	}
	return all
}

// cpuPeriod is the time over which processor time is counted, in microseconds:
// the kernel's default.
const cpuPeriod = 100_000

// Set writes the bounds. Where memory runs out the kernel ends the largest
// process, as on the whole machine: memory.oom.group would end PID 1 as well, and
// with it whoever shares its memory, which is the wrapper (oom_kill.c, tried).
func (g *Group) Set(l Limits) error {
	if l.Memory > 0 {
		if err := g.write("memory.max", strconv.FormatUint(l.Memory, 10)); err != nil {
			return err
		}
		// Kernels and machines without swap don't have it.
		if err := writeFile(g.fd, "memory.swap.max", "0"); err != nil && err != unix.ENOENT {
			return errors.New(g.Path + "/memory.swap.max: " + err.Error())
		}
	}
	if l.Processes > 0 {
		if err := g.write("pids.max", strconv.FormatUint(l.Processes, 10)); err != nil {
			return err
		}
	}
	if l.CPU > 0 {
		// The kernel takes no quota below a millisecond.
		quota := max(l.CPU*(cpuPeriod/100), 1000)
		return g.write("cpu.max", strconv.FormatUint(quota, 10)+" "+strconv.Itoa(cpuPeriod))
	}
	return nil
}

// Descriptors gives the directory that the group lies in and its own, which has
// the lock, for a program that this one executes in its place.
func (g *Group) Descriptors() (parent, own int) { return g.parent, g.fd }

// Adopt takes a group over whose descriptors were left open.
func Adopt(name string, parent, own int) *Group {
	return &Group{Path: name, parent: parent, name: path.Base(name), fd: own}
}

// FD gives a descriptor of the group's directory, for CLONE_INTO_CGROUP.
func (g *Group) FD() int { return g.fd }

// Add moves a process that was started elsewhere into the group.
func (g *Group) Add(pid int) error { return g.write("cgroup.procs", strconv.Itoa(pid)) }

// OutOfMemory says whether the bound on memory has ended a process.
func (g *Group) OutOfMemory() bool {
	text, err := readFile(g.fd, "memory.events")
	if err != nil {
		return false
	}
	for _, line := range strings.Split(text, "\n") {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			return count != "0"
		}
	}
	return false
}

// Remove ends what is left in the group and removes it.
func (g *Group) Remove() error {
	err := remove(g.parent, g.name, g.fd)
	unix.Close(g.fd)
	unix.Close(g.parent)
	if err != nil {
		return errors.New(g.Path + ": " + err.Error())
	}
	return nil
}

func (g *Group) write(file, text string) error {
	if err := writeFile(g.fd, file, text); err != nil {
		return errors.New(g.Path + "/" + file + ": " + err.Error())
	}
	return nil
}

func writeFile(dir int, file, text string) error {
	fd, err := unix.Openat(dir, file, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	_, err = unix.Write(fd, []byte(text))
	unix.Close(fd)
	return err
}
