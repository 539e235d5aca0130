package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRemoveCopesWithModes(t *testing.T) {
	for _, mode := range []os.FileMode{0, 0o100, 0o300, 0o400, 0o500, 0o555, 0o700, 0o1777} {
		d := make1(t, inMemory(t), "npm", false)
		for _, dir := range []string{"a/b/c/d/e", "a/b/other", "f"} {
			mkdir(t, 0o700, d.Path, dir)
			write(t, "x", d.Path, dir, "file")
			write(t, "x", d.Path, dir, "closed")
			if err := os.Chmod(filepath.Join(d.Path, dir, "closed"), 0); err != nil {
				t.Fatal(err)
			}
		}
		for _, dir := range []string{"a/b/c/d/e", "a/b/c/d", "a/b/c", "a/b/other", "a/b", "a", "f", "."} {
			mkdir(t, mode, d.Path, dir)
		}
		if err := d.Remove(); err != nil || exists(d.Path) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

// A path of 5,000 levels can't be named; it is made and removed by descriptor.
func TestRemoveADeepTree(t *testing.T) {
	d := make1(t, inMemory(t), "npm", false)
	before := descriptors(t)
	fd, err := unix.Open(d.Path, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		if err := unix.Mkdirat(fd, "d", 0o700); err != nil {
			t.Fatal(err)
		}
		next, err := unix.Openat(fd, "d", unix.O_PATH|unix.O_DIRECTORY, 0)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
		fd = next
	}
	unix.Close(fd)
	if err := d.Remove(); err != nil || exists(d.Path) {
		t.Fatalf("5,000 levels: %v", err)
	}
	if after := descriptors(t); after != before-2 { // the session's own two
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func TestRemoveManyFiles(t *testing.T) {
	d := make1(t, inMemory(t), "npm", false)
	for i := range 10_000 {
		name := filepath.Join(d.Path, "a-name-that-fills-the-buffer-of-getdents-"+strconv.Itoa(i))
		fd, err := unix.Open(name, unix.O_CREAT|unix.O_WRONLY|unix.O_EXCL, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
	}
	if err := d.Remove(); err != nil || exists(d.Path) {
		t.Error(err)
	}
}

// Wide and deep at once: directories that move up meet each other's names, and
// names that the program chose to be in the way.
func TestRemoveABushyTree(t *testing.T) {
	d := make1(t, trusted(t), "npm", false)
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				dir := mkdir(t, 0o700, d.Path, "husk-"+strconv.Itoa(i+1), "husk-"+strconv.Itoa(j+1), "husk-"+strconv.Itoa(k+1), "same", "same")
				write(t, "x", dir, "husk-1")
			}
		}
	}
	write(t, "x", d.Path, "husk-4") // a file where a directory would go
	symlink(t, "/", d.Path, "husk-5")
	if err := d.Remove(); err != nil || exists(d.Path) {
		t.Error(err)
	}
}

func TestRemoveFollowsNoLink(t *testing.T) {
	base := trusted(t)
	goal := mkdir(t, 0o500, base, "goal")
	d := make1(t, base, "npm", false)
	mkdir(t, 0o700, d.Path, "a", "b")
	for _, at := range []string{"link", "a/link", "a/b/link"} {
		symlink(t, goal, d.Path, at)
		symlink(t, "..", d.Path, at+"-up")
	}
	if err := os.Link(write(t, "kept", base, "kept"), filepath.Join(d.Path, "hard")); err != nil {
		t.Fatal(err)
	}
	if err := d.Remove(); err != nil || exists(d.Path) {
		t.Error(err)
	}
	var st unix.Stat_t
	if err := unix.Lstat(goal, &st); err != nil || st.Mode&0o7777 != 0o500 {
		t.Errorf("what the links lead to: mode %o, %v", st.Mode, err)
	}
	if text, err := os.ReadFile(filepath.Join(base, "kept")); err != nil || string(text) != "kept" {
		t.Errorf("the file that the hard link shares: %q, %v", text, err)
	}
}

func TestRemoveEveryKindOfFile(t *testing.T) {
	d := make1(t, trusted(t), "npm", false)
	mkdir(t, 0o700, d.Path, "dir")
	for _, at := range []string{"", "dir"} {
		if err := unix.Mkfifo(filepath.Join(d.Path, at, "fifo"), 0); err != nil {
			t.Fatal(err)
		}
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Bind(fd, &unix.SockaddrUnix{Name: filepath.Join(d.Path, at, "socket")}); err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
		write(t, "", d.Path, at, "a name\nwith everything\x01 in it \xff*")
	}
	if err := d.Remove(); err != nil || exists(d.Path) {
		t.Error(err)
	}
}

func TestRemoveOfWhatIsGone(t *testing.T) {
	d := make1(t, trusted(t), "npm", false)
	if err := os.Remove(d.Path); err != nil {
		t.Fatal(err)
	}
	if err := d.Remove(); err != nil {
		t.Errorf("it is gone, which is all that was asked for: %v", err)
	}
}

// What can't be removed is an error, never silence. A mount in the tree stands
// for all that can be in the way of root as well.
func TestRemoveSaysWhatItCouldNot(t *testing.T) { inOwnMounts(t, "remove-busy") }

func removeBusy() error {
	_, d, err := busySession("npm")
	if err != nil {
		return err
	}
	if err := d.Remove(); err == nil || !strings.Contains(err.Error(), d.Path) || !strings.Contains(err.Error(), "busy") {
		return fmt.Errorf("Remove's error is %v, without %s", err, d.Path)
	}
	if !exists(d.Path) {
		return errors.New("it is gone all the same")
	}
	return nil
}

// busySession makes a session directory in which something is mounted.
func busySession(profile string) (base string, d *Dir, err error) {
	if base, err = os.Getwd(); err != nil {
		return "", nil, err
	}
	if d, err = Make(base, profile, 0, false); err != nil {
		return "", nil, err
	}
	stuck := filepath.Join(d.Path, "stuck")
	if err = os.Mkdir(stuck, 0o700); err != nil {
		return "", nil, err
	}
	return base, d, unix.Mount("tmpfs", stuck, "tmpfs", 0, "mode=700")
}
