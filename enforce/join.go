package enforce

import (
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// rename(2) and link(2) fail with EXDEV between two mounts, also where both
// show one file system. A profile may name a directory above its write grants
// that is then shown as one mount with all of them in it. What else exists in
// that directory is hidden by mounts of its own; what appears there later is
// held by Landlock alone.

// joining is one such directory.
type joining struct {
	dir     grant
	whole   []grant         // write grants in it, which share its mount
	parts   []grant         // other grants in it, shown over it
	rest    namespaces.Kind // what is done with the rest: HideDir, or Protect where it may be read
	covered int
}

// maxJoinCovered bounds the mounts that hiding the rest takes: a directory with
// more in it is the wrong one, and each costs some microseconds of every start.
const maxJoinCovered = 512

// joins resolves the directories to join.
func (r *policy) joins() error {
	for _, rule := range r.plan.Filesystem.Join {
		at, ok, err := r.lookup(rule.Path, rule.Required, rule.Origin)
		if err != nil {
			return err
		}
		if !ok || !at.isDir() {
			continue
		}
		if at.path == "/" {
			return r.failure(rule.Origin, "join names "+rule.Path.String()+", which is the root here", "name the directory around the grants")
		}
		r.out.joins = append(r.out.joins, grant{resolved: at, target: at.path, origin: rule.Origin})
	}
	return nil
}

// join shows the directories to join, and gives the grants that are left to be
// shown for themselves.
func (l *layout) join(s *setting, all []grant) ([]grant, error) {
	for i := range s.files.joins {
		j := joining{dir: s.files.joins[i], rest: namespaces.HideDir}
		left := j.take(all)
		if len(j.whole) < 2 || l.view.Covers(j.dir.path).Writable {
			continue // nothing to join, or joined already
		}
		if s.plan.Filesystem.View == plan.ViewHost || !s.landlocked {
			return nil, &Failure{Text: "join " + j.dir.path + " needs Landlock, and a view that is not the host's", From: where(s.plan, j.dir.origin),
				Hint: "leave join out: rename and link between the grants then fail with EXDEV, and programs copy"}
		}
		if err := l.alreadyWritable(s, &j); err != nil {
			return nil, err
		}
		l.show(j.dir.path, j.dir.path, false, true, !s.plan.Filesystem.ExecuteOnly, j.dir.origin)
		l.joined = append(l.joined, j.whole...)
		if err := l.coverRest(s, &j, j.dir.path); err != nil {
			return nil, err
		}
		for i := range j.parts {
			g := &j.parts[i]
			l.show(g.path, g.target, !g.isDir(), g.write, g.execute, g.origin)
		}
		all = left
	}
	return all, nil
}

// alreadyWritable refuses a directory in which Landlock would hold nothing: a
// private /tmp or home around it may be written, and the mount that is shown in
// it with it.
func (l *layout) alreadyWritable(s *setting, j *joining) error {
	for i := range l.rules {
		r := &l.rules[i]
		if namespaces.Within(j.dir.path, r.path) && r.rights&landlock.Write&^landlock.Read != 0 {
			return &Failure{Text: "join " + j.dir.path + ": " + r.path + " around it may be written, so nothing would hold what is not granted",
				From: where(s.plan, j.dir.origin), Hint: `tmp { slash_tmp = "denied" } for what lies in /tmp; a home of mode "granted" for what lies in home`}
		}
	}
	return nil
}

// take sorts out what lies in the directory, and gives the rest.
func (j *joining) take(all []grant) (left []grant) {
	for _, g := range all {
		inside := g.path != j.dir.path && namespaces.Within(g.path, j.dir.path) && g.path == g.target
		switch {
		case namespaces.Within(j.dir.path, g.path) && g.path == g.target && !g.write:
			j.rest = namespaces.Protect // it may all be read
			left = append(left, g)
		case inside && g.write && g.isDir() && !j.inWhole(g.path):
			j.whole = append(j.whole, g)
		case inside && !j.inWhole(g.path):
			j.parts = append(j.parts, g)
		default:
			left = append(left, g)
		}
	}
	return left
}

func (j *joining) inWhole(p string) bool {
	for i := range j.whole {
		if namespaces.Within(p, j.whole[i].path) {
			return true
		}
	}
	return false
}

// leadsToWhole says whether a joined grant lies below p.
func (j *joining) leadsToWhole(p string) bool {
	for i := range j.whole {
		if namespaces.Within(j.whole[i].path, p) {
			return true
		}
	}
	return false
}

func (j *joining) isPart(p string) bool {
	for i := range j.parts {
		if j.parts[i].path == p {
			return true
		}
	}
	return false
}

// coverRest covers what is in dir and is not granted, and goes down on the way to
// what is. Links are left: what they lead to decides.
func (l *layout) coverRest(s *setting, j *joining, dir string) error {
	for _, name := range entries(dir) {
		at := path.Join(dir, name)
		kind := (host{}).Lstat(at) & unix.S_IFMT
		switch {
		case kind == 0 || kind == unix.S_IFLNK || j.inWhole(at) || j.isPart(at) || l.view.Shows(at):
			continue
		case j.leadsToWhole(at):
			if err := l.coverRest(s, j, at); err != nil {
				return err
			}
			continue
		}
		if j.covered++; j.covered > maxJoinCovered {
			return &Failure{Text: "join " + j.dir.path + ": it holds more than " + strconv.Itoa(maxJoinCovered) + " files and directories that are not granted",
				From: where(s.plan, j.dir.origin), Hint: "join a directory with less in it"}
		}
		cover := namespaces.Place{Path: at, Kind: j.rest, Origin: j.dir.origin}
		if kind != unix.S_IFDIR && j.rest == namespaces.HideDir {
			cover.Kind = namespaces.HideFile
		}
		l.view.Add(cover)
	}
	return nil
}

// besideJoined says whether target lies in a directory that is shown to join
// grants, and in none of those: a join has covered it.
func (l *layout) besideJoined(s *setting, place, target string) bool {
	for i := range s.files.joins {
		if s.files.joins[i].path != place || len(l.joined) == 0 {
			continue
		}
		for j := range l.joined {
			if namespaces.Within(target, l.joined[j].path) {
				return false
			}
		}
		return true
	}
	return false
}

// isJoined says whether dir is a grant that shares a mount: it must not become
// one of its own, and Landlock keeps it from being renamed, since the directory
// around it is not granted.
func (l *layout) isJoined(dir string) bool {
	for i := range l.joined {
		if l.joined[i].path == dir {
			return true
		}
	}
	return false
}

// coveredByJoin says whether p lies in what a join hides, so that a way to it must
// be made.
func (l *layout) coveredByJoin(s *setting, p string) bool {
	for i := range s.files.joins {
		dir := s.files.joins[i].path
		if strings.HasPrefix(p, dir+"/") && l.view.Hides(p) && len(l.joined) > 0 {
			return true
		}
	}
	return false
}
