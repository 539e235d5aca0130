package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/hcl"
)

// projectFile is what a project may have to say about its sandboxes.
const projectFile = ".husk.hcl"

// projectsDir has the wrappers of single projects, beside the user's own.
const projectsDir = "projects"

// project is a project that wrappers are rendered for.
type project struct {
	root    string // without symbolic links
	file    string // its .husk.hcl
	text    []byte // nil where there is none
	trusted bool   // the user trusted exactly this text
}

// findProject reads the project that --project names; nil where there is none.
func (a *app) findProject(f applyFlags) (*project, error) {
	if f.project == "" {
		return nil, nil
	}
	dir, err := a.host.absolute(f.project)
	if err != nil {
		return nil, err
	}
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	if fi, err := os.Stat(root); err != nil || !fi.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s is not a project's directory", root), err)
	}
	p := &project{root: root, file: filepath.Join(root, projectFile)}
	if p.text, err = os.ReadFile(p.file); errors.Is(err, os.ErrNotExist) {
		a.printer().note("%s has no %s: its wrappers are those of your own profiles", root, projectFile)
		return p, nil
	} else if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(p.file)
	if err != nil {
		return nil, err
	}
	p.trusted, err = a.isTrusted(real, p.text)
	return p, err
}

// directory is the project's root, "" without a project.
func (p *project) directory() string {
	if p == nil {
		return ""
	}
	return p.root
}

// loadProject reads the project's own file, if it has one.
func (p *pipeline) loadProject(in *project) error {
	if in == nil || in.text == nil {
		return nil
	}
	var diags hcl.Diagnostics
	p.overlay, diags = p.profiles.LoadProject(in.file, in.text)
	return p.report(diags)
}

// resolveIn is resolve with the project's file on top.
func (p *pipeline) resolveIn(in *project, w named) (*plan.Plan, error) {
	if p.overlay == nil {
		return p.resolve(w.profile, w.command)
	}
	resolved, diags := p.profiles.ResolveWithProject(w.profile, w.command, p.overlay, in.trusted)
	if err := p.report(diags); err != nil {
		return nil, err
	}
	return p.own(resolved), nil
}

// projectBin is the wrapper directory of one project. It lies with the user's
// other wrappers and not in the project: what is in there decides what the next
// sandbox is, so the project must not be able to write it.
func (a *app) projectBin(root string) (string, error) {
	data, err := a.host.xdg("XDG_DATA_HOME", ".local/share")
	sum := sha256.Sum256([]byte(root))
	return filepath.Join(data, projectsDir, hex.EncodeToString(sum[:8]), "bin"), err
}
