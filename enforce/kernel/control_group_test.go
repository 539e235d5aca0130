package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/cgroup"
)

// hierarchy makes one of ordinary files: group => what it gives to its groups,
// and what it has.
func hierarchy(t *testing.T, own string, groups map[string][2]string) cgroup.Hierarchy {
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
	return cgroup.Hierarchy{Mount: root, Own: own}
}

// What a start could have is there, and what is missing has its own way to get it.
func TestControlGroup(t *testing.T) {
	const all, usual = "cpu memory pids", "memory pids"
	for name, c := range map[string]struct {
		groups         map[string][2]string
		available      bool
		detail, hint   string
		withoutMention string
	}{
		"delegated, with cpu": {map[string][2]string{"": {all, all}, "user": {all, all}, "user/shell": {"", all}},
			true, "memory, pids in ROOT/user; cpu", "", "required"},
		"delegated without cpu": {map[string][2]string{"": {usual, usual}, "user": {usual, usual}, "user/shell": {"", usual}},
			true, "memory, pids in ROOT/user; no cpu: Delegate=cpu", "", "required"},
		"not switched on": {map[string][2]string{"": {"", ""}, "user": {"pids", all}, "user/shell": {"", "pids"}},
			true, `cgroup = "required", which has to switch on memory`, "", "no cpu"},
		"version 1 has the controllers": {map[string][2]string{"": {"", ""}, "user": {"", ""}, "user/shell": {"", ""}},
			false, "does not have the controllers memory, pids", "systemd.unified_cgroup_hierarchy=1", "systemd-run"},
		"it gives them to nobody": {map[string][2]string{"": {"", all}, "user": {"", ""}, "user/shell": {"", ""}},
			false, "delegated", "systemd-run --user --scope", "unified"},
	} {
		t.Run(name, func(t *testing.T) {
			h := hierarchy(t, "/user/shell", c.groups)
			if name == "it gives them to nobody" { // nor may this user change that
				if err := os.Remove(filepath.Join(h.Mount, "cgroup.procs")); err != nil {
					t.Fatal(err)
				}
			}
			f := groupIn(h)
			detail := strings.ReplaceAll(f.Detail, h.Mount, "ROOT")
			if f.Available != c.available || !strings.Contains(detail, c.detail) || !strings.Contains(f.Hint, c.hint) ||
				(c.hint == "") != (f.Hint == "") || strings.Contains(detail+f.Hint, c.withoutMention) {
				t.Errorf("%+v", f)
			}
			if !f.Optional {
				t.Error("most profiles do without")
			}
		})
	}
}
