package enforce

import (
	"os"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// setting decides the file policy as a start does.
func (w *world) setting() *setting {
	w.t.Helper()
	files, err := w.resolve()
	if err != nil {
		w.t.Fatal(err)
	}
	at, ok := resolve(w.Home)
	if !ok {
		w.t.Fatal("home has too many links")
	}
	return &setting{plan: w.plan, caller: w.Caller, home: at, state: w.root + "/state", session: w.root + "/session",
		files: files, anchors: w.anchors(), uid: w.UID, gid: w.GID}
}

// laidOut gives the view's steps and Landlock's rules as text, but for what
// doesn't concern the world.
func (w *world) laidOut() string {
	w.t.Helper()
	l, err := newLayout(w.setting())
	if err != nil {
		w.t.Fatal(err)
	}
	list := steps.New()
	if err := l.view.Build(list, w.plan.Filesystem.View == plan.ViewHost); err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range list.Steps {
		text := strings.ReplaceAll(string(s.Kind)+" "+s.Text(), w.root[1:]+"/", "T/")
		text = strings.ReplaceAll(text, " /T/", " T/")
		if strings.Contains(text, "T/") && !strings.HasPrefix(text, "mkdir") {
			b.WriteString(text + "\n")
		}
	}
	b.WriteString(w.ruleText(l.rules))
	return b.String()
}

func (w *world) ruleText(rules []access) string {
	var b strings.Builder
	for _, r := range rules {
		rights := r.rights
		if r.file {
			rights = rights.OnFile()
		}
		if text := w.text(r.path); strings.HasPrefix(text, "T/") {
			b.WriteString("allow " + text + ": " + rights.String() + "\n")
		}
	}
	return b.String()
}

func (w *world) want(want string) {
	w.t.Helper()
	if got := w.laidOut(); got != strings.TrimLeft(want, "\n") {
		w.t.Errorf("got\n%s\nwant%s", got, want)
	}
}

func TestLayoutOfNothing(t *testing.T) {
	newWorld(t).want(`
bind T/session at T/session, writable, with what is mounted below
allow T/session: write, execute
`)
}

// Read in write in hide, each inside the other: the innermost counts, and what
// adds nothing is not mounted a second time.
func TestLayoutNests(t *testing.T) {
	w := newWorld(t)
	w.dir("home/u/proj/out/src/docs", "home/u/proj/more")
	f := &w.plan.Filesystem
	f.Read = rules(project("out/src"), project("more"))
	f.Write = rules(project(""), project("out/src/docs"))
	f.Hide = rules(project("out"))
	w.want(`
bind T/home/u/proj at T/home/u/proj, writable, with what is mounted below
mount tmpfs at T/home/u/proj/out (mode=755,size=1m)
bind T/home/u/proj/out/src at T/home/u/proj/out/src, read-only, with what is mounted below
bind T/home/u/proj/out/src/docs at T/home/u/proj/out/src/docs, writable, with what is mounted below
bind T/session at T/session, writable, with what is mounted below
attr T/home/u/proj/out read-only
allow T/session: write, execute
allow T/home/u/proj: write, execute
allow T/home/u/proj/more: read, execute
allow T/home/u/proj/out/src: read, execute
allow T/home/u/proj/out/src/docs: write, execute
`)
}

// A write grant inside one that is read, and the reverse, which adds up.
func TestLayoutAddsUp(t *testing.T) {
	w := newWorld(t)
	w.dir("tree/w", "tree2/r")
	w.file("tree/file")
	w.plan.Filesystem.Read = rules(w.at("tree"), w.at("tree/file"), w.at("tree2/r"))
	w.plan.Filesystem.Write = rules(w.at("tree/w"), w.at("tree2"))
	w.want(`
bind T/session at T/session, writable, with what is mounted below
bind T/tree at T/tree, read-only, with what is mounted below
bind T/tree/w at T/tree/w, writable, with what is mounted below
bind T/tree2 at T/tree2, writable, with what is mounted below
allow T/session: write, execute
allow T/tree: read, execute
allow T/tree/file: read, execute
allow T/tree/w: write, execute
allow T/tree2: write, execute
allow T/tree2/r: read, execute
`)
}

// A directory between a writable tree and what is protected in it is pinned:
// it can't be renamed away and made anew.
func TestLayoutPins(t *testing.T) {
	w := newWorld(t)
	w.dir("home/u/proj/.git/hooks", "home/u/proj/a/b/c", "home/u/ro/x")
	w.file("home/u/proj/.env", "home/u/proj/a/b/key")
	f := &w.plan.Filesystem
	f.Write = rules(project(""))
	f.Read = rules(home("ro"))
	f.Protect = rules(project(".git/hooks"), project("a/b/key"), project("missing"), home("ro/x"))
	f.Hide = rules(project(".env"), project("a/b/c"), project("none"), home("unseen"))
	f.Reserved = rules(project("a"))
	w.want(`
bind T/home/u/proj at T/home/u/proj, writable, with what is mounted below
bind .husk-empty at T/home/u/proj/.env, read-only
bind T/home/u/proj/.git at T/home/u/proj/.git, writable, with what is mounted below
bind T/home/u/proj/.git/hooks at T/home/u/proj/.git/hooks, read-only, with what is mounted below
bind T/home/u/proj/a at T/home/u/proj/a, writable, with what is mounted below
bind T/home/u/proj/a at T/home/u/proj/a, read-only, with what is mounted below
bind T/home/u/proj/a/b at T/home/u/proj/a/b, writable, with what is mounted below
mount tmpfs at T/home/u/proj/a/b/c (mode=755,size=1m)
bind T/home/u/proj/a/b/key at T/home/u/proj/a/b/key, read-only, with what is mounted below
bind T/home/u/ro at T/home/u/ro, read-only, with what is mounted below
bind T/session at T/session, writable, with what is mounted below
attr T/home/u/proj/a/b/c read-only
allow T/session: write, execute
allow T/home/u/proj: write, execute
allow T/home/u/ro: read, execute
`)
}

// With an execute list nothing else may be executed: not what is granted, not
// the session directory.
func TestLayoutExecuteOnly(t *testing.T) {
	w := newWorld(t)
	w.dir("home/u/proj/bin", "tools")
	f := &w.plan.Filesystem
	f.ExecuteOnly = true
	f.Write, f.Execute, f.Read = rules(project("")), rules(project("bin"), w.at("tools")), rules(home(""))
	w.want(`
bind T/home/u at T/home/u, read-only, with what is mounted below
bind T/home/u/proj at T/home/u/proj, writable, with what is mounted below
bind T/home/u/proj/bin at T/home/u/proj/bin, writable, with what is mounted below
bind T/session at T/session, writable, with what is mounted below
bind T/tools at T/tools, read-only, with what is mounted below
allow T/session: write
allow T/home/u: read
allow T/home/u/proj: write
allow T/home/u/proj/bin: read, execute
allow T/tools: read, execute
`)
	l, err := newLayout(w.setting())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"/home/u": false, "/home/u/proj/x": false, "/home/u/proj/bin/x": true, "/tools": true, "/session": false} {
		if got := l.view.Covers(w.root + path).Executable; got != want {
			t.Errorf("%s: executable is %v", path, got)
		}
	}
}

