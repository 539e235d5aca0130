package wrappers

import (
	"path/filepath"
	"slices"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// writable is what a plan lets the sandbox change, as absolute paths.
type writable struct {
	Trees []string `json:"trees,omitempty"`
	// Protected are read-only again.
	Protected []string `json:"protected,omitempty"`
}

// writableBy collects the plan's write rules. A rule whose head isn't known yet
// (the working directory of a later run) can't be told and is left out: the
// enforcer keeps the program read-only whatever is granted.
func (f *Finder) writableBy(p *plan.Plan) writable {
	var w writable
	add := func(list *[]string, path plan.Path) {
		if abs, ok := f.anchors.Resolve(path); ok {
			*list = append(*list, abs)
		}
	}
	grant := func(path plan.Path) {
		// The enforcer drops a write grant of the root, of the home directory or
		// of what holds it.
		if abs, ok := f.anchors.Resolve(path); ok && !Covers(f.evaluated(abs), f.evaluated(f.anchors.Home)) {
			w.Trees = append(w.Trees, abs)
		}
	}
	if p.Home.Mode == plan.HomeHost {
		add(&w.Trees, plan.Path{Anchor: plan.AnchorHome})
	}
	for _, r := range p.Filesystem.Write {
		grant(r.Path)
	}
	for _, b := range p.Filesystem.Bind {
		if b.Mode == plan.ModeWrite {
			grant(b.From)
		}
	}
	for _, r := range slices.Concat(p.Filesystem.Protect, p.Filesystem.Reserved) {
		add(&w.Protected, r.Path)
	}
	return w
}

// covering gives the tree through which the path can be changed; it is empty
// where there is none. A protected path counts as safe only where it stands
// directly in the tree or is the tree itself: a directory in between could be
// renamed away, with another one made in its place.
func (f *Finder) covering(w writable, path string) string {
	for _, tree := range w.Trees {
		for _, real := range []string{tree, f.evaluated(tree)} {
			if Covers(real, path) && !f.protects(w, real, path) {
				return tree
			}
		}
	}
	return ""
}

func (f *Finder) protects(w writable, tree, path string) bool {
	for _, p := range w.Protected {
		for _, real := range []string{p, f.evaluated(p)} {
			if Covers(real, path) && (real == tree || filepath.Dir(real) == tree) {
				return true
			}
		}
	}
	return false
}

// evaluated is the path without symbolic links, or as it is where it can't be
// followed (an absent tree holds no program).
func (f *Finder) evaluated(path string) string {
	real, ok := f.followed[path]
	if !ok {
		var err error
		if real, err = filepath.EvalSymlinks(path); err != nil {
			real = path
		}
		f.followed[path] = real
	}
	return real
}
