package session

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMakeAndRemove(t *testing.T) {
	base := trusted(t)
	for _, mask := range []int{0, 0o022, 0o777} {
		old := unix.Umask(mask)
		d, err := Make(base, "npm", euid, false)
		unix.Umask(old)
		if err != nil {
			t.Fatalf("umask %o: %v", mask, err)
		}
		var st unix.Stat_t
		if err := unix.Lstat(d.Path, &st); err != nil {
			t.Fatal(err)
		}
		if st.Mode != unix.S_IFDIR|0o700 || int(st.Uid) != euid {
			t.Errorf("umask %o: mode %o, owner %d", mask, st.Mode, st.Uid)
		}
		if filepath.Dir(d.Path) != base {
			t.Errorf("%s is not in %s", d.Path, base)
		}
		write(t, "left", d.Path, "file")
		if err := d.Remove(); err != nil || exists(d.Path) {
			t.Errorf("umask %o: not removed: %v", mask, err)
		}
	}
}

func TestTheNameCannotBeGuessed(t *testing.T) {
	base := trusted(t)
	form := regexp.MustCompile(`^husk-` + strconv.Itoa(euid) + `-git-([a-z2-7]{16})$`) // 16 letters of 5 bits
	seen := map[string]bool{}
	for range 300 {
		d := make1(t, base, "git", false)
		m := form.FindStringSubmatch(filepath.Base(d.Path))
		if m == nil {
			t.Fatalf("the name %q", d.Path)
		}
		if seen[m[1]] {
			t.Fatalf("%q twice", m[1])
		}
		seen[m[1]] = true
		if err := d.Remove(); err != nil {
			t.Fatal(err)
		}
	}
}

// Every position of the random part must vary: a constant one is a bit less.
func TestEveryLetterOfTheNameVaries(t *testing.T) {
	var letters [16]map[byte]bool
	for range 200 {
		s, err := random()
		if err != nil || len(s) != len(letters) {
			t.Fatalf("random() = %q, %v", s, err)
		}
		for i := range letters {
			if letters[i] == nil {
				letters[i] = map[byte]bool{}
			}
			letters[i][s[i]] = true
		}
	}
	for i, l := range letters {
		if len(l) < 16 { // of 32; fewer than 16 in 200 tries has a chance below 10^-50
			t.Errorf("letter %d takes %d values only", i, len(l))
		}
	}
}

// A name that somebody took in advance, whatever stands there, is left alone.
func TestATakenNameIsNotUsed(t *testing.T) {
	base := trusted(t)
	goal := mkdir(t, 0o700, base, "goal")
	write(t, "kept", goal, "file")
	taken := map[string]func(path string){
		"a directory":     func(path string) { mkdir(t, 0o777, path) },
		"a file":          func(path string) { write(t, "x", path) },
		"a link":          func(path string) { symlink(t, goal, path) },
		"a dangling link": func(path string) { symlink(t, "nothing", path) },
	}
	for what, plant := range taken {
		name := Prefix(euid) + "npm-" + strings.ReplaceAll(what, " ", "")
		plant(filepath.Join(base, name))
		fd, err := unix.Open(base, unix.O_PATH|unix.O_DIRECTORY, 0)
		if err != nil {
			t.Fatal(err)
		}
		d, err := makeNamed(fd, base, name, euid)
		if !errors.Is(err, errTaken) || d != nil {
			t.Errorf("%s: makeNamed = %v, %v; want errTaken", what, d, err)
		}
		if !exists(filepath.Join(base, name)) {
			t.Errorf("%s: what stood there is gone", what)
		}
		if d, err = makeNamed(fd, base, name+"-free", euid); err != nil {
			t.Errorf("%s: a free name beside it: %v", what, err)
		} else if err := d.Remove(); err != nil { // closes fd
			t.Error(err)
		}
	}
	if !exists(filepath.Join(goal, "file")) {
		t.Error("the link was followed")
	}
}

