package enforce

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// system permits the system directories. Where the plan names a closure, it
// takes the place of the store it lies in.
func (l *layout) system(p *plan.Plan) {
	for _, tree := range namespaces.SystemTrees() {
		if tree == namespaces.NixStore && len(p.Program.Closure) > 0 {
			l.closed = true
			continue
		}
		if (host{}).Lstat(tree)&unix.S_IFMT == unix.S_IFDIR {
			l.allow(tree, landlock.Read|landlock.Execute, false, plan.NoOrigin)
		}
	}
}

// closure permits the store paths of a closed store, which are files as well as
// directories. It comes last, when the child has the view to build: it takes longer
// than all else, and nothing else depends on it. The view shows the store as one
// mount: 2,000 mounts take seconds, as many Landlock rules a hundredth of one.
func (l *layout) closure(p *plan.Plan) {
	if !l.closed {
		return
	}
	l.rules = slices.Grow(l.rules, len(p.Program.Closure))
	for _, path := range p.Program.Closure {
		kind := (host{}).Lstat(path) & unix.S_IFMT
		if kind == unix.S_IFDIR || kind == unix.S_IFREG {
			l.allow(path, landlock.Read|landlock.Execute, kind == unix.S_IFREG, plan.NoOrigin)
		}
	}
}

// store shows the store where the view has no system directories.
func (l *layout) store(p *plan.Plan) {
	if len(p.Program.Closure) == 0 {
		return
	}
	l.view.Add(namespaces.Place{Path: namespaces.NixStore, Kind: namespaces.Show, Source: namespaces.NixStore,
		Origin: plan.NoOrigin, Options: steps.BindOptions{Recursive: true}})
	l.closed = true
}
