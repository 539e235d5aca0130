package identity

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// open opens a store over pairs nobody on this machine has.
func open(t *testing.T, dir string, n int) *Store {
	t.Helper()
	s, err := Open(dir, os.Getuid(), []Range{{3_000_000_000, n}}, []Range{{3_100_000_000, n}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestDedicatedStaysTheSame(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 10)
	a, err := s.Dedicated("a", false)
	if err != nil || a != (Pair{3_000_000_000, 3_100_000_000}) {
		t.Fatalf("%v, %v", a, err)
	}
	b, err := s.Dedicated("b", false)
	if err != nil || b.UID == a.UID || b.GID == a.GID {
		t.Fatalf("b has %v beside a's %v, %v", b, a, err)
	}
	again, err := open(t, dir, 10).Dedicated("a", false)
	if err != nil || again != a {
		t.Errorf("a has %v the next time, %v", again, err)
	}
}

func TestPeekChoosesNothing(t *testing.T) {
	s := open(t, t.TempDir(), 10)
	p, err := s.Dedicated("a", true)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := s.Dedicated("b", false); err != nil || b != p {
		t.Errorf("b has %v, %v: the pair that was looked at is taken", b, err)
	}
}

func TestManyProfilesAtOnceGetDifferentPairs(t *testing.T) {
	const n = 40
	dir := t.TempDir()
	pairs := make([]Pair, n)
	var all sync.WaitGroup
	for i := range n {
		s := open(t, dir, n)
		all.Go(func() {
			var err error
			if pairs[i], err = s.Dedicated(strings.Repeat("p", i+1), false); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[int]bool{}
	for _, p := range pairs {
		if seen[p.UID] || p.GID-p.UID != 100_000_000 {
			t.Errorf("%v was given twice or is no pair", p)
		}
		seen[p.UID] = true
	}
}

func TestRangesThatEnd(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 2)
	for _, name := range []string{"a", "b"} {
		if _, err := s.Dedicated(name, false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Dedicated("c", false); !errors.Is(err, ErrExhausted) {
		t.Errorf("a third profile: %v", err)
	}
	if _, err := s.Unique(); !errors.Is(err, ErrExhausted) {
		t.Errorf("a session of its own: %v", err)
	}
	if _, err := open(t, dir, 0).Unique(); !errors.Is(err, ErrExhausted) {
		t.Error("an empty range gives something")
	}
	smaller := open(t, dir, 1)
	if _, err := smaller.Dedicated("a", false); err != nil {
		t.Errorf("what is still in the range is refused: %v", err)
	}
	_, err := smaller.Dedicated("b", false)
	if !errors.Is(err, ErrShrunk) || !strings.Contains(err.Error(), "3000000001") || !strings.Contains(err.Error(), dir) {
		t.Errorf("what the range lost: %v", err)
	}
}

func TestStoresThatCannotBeTrusted(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o770); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, os.Getuid(), nil, nil); err == nil {
		t.Error("a directory that others may write is taken")
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, os.Getuid()+1, nil, nil); err == nil {
		t.Error("somebody else's directory is taken")
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(link, os.Getuid(), nil, nil); err == nil {
		t.Error("a link is followed")
	}
}

func TestABrokenTableIsNoEmptyOne(t *testing.T) {
	for name, text := range map[string]string{
		"words": "a b c\n", "two fields": "1 2\n", "a user twice": "5 6 a\n5 7 b\n", "a profile twice": "5 6 a\n7 8 a\n", "root": "0 5 a\n", "half a line": "5 6",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, tableFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, 5)
		if _, err := s.Dedicated("x", false); err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%s: dedicated: %v", name, err)
		}
		if _, err := s.Unique(); err == nil {
			t.Errorf("%s: unique takes it", name)
		}
	}
}

func TestATableThatCannotBeWrittenGivesNothingAway(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 5)
	if err := os.Mkdir(filepath.Join(dir, tableFile+".new"), 0o700); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Dedicated("a", false); err == nil {
		t.Fatalf("%v was given away without being noted", p)
	}
	if err := os.Remove(filepath.Join(dir, tableFile+".new")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Dedicated("a", false); err != nil {
		t.Error(err)
	}
}

func TestNoTwoLiveSessionsAreAlike(t *testing.T) {
	const n = 12
	dir := t.TempDir()
	if _, err := open(t, dir, n).Dedicated("a", false); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{3_000_000_000: true} // a's
	var leases []*Lease
	for range n - 1 {
		l, err := open(t, dir, n).Unique()
		if err != nil {
			t.Fatal(err)
		}
		if seen[l.UID] {
			t.Fatalf("user %d was given twice", l.UID)
		}
		seen[l.UID] = true
		leases = append(leases, l)
	}
	if l, err := open(t, dir, n).Unique(); err == nil {
		t.Fatalf("one more session than there are pairs got %d", l.UID)
	}
	if p, err := open(t, dir, n).Dedicated("b", false); err == nil {
		t.Fatalf("a profile got a running session's user %d", p.UID)
	}
	leases[3].Release()
	l, err := open(t, dir, n).Unique()
	if err != nil || l.UID != leases[3].UID {
		t.Errorf("the one that was given back is not given again: %v", err)
	}
}

// A user that still has a process is not given to anybody.
func TestAUserThatLivesIsNotGiven(t *testing.T) {
	s := open(t, t.TempDir(), 2)
	s.inUse = func(uid int) bool { return uid == 3_000_000_000 }
	for range 8 {
		l, err := s.Unique()
		if err != nil || l.UID != 3_000_000_001 {
			t.Fatalf("%v, %v", l, err)
		}
		l.Release()
	}
	if p, err := s.Dedicated("a", false); err != nil || p.UID != 3_000_000_001 {
		t.Errorf("%v, %v", p, err)
	}
	if !alive(os.Getuid()) {
		t.Error("this process's user has no process")
	}
	if alive(3_000_000_000) {
		t.Error("nobody's user has a process")
	}
}

// The lock goes with the last process that holds the descriptor, not with the
// first.
func TestALeaseEndsWithItsLastHolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1)
	l, err := s.Unique()
	if err != nil {
		t.Fatal(err)
	}
	holder := exec.Command("sleep", "600")
	holder.ExtraFiles = []*os.File{os.NewFile(uintptr(l.FD), "lease")}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	holder.ExtraFiles[0].Close()
	if _, err := open(t, dir, 1).Unique(); !errors.Is(err, ErrExhausted) {
		t.Errorf("a child of the holder lives, and the user was given away: %v", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	for end := time.Now().Add(2 * time.Minute); ; {
		again, err := open(t, dir, 1).Unique()
		if err == nil {
			again.Release()
			return
		}
		if time.Now().After(end) {
			t.Fatalf("killed holders keep the user: %v", err)
		}
	}
}
