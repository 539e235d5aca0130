package steps

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The list is data: it can be read without being run.
func TestListing(t *testing.T) {
	l := New()
	l.BlockSignals()
	l.DieWithParent([2]int{3, 4})
	l.Write("/proc/self/uid_map", "0 1000 1", 7)
	l.CloseAllBut(4)
	l.Private()
	l.Mount("tmpfs", "/proc", unix.MS_NOSUID, "mode=755", noOrigin)
	l.Mount("proc", "proc", 0, "", noOrigin)
	l.Chdir("/proc")
	l.Mkdir("home/u", 0o755, 1)
	l.Symlink("usr/bin", "bin", noOrigin)
	l.File("etc/passwd", 0o444, []byte("u:x\n"), noOrigin)
	l.Bind("/home/u/p", "home/u/p", BindOptions{Writable: true, Recursive: true, Exact: true, Origin: 2})
	l.Bind("/usr", "usr", BindOptions{Origin: noOrigin})
	l.PivotRoot()
	l.ReadOnly("/", noOrigin)
	l.Program()
	l.OwnGroup(-1)
	l.CloseStream(0)
	l.Rlimit("files", unix.RLIMIT_NOFILE, 64, 64, 3)
	l.Ruleset(make([]byte, 24), "ruleset over files")
	l.AllowBeneath("/usr", 1, "read", noOrigin)
	l.AllowPort(443, 1, "connect", 4)
	l.Restrict()
	l.Seccomp(make([]byte, 24), 0, 5)
	l.Exec("/usr/bin/true", []string{"true"}, nil)
	const want = `
init     signals    block all
init     prctl      die with the parent
init     map        /proc/self/uid_map "0 1000 1" [7]
init     close      all above 2 but init's own
init     attr       / private, recursively
init     mount      tmpfs at /proc (mode=755)
init     mount      proc at proc
init     root       chdir /proc
init     mkdir      home/u [1]
init     symlink    bin -> usr/bin
init     file       etc/passwd (4 bytes)
init     bind       /home/u/p at home/u/p, writable, with what is mounted below [2]
init     bind       /usr at usr, read-only
init     root       pivot_root . and detach the old root
init     attr       / read-only
program  group      a process group of its own
program  close      standard stream 0, closed by the caller
program  rlimit     files 64 [3]
program  landlock   ruleset over files
program  landlock   /usr: read
program  landlock   port 443: connect [4]
program  landlock   restrict the process
program  seccomp    filter of 3 instructions [5]
program  exec       /usr/bin/true
`
	var got strings.Builder
	for _, s := range l.Steps {
		got.WriteString("\n" + s.String())
		if s.Origin != noOrigin {
			fmt.Fprintf(&got, " [%d]", s.Origin)
		}
	}
	if got.String()+"\n" != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	if n := l.Count(); n != len(l.calls) || n <= len(l.Steps) {
		t.Errorf("%d calls for %d steps", n, len(l.Steps))
	}
}

// Every call belongs to a step, and the calls of a step stand together.
func TestCallsNameTheirStep(t *testing.T) {
	l := New()
	l.File("a", 0o444, []byte("x"), noOrigin)
	l.Bind("/a", "a", BindOptions{Exact: true, File: true})
	l.Program()
	l.DropCapabilities(40)
	l.Exec("/bin/true", nil, nil)
	last := uint16(0)
	seen := map[uint16]bool{}
	for i, c := range l.calls {
		if int(c.step) >= len(l.Steps) || c.step < last {
			t.Errorf("call %d belongs to step %d, after step %d", i, c.step, last)
		}
		last, seen[c.step] = c.step, true
	}
	if len(seen) != len(l.Steps) {
		t.Errorf("%d of %d steps have calls", len(seen), len(l.Steps))
	}
}

// An empty file needs no write, and a step may not look at a file of length 0.
func TestEmptyFile(t *testing.T) {
	l := New()
	l.File("a", 0o444, nil, noOrigin)
	for _, c := range l.calls {
		if c.number == unix.SYS_WRITE {
			t.Error("write of nothing")
		}
	}
}

func TestCloseAllButRanges(t *testing.T) {
	const end = uintptr(^uint32(0))
	for _, c := range []struct {
		keep []int
		want [][2]uintptr
	}{
		{nil, [][2]uintptr{{3, end}}},
		{[]int{3}, [][2]uintptr{{4, end}}},
		{[]int{4}, [][2]uintptr{{3, 3}, {5, end}}},
		{[]int{3, 4}, [][2]uintptr{{5, end}}},
		{[]int{9, 5}, [][2]uintptr{{3, 4}, {6, 8}, {10, end}}},
		{[]int{5, 9, 5}, [][2]uintptr{{3, 4}, {6, 8}, {10, end}}},
		{[]int{0, 1, 2, -1}, [][2]uintptr{{3, end}}}, // not above 2, so not closed in any case
	} {
		l := New()
		l.CloseAllBut(c.keep...)
		var got [][2]uintptr
		for _, call := range l.calls {
			if call.number != unix.SYS_CLOSE_RANGE || call.args[2] != 0 {
				t.Errorf("keep %v: call %d with flags %d", c.keep, call.number, call.args[2])
			}
			got = append(got, [2]uintptr{call.args[0], call.args[1]})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("keep %v: closes %v, want %v", c.keep, got, c.want)
		}
	}
}

// What is shown is never set-id, is read-only unless asked for, and has no
// devices unless asked for.
func TestBindAttributes(t *testing.T) {
	const always = unix.MOUNT_ATTR_NOSUID
	for o, want := range map[BindOptions]uint64{
		{}:                              always | unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NODEV,
		{Writable: true}:                always | unix.MOUNT_ATTR_NODEV,
		{NoExec: true}:                  always | unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC,
		{Writable: true, Devices: true}: always,
		{Devices: true, NoExec: true}:   always | unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOEXEC,
	} {
		if got := o.Attributes(); got != want {
			t.Errorf("%+v: %#x, want %#x", o, got, want)
		}
	}
}

// The attributes of what a user grants are set before the mount can be seen
// anywhere.
func TestBindSetsAttributesBeforeItAttaches(t *testing.T) {
	for _, o := range []BindOptions{{Exact: true}, {Exact: true, Writable: true}, {Exact: true, Recursive: true, File: true}} {
		l := New()
		l.Bind("/a", "b", o)
		attr, move := -1, -1
		for i, c := range l.calls {
			switch c.number {
			case unix.SYS_MOUNT_SETATTR:
				attr = i
			case unix.SYS_MOVE_MOUNT:
				move = i
			case unix.SYS_MOUNT:
				t.Errorf("%+v: mount(2) binds first and makes read-only later", o)
			}
		}
		if attr < 0 || move < attr {
			t.Errorf("%+v: mount_setattr is call %d, move_mount call %d", o, attr, move)
		}
	}
}