// A directory that turns out to be another user's (a root squashed by NFS, a
// base that was exchanged) is refused and taken away again.
func TestADirectoryOfAnotherOwnerIsRefused(t *testing.T) {
	base := trusted(t)
	_, err := Make(base, "npm", stranger, false)
	wantRefusal(t, err, base, "belongs to user "+strconv.Itoa(euid))
	if left, err := os.ReadDir(base); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestMakeRefusesABase(t *testing.T) {
	dir := trusted(t)
	file := write(t, "", dir, "file")
	link := symlink(t, mkdir(t, 0o700, dir, "real"), dir, "link")
	for what, c := range map[string]struct{ base, want string }{
		"missing": {dir + "/none", "no such file"},
		"a file":  {file, "not a directory"},
		"a link":  {link, "not a directory"}, // it was resolved before: somebody exchanged it
	} {
		d, err := Make(c.base, "npm", euid, false)
		if err == nil || !regexp.MustCompile(c.want).MatchString(err.Error()) || !strings.Contains(err.Error(), c.base) {
			t.Errorf("%s: Make = %v, %v; want an error with %s and %q", what, d, err, c.base, c.want)
		}
	}
	if left, err := os.ReadDir(dir + "/real"); err != nil || len(left) != 0 {
		t.Errorf("something was made behind the link: %v, %v", left, err)
	}
}

func TestMakeRefusesAnUnwritableBase(t *testing.T) {
	base := "/usr" // not writable for an ordinary user
	if euid == 0 {
		base = "/sys" // for nobody
	}
	_, err := Make(base, "npm", euid, false)
	wantRefusal(t, err, base+"/husk-")
	if !strings.Contains(err.Error(), "permi") && !strings.Contains(err.Error(), "read-only") {
		t.Errorf("the reason is missing: %v", err)
	}
}

// No name leads out of the base, and none is cut short.
func TestProfileNamesThatAreNoFileNames(t *testing.T) {
	base := trusted(t)
	inner := mkdir(t, 0o700, base, "inner")
	for _, profile := range []string{"../x", "a/b", "a/../../x", strings.Repeat("n", 250), "a\x00b"} {
		if d, err := Make(inner, profile, euid, false); err == nil {
			t.Errorf("profile %q made %s", profile, d.Path)
		}
	}
	for _, dir := range []string{base, inner} {
		left, err := os.ReadDir(dir)
		if err != nil || len(left) > 1 {
			t.Errorf("%s holds %v, %v", dir, left, err)
		}
	}
}

func TestMakeLeavesNoDescriptors(t *testing.T) {
	base := trusted(t)
	before := descriptors(t)
	for range 20 {
		d := make1(t, base, "npm", false)
		if err := d.Remove(); err != nil {
			t.Fatal(err)
		}
		_, _ = Make(base+"/none", "npm", euid, false)
		_, _ = Make(base, "a/b", euid, false)
		_, _ = Make(base, "npm", stranger, false)
		collect(t, base)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// The program must not inherit the lock: its descriptor closes on exec.
func TestTheLockIsNotInherited(t *testing.T) {
	d := make1(t, trusted(t), "npm", false)
	defer abandon(d)
	for _, fd := range []int{d.fd, d.base} {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("descriptor %d: flags %d, %v", fd, flags, err)
		}
	}
}

// A full disk, ENOSPC at mkdir(2): no session directory, no descriptor, no way
// around; and as soon as there is room, it works.
func TestMakeOnAFullDisk(t *testing.T) {
	inOwnMounts(t, "full-disk")
	inOwnMounts(t, "full-disk-then-room")
}

// fullDisk mounts a file system over the working directory in which not one
// more file can be made.
func fullDisk() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "nr_inodes=2,mode=700"); err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir+"/last", 0o700)
}

func makeOnFullDisk() error {
	dir, err := fullDisk()
	if err != nil {
		return err
	}
	d, err := Make(dir, "npm", 0, false)
	if err == nil {
		return errors.New("made " + d.Path)
	}
	if !strings.Contains(err.Error(), "no space left") || !strings.Contains(err.Error(), dir) {
		return errors.New("not the reason: " + err.Error())
	}
	return nil
}

func makeOnFullDiskThenFree() error {
	dir, err := fullDisk()
	if err != nil {
		return err
	}
	if err := os.Remove(dir + "/last"); err != nil {
		return err
	}
	d, err := Make(dir, "npm", 0, false)
	if err != nil {
		return err
	}
	return d.Remove()
}
