package enforce

import (
	"path"
	"sort"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/homes"
	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// access is one Landlock rule for files.
type access struct {
	path   string
	rights landlock.Access
	origin int
	file   bool
	// passing is for what may be gone before the rule is made.
	passing bool
}

// layout is the file policy in the two forms that enforce it.
type layout struct {
	view  namespaces.View
	rules []access
	// joined are the write grants that have no mount of their own.
	joined []grant
	// closed says that only the closure's paths of the store are permitted.
	closed bool
}

// allow adds a Landlock rule.
func (l *layout) allow(path string, rights landlock.Access, file bool, origin int) {
	l.rules = append(l.rules, access{path: path, rights: rights, origin: origin, file: file})
}

// rights gives what a grant means to Landlock.
func (g *grant) rights() landlock.Access {
	a := landlock.Read
	if g.write {
		a = landlock.Write
	}
	if g.execute {
		a |= landlock.Execute
	}
	return a
}

// setting is what the layout depends on beside the plan.
type setting struct {
	plan       *plan.Plan
	caller     *Caller
	home       resolved // of the home directory; path "" where there is none
	state      string   // husk's state directory, for persistent homes
	session    string   // the session directory, "" for none
	console    string   // the terminal behind the standard streams, "" for none
	files      *files
	anchors    *anchors
	landlocked bool // Landlock is there
	lowered    bool // namespaces were not to be had, and the profile does without
	uid        int  // inside
	gid        int
	user       *user // the program's own, or nil
	dry        bool  // nothing is to be made
	// resolver are files of /etc that say how names are resolved, in the place of
	// the host's.
	resolver []network.File
}

// newLayout decides what stands where, for a sandbox with its own root.
func newLayout(s *setting) (*layout, error) {
	l := &layout{}
	l.ground(s)
	if err := l.homeDirectory(s); err != nil {
		return nil, err
	}
	l.temporary(s)
	if err := l.grants(s); err != nil {
		return nil, err
	}
	l.sockets(s)
	if err := l.tmpfs(s); err != nil {
		return nil, err
	}
	l.exceptions(s)
	l.ways(s)
	if err := l.undumpable(s); err != nil {
		return nil, err
	}
	return l, l.handOver(s)
}

// ground is the view's foundation.
func (l *layout) ground(s *setting) {
	switch s.plan.Filesystem.View {
	case plan.ViewHost:
		l.hostView(s)
	case plan.ViewMinimal:
		l.view.AddSystem(host{})
		user := namespaces.Name(variable(s.caller, "USER"))
		home := s.home.path
		if home == "" {
			home = "/"
		}
		uid, gid := strconv.Itoa(s.uid), strconv.Itoa(s.gid)
		if !s.files.grantAt("/etc") { // else it is the host's, as in the host view
			for _, f := range s.resolver {
				l.view.Add(namespaces.Place{Path: f.Path, Kind: namespaces.Content, Content: []byte(f.Content), Origin: plan.NoOrigin})
			}
			l.view.AddEtc(host{},
				[]byte(user+":x:"+uid+":"+gid+"::"+home+":"+shell(s.caller)+"\n"),
				[]byte(user+":x:"+gid+":\n"))
		}
		l.system(s.plan)
		l.allow("/etc", landlock.Read, false, plan.NoOrigin)
		l.allow("/", landlock.List, false, plan.NoOrigin)
	default:
		l.allow("/", landlock.List, false, plan.NoOrigin)
		l.store(s.plan)
	}
	l.view.AddDev(host{}, s.console)
	if sharesNamespace(s.plan, plan.NamespacePID) {
		// A proc of one's own needs a PID namespace of one's own.
		l.view.Add(namespaces.Place{Path: "/proc", Kind: namespaces.Show, Source: "/proc", Origin: plan.NoOrigin,
			Options: steps.BindOptions{Recursive: true, NoExec: true}})
	} else {
		l.view.Add(namespaces.Place{Path: "/proc", Kind: namespaces.Proc, Origin: plan.NoOrigin})
	}
	l.view.HideProc(host{}, s.caller.UID == 0)
	l.allow("/proc", landlock.Read, false, plan.NoOrigin)
	l.allow("/dev", landlock.Device, false, plan.NoOrigin)
	l.allow("/dev/shm", landlock.Write, false, plan.NoOrigin)
}

func variable(c *Caller, name string) string { v, _ := c.Getenv(name); return v }

func shell(c *Caller) string {
	if s := variable(c, "SHELL"); path.IsAbs(s) && namespaces.Name(path.Base(s)) == path.Base(s) {
		return s
	}
	return "/bin/sh"
}

// homeDirectory is what stands at the user's home.
func (l *layout) homeDirectory(s *setting) error {
	h := s.plan.Home
	if s.home.path == "" || s.home.path == "/" {
		if h.Mode == plan.HomeGranted {
			return nil
		}
		return &Failure{Text: "the profile's home mode is " + h.Mode + ", and HOME is not set to a directory of its own", From: where(s.plan, h.Origin)}
	}
	at := s.home.path
	switch h.Mode {
	case plan.HomePrivate:
		l.view.AddTmpfs(at, "mode=700,size="+sizeTmp, s.plan.Filesystem.ExecuteOnly, h.Origin)
		l.allow(at, landlock.Write|l.execute(s), false, h.Origin)
	case plan.HomePersistent:
		own := homes.Path(s.state, s.plan.Profile)
		l.view.Add(namespaces.Place{Path: at, Kind: namespaces.Show, Source: own, Origin: h.Origin, Husks: true,
			Options: steps.BindOptions{Writable: true, NoExec: s.plan.Filesystem.ExecuteOnly, Recursive: true, Exact: true}})
		l.allow(at, landlock.Write|l.execute(s), false, h.Origin)
	case plan.HomeHost:
		l.show(at, at, false, true, !s.plan.Filesystem.ExecuteOnly, h.Origin)
		l.allow(at, landlock.Write|l.execute(s), false, h.Origin)
	default:
		l.view.Add(namespaces.Place{Path: at, Kind: namespaces.Dir, Origin: plan.NoOrigin})
		if s.plan.Filesystem.View == plan.ViewHost && !s.shownAround(at) {
			l.view.Add(namespaces.Place{Path: at, Kind: namespaces.HideDir, Yields: true, Origin: plan.NoOrigin})
		}
	}
	return nil
}

// shownAround says whether something that the profile shows of the host, and not the
// view, has dir in it.
func (s *setting) shownAround(dir string) bool {
	if s.plan.Tmp.Mode == plan.TmpHost {
		for _, tmp := range hostTmp(s.caller, s.home.path) {
			if namespaces.Within(dir, tmp) {
				return true
			}
		}
	}
	return s.files.grantAround(dir)
}

func (l *layout) execute(s *setting) landlock.Access {
	if s.plan.Filesystem.ExecuteOnly {
		return 0
	}
	return landlock.Execute
}

// show makes something of the host visible.
func (l *layout) show(source, target string, file, write, execute bool, origin int) {
	l.view.Add(namespaces.Place{Path: target, Kind: namespaces.Show, Source: source, File: file, Origin: origin,
		Options: steps.BindOptions{Writable: write, NoExec: !execute, Recursive: !file, Exact: true}})
}

// sizeTmp bounds what a program keeps in memory-backed file systems: half of
// the memory, as the kernel's own default for tmpfs.
const sizeTmp = "50%"

func noExec(yes bool) uintptr {
	if yes {
		return unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	}
	return unix.MS_NOSUID | unix.MS_NODEV
}

// hostTmp gives the caller's own directories for temporary files: /tmp, and
// what TMPDIR names, unless that is the root or holds the home directory.
func hostTmp(c *Caller, home string) []string {
	dirs := []string{slashTmp()}
	if dir := variable(c, "TMPDIR"); path.IsAbs(dir) {
		at, ok := resolve(dir)
		if ok && at.isDir() && !namespaces.Within(at.path, dirs[0]) && !namespaces.Within(home, at.path) {
			dirs = append(dirs, at.path)
		}
	}
	return dirs
}

// slashTmp gives the directory that /tmp is on this host.
func slashTmp() string {
	if at, ok := resolve("/tmp"); ok && at.isDir() {
		return at.path
	}
	return "/tmp"
}

// temporary is /tmp and the session directory.
func (l *layout) temporary(s *setting) {
	t := s.plan.Tmp
	if t.Mode == plan.TmpHost {
		for _, dir := range hostTmp(s.caller, s.home.path) {
			l.show(dir, dir, false, true, !s.plan.Filesystem.ExecuteOnly, t.Origin)
			l.allow(dir, landlock.Write|l.execute(s), false, t.Origin)
		}
		return
	}
	size := sizeTmp
	if t.Size > 0 {
		size = strconv.FormatUint(t.Size, 10)
		l.view.Size = size
	}
	switch {
	case s.files.grantAt("/tmp"): // the host's, as far as it is granted
	case t.SlashTmp == plan.SlashTmpPrivate:
		l.view.Size = size
		l.view.Add(namespaces.Place{Path: "/tmp", Kind: namespaces.Tmpfs, Part: true, Data: "mode=1777,size=" + size,
			Flags: noExec(s.plan.Filesystem.ExecuteOnly), Origin: t.Origin})
		l.allow("/tmp", landlock.Write|l.execute(s), false, t.Origin)
	default:
		l.view.Add(namespaces.Place{Path: "/tmp", Kind: namespaces.Dir, Origin: t.Origin})
	}
	if s.session != "" {
		l.sessionDirectory(s, size)
	}
}

// flatRules are Landlock's rules where there is no view of one's own: the
// host's tree, of which the system directories, the program and the grants
// can be used. What only a view can do is refused, not left out.
func flatRules(s *setting) ([]access, error) {
	p := s.plan
	if p.Home.Mode == plan.HomePrivate || p.Home.Mode == plan.HomePersistent || len(p.Filesystem.Tmpfs) > 0 || len(p.Filesystem.Bind) > 0 {
		return nil, &Failure{Text: "a private or persistent home, bind and tmpfs need a mount namespace", From: where(p, p.Home.Origin)}
	}
	if err := flatExceptions(s); err != nil {
		return nil, err
	}
	l := &layout{}
	l.system(s.plan)
	l.closure(s.plan)
	for i := range l.rules { // here, /nix may be a link, and rules take none
		if at, ok := resolve(l.rules[i].path); ok {
			l.rules[i].path = at.path
		}
	}
	l.flatEtc(s)
	l.allow("/proc", landlock.Read, false, plan.NoOrigin)
	l.allow("/dev", landlock.Device, false, plan.NoOrigin)
	if p.Tmp.Mode == plan.TmpHost {
		for _, dir := range hostTmp(s.caller, s.home.path) {
			l.allow(dir, landlock.Write|l.execute(s), false, p.Tmp.Origin)
		}
	} else {
		if p.Tmp.Size > 0 && sharesNamespace(p, plan.NamespaceMount) {
			return nil, &Failure{Text: "the size of tmp needs a mount namespace", From: where(p, p.Tmp.Origin)}
		}
		if !p.Tmp.Strict {
			l.readHostTmp(path.Dir(s.session), p.Tmp.Origin)
		}
		l.allow(s.session, landlock.Write|l.execute(s), false, p.Tmp.Origin)
	}
	if p.Home.Mode == plan.HomeHost && s.home.path != "" {
		l.allow(s.home.path, landlock.Write|l.execute(s), false, p.Home.Origin)
	}
	for i := range s.files.sockets {
		l.allow(s.files.sockets[i].path, landlock.ConnectUnix, true, s.files.sockets[i].origin)
	}
	for _, list := range [][]grant{s.files.program, s.files.grants} {
		for i := range list {
			l.allow(list[i].path, list[i].rights(), !list[i].isDir(), list[i].origin)
		}
	}
	return l.rules, nil
}

// grants shows what the profile grants, and the program. A grant inside
// another one that is as wide adds nothing.
func (l *layout) grants(s *setting) error {
	all := append(append([]grant(nil), s.files.grants...), s.files.program...)
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].target != all[j].target {
			return all[i].target < all[j].target
		}
		return all[i].write && !all[j].write
	})
	for i := range all {
		l.allow(all[i].target, all[i].rights(), !all[i].isDir(), all[i].origin)
	}
	all, err := l.join(s, all)
	if err != nil {
		return err
	}
	for i := range all {
		g := &all[i]
		if s.plan.Filesystem.View != plan.ViewHost || g.write || l.hidden(s, g.target) {
			write, execute := g.write, g.execute
			if c := l.view.Covers(g.target); g.path == g.target && c.Shown && !l.hidden(s, g.target) {
				if (c.Writable || !write) && (c.Executable || !execute) {
					continue
				}
				// Grants add up: what is shown anew keeps what it had.
				write, execute = write || c.Writable, execute || c.Executable
			}
			l.show(g.path, g.target, !g.isDir(), write, execute, g.origin)
		}
	}
	return nil
}

