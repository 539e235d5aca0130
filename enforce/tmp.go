package enforce

import (
	"os"
	"path"
	"strings"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// sessionDirectory puts the session directory at its own path. With a size it is
// a part of the bounded file system in memory, as /tmp is, and the host's
// directory of that name stays empty; else it is the host's, which is as large
// as its file system.
func (l *layout) sessionDirectory(s *setting, size string) {
	t := s.plan.Tmp
	base := path.Dir(s.session)
	if s.plan.Filesystem.View == plan.ViewHost && !namespaces.Within(base, "/tmp") && !l.view.Hides(base) && !s.files.grantAround(base) {
		// What other sessions have there is none of the program's business.
		l.view.Add(namespaces.Place{Path: base, Kind: namespaces.HideDir, Origin: t.Origin})
	}
	l.allow(s.session, landlock.Write|l.execute(s), false, t.Origin)
	if t.Size == 0 || t.Cleanup == plan.CleanupSystem {
		l.show(s.session, s.session, false, true, !s.plan.Filesystem.ExecuteOnly, t.Origin)
		return
	}
	l.view.Add(namespaces.Place{Path: s.session, Kind: namespaces.Tmpfs, Part: true, Private: true, Data: "mode=700,size=" + size,
		Flags: noExec(s.plan.Filesystem.ExecuteOnly), Origin: t.Origin})
}

// grantAround says whether the profile grants dir or something above it.
func (f *files) grantAround(dir string) bool {
	for i := range f.grants {
		if namespaces.Within(dir, f.grants[i].target) {
			return true
		}
	}
	return false
}

// grantAt says whether the profile grants something of the host at exactly path.
func (f *files) grantAt(path string) bool {
	for i := range f.grants {
		if f.grants[i].target == path {
			return true
		}
	}
	return false
}

// readHostTmp lets a program without a view of its own read what is in the
// host's /tmp when it starts, but for session directories: its own apart, they
// are other programs'. Landlock can't take away below what it gave above, so
// their neighbours are named one by one on the way to base, where sessions lie.
// Their names can be listed; to list a directory is a right on all below.
func (l *layout) readHostTmp(base string, origin int) {
	dir := slashTmp()
	l.allow(dir, landlock.List, false, origin)
	for {
		next := ""
		if base != dir && namespaces.Within(base, dir) {
			next, _, _ = strings.Cut(base[len(dir)+1:], "/")
		}
		entries, _ := os.ReadDir(dir) // what can't be listed here can't be read inside
		for _, e := range entries {
			kind := e.Type()
			if e.Name() == next || isSession(e.Name()) || kind&os.ModeSymlink != 0 {
				continue
			}
			l.rules = append(l.rules, access{path: path.Join(dir, e.Name()), rights: landlock.Read, origin: origin,
				file: !e.IsDir(), passing: true})
		}
		if next == "" {
			return
		}
		dir = path.Join(dir, next)
	}
}

// isSession says whether a name is that of some user's session directory.
func isSession(name string) bool {
	rest, ok := strings.CutPrefix(name, "husk-")
	user, _, dash := strings.Cut(rest, "-")
	return ok && dash && user != "" && strings.Trim(user, "0123456789") == ""
}
