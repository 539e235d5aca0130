package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/wrappers"
)

// place is what stands at a path inside and what may be done there.
type place struct {
	path                 string
	read, write, execute bool
	// own is true for what belongs to the sandbox alone: the host's files at that
	// path are not there.
	own bool
	// forbids is true for what is hidden or protected.
	forbids bool
	what    string // the rule in words
	origin  int
}

// closed says that nothing of the host is there, unless something else grants it.
func (p place) closed() bool { return !p.read && !p.write && !p.execute && !p.own }

func (p place) permits(access string) bool {
	switch access {
	case "read":
		return p.read
	case "write":
		return p.write
	}
	return p.execute
}

// file decides about a path, in the order in which the enforcer builds its view:
// what is granted, over it what is hidden and protected, over that what is granted
// again below something hidden.
func (w *why) file(access, target string) (verdict, error) {
	if target == "" {
		return verdict{}, usageError(errors.New("the path is empty"))
	}
	path, err := w.host.absolute(target)
	if err != nil {
		return verdict{}, err
	}
	path = followed(path)
	f := w.filePolicy()
	if hide, ok := deepest(f.hide, path); ok {
		f.places = slices.DeleteFunc(f.places, func(p place) bool { return !wrappers.Covers(hide.path, p.path) || p.path == hide.path })
		if _, again := deepest(f.places, path); !again {
			v := w.decided(false, hide.origin, "%s is hidden by %s", path, hide.what)
			v.Paste = w.pasteAgainst("hide", hide)
			return v, nil
		}
	}
	return w.decideFile(f, access, path), nil
}

func (w *why) decideFile(f filePolicy, access, path string) verdict {
	if top, ok := deepest(f.places, path); ok && top.own {
		return w.ownPlace(top, access, path)
	}
	if reserve, ok := deepest(f.reserved, path); ok && access == "write" {
		v := w.decided(false, plan.NoOrigin, "%s is %s", path, reserve.what)
		v.Notes = []string{"no profile can allow that: what is in there decides what the next sandbox is"}
		return v
	}
	allowing := slices.DeleteFunc(slices.Clone(f.places), func(p place) bool { return p.own || !p.permits(access) })
	by, ok := deepest(allowing, path)
	if ok && w.plan.Filesystem.View == plan.ViewHost {
		// What the host view leaves out lies in what it shows: the nearer one counts,
		// but home is there in what is granted around it.
		out, some := deepest(f.places, path)
		ok = !some || !out.closed() || len(out.path) <= len(by.path) || out.path == followed(w.home) && by.path != "/"
	}
	if !ok {
		v := w.decided(false, plan.NoOrigin, "nothing grants to %s %s", access, path)
		if near, some := deepest(f.places, path); some {
			v = w.decided(false, near.origin, "%s does not let the program %s %s", near.what, access, path)
		}
		v.Paste = w.pasteGrant(access, path)
		v.Notes = f.skipped(path)
		return v
	}
	if access == "write" {
		if guard, ok := deepest(f.protect, path); ok {
			v := w.decided(false, guard.origin, "%s is protected by %s", path, guard.what)
			v.Paste = w.pasteAgainst("protect", guard)
			return v
		}
	}
	v := w.decided(true, by.origin, "%s lets the program %s %s", by.what, access, path)
	for _, guard := range f.absent {
		if guard.forbids && wrappers.Covers(guard.path, path) {
			v.Notes = append(v.Notes, fmt.Sprintf("%s does nothing: %s does not exist", guard.what, guard.path))
		}
	}
	return v
}

// ownPlace is for paths at which the sandbox has something of its own: the host's
// files are not there, and what is written goes with the sandbox.
func (w *why) ownPlace(top place, access, path string) verdict {
	switch {
	case wrappers.Covers("/proc", path):
		return w.decided(top.permits(access), top.origin, "%s is %s, with the sandbox's processes only", path, top.what)
	case access == "write" && top.write:
		v := w.decided(true, top.origin, "%s is %s", path, top.what)
		v.Notes = []string{"the host's files at that path stay as they are"}
		return v
	}
	v := w.decided(false, top.origin, "%s is %s, where the host's file is not", path, top.what)
	v.Paste = w.pasteGrant(access, path)
	return v
}

// deepest is the place nearest to path among those that it lies in; the first of
// several at one path.
func deepest(places []place, path string) (place, bool) {
	best, ok := place{}, false
	for _, p := range places {
		if wrappers.Covers(p.path, path) && (!ok || len(p.path) > len(best.path)) {
			best, ok = p, true
		}
	}
	return best, ok
}

