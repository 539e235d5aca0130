package main

import (
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/wrappers"
)

// tellRemoved names the commands that start without a sandbox from now on, and
// how the library's are kept: who edits a profile of his own and calls apply
// easily leaves --library out.
func (p *pipeline) tellRemoved(o wrappers.Options, r wrappers.Report, library []string) {
	if len(r.Removed) == 0 || o.DryRun {
		return
	}
	print := p.app.printer()
	print.warning("removed, so that they start without a sandbox: %s", strings.Join(r.Removed, ", "))
	names := slices.Clone(library)
	for _, i := range p.profiles.List() {
		gone := slices.ContainsFunc(i.Commands, func(c string) bool { return slices.Contains(r.Removed, c) })
		if i.Layer == "library" && gone && !slices.Contains(names, i.Name) {
			names = append(names, i.Name)
		}
	}
	if len(names) > len(library) {
		print.hint("to keep those of the library, name them each time: husk apply --library " + strings.Join(names, ","))
	}
}
