package enforce

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// world is a caller with a home and a project, in a directory of the test's
// own that is called T in expected texts.
type world struct {
	t    *testing.T
	root string
	*Caller
	plan *plan.Plan
}

// newWorld makes home/u and home/u/proj; the caller is in the latter. The plan
// grants nothing.
func newWorld(t *testing.T) *world {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, root: root}
	w.dir("home/u/proj")
	w.Caller = &Caller{UID: os.Getuid(), GID: os.Getgid(), Home: root + "/home/u", Cwd: root + "/home/u/proj"}
	w.plan = &plan.Plan{
		Version: plan.Version, Profile: "p", Source: "p.hcl", Command: "c", Program: plan.Program{Path: root + "/none"},
		Filesystem: plan.Filesystem{View: plan.ViewEmpty, Markers: []string{".git"}},
		Home:       plan.Home{Mode: plan.HomeGranted},
		Tmp:        plan.Tmp{Mode: plan.TmpSession, SlashTmp: plan.SlashTmpDenied, Cleanup: plan.CleanupParent},
		Network:    plan.Network{Mode: plan.NetworkNone},
		Identity:   plan.Identity{User: plan.IdentitySelf},
		Syscalls:   plan.Syscalls{Program: make([]byte, 8), Origin: plan.NoOrigin},
		Origins:    []plan.Origin{{Profile: "p", File: "p.hcl", Line: 1}, {Profile: "base", File: "b.hcl", Line: 9, Through: []string{"p", "base"}}},
	}
	return w
}

func (w *world) anchors() *anchors {
	return &anchors{Caller: w.Caller, markers: w.plan.Filesystem.Markers}
}

// dir makes directories below the world's root.
func (w *world) dir(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(w.root, name), 0o700); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) file(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(w.root, name), []byte("x"), 0o700); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) link(target, name string) {
	w.t.Helper()
	if err := os.Symlink(target, filepath.Join(w.root, name)); err != nil {
		w.t.Fatal(err)
	}
}

// text gives s with the world's root as T.
func (w *world) text(s string) string { return strings.ReplaceAll(s, w.root, "T") }

// at is a path below the root, as a plan has it.
func (w *world) at(name string) plan.Path { return plan.Path{Path: filepath.Join(w.root, name)} }

func home(below string) plan.Path    { return plan.Path{Anchor: plan.AnchorHome, Path: below} }
func cwd(below string) plan.Path     { return plan.Path{Anchor: plan.AnchorCwd, Path: below} }
func project(below string) plan.Path { return plan.Path{Anchor: plan.AnchorProject, Path: below} }
func env(name string) plan.Path      { return plan.Path{Anchor: plan.AnchorEnv, Name: name} }

// rules makes a list of path rules without a mark, from line 1 of p.hcl.
func rules(paths ...plan.Path) []plan.PathRule {
	var all []plan.PathRule
	for _, p := range paths {
		all = append(all, plan.PathRule{Path: p})
	}
	return all
}

// resolve decides the file policy.
func (w *world) resolve() (*files, error) {
	w.t.Helper()
	home := ""
	if w.Home != "" {
		at, ok := resolve(w.Home)
		if !ok {
			w.t.Fatal("home has too many links")
		}
		home = at.path
	}
	return resolveFiles(w.plan, w.anchors(), home, false)
}

// granted gives the granted paths with what may be done: r, w, x.
func (w *world) granted() []string {
	w.t.Helper()
	f, err := w.resolve()
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, g := range f.grants {
		mode := "r"
		if g.write {
			mode += "w"
		}
		if g.execute {
			mode += "x"
		}
		s := w.text(g.path)
		if g.target != g.path {
			s += " at " + w.text(g.target)
		}
		all = append(all, s+" "+mode)
	}
	return all
}

// refused wants a failure with all the words in it.
func refused(t *testing.T, err error, words ...string) *Failure {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) {
		t.Fatalf("error %v; want a failure with %q in it", err, words)
	}
	for _, word := range words {
		if !strings.Contains(f.lines(), word) {
			t.Errorf("%q is not in\n%s", word, f.lines())
		}
	}
	return f
}

func isDirectory(path string) bool {
	var st unix.Stat_t
	return unix.Lstat(path, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}
