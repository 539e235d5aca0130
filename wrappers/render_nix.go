package wrappers

import (
	"fmt"
	"strings"
)

// nixRenderer makes a tree for a derivation's output: bin/NAME and the plan as a
// file that other tools can read. Everything that it names must be in the store,
// because a store path is all that a derivation may rely on; so nothing is
// searched when a wrapper runs, and the same inputs give the same bytes.
type nixRenderer struct {
	store string // absolute, without a trailing slash
}

func (nixRenderer) Name() string { return "nix" }

func (nixRenderer) ownsWholeTree() {}

func (r nixRenderer) Render(j Job) (Rendering, error) {
	for what, path := range map[string]string{"the enforcer": j.Enforcer, "the program": j.Plan.Program.Path} {
		if !strings.HasPrefix(path, r.store+"/") {
			return Rendering{}, fmt.Errorf("%s is not in %s: %s", what, r.store, path)
		}
	}
	if why := notAnInterpreter(j.Enforcer); why != "" {
		return Rendering{}, fmt.Errorf("the enforcer's path cannot stand in a first line (%s): %q", why, j.Enforcer)
	}
	content, err := execFile(j, r.Name())
	if err != nil {
		return Rendering{}, err
	}
	planned, err := planFile(j, r.Name(), "share/husk/plans/"+j.Plan.Command+".plan")
	if err != nil {
		return Rendering{}, err
	}
	wrapper := File{Name: "bin/" + j.Plan.Command, Mode: modeExecutable, Content: content}
	return Rendering{Files: []File{wrapper, planned}}, nil
}
