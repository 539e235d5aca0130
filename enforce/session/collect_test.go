package session

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

func TestCollectTakesWhatNobodyLivesIn(t *testing.T) {
	base := trusted(t)
	dead, alive, kept := make1(t, base, "npm", false), make1(t, base, "npm", false), make1(t, base, "git", true)
	write(t, "x", dead.Path, "file")
	write(t, "x", alive.Path, "file")
	abandon(dead)
	abandon(kept)
	defer abandon(alive)
	if got := collect(t, base); !slices.Equal(got, []string{dead.Path}) {
		t.Errorf("collected %v, want %s alone", got, dead.Path)
	}
	for path, want := range map[string]bool{dead.Path: false, alive.Path + "/file": true, kept.Path: true} {
		if exists(path) != want {
			t.Errorf("%s: exists is %v", path, !want)
		}
	}
	if again := collect(t, base); len(again) != 0 {
		t.Errorf("a second time: %v", again)
	}
	if !strings.HasSuffix(kept.Path, keptSuffix) {
		t.Errorf("the kept one is %s; tmpfiles.d knows it by its ending in %s", kept.Path, keptSuffix)
	}
}

func TestTwoSessionsAtOnce(t *testing.T) {
	base := trusted(t)
	a, b := make1(t, base, "npm", false), make1(t, base, "npm", false)
	if a.Path == b.Path {
		t.Fatalf("one directory for both: %s", a.Path)
	}
	write(t, "x", b.Path, "file")
	if got := collect(t, base); len(got) != 0 {
		t.Errorf("collected %v", got)
	}
	if err := a.Remove(); err != nil || exists(a.Path) || !exists(filepath.Join(b.Path, "file")) {
		t.Errorf("removing the one: %v, or the other is hurt", err)
	}
	if err := b.Remove(); err != nil || exists(b.Path) {
		t.Error(err)
	}
}

