package wrappers

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func options(dir string) Options {
	return Options{Directory: dir, Renderer: execRenderer{}, Enforcer: "/usr/bin/husk-enforce", Version: "1"}
}

func mustApply(t testing.TB, o Options, plans ...*plan.Plan) Report {
	t.Helper()
	r, err := Apply(o, plans)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// check compares what a report says was written, removed and left, by name.
func (r Report) check(t *testing.T, written, removed, left []string) {
	t.Helper()
	var names []string
	for _, l := range r.Left {
		names = append(names, filepath.Base(l.Path))
	}
	if !slices.Equal(r.Written, written) || !slices.Equal(r.Removed, removed) || !slices.Equal(names, left) {
		t.Errorf("written %q, removed %q, left %q; want %q, %q, %q", r.Written, r.Removed, names, written, removed, left)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestApplyChangesOnlyWhatDiffers(t *testing.T) {
	dir := tempDir(t) + "/a/bin"
	o := options(dir)
	mustApply(t, o, newPlan("npm"), newPlan("curl")).check(t, []string{"curl", "npm"}, nil, nil)
	before, err := os.Stat(dir + "/npm")
	if err != nil {
		t.Fatal(err)
	}
	if before.Mode().Perm() != 0o755 {
		t.Errorf("mode %v", before.Mode())
	}
	r := mustApply(t, o, newPlan("npm"), newPlan("curl"))
	r.check(t, nil, nil, nil)
	if r.Unchanged != 2 {
		t.Errorf("%d unchanged, want 2", r.Unchanged)
	}
	changed := newPlan("curl")
	changed.Network.Mode = plan.NetworkHost
	mustApply(t, o, newPlan("npm"), changed, newPlan("git")).check(t, []string{"curl", "git"}, nil, nil)
	mustApply(t, o, newPlan("npm"), newPlan("git")).check(t, nil, []string{"curl"}, nil)
	after, err := os.Stat(dir + "/npm")
	if err != nil {
		t.Fatal(err)
	}
	if fingerprintOf(before) != fingerprintOf(after) {
		t.Errorf("an unchanged wrapper was written again")
	}
	mustApply(t, o).check(t, nil, []string{"git", "npm"}, nil)
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestApplyModeIgnoresUmask(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	dir := tempDir(t) + "/bin"
	mustApply(t, options(dir), newPlan("npm"))
	for path, want := range map[string]fs.FileMode{dir: 0o755, dir + "/npm": 0o755} {
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
}

func TestApplyLeavesWhatItDidNotWrite(t *testing.T) {
	dir := tempDir(t)
	o := options(dir)
	mustApply(t, o, newPlan("npm"), newPlan("npx"), newPlan("curl"), newPlan("wget"))
	write(t, dir+"/npm", "#!/bin/sh\necho mine\n", 0o755)
	write(t, dir+"/curl", "", 0o755)
	write(t, dir+"/foreign", "x", 0o755)
	link(t, "/bin/true", dir+"/linked")
	if err := os.Remove(dir + "/wget"); err != nil { // a wrapper that was deleted comes back
		t.Fatal(err)
	}
	changed := newPlan("npx")
	changed.Tmp.Strict = true
	for range 2 {
		r := mustApply(t, o, newPlan("npm"), changed, newPlan("foreign"), newPlan("linked"), newPlan("wget"))
		r.check(t, r.Written, nil, []string{"foreign", "linked", "npm", "curl"})
	}
	if got := read(t, dir+"/npm"); got != "#!/bin/sh\necho mine\n" {
		t.Errorf("an edited wrapper was overwritten: %q", got)
	}
	if got := read(t, dir+"/foreign"); got != "x" {
		t.Errorf("a foreign file was overwritten: %q", got)
	}
	if !strings.Contains(read(t, dir+"/npx"), `"strict": true`) {
		t.Errorf("npx was not brought up to date beside the others")
	}
	if _, err := os.Stat(dir + "/wget"); err != nil {
		t.Error(err)
	}
}

// An edit that keeps the size and sets the modification time back is seen.
func TestApplySeesHiddenEdit(t *testing.T) {
	dir := tempDir(t)
	o := options(dir)
	mustApply(t, o, newPlan("npm"))
	mustApply(t, o, newPlan("npm"))
	path := dir + "/npm"
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(read(t, path), "granted", "gRanted", 1)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, fi.ModTime(), fi.ModTime()); err != nil {
		t.Fatal(err)
	}
	mustApply(t, o, newPlan("npm")).check(t, nil, nil, []string{"npm"})
}

func TestApplyRestoresMode(t *testing.T) {
	dir := tempDir(t)
	o := options(dir)
	mustApply(t, o, newPlan("npm"))
	if err := os.Chmod(dir+"/npm", 0o644); err != nil {
		t.Fatal(err)
	}
	mustApply(t, o, newPlan("npm")).check(t, []string{"npm"}, nil, nil)
	if fi, err := os.Stat(dir + "/npm"); err != nil || fi.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

func TestApplyIsAllOrNothingOnErrors(t *testing.T) {
	dir := tempDir(t) + "/bin"
	o := options(dir)
	_, err := Apply(o, []*plan.Plan{newPlan("npm"), newPlan("a/b"), newPlan(".x")})
	if err == nil || !strings.Contains(err.Error(), "a/b") || !strings.Contains(err.Error(), ".x") {
		t.Errorf("want both errors, got %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was made")
	}
	twice := newPlan("npm")
	twice.Profile = "other"
	if _, err := Apply(o, []*plan.Plan{newPlan("npm"), twice}); err == nil || !strings.Contains(err.Error(), "both need a file npm") {
		t.Errorf("two plans for one command: %v", err)
	}
}

func TestApplyRefusesDirectoriesOfOthers(t *testing.T) {
	base := tempDir(t)
	if err := os.Mkdir(base+"/ok", 0o700); err != nil {
		t.Fatal(err)
	}
	mustApply(t, options(base+"/ok"), newPlan("npm"))
	link(t, base+"/ok", base+"/link") // dotfile managers link everything
	mustApply(t, options(base+"/link"), newPlan("curl"))
	for _, mode := range []fs.FileMode{0o775, 0o757, 0o777, 0o777 | fs.ModeSticky} {
		dir := fmt.Sprintf("%s/%o", base, mode)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Apply(options(dir), []*plan.Plan{newPlan("npm")}); err == nil || !strings.Contains(err.Error(), "written to by others") {
			t.Errorf("mode %v: %v", mode, err)
		}
		if mode&fs.ModeSticky == 0 && mode.Perm() != 0o775 {
			below := dir + "/bin"
			if _, err := Apply(options(below), []*plan.Plan{newPlan("npm")}); err == nil || !strings.Contains(err.Error(), "exchange the wrapper directory") {
				t.Errorf("below mode %v: %v", mode, err)
			}
		}
	}
	write(t, base+"/file", "", 0o644)
	if _, err := Apply(options(base+"/file"), nil); err == nil {
		t.Error("a file was taken for a directory")
	}
	if os.Geteuid() == 0 {
		if err := os.Mkdir(base+"/theirs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(base+"/theirs", 12345, 12345); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{base + "/theirs", base + "/theirs/bin"} {
			if _, err := Apply(options(dir), nil); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
				t.Errorf("%s: %v", dir, err)
			}
		}
	}
}

func TestDryRun(t *testing.T) {
	base := tempDir(t)
	o := options(base + "/bin")
	o.DryRun = true
	r := mustApply(t, o, newPlan("npm"))
	if !strings.HasPrefix(string(r.Diff), "--- /dev/null\n+++ b/npm\n@@ -0,0 +1,") {
		t.Errorf("diff of a new wrapper: %.100s", r.Diff)
	}
	if entries, _ := os.ReadDir(base); len(entries) != 0 {
		t.Errorf("a dry run made %v", entries)
	}
	mustApply(t, options(base+"/bin"), newPlan("npm"), newPlan("old"))
	before, _ := os.ReadDir(base + "/bin")
	changed := newPlan("npm")
	changed.Tmp.Strict = true
	r = mustApply(t, o, changed)
	for _, want := range []string{"--- a/npm\n+++ b/npm\n", "\n+  \"strict\": true,\n", "--- a/old\n+++ /dev/null\n"} {
		if !strings.Contains(string(r.Diff), want) {
			t.Errorf("the diff lacks %q:\n%s", want, r.Diff)
		}
	}
	after, _ := os.ReadDir(base + "/bin")
	if len(before) != len(after) || strings.Contains(read(t, base+"/bin/npm"), "strict\": true") {
		t.Error("a dry run changed something")
	}
	if r = mustApply(t, o, newPlan("npm"), newPlan("old")); len(r.Diff) != 0 {
		t.Errorf("a diff where nothing differs: %s", r.Diff)
	}
}

func TestApplyTree(t *testing.T) {
	store := tempDir(t)
	p := newPlan("npm")
	p.Program.Path = store + "/nodejs/bin/npm"
	o := Options{Directory: store + "/out", Renderer: nixRenderer{store: store}, Enforcer: store + "/husk/bin/husk-enforce", Version: "1"}
	mustApply(t, o, p).check(t, []string{"bin/npm", "share/husk/plans/npm.plan"}, nil, nil)
	if entries, _ := os.ReadDir(o.Directory); len(entries) != 2 {
		t.Errorf("more than the tree: %v", entries)
	}
	if _, err := Apply(o, []*plan.Plan{p}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a tree was written over another: %v", err)
	}
}

func TestSubdirectoriesComeAndGo(t *testing.T) {
	dir := tempDir(t)
	o := options(dir)
	o.Renderer = functionRenderer{}
	mustApply(t, o, newPlan("npm"), newPlan("curl"))
	mustApply(t, o, newPlan("npm")).check(t, nil, []string{".husk-plans/curl.plan", "functions/curl.fish", "functions/curl.sh"}, nil)
	mustApply(t, options(dir), newPlan("npm"))
	if _, err := os.Stat(dir + "/functions"); err == nil {
		t.Error("an empty directory was left")
	}
}

// Two at once: each waits for the other, and the result is one of the two.
func TestApplyAtOnce(t *testing.T) {
	dir := tempDir(t) + "/bin"
	var group sync.WaitGroup
	for n := range 6 {
		group.Go(func() {
			if r, err := Apply(options(dir), generation(n%2, 20)); err != nil || len(r.Left) > 0 {
				t.Errorf("%v, %v", r.Left, err)
			}
		})
	}
	group.Wait()
	first := strings.Contains(read(t, dir+"/tool0"), "generation 0")
	for i := range 20 {
		if strings.Contains(read(t, fmt.Sprintf("%s/tool%d", dir, i)), "generation 0") != first {
			t.Fatal("wrappers of two generations stand side by side")
		}
	}
}

func TestDamagedManifest(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON": "x", "unknown field": `{"version":1,"files":{},"x":1}`,
		"version": `{"version":2,"files":{}}`, "upwards": `{"version":1,"files":{"../x":{}}}`,
	} {
		dir := tempDir(t)
		mustApply(t, options(dir), newPlan("npm"))
		write(t, dir+"/"+manifestName, text, 0o644)
		if _, err := Apply(options(dir), []*plan.Plan{newPlan("curl")}); err == nil {
			t.Errorf("%s: the manifest was accepted", name)
		}
		if _, err := os.Stat(dir + "/curl"); err == nil {
			t.Errorf("%s: a wrapper was written", name)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	b.Run("new", func(b *testing.B) {
		base, n := tempDir(b), 0
		plans := generation(0, 3000)
		for b.Loop() {
			n++
			mustApply(b, options(fmt.Sprintf("%s/%d", base, n)), plans...)
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		dir := tempDir(b)
		plans := generation(0, 3000)
		mustApply(b, options(dir), plans...)
		for b.Loop() {
			mustApply(b, options(dir), plans...)
		}
	})
}
