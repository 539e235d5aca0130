package cgroup

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// tree is a made-up hierarchy of ordinary files: group => what it gives to its
// groups, and what it has.
func tree(t *testing.T, groups map[string][2]string) string {
	t.Helper()
	root := t.TempDir()
	for name, words := range groups {
		dir := filepath.Join(root, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for file, content := range map[string]string{
			"cgroup.subtree_control": words[0], "cgroup.controllers": words[1], "cgroup.procs": "",
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

const all = "cpu memory pids\n"

func TestFind(t *testing.T) {
	root := tree(t, map[string][2]string{
		"":                     {all, all},
		"user":                 {"memory pids\n", all},
		"user/app":             {"memory pids\n", "memory pids\n"},
		"user/app/scope":       {"", "memory pids\n"},
		"user/session":         {"", "memory pids\n"},
		"user/session/command": {"", ""},
	})
	for _, c := range []struct {
		own     string
		want    []string
		enable  bool
		at      string
		missing []string
	}{
		{"/user/app/scope", []string{Memory, Processes}, false, "/user/app", nil},
		{"/user/app", []string{Memory, Processes}, false, "/user/app", nil},
		{"/user/session/command", []string{Memory, Processes}, false, "/user", nil},
		// What is nearer has the controllers and would have to give them first.
		{"/user/session/command", []string{Memory, Processes, CPU}, false, "", nil},
		{"/", []string{CPU}, false, "", nil},
		{"/user/app/scope", []string{"rdma"}, true, "none", nil},
		{"/user/app/scope", nil, false, "/user/app/scope", nil},
	} {
		h := Hierarchy{Mount: root, Own: c.own}
		place, err := h.Find(c.want, c.enable)
		switch {
		case c.at == "none":
			if err == nil || !strings.Contains(err.Error(), "does not have the controllers rdma") {
				t.Errorf("%+v: %+v, %v", c, place, err)
			}
		case err != nil || place.Path != filepath.Join(root, c.at) || !slices.Equal(place.Missing, c.missing):
			t.Errorf("%+v: %+v, %v", c, place, err)
		}
	}
}

// Controllers are switched on for others only where that was asked for, and
// never in a group that the caller is itself in.
func TestFindWhatCouldBeEnabled(t *testing.T) {
	root := tree(t, map[string][2]string{"": {"", ""}, "user": {"pids\n", all}, "user/shell": {"", all}})
	h := Hierarchy{Mount: root, Own: "/user/shell"}
	if place, err := h.Find([]string{Memory, Processes}, false); err == nil || !strings.Contains(err.Error(), "delegated") {
		t.Errorf("not asked for: %+v, %v", place, err)
	}
	place, err := h.Find([]string{Memory, Processes}, true)
	if err != nil || place.Path != filepath.Join(root, "user") || !slices.Equal(place.Missing, []string{Memory}) {
		t.Errorf("asked for: %+v, %v", place, err)
	}
	h.Own = "/user"
	if place, err := h.Find([]string{Memory, Processes}, true); err == nil {
		t.Errorf("its own group: %+v", place)
	}
}

// A place that cannot be written is none. Root may write anywhere.
func TestFindWhatIsDelegated(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	for _, file := range []string{"user", "user/cgroup.procs"} {
		root := tree(t, map[string][2]string{"": {"", ""}, "user": {all, all}, "user/shell": {"", all}})
		if err := os.Chmod(filepath.Join(root, file), 0o555); err != nil {
			t.Fatal(err)
		}
		place, err := Hierarchy{Mount: root, Own: "/user/shell"}.Find([]string{Memory}, true)
		if err == nil || !strings.Contains(err.Error(), "delegated") {
			t.Errorf("%s: %+v, %v", file, place, err)
		}
		_ = os.Chmod(filepath.Join(root, file), 0o755)
	}
}

// What is written where: into ordinary files, made before.
func TestSet(t *testing.T) {
	for _, c := range []struct {
		limits Limits
		want   map[string]string
	}{
		{Limits{Memory: 1 << 30}, map[string]string{"memory.max": "1073741824", "memory.swap.max": "0"}},
		{Limits{Processes: 513}, map[string]string{"pids.max": "513"}},
		{Limits{CPU: 150}, map[string]string{"cpu.max": "150000 100000"}},
		{Limits{CPU: 1}, map[string]string{"cpu.max": "1000 100000"}},
		{Limits{}, nil},
	} {
		dir := t.TempDir()
		files := []string{"memory.max", "memory.swap.max", "pids.max", "cpu.max"}
		for _, file := range files {
			if err := os.WriteFile(filepath.Join(dir, file), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := groupAt(t, dir).Set(c.limits); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if got, _ := os.ReadFile(filepath.Join(dir, file)); string(got) != c.want[file] {
				t.Errorf("%+v: %s is %q, want %q", c.limits, file, got, c.want[file])
			}
		}
	}
}

// A bound that cannot be written is an error; only swap may be missing.
func TestSetWhereAFileIsMissing(t *testing.T) {
	for missing, fails := range map[string]bool{"memory.max": true, "pids.max": true, "cpu.max": true, "memory.swap.max": false} {
		dir := t.TempDir()
		for _, file := range []string{"memory.max", "memory.swap.max", "pids.max", "cpu.max"} {
			if file != missing {
				if err := os.WriteFile(filepath.Join(dir, file), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		err := groupAt(t, dir).Set(Limits{Memory: 1 << 20, Processes: 1, CPU: 1})
		if (err != nil) != fails || fails && !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

func groupAt(t *testing.T, dir string) *Group {
	t.Helper()
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return &Group{Path: dir, fd: fd}
}

func TestOutOfMemory(t *testing.T) {
	for text, want := range map[string]bool{
		"low 0\nhigh 0\nmax 7\noom 0\noom_kill 0\noom_group_kill 0\n": false,
		"low 0\nhigh 0\nmax 7\noom 1\noom_kill 9\noom_group_kill 1\n": true,
		"": false,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "memory.events"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := groupAt(t, dir).OutOfMemory(); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// real gives a place in the running system's hierarchy; root can make groups
// there, whatever controllers it has.
func real(t *testing.T) Place {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("an ordinary user has no group here to make others in")
	}
	h, err := Host()
	if err != nil {
		cannotRun(t, err.Error())
	}
	place, err := h.Find(nil, false)
	if err != nil {
		cannotRun(t, err.Error())
	}
	return place
}

// The life of a group: nobody collects it while its maker lives; it goes with
// what is in it.
func TestLifeOfAGroup(t *testing.T) {
	place := real(t)
	g, err := Make(place, "p", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := place.Collect(0); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(g.Path); err != nil {
		t.Fatalf("collected while its maker lives: %v", err)
	}
	cmd := exec.Command("sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := g.Add(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if err := g.Remove(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("what was in it: %v", err)
	}
	if _, err := os.Stat(g.Path); err == nil {
		t.Error("it is still there")
	}
}

// What a killed maker left is collected once it is empty, and never killed.
func TestCollect(t *testing.T) {
	place := real(t)
	g, err := Make(place, "p", 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := g.Add(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	unix.Close(g.fd) // as a kill does, which lets go of the lock
	if removed, err := place.Collect(0); err != nil || slices.Contains(removed, g.Path) {
		t.Errorf("with a process in it: removed %q, error %v", removed, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if removed, err := place.Collect(12345); err != nil || slices.Contains(removed, g.Path) {
		t.Errorf("by another user: removed %q, error %v", removed, err)
	}
	if removed, err := place.Collect(0); err != nil || !slices.Contains(removed, g.Path) {
		t.Errorf("empty: removed %q, error %v", removed, err)
	}
}
