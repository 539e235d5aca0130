package enforce

import (
	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// excepter puts what is hidden or protected over what is shown, wherever it is
// shown: a bind must not be a way around a rule about its source.
type excepter struct {
	*layout
	setting *setting
	shown   []namespaces.Place
	done    map[string]namespaces.Kind
}

func (l *layout) exceptions(s *setting) {
	e := &excepter{layout: l, setting: s, shown: l.view.Shown(), done: map[string]namespaces.Kind{}}
	if s.plan.Filesystem.View == plan.ViewHost {
		e.shown = append(e.shown, namespaces.Place{Path: "/", Source: "/"})
	}
	for i := range s.files.reserved {
		e.withdraw(&s.files.reserved[i])
	}
	for i := range s.files.protect {
		e.withdraw(&s.files.protect[i])
	}
	for i := range s.files.protect {
		e.withdraw(&s.files.protect[i])
	}
	e.shown = l.view.Shown()
	if s.plan.Filesystem.View == plan.ViewHost {
		e.shown = append(e.shown, namespaces.Place{Path: "/", Source: "/"})
	}
	e.protectProgram()
	for i := range s.files.hide {
		e.cover(&s.files.hide[i], true)
	}
	for i := range s.files.protect {
		e.cover(&s.files.protect[i], false)
	}
	for i := range s.files.reserved {
		e.cover(&s.files.reserved[i], false)
	}
	for i := range s.files.missing {
		for j := range e.shown {
			e.pinLinks(&e.shown[j], &s.files.missing[i])
		}
	}
}

// withdraw makes a grant that lies in something reserved or protected read-only,
// in both layers.
func (e *excepter) withdraw(closed *grant) {
	for _, place := range e.shown {
		if !place.Options.Writable || place.Husks || !namespaces.Within(place.Source, closed.path) {
			continue
		}
		e.view.MakeReadOnly(place.Path)
		for i := range e.rules {
			if e.rules[i].path == place.Path {
				e.rules[i].rights &= landlock.Read | landlock.Execute
			}
		}
	}
}

// cover hides or protects a path of the host in every place that shows it.
func (e *excepter) cover(g *grant, hide bool) {
	for i := range e.shown {
		place := &e.shown[i]
		e.pinLinks(place, g)
		if !hide && !place.Options.Writable {
			continue
		}
		if namespaces.Within(g.path, place.Source) {
			e.over(place, place.Path+beneath(g.path, place.Source), g, g.mode, hide)
		} else if place.Source != place.Path && namespaces.Within(g.path, place.Path) {
			// The rule may also mean the path as it is called inside.
			mode := host{}.Lstat(place.Source + beneath(g.path, place.Path))
			if mode != 0 && mode&unix.S_IFMT != unix.S_IFLNK {
				e.over(place, g.path, g, mode, hide)
			}
		}
	}
}

// beneath gives path relative to dir, with a slash before it, "" for dir itself.
func beneath(path, dir string) string {
	if dir == "/" {
		return path
	}
	return path[len(dir):]
}

// over puts one exception into the view, with the directories between it and
// the place pinned where the program could rename them: a directory that is a
// mount cannot be renamed, else it could move .git away and make another.
func (e *excepter) over(place *namespaces.Place, target string, g *grant, mode uint32, hide bool) {
	if place.Path == "/" && target != "/" {
		target = "/" + trimSlash(target)
	}
	if e.besideJoined(e.setting, place.Path, target) {
		return
	}
	kind := namespaces.Protect
	if hide {
		if kind = namespaces.HideFile; mode&unix.S_IFMT == unix.S_IFDIR {
			kind = namespaces.HideDir
		}
	}
	if done, ok := e.done[target]; ok && done >= kind {
		return
	}
	e.done[target] = kind
	e.view.Add(namespaces.Place{Path: target, Kind: kind, Origin: g.origin})
	if place.Options.Writable {
		e.pin(place, target, g.origin)
	}
}

// pinLinks keeps the links that a rule's path leads through, where the program
// could put something else in their place.
func (e *excepter) pinLinks(place *namespaces.Place, g *grant) {
	for _, l := range g.links {
		if !place.Options.Writable || !namespaces.Within(l.path, place.Source) {
			continue
		}
		target := place.Path + beneath(l.path, place.Source)
		if _, ok := e.done[target]; ok {
			continue
		}
		e.done[target] = namespaces.PinLink
		e.view.Add(namespaces.Place{Path: target, Kind: namespaces.PinLink, Origin: g.origin})
		e.pin(place, target, g.origin)
	}
}

// pin pins the directories between a place and what lies at target in it.
func (e *excepter) pin(place *namespaces.Place, target string, origin int) {
	for dir := namespaces.Parent(target); dir != place.Path && namespaces.Within(dir, place.Path); dir = namespaces.Parent(dir) {
		if _, ok := e.done[dir]; ok || e.view.Shows(dir) || e.isJoined(dir) {
			return
		}
		e.done[dir] = namespaces.Pin
		e.view.Add(namespaces.Place{Path: dir, Kind: namespaces.Pin, Origin: origin})
	}
}

func trimSlash(path string) string {
	for len(path) > 0 && path[0] == '/' {
		path = path[1:]
	}
	return path
}

// protectProgram keeps the real program and what it is made of from being
// changed by itself where a writable tree holds them: the working directory may
// turn out to be in the middle of an installation. An installation that is the
// working directory itself stays writable, but for the program's own files: a
// project's script is in that place, too.
func (e *excepter) protectProgram() {
	for i := range e.setting.files.program {
		g := &e.setting.files.program[i]
		if !e.setting.files.holdsWriteGrant(g.path) {
			e.cover(g, false)
		}
	}
}