// hidden says whether something above path is hidden, so that a grant below
// must be shown anew.
func (l *layout) hidden(s *setting, path string) bool {
	for _, h := range s.files.hide {
		if namespaces.Within(path, h.path) && path != h.path {
			return true
		}
	}
	return s.plan.Filesystem.View == plan.ViewHost && l.view.Hides(path)
}

func (l *layout) tmpfs(s *setting) error {
	for _, t := range s.plan.Filesystem.Tmpfs {
		absolute, err := s.anchors.absolute(t.Path)
		if err == errUnset {
			continue
		}
		if err != nil {
			return &Failure{Text: err.Error(), From: where(s.plan, t.Origin)}
		}
		at, ok := resolve(absolute)
		if !ok || at.path == "/" {
			return &Failure{Text: "no tmpfs can stand at " + absolute, From: where(s.plan, t.Origin)}
		}
		size := sizeTmp
		if t.Size > 0 {
			size = strconv.FormatUint(t.Size, 10)
		}
		l.view.AddTmpfs(at.path, "mode=700,size="+size, s.plan.Filesystem.ExecuteOnly, t.Origin)
		l.allow(at.path, landlock.Write|l.execute(s), false, t.Origin)
	}
	return nil
}

// ways adds the links that grants lead through, and the working directory.
func (l *layout) ways(s *setting) {
	links := s.files.links
	if s.home.path != "" {
		links = append(links, s.home.links...)
	}
	seen := map[string]bool{}
	for _, k := range links {
		if seen[k.path] {
			continue
		}
		seen[k.path] = true
		// The host view has its links, but for those in what it hides.
		there := s.plan.Filesystem.View == plan.ViewHost && !l.hidden(s, k.path)
		if (!l.view.Covers(k.path).Shown || l.coveredByJoin(s, k.path)) && !there {
			l.view.Add(namespaces.Place{Path: k.path, Kind: namespaces.Link, Source: k.target, Origin: plan.NoOrigin})
		}
	}
	if !l.view.Covers(s.caller.Cwd).Shown || l.coveredByJoin(s, s.caller.Cwd) {
		l.view.Add(namespaces.Place{Path: s.caller.Cwd, Kind: namespaces.Dir, Origin: plan.NoOrigin})
	}
}
