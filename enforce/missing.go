package enforce

import (
	"path"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/absent"
	"github.com/husk-sandbox/husk/enforce/homes"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// wayEnds gives the file that stands where a directory would have to be for a
// missing path to come to exist: ".git" in a git worktree, for ".git/hooks". It
// says where the rest lies, so it is kept as it is.
func wayEnds(at resolved) (resolved, bool) {
	if at.base&unix.S_IFMT == unix.S_IFDIR {
		return resolved{}, false
	}
	file := at.path
	for range at.missing {
		file = path.Dir(file)
	}
	return resolved{path: file, links: at.links, mode: at.base, base: at.base}, true
}

// writableRoot is a tree of the host that the program may write, with the place
// where it sees it.
type writableRoot struct{ source, target string }

// writableRoots lists them.
func (set *setting) writableRoots() []writableRoot {
	var roots []writableRoot
	for i := range set.files.grants {
		if g := &set.files.grants[i]; g.write && g.isDir() {
			roots = append(roots, writableRoot{g.path, g.target})
		}
	}
	home := set.home.path
	switch {
	case home == "":
	case set.plan.Home.Mode == plan.HomeHost:
		roots = append(roots, writableRoot{home, home})
	case set.plan.Home.Mode == plan.HomePersistent:
		roots = append(roots, writableRoot{homes.Path(set.state, set.plan.Profile), home})
	}
	if set.plan.Tmp.Mode == plan.TmpHost {
		for _, dir := range hostTmp(set.caller, home) {
			roots = append(roots, writableRoot{dir, dir})
		}
	}
	return roots
}

// mustStayAbsent gives the missing paths that the program could make.
func (set *setting) mustStayAbsent() []absent.Rule {
	if len(set.files.missing) == 0 {
		return nil
	}
	var all []absent.Rule
	roots := set.writableRoots()
	for i := range set.files.missing {
		g := &set.files.missing[i]
		from := where(set.plan, g.origin)
		if root, ok := outermost(roots, g.path); ok {
			all = append(all, absent.Rule{Root: root, Below: beneath(g.path, root)[1:], From: from})
		}
		// The rule may also mean the path as it is called inside; what is husk's own
		// is husk's own only outside.
		for _, root := range roots {
			if g.origin == plan.NoOrigin || root.source == root.target || !namespaces.Within(g.path, root.target) || g.path == root.target {
				continue
			}
			below := beneath(g.path, root.target)
			if (host{}).Lstat(root.source+below) == 0 {
				all = append(all, absent.Rule{Root: root.source, Below: below[1:], From: from})
			}
		}
	}
	return all
}

// outermost gives the widest writable tree around p, whose own place the program
// can't change.
func outermost(roots []writableRoot, p string) (string, bool) {
	widest, found := "", false
	for _, root := range roots {
		if namespaces.Within(p, root.source) && p != root.source && (!found || len(root.source) < len(widest)) {
			widest, found = root.source, true
		}
	}
	return widest, found
}

// keepAbsent writes down what must stay absent, before the program starts.
func (s *start) keepAbsent(set *setting) error {
	if s.absent != nil { // of an attempt that came to nothing
		_ = s.absent.Drop()
		s.absent = nil
	}
	rules := set.mustStayAbsent()
	if len(rules) == 0 || s.dry {
		return nil
	}
	if s.plan.Tmp.Cleanup == plan.CleanupSystem && !s.reaper {
		return &Failure{Text: rules[0].Path() + " does not exist and must not be made, which can be held only if husk waits for the end of all that is started",
			From: rules[0].From, Hint: `tmp { cleanup = "parent" }, or leave the PID namespace unshared`}
	}
	state, err := s.makeState()
	if err != nil {
		return err
	}
	if s.absent, err = absent.Keep(state, s.plan.Profile, rules); err != nil {
		return &Failure{Text: "cannot write down that " + rules[0].Path() + " must stay absent: " + err.Error(), From: rules[0].From,
			Hint: "husk's state directory must be the caller's own and have space: " + state + "; XDG_STATE_HOME names another place"}
	}
	return nil
}

// tellLeftOver tells what was moved after killed sessions.
func (s *start) tellLeftOver() {
	if s.collected == nil {
		return
	}
	<-s.collected
	for _, f := range s.leftOver {
		report(f)
	}
	s.leftOver = nil
}

// end gives the status to exit with: the program's own, unless that says that
// all went well and something appeared that the profile keeps absent.
func (s *start) end(status unix.WaitStatus) int {
	if s.appeared && status == 0 {
		return StatusSetup
	}
	return end(status)
}

// finishAbsent moves away what has appeared, and tells it. The sandbox's last
// process has ended.
func (s *start) finishAbsent() error {
	s.tellLeftOver()
	if s.finisher.lock > 0 {
		return s.awaitFinisher()
	}
	if s.absent == nil || s.became {
		return nil
	}
	moved, err := s.absent.Finish()
	s.absent, s.appeared = nil, len(moved) > 0
	for _, m := range moved {
		report(appearance(m))
	}
	if err != nil {
		return unfinished(err)
	}
	return nil
}

// appearance says what was moved.
func appearance(m absent.Moved) *Failure {
	f := &Failure{Text: m.Path + " appeared while the sandbox ran, where the profile lets nothing appear: it was moved to " + m.To,
		From: m.From, Hint: "look at it; if you want it: mv " + shellWord(m.To) + " " + shellWord(m.Path)}
	if m.Aside != "" {
		f.Text += " (" + m.Aside + ")"
	}
	return f
}

// collectAbsent finishes what killed parents left.
func (s *start) collectAbsent() {
	p, _ := plan.XDG("state")
	state, err := s.anchors.absolute(p.Join("husk"))
	if err != nil || !absent.Any(state) {
		return // without a home nothing was written down
	}
	if state, err = s.stateDir(); err != nil {
		return
	}
	moved, _ := absent.Collect(state) // a failure is husk gc's to report
	for _, m := range moved {
		s.leftOver = append(s.leftOver, appearance(m))
	}
}
