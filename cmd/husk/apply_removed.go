package main

import (
	"path"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/wrappers"
)

// tellRemoved names the commands that start without a sandbox from now on, and
// how the library's are kept: who edits a profile of his own and calls apply
// easily leaves --library out.
func (p *pipeline) tellRemoved(o wrappers.Options, r wrappers.Report, wrapped []*plan.Plan, library []string) {
	removed := removedCommands(r.Removed, wrapped)
	if len(removed) == 0 || o.DryRun {
		return
	}
	print := p.app.printer()
	print.warning("removed, so that they start without a sandbox: %s", strings.Join(removed, ", "))
	names := slices.Clone(library)
	for _, i := range p.profiles.List() {
		gone := slices.ContainsFunc(i.Commands, func(c string) bool { return slices.Contains(removed, c) })
		if i.Layer == "library" && gone && !slices.Contains(names, i.Name) {
			names = append(names, i.Name)
		}
	}
	if len(names) > len(library) {
		print.hint("to keep those of the library, name them each time: husk apply --library " + strings.Join(names, ","))
	}
}

// removedCommands are the commands whose wrappers are among the files that were
// removed, without those that another renderer wraps now. A plan of its own goes
// with its wrapper.
func removedCommands(files []string, wrapped []*plan.Plan) []string {
	var commands []string
	for _, file := range files {
		dir, name := path.Split(file)
		switch {
		case strings.HasPrefix(dir, "."), dir == "" && strings.HasPrefix(name, "husk-functions."):
			continue
		case dir == "functions/":
			name = strings.TrimSuffix(name, path.Ext(name))
		default:
			name = file
		}
		if !slices.ContainsFunc(wrapped, func(p *plan.Plan) bool { return p.Command == name }) && !slices.Contains(commands, name) {
			commands = append(commands, name)
		}
	}
	return commands
}
