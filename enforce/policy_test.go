package enforce

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestGrants(t *testing.T) {
	w := newWorld(t)
	w.dir("home/u/.cache", "data", "exec")
	w.file("home/u/.npmrc")
	w.link("home/u/.cache", "cachelink")
	w.Environ = []string{"DATA=" + w.root + "/data"}
	f := &w.plan.Filesystem
	f.Read = rules(home(".npmrc"), home("missing"), env("UNSET"), env("DATA"), project(""))
	f.Write = rules(project(""), w.at("cachelink"))
	f.Execute = rules(w.at("exec"))
	want := []string{"T/home/u/proj rwx", "T/home/u/.cache rwx", "T/exec rx", "T/home/u/.npmrc rx", "T/data rx", "T/home/u/proj rx"}
	if got := w.granted(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// With a list of what may be executed, the others may not be.
	f.ExecuteOnly = true
	want = []string{"T/home/u/proj rw", "T/home/u/.cache rw", "T/exec rx", "T/home/u/.npmrc r", "T/data r", "T/home/u/proj r"}
	if got := w.granted(); !slices.Equal(got, want) {
		t.Errorf("execute only: %q, want %q", got, want)
	}
}

func TestNothingIsGrantedByEmptyLists(t *testing.T) {
	w := newWorld(t)
	if got := w.granted(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// What is dropped where nobody means it, beside what is granted where somebody
// says so.
func TestTooWide(t *testing.T) {
	for name, c := range map[string]struct {
		cwd         string // below the world's root, or absolute
		read, write plan.Path
		want        string
		dropped     string // in the notice
	}{
		"a project":                   {"home/u/proj", plan.Path{}, project(""), "T/home/u/proj rwx", ""},
		"the project at home":         {"home/u", plan.Path{}, project(""), "", "${project} is T/home/u here"},
		"reading it, too":             {"home/u", project(""), plan.Path{}, "", "${project} is T/home/u here"},
		"the directory at home":       {"home/u", plan.Path{}, cwd(""), "", "${cwd} is T/home/u here"},
		"above home":                  {"home", plan.Path{}, cwd(""), "", "${cwd} is T/home here"},
		"reading above home":          {"home", cwd(""), plan.Path{}, "", "${cwd} is T/home here"},
		"the root":                    {"/", plan.Path{}, project(""), "", "${project} is / here"},
		"reading the root":            {"/", cwd(""), plan.Path{}, "", "${cwd} is / here"},
		"the shared /tmp":             {"/tmp", plan.Path{}, cwd(""), "", "${cwd} is /tmp here"},
		"reading the shared /tmp":     {"/tmp", cwd(""), plan.Path{}, "", "${cwd} is /tmp here"},
		"beside home":                 {"", plan.Path{}, cwd("other"), "T/other rwx", ""},
		"below a dropped one":         {"home/u", plan.Path{}, cwd("proj"), "T/home/u/proj rwx", ""},
		"a variable that is home":     {"home/u/proj", plan.Path{}, env("ATHOME"), "", `${env("ATHOME")} is T/home/u here`},
		"a variable that is the root": {"home/u/proj", env("ATROOT"), plan.Path{}, "", `${env("ATROOT")} is / here`},
		"a link to home":              {"home/u/proj", plan.Path{}, cwd("up"), "", "${cwd}/up is T/home/u here"},
		"home, written":               {"home/u/proj", plan.Path{}, home(""), "", "${home} is T/home/u here"},
		"home, read on purpose":       {"home/u/proj", home(""), plan.Path{}, "T/home/u rx", ""},
		"the root, written":           {"home/u/proj", plan.Path{}, plan.Path{Path: "/"}, "", "/ is / here"},
		"the root, read on purpose":   {"home/u/proj", plan.Path{Path: "/"}, plan.Path{}, "/ rx", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dir("other")
			w.link("..", "home/u/proj/up")
			w.Environ = []string{"ATHOME=" + w.Home, "ATROOT=/"}
			if w.Cwd = c.cwd; !strings.HasPrefix(c.cwd, "/") {
				w.Cwd = strings.TrimSuffix(w.root+"/"+c.cwd, "/")
			}
			if c.read != (plan.Path{}) {
				w.plan.Filesystem.Read = rules(c.read)
			}
			if c.write != (plan.Path{}) {
				w.plan.Filesystem.Write = rules(c.write, c.write) // twice, to be told once
			}
			f, err := w.resolve()
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(slices.Compact(w.granted()), "|")
			if got != c.want {
				t.Errorf("granted %q, want %q", got, c.want)
			}
			notices := w.text(strings.Join(f.notices, "|"))
			if c.dropped == "" && notices != "" || !strings.HasPrefix(notices, c.dropped) || strings.Count(notices, "|") > 0 {
				t.Errorf("notices %q, want one that begins with %q", notices, c.dropped)
			}
		})
	}
}

// Without a home there is still a root.
func TestTooWideWithoutHome(t *testing.T) {
	w := newWorld(t)
	w.Home = ""
	w.plan.Filesystem.Write = rules(cwd(""))
	if got := w.granted(); !slices.Equal(got, []string{"T/home/u/proj rwx"}) {
		t.Errorf("%q", got)
	}
	w.Cwd = "/"
	if got := w.granted(); len(got) != 0 {
		t.Errorf("at the root: %q", got)
	}
}

func TestBinds(t *testing.T) {
	w := newWorld(t)
	w.dir("store")
	w.plan.Filesystem.Bind = []plan.Bind{
		{From: w.at("store"), To: home(".npm"), Mode: plan.ModeWrite},
		{From: w.at("store"), To: home(".ro"), Mode: plan.ModeRead},
		{From: w.at("missing"), To: home(".x"), Mode: plan.ModeRead},
		{From: env("UNSET"), To: home(".y"), Mode: plan.ModeRead},
	}
	want := []string{"T/store at T/home/u/.npm rwx", "T/store at T/home/u/.ro rx"}
	if got := w.granted(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	w.plan.Filesystem.Bind = []plan.Bind{{From: w.at("missing"), To: home(".x"), Mode: plan.ModeRead, Required: true}}
	_, err := w.resolve()
	refused(t, err, w.root+"/missing does not exist", "p.hcl:1")
	w.plan.Filesystem.Bind = []plan.Bind{{From: w.at("store"), To: plan.Path{Path: "/"}, Mode: plan.ModeRead, Origin: 1}}
	_, err = w.resolve()
	refused(t, err, "nothing can be shown at /", "b.hcl:9 (p > base)")
}

// A bind is no way around the rule for grants.
func TestBindOfHomeIsDropped(t *testing.T) {
	for _, b := range []plan.Bind{
		{From: cwd(""), To: home("mnt"), Mode: plan.ModeWrite},
		{From: cwd(""), To: home("mnt"), Mode: plan.ModeRead},
		{From: home(""), To: home("mnt"), Mode: plan.ModeWrite},
		{From: plan.Path{Path: "/"}, To: home("mnt"), Mode: plan.ModeWrite},
	} {
		w := newWorld(t)
		w.Cwd = w.Home
		w.plan.Filesystem.Bind = []plan.Bind{b}
		if got := w.granted(); len(got) != 0 {
			t.Errorf("%v: %q", b, got)
		}
		if f, err := w.resolve(); err != nil || len(f.notices) != 1 {
			t.Errorf("%v: notices %q, %v", b, f.notices, err)
		}
	}
}

func TestRequired(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		path plan.Path
		want string
	}{
		{w.at("none"), w.root + "/none does not exist, and the profile requires it"},
		{env("UNSET"), `${env("UNSET")} is required, and UNSET is not set`},
	} {
		rule := []plan.PathRule{{Path: c.path, Required: true, Origin: 1}}
		for name, f := range map[string]plan.Filesystem{"read": {Read: rule}, "write": {Write: rule}, "execute": {Execute: rule}, "hide": {Hide: rule}, "protect": {Protect: rule}} {
			w.plan.Filesystem = f
			_, err := w.resolve()
			if refused(t, err, c.want, "asked for by b.hcl:9 (p > base)") == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestRelativeVariableIsRefused(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"REL=some/where"}
	w.plan.Filesystem.Read = rules(env("REL"))
	_, err := w.resolve()
	refused(t, err, "REL is some/where, not an absolute path", "p.hcl:1")
}

func TestTooManyLinks(t *testing.T) {
	w := newWorld(t)
	w.link("loop", "loop")
	w.plan.Filesystem.Read = rules(w.at("loop"))
	_, err := w.resolve()
	refused(t, err, "too many symbolic links", "p.hcl:1")
}

func TestCreate(t *testing.T) {
	w := newWorld(t)
	w.plan.Filesystem.Write = []plan.PathRule{{Path: home(".cache/a/b"), Create: true}}
	if got := w.granted(); !slices.Equal(got, []string{"T/home/u/.cache/a/b rwx"}) {
		t.Errorf("%q", got)
	}
	for _, dir := range []string{".cache", ".cache/a", ".cache/a/b"} {
		info, err := os.Lstat(w.Home + "/" + dir)
		if err != nil || info.Mode() != os.ModeDir|0o700 {
			t.Errorf("%s: %v, %v", dir, info, err)
		}
	}
	if got := w.granted(); !slices.Equal(got, []string{"T/home/u/.cache/a/b rwx"}) {
		t.Errorf("a second time: %q", got)
	}
}

func TestCreateOnlyWhereItIsTheUsers(t *testing.T) {
	for name, c := range map[string]struct {
		path func(w *world) plan.Path
		want string
	}{
		"outside of home":  {func(w *world) plan.Path { return w.at("elsewhere/x") }, "below the home directory only"},
		"beside home":      {func(w *world) plan.Path { return w.at("home/u2") }, "below the home directory only"},
		"through a link":   {func(w *world) plan.Path { return home("out/x") }, "below the home directory only"},
		"below a file":     {func(w *world) plan.Path { return home("file/x") }, "cannot make"},
		"where it may not": {func(w *world) plan.Path { return plan.Path{Path: "/proc/x"} }, "below the home directory only"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dir("outside")
			w.link("../../outside", "home/u/out")
			w.file("home/u/file")
			w.plan.Filesystem.Write = []plan.PathRule{{Path: c.path(w), Create: true}}
			_, err := w.resolve()
			refused(t, err, c.want, "p.hcl:1")
			if left, err := os.ReadDir(w.root + "/outside"); err != nil || len(left) != 0 {
				t.Errorf("made outside: %v, %v", left, err)
			}
		})
	}
}

// A link whose target is missing, inside home: the target is made, not
// something in the link's place.
func TestCreateThroughADanglingLink(t *testing.T) {
	w := newWorld(t)
	w.dir("home/u/big")
	w.link("big/cache", "home/u/.cache")
	w.plan.Filesystem.Write = []plan.PathRule{{Path: home(".cache/npm"), Create: true}}
	if got := w.granted(); !slices.Equal(got, []string{"T/home/u/big/cache/npm rwx"}) {
		t.Errorf("%q", got)
	}
	if !isDirectory(w.Home + "/big/cache/npm") {
		t.Error("not made")
	}
}

func TestDryRunMakesNothing(t *testing.T) {
	w := newWorld(t)
	w.plan.Filesystem.Write = []plan.PathRule{{Path: home(".cache"), Create: true}}
	f, err := resolveFiles(w.plan, w.anchors(), w.Home, true)
	if err != nil || len(f.grants) != 0 || isDirectory(w.Home+"/.cache") {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestMkdirAllFollowsNoLink(t *testing.T) {
	w := newWorld(t)
	w.dir("outside")
	w.link("../../outside", "home/u/out")
	if err := mkdirAll(w.Home, w.Home+"/out/x"); err == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir(w.root + "/outside"); err != nil || len(left) != 0 {
		t.Errorf("made behind the link: %v, %v", left, err)
	}
	if err := mkdirAll(w.Home, w.Home+"/a/b"); err != nil || !isDirectory(w.Home+"/a/b") {
		t.Errorf("without a link: %v", err)
	}
}

// An earlier run of the program may have exchanged what a grant names for a
// link to what it wants to be granted in this one.
func TestAPlantedLinkIsRefused(t *testing.T) {
	for name, prepare := range map[string]func(w *world, f *plan.Filesystem){
		"in a writable project": func(w *world, f *plan.Filesystem) {
			f.Write, f.Read = rules(project("")), rules(project("node_modules"))
		},
		"written as well": func(w *world, f *plan.Filesystem) { f.Write = rules(project(""), project("node_modules")) },
		"executed": func(w *world, f *plan.Filesystem) {
			f.Write, f.Execute = rules(project("")), rules(project("node_modules"))
		},
		"bound elsewhere": func(w *world, f *plan.Filesystem) {
			f.Write = rules(project(""))
			f.Bind = []plan.Bind{{From: project("node_modules"), To: home("m"), Mode: plan.ModeRead}}
		},
		"in a bound directory": func(w *world, f *plan.Filesystem) {
			f.Bind = []plan.Bind{{From: project(""), To: home("m"), Mode: plan.ModeWrite}}
			f.Read = rules(project("node_modules"))
		},
		"at the second link": func(w *world, f *plan.Filesystem) {
			w.link("home/u/proj/node_modules", "first")
			f.Write, f.Read = rules(project("")), rules(w.at("first"))
		},
		"on the way to the program": func(w *world, f *plan.Filesystem) {
			f.Write = rules(project(""))
			w.plan.Program.Grants = []string{w.root + "/home/u/proj/node_modules"}
		},
		"in the user's own home": func(w *world, f *plan.Filesystem) {
			w.plan.Home.Mode = plan.HomeHost
			f.Read = rules(project("node_modules"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dir("secret")
			w.link("../../../secret", "home/u/proj/node_modules")
			prepare(w, &w.plan.Filesystem)
			f, err := w.resolve()
			if err == nil {
				t.Fatalf("granted %+v, program %+v", f.grants, f.program)
			}
			refused(t, err, "leads through the link "+w.root+"/home/u/proj/node_modules to "+w.root+"/secret", "the sandbox may write that link")
		})
	}
}

func TestAnOrdinaryLinkIsFollowed(t *testing.T) {
	for name, prepare := range map[string]func(w *world, f *plan.Filesystem){
		"in a tree that is only read": func(w *world, f *plan.Filesystem) { f.Read = rules(project(""), project("link")) },
		"outside of what is written":  func(w *world, f *plan.Filesystem) { f.Write, f.Read = rules(home("other")), rules(project("link")) },
		"within the writable tree":    func(w *world, f *plan.Filesystem) { f.Write, f.Read = rules(home("proj")), rules(project("inner")) },
		"a dotfile manager's":         func(w *world, f *plan.Filesystem) { f.Write = rules(project("link")) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dir("dotfiles", "home/u/other", "home/u/proj/dir")
			w.link("../../../dotfiles", "home/u/proj/link")
			w.link("dir", "home/u/proj/inner")
			prepare(w, &w.plan.Filesystem)
			got := strings.Join(w.granted(), " ")
			if !strings.Contains(got, "T/dotfiles") && !strings.Contains(got, "T/home/u/proj/dir") {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestWhere(t *testing.T) {
	p := &plan.Plan{Origins: []plan.Origin{
		{File: "a.hcl", Line: 3}, {File: "library/base.hcl", Line: 12, Through: []string{"npm", "node", "base"}},
	}}
	for i, want := range map[int]string{plan.NoOrigin: "", 9: "", 0: "a.hcl:3", 1: "library/base.hcl:12 (npm > node > base)"} {
		if got := where(p, i); got != want {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
}
