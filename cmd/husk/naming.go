package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/hcl"
	"github.com/husk-sandbox/husk/wrappers"
)

// What NAME means in `husk explain NAME`, `husk why NAME` and `husk diff A B`: the
// path of a rendered wrapper, or, in this order, a profile of the user's, a command
// that one of them wraps, any other profile, a command of any other. So the name of
// a wrapped command means what typing it would start. Where a profile has several
// commands, its name stands for the one of the same name, else for the first.

// named is one meaning.
type named struct {
	profile, command string
}

// lookUp gives the meaning of a name that is no path.
func (p *pipeline) lookUp(name string) (named, error) {
	all := p.profiles.List()
	for _, i := range all {
		if i.QualifiedName == name && strings.Contains(name, "/") {
			return named{name, principal(i)}, nil
		}
	}
	for _, users := range []bool{true, false} {
		visible := slices.DeleteFunc(slices.Clone(all), func(i hcl.Info) bool { return i.Shadowed || (i.Layer == "user") != users })
		for _, i := range visible {
			if i.Name == name {
				return named{name, principal(i)}, nil
			}
		}
		for _, i := range visible {
			if slices.Contains(i.Commands, name) {
				return named{i.Name, name}, nil
			}
		}
	}
	return named{}, noSuchName(name, all)
}

// noSuchName says what to write for a name that has no meaning.
func noSuchName(name string, all []hcl.Info) error {
	var known []string
	for _, i := range all {
		known = append(append(known, i.Name), i.Commands...)
	}
	return hinted{fmt.Errorf("there is no profile and no wrapped command %s", quoted(name)),
		"husk list shows them, husk list --library those of the library" + hcl.DidYouMean(name, known)}
}

// principal is the command that stands for its profile.
func principal(i hcl.Info) string {
	base := i.Name[strings.LastIndexByte(i.Name, '/')+1:]
	switch {
	case slices.Contains(i.Commands, base):
		return base
	case len(i.Commands) > 0:
		return i.Commands[0]
	}
	return ""
}

// planFor gives the plan that a name stands for. A wrapper's is read from it; a
// profile's is resolved. Where the program can't be found, the plan is given
// without it: its rules can be shown all the same, and the error is a warning.
func (p *pipeline) planFor(name string) (*plan.Plan, error) {
	if isPath(name) {
		return p.app.readWrapper(name)
	}
	n, err := p.lookUp(name)
	if err != nil {
		return nil, err
	}
	resolved, err := p.resolve(n.profile, n.command)
	if err != nil {
		return nil, err
	}
	if n.command == "" {
		return resolved, p.compile(resolved)
	}
	if _, err := p.finder.Complete(resolved); err != nil {
		p.app.printer().warning("%v", p.noProgram(resolved, err))
	}
	return resolved, p.compile(resolved)
}

// isPath tells a wrapper's path from a name. library/npm is a name.
func isPath(name string) bool {
	return strings.HasPrefix(name, "/") || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../")
}

// readWrapper reads the plan out of a rendered file, or, where that is a script,
// out of the plan beside it.
func (a *app) readWrapper(name string) (*plan.Plan, error) {
	path, err := a.host.absolute(name)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, err := plan.Decode(text)
	if err == nil {
		return p, nil
	}
	if is, wrapperErr := wrappers.IsWrapper(path); wrapperErr == nil && is {
		if beside, besideErr := os.ReadFile(wrappers.PlanBeside(path)); besideErr == nil {
			return plan.Decode(beside)
		}
	}
	return nil, hinted{fmt.Errorf("%s: %w", path, err), "this takes a wrapper, or a plan of .husk-plans"}
}

// completeNames offers profiles and wrapped commands to a shell's completion.
func (a *app) completeNames(commands bool) func(profilesDir string) []string {
	return func(profilesDir string) []string {
		p, err := a.newPipeline(source{profiles: profilesDir}, false, "")
		if err != nil {
			return nil // completion has nowhere to say why
		}
		p.profiles, _ = hcl.Load(p.options) // what can be read is offered
		var names []string
		for _, i := range p.profiles.List() {
			if i.Shadowed {
				names = append(names, i.QualifiedName+"\t"+i.Description)
				continue
			}
			names = append(names, i.Name+"\t"+i.Description)
			if commands {
				for _, c := range i.Commands {
					names = append(names, c+"\tcommand of "+i.Name)
				}
			}
		}
		return names
	}
}

var errNoProfiles = errors.New("there are no profiles of yours")