// filePolicy is the file policy on this host, from the working directory.
type filePolicy struct {
	places, hide, protect []place
	reserved              []place // never writable
	absent                []place // rules whose path does not exist: they do nothing
	dropped               []place // rules that reach too far to be what was meant
}

// skipped explains rules about a path that do nothing.
func (f filePolicy) skipped(path string) []string {
	var notes []string
	if p, ok := deepest(f.absent, path); ok {
		notes = append(notes, fmt.Sprintf("%s does nothing: %s does not exist", p.what, p.path))
	}
	if p, ok := deepest(f.dropped, path); ok {
		notes = append(notes, fmt.Sprintf("%s is dropped here: it would be %s as a whole", p.what, p.path))
	}
	return notes
}

func (w *why) filePolicy() filePolicy {
	var f filePolicy
	fs := w.plan.Filesystem
	f.places = w.ground()
	for _, g := range w.plan.Program.Grants {
		f.places = append(f.places, place{path: g, read: true, execute: true, what: "the program's own installation", origin: plan.NoOrigin})
	}
	anyExecute := !fs.ExecuteOnly
	w.rules(&f, &f.places, fs.Write, "write", place{read: true, write: true, execute: anyExecute})
	w.rules(&f, &f.places, fs.Execute, "execute", place{read: true, execute: true})
	w.rules(&f, &f.places, fs.Read, "read", place{read: true, execute: anyExecute})
	for _, b := range fs.Bind {
		rule := []plan.PathRule{{Path: b.To, Origin: b.Origin, Create: true}}
		w.rules(&f, &f.places, rule, "bind "+strconv.Quote(b.From.String())+" at", place{read: true, write: b.Mode == plan.ModeWrite, execute: anyExecute})
	}
	for _, t := range fs.Tmpfs {
		rule := []plan.PathRule{{Path: t.Path, Origin: t.Origin, Create: true}}
		w.rules(&f, &f.places, rule, "tmpfs", place{read: true, write: true, execute: anyExecute, own: true})
	}
	f.places = withoutFilled(f.places)
	w.rules(&f, &f.hide, fs.Hide, "hide", place{forbids: true})
	w.rules(&f, &f.protect, fs.Protect, "protect", place{forbids: true})
	for _, r := range fs.Reserved {
		f.reserved = append(f.reserved, place{path: followed(r.Path.Path), what: "husk's own (" + r.Path.Path + ")", origin: plan.NoOrigin})
	}
	return f
}

// ownTmp is what a private /tmp is called.
const ownTmp = "in a /tmp of the sandbox's own"

// withoutFilled takes out what would be closed at the very paths at which something is
// granted or the sandbox has something of its own, and a private /tmp where /tmp is
// granted.
func withoutFilled(places []place) []place {
	filled, granted := map[string]bool{}, map[string]bool{}
	for _, p := range places {
		filled[p.path] = filled[p.path] || !p.closed()
		granted[p.path] = granted[p.path] || !p.closed() && !p.own
	}
	return slices.DeleteFunc(places, func(p place) bool {
		return p.closed() && filled[p.path] || p.what == ownTmp && granted[p.path]
	})
}

// rules resolves a list of paths into places.
func (w *why) rules(f *filePolicy, into *[]place, rules []plan.PathRule, word string, like place) {
	anchors := wrappers.Anchors{Home: w.home, Cwd: w.host.cwd, Markers: w.plan.Filesystem.Markers, Getenv: w.host.getenv}
	for _, r := range rules {
		path, ok := anchors.Resolve(r.Path)
		if !ok {
			continue
		}
		p := like
		p.path, p.origin = followed(path), r.Origin
		p.what = word + " " + strconv.Quote(r.Path.String())
		if p.own {
			p.what = "a file system of the sandbox's own (" + p.what + ")"
		}
		_, err := os.Lstat(p.path)
		switch {
		case err != nil && !r.Create:
			f.absent = append(f.absent, p)
		case (like.read || like.write) && !like.own && w.tooWide(r.Path, p):
			f.dropped = append(f.dropped, p)
		default:
			*into = append(*into, p)
		}
	}
}

// tooWide says whether the enforcer drops the grant: write access to / or home,
// and a working directory, project or variable that happens to be one of these or
// above, or /tmp.
func (w *why) tooWide(rule plan.Path, p place) bool {
	floating := rule.Anchor != plan.AnchorRoot && rule.Anchor != plan.AnchorHome
	everything := wrappers.Covers(p.path, followed(w.home))
	return everything && (p.write || floating) || floating && p.path == "/tmp"
}