func TestLayoutOfTheProgram(t *testing.T) {
	w := newWorld(t)
	w.dir("opt/node/bin", "links")
	w.file("opt/node/bin/node")
	w.link("../opt/node/bin/node", "links/node")
	w.plan.Program.Path, w.plan.Program.Grants = w.root+"/links/node", []string{w.root + "/opt/node"}
	w.plan.Filesystem.ExecuteOnly = true
	w.want(`
symlink T/links/node -> ../opt/node/bin/node
bind T/opt/node at T/opt/node, read-only, with what is mounted below
bind T/session at T/session, writable, with what is mounted below
allow T/session: write
allow T/opt/node: read, execute
allow T/opt/node/bin/node: read, execute
`)
}

func TestLayoutBindsAndTmpfs(t *testing.T) {
	w := newWorld(t)
	w.dir("store", "home/u/.config")
	f := &w.plan.Filesystem
	f.Bind = []plan.Bind{{From: w.at("store"), To: home(".npm"), Mode: plan.ModeWrite}}
	f.Tmpfs = []plan.Tmpfs{{Path: home(".config"), Size: 16 << 20}, {Path: home("big")}, {Path: env("UNSET")}}
	w.want(`
mount tmpfs at T/home/u/.config (mode=700,size=16777216,nr_inodes=8192)
bind T/store at T/home/u/.npm, writable, with what is mounted below
mount tmpfs at T/home/u/big (mode=700,size=50%,nr_inodes=262144)
bind T/session at T/session, writable, with what is mounted below
allow T/session: write, execute
allow T/home/u/.npm: write, execute
allow T/home/u/.config: write, execute
allow T/home/u/big: write, execute
`)
	f.Tmpfs = []plan.Tmpfs{{Path: plan.Path{Path: "/"}, Origin: 1}}
	_, err := newLayout(w.setting())
	refused(t, err, "no tmpfs can stand at /", "b.hcl:9")
}

func TestLayoutOfHomes(t *testing.T) {
	for mode, want := range map[string]string{
		plan.HomeGranted: `
bind T/session at T/session, writable, with what is mounted below
allow T/session: write, execute
`,
		plan.HomePrivate: `
mount tmpfs at T/home/u (mode=700,size=50%,nr_inodes=262144)
mount tmpfs at T/home/u/proj (mode=755,size=1m)
bind T/session at T/session, writable, with what is mounted below
attr T/home/u/proj read-only
allow T/home/u: write, execute
allow T/session: write, execute
`,
		plan.HomePersistent: `
bind T/state/homes/p at T/home/u, writable, with what is mounted below
bind T/session at T/session, writable, with what is mounted below
allow T/home/u: write, execute
allow T/session: write, execute
`,
		plan.HomeHost: `
bind T/home/u at T/home/u, writable, with what is mounted below
bind T/session at T/session, writable, with what is mounted below
allow T/home/u: write, execute
allow T/session: write, execute
`,
	} {
		t.Run(mode, func(t *testing.T) {
			w := newWorld(t)
			w.plan.Home.Mode = mode
			if mode == plan.HomePersistent {
				w.Cwd = w.root // the project is not in there
			}
			w.want(want)
		})
	}
}

