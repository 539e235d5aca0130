package enforce

import (
	"os"
	"path"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// Unix sockets with a pathname that a profile names. Those to connect to are
// shown one by one, as they are when the command starts: a directory shown
// instead would bring its other sockets and files along. Connecting needs no
// writable mount (unix(7): write permission on the socket itself).

// Values of a socket rule.
const (
	socketBind     = "bind"
	socketChildren = "children"
	socketSubtree  = "subtree"
)

// maxSockets bounds how many entries below one rule's directory are looked at.
const maxSockets = 4096

// sockets resolves the socket rules.
func (r *policy) sockets() error {
	for _, s := range r.plan.Sockets {
		at, ok, err := r.lookup(s.Path, false, s.Origin)
		if err != nil {
			return err
		}
		switch {
		case !ok:
		case s.Access == socketBind:
			err = r.mayBind(s, at)
		case at.mode != 0:
			err = r.connectable(s, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mayBind checks a rule for sockets that the program makes: they need a
// directory that it may write. What connects to them does so where it is.
func (r *policy) mayBind(s plan.Socket, at resolved) error {
	dir := at.path
	if s.Scope != socketChildren && s.Scope != socketSubtree {
		dir = path.Dir(dir)
	}
	for _, root := range r.writable() {
		if namespaces.Within(dir, root) {
			return nil
		}
	}
	return r.failure(s.Origin, "a socket is to be bound in "+dir+", which the profile does not let be written",
		"grant the directory: filesystem { write = [\""+dir+"\"] }")
}

// connectable adds the sockets that a rule names.
func (r *policy) connectable(s plan.Socket, at resolved) error {
	r.out.links = append(r.out.links, at.links...)
	if s.Scope != socketChildren && s.Scope != socketSubtree {
		if at.mode&unix.S_IFMT != unix.S_IFSOCK {
			return r.failure(s.Origin, at.path+" is no socket", "for the sockets in a directory, write scope = \"children\"")
		}
		r.out.sockets = append(r.out.sockets, grant{resolved: at, target: at.path, origin: s.Origin})
		return nil
	}
	left := maxSockets
	if !r.below(at.path, s.Scope == socketSubtree, s.Origin, &left) {
		return r.failure(s.Origin, at.path+" holds too much to look for sockets in it", "name a directory nearer to the sockets")
	}
	return nil
}

// below adds the sockets in a directory. Links are not followed. What cannot be
// listed has no sockets that could be reached.
func (r *policy) below(dir string, deep bool, origin int, left *int) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true
	}
	for _, e := range entries {
		if *left--; *left < 0 {
			return false
		}
		at := path.Join(dir, e.Name())
		switch {
		case e.Type() == os.ModeSocket:
			r.out.sockets = append(r.out.sockets, grant{resolved: resolved{path: at, mode: unix.S_IFSOCK}, target: at, origin: origin})
		case deep && e.IsDir():
			if !r.below(at, deep, origin, left) {
				return false
			}
		}
	}
	return true
}

// sockets shows them, and lets Landlock (from ABI 9 on) connect to them.
func (l *layout) sockets(s *setting) {
	for i := range s.files.sockets {
		k := &s.files.sockets[i]
		l.allow(k.target, landlock.ConnectUnix, true, k.origin)
		if k.path != k.target || !l.view.Covers(k.path).Shown || l.hidden(s, k.path) {
			l.show(k.path, k.target, true, false, false, k.origin)
		}
	}
}