// ground is what stands there before any rule of a profile.
func (w *why) ground() []place {
	var out []place
	add := func(p place) { p.origin = plan.NoOrigin; out = append(out, p) }
	switch w.plan.Filesystem.View {
	case plan.ViewHost:
		add(place{path: "/", read: true, execute: true, what: `view = "host"`})
		for _, path := range hostViewHides(w.home) {
			add(place{path: path, what: "the host view, which leaves out home, credentials and run-time directories,"})
		}
	case plan.ViewMinimal:
		add(place{path: "/", what: "the minimal view, which has the system directories only,"})
		for _, path := range namespaces.SystemTrees() {
			if path == namespaces.NixStore && len(w.plan.Program.Closure) > 0 {
				continue
			}
			add(place{path: followed(path), read: true, execute: true, what: "the system directory " + path})
		}
		for _, path := range etcShown() {
			add(place{path: path, read: true, what: "the part of /etc that programs need"})
		}
	default:
		add(place{path: "/", what: "the empty view"})
	}
	for _, path := range w.plan.Program.Closure {
		add(place{path: path, read: true, execute: true, what: "the program's closure"})
	}
	for _, dev := range []string{"null", "zero", "full", "random", "urandom", "tty", "pts", "shm"} {
		add(place{path: "/dev/" + dev, read: true, write: true, what: "the sandbox's own /dev", own: dev == "pts" || dev == "shm"})
	}
	add(place{path: "/proc", read: true, own: true, what: "the sandbox's own /proc"})
	return append(out, w.homeAndTmp()...)
}

func (w *why) homeAndTmp() []place {
	execute := !w.plan.Filesystem.ExecuteOnly
	var out []place
	h := w.plan.Home
	all := place{path: followed(w.home), read: true, write: true, execute: execute, origin: h.Origin}
	switch h.Mode {
	case plan.HomeHost:
		all.what = `home { mode = "host" }`
		out = append(out, all)
	case plan.HomeGranted:
		all.read, all.write, all.execute = false, false, false
		all.what = "the home directory, of which only what is granted is there,"
		out = append(out, all)
	case plan.HomePrivate, plan.HomePersistent:
		all.own, all.what = true, "in a home directory of the sandbox's own (home { mode = "+strconv.Quote(h.Mode)+" })"
		out = append(out, all)
	}
	t := w.plan.Tmp
	tmp := place{path: "/tmp", read: true, write: true, execute: execute, origin: t.Origin}
	switch {
	case t.Mode == plan.TmpHost:
		tmp.what = `tmp { mode = "host" }`
	case t.SlashTmp == plan.SlashTmpDenied:
		tmp.read, tmp.write, tmp.execute = false, false, false
		tmp.what = `tmp { slash_tmp = "denied" }`
	default:
		tmp.own, tmp.what = true, ownTmp
	}
	return append(out, tmp)
}

// followed takes the symbolic links out of the part of a path that exists.
func followed(path string) string {
	path = filepath.Clean(path)
	for rest := ""; ; {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Join(real, rest)
		}
		if path == "/" {
			return filepath.Join("/", rest)
		}
		rest = filepath.Join(filepath.Base(path), rest)
		path = filepath.Dir(path)
	}
}

// pasteGrant is the HCL that grants a path, or nothing where husk check refuses
// it. A profile without an execute list executes what it reads, and with one
// nothing else: there, read is what permits more.
func (w *why) pasteGrant(access, path string) string {
	switch {
	case access == "write" && wrappers.Covers(path, followed(w.home)):
		return ""
	case access == "execute" && !w.plan.Filesystem.ExecuteOnly:
		access = "read"
	}
	return fmt.Sprintf("filesystem {\n  %s = [%s]\n}", access, w.inProfile(path))
}

// pasteAgainst says how to do without a rule that forbids.
func (w *why) pasteAgainst(list string, p place) string {
	if o := originOf(w.plan, p.origin); o != nil && len(o.Through) == 0 && !strings.HasPrefix(o.File, "library/") {
		return "" // the line itself is the profile's own: its place is enough
	}
	return fmt.Sprintf("remove { %s = [%s] }", list, w.inProfile(p.path))
}

// inProfile writes a path as a profile would: from the project or home where it
// lies there.
func (w *why) inProfile(path string) string {
	anchors := wrappers.Anchors{Cwd: w.host.cwd, Markers: w.plan.Filesystem.Markers}
	for _, head := range []struct{ dir, name string }{{followed(anchors.Project()), "${project}"}, {followed(w.home), "${home}"}} {
		if head.dir == "/" || head.dir == followed(w.home) && head.name == "${project}" {
			continue
		}
		if wrappers.Covers(head.dir, path) {
			return `"` + head.name + hclText(strings.TrimPrefix(path, head.dir)) + `"`
		}
	}
	return `"` + hclText(path) + `"`
}

// hclText escapes text for a quoted string of HCL.
func hclText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "${", "$${", "%{", "%%{").Replace(s)
}