// Names that only look like a session directory, and those of other users, are
// nobody's to remove.
func TestCollectLeavesEverythingElse(t *testing.T) {
	base := trusted(t)
	goal := mkdir(t, 0o700, base, "goal")
	write(t, "x", goal, "file")
	stay := []string{
		write(t, "x", base, Prefix(euid)+"npm-file"),
		symlink(t, goal, base, Prefix(euid)+"npm-link"),
		symlink(t, "none", base, Prefix(euid)+"npm-dangling"),
		mkdir(t, 0o700, base, "husk-"),
		mkdir(t, 0o700, base, "husky-npm-1"),
		mkdir(t, 0o700, base, Prefix(euid+1)+"npm-other"),
		mkdir(t, 0o700, base, "x"+Prefix(euid)+"npm-1"),
		filepath.Join(goal, "file"),
	}
	if err := unix.Mkfifo(filepath.Join(base, Prefix(euid)+"npm-fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	stay = append(stay, filepath.Join(base, Prefix(euid)+"npm-fifo"))
	if euid == 0 {
		theirs := mkdir(t, 0o777, base, Prefix(euid)+"npm-theirs")
		giveAway(t, theirs)
		stay = append(stay, theirs)
	}
	dead := make1(t, base, "npm", false)
	abandon(dead)
	if got := collect(t, base); !slices.Equal(got, []string{dead.Path}) {
		t.Errorf("collected %v", got)
	}
	for _, path := range stay {
		if !exists(path) {
			t.Errorf("%s is gone", path)
		}
	}
}

func TestCollectOfNothing(t *testing.T) {
	dir := trusted(t)
	for _, base := range []string{dir + "/none", write(t, "", dir, "file")} {
		_, err := Collect(base, euid)
		wantRefusal(t, err, base)
	}
	if got := collect(t, mkdir(t, 0o700, dir, "empty")); len(got) != 0 {
		t.Errorf("collected %v", got)
	}
}

// The trees of programs that a killed parent left, and the directory itself
// with the mode that the program gave it.
func TestCollectCopesWithModes(t *testing.T) {
	for _, mode := range []os.FileMode{0, 0o100, 0o200, 0o300, 0o400, 0o500, 0o700, 0o777} {
		base := trusted(t)
		dead := make1(t, base, "npm", false)
		mkdir(t, 0o700, dead.Path, "a", "b")
		write(t, "x", dead.Path, "a", "b", "file")
		mkdir(t, mode, dead.Path, "a", "b")
		mkdir(t, mode, dead.Path, "a")
		abandon(dead)
		if err := os.Chmod(dead.Path, mode); err != nil {
			t.Fatal(err)
		}
		removed, err := Collect(base, euid)
		if err != nil || len(removed) != 1 || exists(dead.Path) {
			t.Errorf("mode %o: collected %v, %v", mode, removed, err)
			_ = os.Chmod(dead.Path, 0o700)
			_ = os.Chmod(dead.Path+"/a", 0o700)
			_ = os.Chmod(dead.Path+"/a/b", 0o700)
		}
	}
}

// One that can't be removed is named, and doesn't keep the others from going.
func TestCollectGoesOnAfterAFailure(t *testing.T) { inOwnMounts(t, "collect-busy") }

func collectBusy() error {
	base, busy, err := busySession("aaa")
	if err != nil {
		return err
	}
	good, err := Make(base, "zzz", 0, false)
	if err != nil {
		return err
	}
	abandon(busy)
	abandon(good)
	removed, err := Collect(base, 0)
	if err == nil || !strings.Contains(err.Error(), busy.Path) || !strings.Contains(err.Error(), "busy") {
		return fmt.Errorf("Collect's error is %v, without %s", err, busy.Path)
	}
	if !slices.Equal(removed, []string{good.Path}) || exists(good.Path) {
		return fmt.Errorf("collected %v, want %s", removed, good.Path)
	}
	return nil
}

// Many make, many collect: nobody fails, nobody loses a directory that is in
// use, and nothing is left.
func TestCollectRacesMake(t *testing.T) {
	base := trusted(t)
	const makers, each, collectors = 8, 60, 4
	done := make(chan struct{})
	var making, collecting sync.WaitGroup
	for range collectors {
		collecting.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := Collect(base, euid); err != nil {
					t.Errorf("Collect: %v", err)
					return
				}
			}
		})
	}
	for range makers {
		making.Go(func() {
			for range each {
				d, err := Make(base, "npm", euid, false)
				if err != nil {
					t.Errorf("Make: %v", err)
					return
				}
				if err := os.WriteFile(d.Path+"/file", []byte("x"), 0o600); err != nil {
					t.Errorf("a directory in use was lost: %v", err)
				}
				var st unix.Stat_t
				if err := unix.Fstat(d.fd, &st); err != nil || st.Nlink == 0 {
					t.Errorf("a directory in use was removed: %v", err)
				}
				if err := d.Remove(); err != nil {
					t.Errorf("Remove: %v", err)
				}
			}
		})
	}
	making.Wait()
	close(done)
	collecting.Wait()
	if left, err := os.ReadDir(base); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// The lock is another process's, and the kernel lets go of it however that
// process ends.
func TestCollectAfterKill9(t *testing.T) {
	base := trusted(t)
	cmd := helper(t, "hold", base)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	path := strings.TrimSpace(line)
	if err != nil || filepath.Dir(path) != base {
		t.Fatalf("the holder said %q, %v", line, err)
	}
	if got := collect(t, base); len(got) != 0 || !exists(path) {
		t.Errorf("collected from under a living process: %v", got)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it says that it was killed
	if got := collect(t, base); !slices.Equal(got, []string{path}) || exists(path) {
		t.Errorf("collected %v, want %s", got, path)
	}
}

// holdUntilKilled makes a session directory with something in it, names it and
// stays.
func holdUntilKilled() error {
	base, err := os.Getwd()
	if err != nil {
		return err
	}
	d, err := Make(base, "npm", os.Geteuid(), false)
	if err != nil {
		return err
	}
	if err := os.WriteFile(d.Path+"/file", nil, 0o600); err != nil {
		return err
	}
	os.Stdout.WriteString(d.Path + "\n")
	for {
		_ = unix.Pause()
	}
}
