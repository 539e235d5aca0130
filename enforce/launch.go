package enforce

import (
	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

func newPipe() ([2]int, error) {
	fds, err := steps.Pipe()
	if err != nil {
		return fds, &Failure{Text: "cannot make a pipe: " + err.Error()}
	}
	return fds, nil
}

// launch clones the child. Where the namespaces are refused and the profile
// can do without, the list is written anew for what is left.
func (s *start) launch() (*steps.Process, error) {
	process, err := s.clone()
	if err == nil {
		return process, s.tell()
	}
	if !s.tier.namespaces {
		return nil, &Failure{Text: "cannot start a process: " + err.Error()}
	}
	what := "user namespaces cannot be had, or another one that the sandbox needs: clone: " + err.Error()
	if s.flags&unix.CLONE_NEWUSER == 0 {
		what = "cannot make the namespaces of the sandbox: clone: " + err.Error()
	}
	name := plan.DegradeNamespaces
	if s.flags&unix.CLONE_NEWNET != 0 && degrades(s.plan, plan.DegradeNetworkNamespace) && !degrades(s.plan, plan.DegradeNamespaces) {
		name = plan.DegradeNetworkNamespace
	}
	if err := s.tier.lack(s.plan, name, what, kernel.NamespaceHint(err)); err != nil {
		return nil, err
	}
	if name == plan.DegradeNetworkNamespace {
		s.flags &^= unix.CLONE_NEWNET
	} else {
		s.flags, s.tier.namespaces = 0, false
	}
	if err := s.write(); err != nil {
		return nil, err
	}
	if process, err = s.clone(); err != nil {
		return nil, &Failure{Text: "cannot start a process: " + err.Error(), Hint: kernel.NamespaceHint(err)}
	}
	return process, s.tell()
}

func (s *start) clone() (*steps.Process, error) {
	return s.list.Start(steps.Options{Flags: s.flags, Reaper: s.reaper, Terminal: s.term.fd, Pipe: s.pipe})
}

// tell says once what is done without.
func (s *start) tell() error {
	if len(s.tier.without) > 0 {
		say(s.tier.notice(s.plan))
		if !s.tier.namespaces && len(s.plan.Filesystem.Hide)+len(s.plan.Filesystem.Protect) > 0 {
			say("hide and protect inside a granted directory do not hold without a mount namespace")
		}
	}
	return nil
}
