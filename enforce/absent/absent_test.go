package absent

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// place makes a state directory and a writable root.
func place(t *testing.T) (state, root string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	state, root = dir+"/state", dir+"/root"
	for _, d := range []string{state, root + "/dir"} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return state, root
}

func keep(t *testing.T, state, root string, below ...string) *Record {
	t.Helper()
	var rules []Rule
	for _, b := range below {
		rules = append(rules, Rule{Root: root, Below: b, From: "p.hcl:1"})
	}
	r, err := Keep(state, "p", rules)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func records(t *testing.T, state string) int {
	t.Helper()
	all, err := os.ReadDir(state + "/absent")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestWhatAppearsIsMoved(t *testing.T) {
	state, root := place(t)
	r := keep(t, state, root, "file", "dir/sub/deep", "dir/never", "new/way")
	if records(t, state) != 1 {
		t.Error("nothing was written down")
	}
	write(t, root+"/file")
	write(t, root+"/dir/sub/deep/inside")
	write(t, root+"/new/other")
	moved, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if len(moved) != 2 || moved[0].Path != root+"/file" || moved[1].Path != root+"/dir/sub/deep" {
		t.Fatalf("%+v", moved)
	}
	for _, m := range moved {
		if _, err := os.Lstat(m.Path); err == nil {
			t.Errorf("%s is there still", m.Path)
		}
		if _, err := os.Lstat(m.To); err != nil || !strings.HasPrefix(m.To, state+"/moved/") || m.Aside != "" || m.From != "p.hcl:1" {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if _, err := os.Lstat(moved[1].To + "/inside"); err != nil {
		t.Error("not whole: ", err)
	}
	if _, err := os.Lstat(root + "/new/other"); err != nil {
		t.Error("too much was moved: ", err)
	}
	if records(t, state) != 0 {
		t.Error("the record is there still")
	}
}

// Two with one name from two directories don't meet.
func TestMovedApart(t *testing.T) {
	state, root := place(t)
	r := keep(t, state, root, "a/x", "b/x")
	write(t, root+"/a/x")
	write(t, root+"/b/x")
	moved, err := r.Finish()
	if err != nil || len(moved) != 2 || moved[0].To == moved[1].To {
		t.Fatalf("%+v, %v", moved, err)
	}
}

// While somebody holds the lock a collector leaves a record alone; then it does
// what the holder would have done.
func TestCollect(t *testing.T) {
	state, root := place(t)
	r := keep(t, state, root, "file")
	write(t, root+"/file")
	if !Any(state) {
		t.Error("there is something to collect")
	}
	if moved, err := Collect(state); err != nil || len(moved) != 0 {
		t.Errorf("of a living session: %+v, %v", moved, err)
	}
	_, name, fd := r.Handle()
	if err := os.NewFile(uintptr(fd), name).Close(); err != nil { // as when it is killed
		t.Fatal(err)
	}
	moved, err := FinishLeft(state, name)
	if err != nil || len(moved) != 1 {
		t.Errorf("%+v, %v", moved, err)
	}
	if moved, err := Collect(state); err != nil || len(moved) != 0 {
		t.Errorf("a second time: %+v, %v", moved, err)
	}
	if Any(state) || Any(state+"/none") {
		t.Error("there is nothing to collect")
	}
}

// A record that was cut off in the middle belongs to a program that never ran;
// one that is no record moves nothing.
func TestNoRecords(t *testing.T) {
	state, root := place(t)
	whole := encode("p", []Rule{{Root: root, Below: "file"}})
	write(t, root+"/file")
	for i, text := range []string{"", whole[:len(whole)-4], whole[:len(whole)-1], "husk absent 2 \"p\"\nend\n", "x\n" + whole, whole + "x"} {
		write(t, state+"/absent/r")
		if err := os.WriteFile(state+"/absent/r", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if moved, err := Collect(state); err != nil || len(moved) != 0 {
			t.Errorf("%d: %+v, %v", i, moved, err)
		}
		if records(t, state) != 0 {
			t.Errorf("%d: it is there still", i)
		}
	}
}

// Whoever can write a record can have files moved: those of others don't count.
func TestRecordsOfOthers(t *testing.T) {
	state, root := place(t)
	write(t, root+"/file")
	write(t, state+"/absent/r")
	if err := os.WriteFile(state+"/absent/r", []byte(encode("p", []Rule{{Root: root, Below: "file"}})), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(state+"/absent/r", 0o666); err != nil {
		t.Fatal(err)
	}
	if moved, err := Collect(state); err == nil || len(moved) != 0 || !strings.Contains(err.Error(), "may be written by others") {
		t.Errorf("a record that others may write: %+v, %v", moved, err)
	}
	if err := os.Chmod(state+"/absent", 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Keep(state, "p", nil); err == nil {
		t.Error("a directory that others may write was used")
	}
	if os.Getuid() != 0 {
		return
	}
	if err := os.Chmod(state+"/absent", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/absent/r", "/absent"} {
		if err := os.Chmod(state+name, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(state+name, 1234, 1234); err != nil {
			t.Fatal(err)
		}
		if moved, err := Collect(state); err == nil || len(moved) != 0 || !strings.Contains(err.Error(), "belongs to user 1234") {
			t.Errorf("%s: %+v, %v", name, moved, err)
		}
	}
}

// A tree that is gone, or that a link stands in the place of, has nothing of the
// session's any more.
func TestRootsThatAreGone(t *testing.T) {
	state, root := place(t)
	write(t, root+"/elsewhere/file")
	for _, change := range []func() error{
		func() error { return os.Rename(root+"/dir", root+"/old") },
		func() error { return os.Symlink(root+"/elsewhere", root+"/dir") },
	} {
		r := keep(t, state, root+"/dir", "file")
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if moved, err := r.Finish(); err != nil || len(moved) != 0 {
			t.Errorf("%+v, %v", moved, err)
		}
	}
	if _, err := os.Lstat(root + "/elsewhere/file"); err != nil {
		t.Error(err)
	}
}

// Where it can't go to the state directory it gets another name.
func TestAside(t *testing.T) {
	state, root := place(t)
	r := keep(t, state, root, "dir/file")
	write(t, root+"/dir/file")
	write(t, state+"/moved") // a file in the way
	moved, err := r.Finish()
	if err != nil || len(moved) != 1 || moved[0].Aside == "" || !strings.HasPrefix(moved[0].To, root+"/dir/file.husk-") {
		t.Fatalf("%+v, %v", moved, err)
	}
	if _, err := os.Lstat(moved[0].To); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(root + "/dir/file"); err == nil {
		t.Error("it is there still")
	}
}

func TestRecordsHoldAnyPath(t *testing.T) {
	rules := []Rule{{"/a b", "c\nend\n", "\""}, {"/\xff", "\x01", ""}, {"/", "x", "p.hcl:1 (a > b)"}}
	label, got, ok := decode(encode("l\n", rules))
	if !ok || label != "l\n" || !reflect.DeepEqual(got, rules) {
		t.Errorf("%v %q %q", ok, label, got)
	}
}

// What git init makes executes nothing and stays; everything else goes.
func TestWhatGitInitMakesStays(t *testing.T) {
	const fresh = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"
	for _, c := range []struct {
		name, rule, file, text string
		also                   func(root string) error
		stays                  bool
	}{
		{"fresh config", ".git/config", ".git/config", fresh, nil, true},
		{"in a project below", "dir/.git/config", "dir/.git/config", fresh, nil, true},
		{"empty config", ".git/config", ".git/config", "", nil, false},
		{"no samples", ".git/hooks", ".git/hooks/x", "", func(root string) error { return os.Remove(root + "/.git/hooks/x") }, false},
		{"a command", ".git/config", ".git/config", fresh + "\tfsmonitor = ./evil\n", nil, false},
		{"a command in the line", ".git/config", ".git/config", "[core] fsmonitor = ./evil\n", nil, false},
		{"another section", ".git/config", ".git/config", fresh + "[include]\n\tpath = ../x\n", nil, false},
		{"another value", ".git/config", ".git/config", "[core]\n\tbare = true\n", nil, false},
		{"a continued line", ".git/config", ".git/config", "[core]\n\tbare = false\\\n", nil, false},
		{"a carriage return", ".git/config", ".git/config", "[core]\r[alias]\rx = !y\n", nil, false},
		{"long", ".git/config", ".git/config", strings.Repeat("\n", 2000), nil, false},
		{"linked", ".git/config", ".git/config", fresh, func(root string) error { return os.Link(root+"/.git/config", root+"/other") }, false},
		{"not git's name", ".gitx/config", ".gitx/config", fresh, nil, false},
		{"config.worktree", ".git/config.worktree", ".git/config.worktree", fresh, nil, false},
		{"a file for the directory", ".git/config", ".git", "gitdir: /elsewhere\n", nil, false},
		{"samples", ".git/hooks", ".git/hooks/pre-commit.sample", "x", nil, true},
		{"a hook", ".git/hooks", ".git/hooks/pre-commit", "x", nil, false},
		{"a hook beside samples", ".git/hooks", ".git/hooks/a.sample", "x", func(root string) error {
			return os.WriteFile(root+"/.git/hooks/post-checkout", nil, 0o700)
		}, false},
		{"config as a link", ".git/config", ".git/x", fresh, func(root string) error { return os.Symlink("x", root+"/.git/config") }, false},
		{"hooks as a link", ".git/hooks", ".git/x/a.sample", "", func(root string) error { return os.Symlink("x", root+"/.git/hooks") }, false},
		{"hooks as a file", ".git/hooks", ".git/hooks", "", nil, false},
		{"config as a directory", ".git/config", ".git/config/x.sample", "", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			state, root := place(t)
			r := keep(t, state, root, c.rule)
			write(t, root+"/"+c.file)
			if err := os.WriteFile(root+"/"+c.file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.also != nil {
				if err := c.also(root); err != nil {
					t.Fatal(err)
				}
			}
			moved, err := r.Finish()
			if err != nil || (len(moved) == 0) != c.stays {
				t.Errorf("moved %v, %v", moved, err)
			}
		})
	}
}