func TestHomeModesNeedAHome(t *testing.T) {
	for _, mode := range []string{plan.HomePrivate, plan.HomePersistent, plan.HomeHost} {
		for _, at := range []string{"", "/"} {
			w := newWorld(t)
			w.plan.Home = plan.Home{Mode: mode, Origin: 1}
			s := w.setting()
			s.home = resolved{path: at}
			_, err := newLayout(s)
			refused(t, err, "home mode is "+mode, "HOME is not set", "b.hcl:9")
		}
	}
}

// A home that a link leads to: the link is shown, so that $HOME works.
func TestLayoutOfALinkedHome(t *testing.T) {
	w := newWorld(t)
	w.dir("data/u")
	w.link("data/u", "me")
	w.Home, w.Cwd = w.root+"/me", w.root+"/data/u"
	w.file("data/u/.npmrc")
	w.plan.Filesystem.Read = rules(home(".npmrc"))
	w.want(`
bind T/data/u/.npmrc at T/data/u/.npmrc, read-only
symlink T/me -> data/u
bind T/session at T/session, writable, with what is mounted below
allow T/session: write, execute
allow T/data/u/.npmrc: read, execute
`)
}

func TestLayoutOnTheHost(t *testing.T) {
	w := newWorld(t)
	w.dir("home/u/.ssh")
	w.plan.Filesystem.View = plan.ViewHost
	// Where the tests' directory is hidden as a whole (/tmp), what is granted
	// below must be shown anew; where it isn't, home is.
	w.plan.Filesystem.Write, w.plan.Filesystem.Read = rules(project("")), nil
	l, err := newLayout(w.setting())
	if err != nil {
		t.Fatal(err)
	}
	if !l.view.Hides(w.Home+"/.ssh") || !l.view.Shows(w.Home+"/proj") {
		t.Error("home must be hidden, and the project shown in it")
	}
	for _, path := range []string{"/root", "/etc/shadow"} {
		if _, err := os.Lstat(path); err == nil && path == "/root" && !l.view.Hides(path) {
			t.Errorf("%s is not hidden", path)
		}
	}
}

// Without a view, Landlock's rules are all there is.
func TestFlatRules(t *testing.T) {
	w := newWorld(t)
	w.dir("ro", "tool")
	w.file("ro/file", "tool/x")
	w.plan.Program = plan.Program{Path: w.root + "/tool/x"}
	w.plan.Filesystem.Read, w.plan.Filesystem.Write = rules(w.at("ro"), w.at("ro/file")), rules(project(""))
	w.plan.Tmp.Strict = true
	all, err := flatRules(w.setting())
	if err != nil {
		t.Fatal(err)
	}
	want := `allow T/session: write, execute
allow T/tool/x: read, execute
allow T/home/u/proj: write, execute
allow T/ro: read, execute
allow T/ro/file: read, execute
`
	if got := w.ruleText(all); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	rights := func(path string) string {
		all, err := flatRules(w.setting())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if r.path == path {
				return r.rights.String()
			}
		}
		return "none"
	}
	// Without strict what others have in /tmp is read, but for sessions; the
	// session's own directory lies among them.
	w.dir("husk-1-a-b", "husk-x", "neighbour")
	inTmp := namespaces.Within(w.root, slashTmp())
	for path, want := range map[string]string{slashTmp(): "list", w.root: "none", w.root + "/husk-1-a-b": "none",
		w.root + "/husk-x": "read", w.root + "/neighbour": "read"} {
		w.plan.Tmp.Strict = false
		if got := rights(path); (inTmp || path == slashTmp()) && got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		w.plan.Tmp.Strict = true
		if got := rights(path); got != "none" {
			t.Errorf("%s, strict: %s", path, got)
		}
	}
	w.plan.Tmp.Mode = plan.TmpHost
	if got := rights("/tmp"); got != "write, execute" {
		t.Errorf("/tmp, the host's: %s", got)
	}
	if got := rights("/"); got != "none" {
		t.Errorf("the root: %s", got)
	}
}

// What only a view can do is refused without one, not left out.
func TestFlatRulesRefuse(t *testing.T) {
	for name, change := range map[string]func(p *plan.Plan, w *world){
		"a private home":    func(p *plan.Plan, _ *world) { p.Home.Mode = plan.HomePrivate },
		"a persistent home": func(p *plan.Plan, _ *world) { p.Home.Mode = plan.HomePersistent },
		"tmpfs":             func(p *plan.Plan, _ *world) { p.Filesystem.Tmpfs = []plan.Tmpfs{{Path: home("x")}} },
		"bind": func(p *plan.Plan, w *world) {
			p.Filesystem.Bind = []plan.Bind{{From: w.at("home"), To: home("x"), Mode: plan.ModeRead}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			change(w.plan, w)
			_, err := flatRules(w.setting())
			refused(t, err, "need a mount namespace")
		})
	}
}
