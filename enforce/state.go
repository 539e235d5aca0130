package enforce

import (
	"path"

	"github.com/husk-sandbox/husk/enforce/homes"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// stateDir gives husk's state directory, $XDG_STATE_HOME/husk, with links
// resolved; it need not exist.
func (s *start) stateDir() (string, error) {
	p, _ := plan.XDG("state")
	state, err := s.anchors.absolute(p.Join("husk"))
	if err != nil {
		return "", err
	}
	at, ok := resolve(state)
	if !ok {
		return "", &Failure{Text: state + " leads through too many symbolic links"}
	}
	return at.path, nil
}

// makeState gives it and makes it where it is missing.
func (s *start) makeState() (string, error) {
	state, err := s.stateDir()
	if err != nil {
		return "", err
	}
	if err := makeOwn(state); err != nil {
		return "", &Failure{Text: "cannot make husk's state directory " + state + ": " + err.Error(),
			Hint: "set XDG_STATE_HOME to a directory of your own"}
	}
	return state, nil
}

// makeOwn makes dir and the directories on the way that are missing, with mode
// 0700. dir is absolute and leads through no link.
func makeOwn(dir string) error {
	base := dir
	for (host{}).Lstat(base) == 0 {
		base = path.Dir(base)
	}
	return mkdirAll(base, dir)
}

// persistentHome makes the profile's own home and gives the state directory that
// it lies in. It is marked as used until this process ends.
func (s *start) persistentHome() (string, error) {
	if s.dry {
		return s.stateDir()
	}
	state, err := s.makeState()
	if err != nil || s.home != nil {
		return state, err
	}
	if s.home, err = homes.Open(state, s.plan.Profile); err != nil {
		return "", &Failure{Text: "cannot use the persistent home: " + err.Error(), From: where(s.plan, s.plan.Home.Origin)}
	}
	return state, nil
}

// resolveFiles decides the file policy. Where the program could make husk's
// state directory, husk makes it before: it holds what decides about the
// sandbox, and a mount can lie only on what exists.
func (s *start) resolveFiles(home string) (*files, error) {
	f, err := resolveFiles(s.plan, s.anchors, home, s.dry)
	if err != nil || len(f.missing) == 0 || s.dry {
		return f, err
	}
	state, err := s.stateDir()
	if err != nil {
		return f, nil // no home: keepAbsent says so where it matters
	}
	for i := range f.missing {
		if f.missing[i].origin == plan.NoOrigin && namespaces.Within(state, f.missing[i].path) {
			if _, err := s.makeState(); err != nil {
				return nil, err
			}
			return resolveFiles(s.plan, s.anchors, home, s.dry)
		}
	}
	return f, nil
}
