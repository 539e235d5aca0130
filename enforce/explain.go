package enforce

import (
	"path"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/session"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// Explain gives the steps that a start of p from here and now would run, with
// args as the caller's arguments. Nothing is started or made; the session
// directory has the word SESSION where its random part would stand.
func Explain(p *plan.Plan, args, environ []string) ([]steps.Step, error) {
	if err := restoreOpenFiles(); err != nil {
		return nil, err
	}
	c, err := currentCaller(environ)
	if err != nil {
		return nil, err
	}
	s := &start{plan: p, args: args, dry: true, pipe: [2]int{3, 4},
		anchors: &anchors{Caller: c, markers: p.Filesystem.Markers}, term: terminal{fd: -1}}
	if p.Tmp.Mode != plan.TmpHost {
		base, err := s.sessionBase()
		if err != nil {
			return nil, err
		}
		s.session = &session.Dir{Path: path.Join(base, session.Prefix(c.UID)+p.Profile+"-SESSION")}
	}
	if err := s.decide(); err != nil {
		return nil, err
	}
	if err := s.chooseUser(); err != nil {
		return nil, err
	}
	if err := s.prepareMediation(); err != nil {
		return nil, err
	}
	if err := s.decideLimits(); err != nil {
		return nil, err
	}
	s.early()
	if err := s.late(); err != nil {
		return nil, err
	}
	s.last(false)
	return s.list.Steps, nil
}
