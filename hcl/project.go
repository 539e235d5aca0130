package hcl

import (
	"fmt"
	"slices"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// everyProfile is the name by which a project's file means all profiles.
const everyProfile = "*"

// ProjectFile is a project's own .husk.hcl. Its profile blocks are put over
// the user's profiles of the same name; "*" means all of them. Variables and
// locals are its own.
type ProjectFile struct {
	module *module
	diags  hashi.Diagnostics
}

// LoadProject reads a project's file. It is read whole and at once, so that
// what was checked against a trusted digest is what counts: the caller gives
// the bytes that it hashed, name is for messages.
func (p *Profiles) LoadProject(name string, src []byte) (*ProjectFile, Diagnostics) {
	f := parse(src, name)
	m := newModule(layerProject, []*file{f}, p.shared)
	p.modules[layerProject] = m
	p.sourcesOf = 0
	project := &ProjectFile{module: m}
	for _, overlay := range m.order {
		if _, known := p.find(overlay.name, layerUser); !known && overlay.name != everyProfile {
			_, detail := p.unknownProfile(overlay.name, layerUser)
			m.diags = append(m.diags, caution(overlay.block.DefRange, fmt.Sprintf("%s changes no profile", overlay.name),
				fmt.Sprintf("a project's file changes profiles that there are, or all of them as %q; %s", everyProfile, detail)))
		}
	}
	project.diags = slices.Clone(m.diags)
	for _, overlay := range m.order {
		text := overlay.decode("")
		project.diags = append(project.diags, text.diags...)
		project.diags = append(project.diags, notForProjects(text.own)...)
	}
	return project, p.collect(project.diags)
}

// notForProjects refuses what would make a project's file more than an
// addition to the user's profile.
func notForProjects(own *settings) hashi.Diagnostics {
	var diags hashi.Diagnostics
	refuse := func(at hashi.Range, what string) {
		diags = append(diags, problem(at, what+" in a project's file", "a project's file changes the user's profiles, it adds none; write this in the user's profile directory"))
	}
	for _, name := range []string{"inherits", "commands"} {
		for _, r := range own.lists[name] {
			refuse(r.at, name)
		}
	}
	for _, e := range own.blocks["command"] {
		refuse(e.label.at, "command")
	}
	return diags
}

// ResolveWithProject is Resolve with a project's file on top. Of a file that is
// not trusted only what permits less takes effect; for everything else there
// is a warning at its place. With any error there is no plan.
func (p *Profiles) ResolveWithProject(name, command string, project *ProjectFile, trusted bool) (*plan.Plan, Diagnostics) {
	base, d := p.Resolve(name, command)
	if base == nil {
		return nil, d
	}
	if project.diags.HasErrors() {
		return nil, d.And(p.collect(project.diags))
	}
	found, _ := p.find(name, layerUser)
	s := newSettings()
	s.fold(p.resolve(found, command, nil).settings, func(l *link) *link { return l }, nil)
	builder := func(s *settings) *plan.Plan { return p.withCommand(found, s, command) }

	var diags hashi.Diagnostics
	for _, overlay := range project.module.order {
		if overlay.name != everyProfile && overlay.name != found.name && overlay.name != found.qualified() {
			continue
		}
		text := overlay.decode(command)
		diags = append(diags, text.diags...)
		if trusted {
			diags = append(diags, s.remove(text.own, false)...)
			s.apply(text.own)
			continue
		}
		var refused hashi.Diagnostics
		s, refused = tighten(s, partsOf(text.own, overlay.block.DefRange), builder, project.module.files[0].name)
		diags = append(diags, refused...)
	}
	result := builder(s)
	diags = append(diags, validate(found, s, p.options)...)
	if !trusted && widens(base, result) {
		diags = append(diags, problem(found.block.DefRange, "the project's file permits more",
			"what it asks for cannot be told apart; look at it, then run husk trust on it"))
	}
	all := d.And(p.collect(diags))
	if diags.HasErrors() {
		return nil, all
	}
	return result, all
}

// withCommand builds the plan of changed settings.
func (p *Profiles) withCommand(found *profile, s *settings, command string) *plan.Plan {
	built := newBuilder(found, s, p.options).build()
	for _, c := range found.commands() {
		if c.Name == command {
			c.fill(built)
		}
	}
	return built
}

// widens reports whether b does anything but permit less than a.
func widens(a, b *plan.Plan) bool {
	return slices.ContainsFunc(Diff(a, b), func(c Change) bool { return c.Effect != Denies })
}

// tighten applies, one by one, those settings of a project's file after which
// the plan permits less or the same. For the others it gives warnings.
func tighten(s *settings, parts []part, build func(*settings) *plan.Plan, file string) (*settings, hashi.Diagnostics) {
	var diags hashi.Diagnostics
	if len(parts) > maxParts {
		return s, hashi.Diagnostics{problem(parts[0].at, "project file too large",
			fmt.Sprintf("a file that is not trusted may change %d things; this one changes %d", maxParts, len(parts)))}
	}
	for _, part := range parts {
		next := newSettings()
		next.fold(s, func(l *link) *link { return l }, nil)
		next.remove(part.settings, true)
		next.apply(part.settings)
		before := build(s)
		after := build(next)
		if !widens(before, after) {
			s = next
			continue
		}
		diags = append(diags, caution(part.at, "the project asks for more",
			fmt.Sprintf("%s; it has no effect before \"husk trust %s\"", more(before, after, part.name), file)))
	}
	return s, diags
}

// more says what b permits beyond a: "filesystem: execute /x, read /x".
func more(a, b *plan.Plan, otherwise string) string {
	const shown = 3
	var all []string
	area := ""
	for _, c := range Diff(a, b) {
		switch {
		case c.Effect == Denies:
		case c.Area == area:
			all = append(all, c.What)
		default:
			area = c.Area
			all = append(all, c.Area+": "+c.What)
		}
	}
	switch {
	case len(all) == 0:
		return otherwise
	case len(all) > shown:
		return strings.Join(all[:shown], ", ") + " …"
	}
	return strings.Join(all, ", ")
}

// maxParts bounds the work that a file nobody looked at may cause.
const maxParts = 200

// part is the smallest part of a profile that can be applied by itself.
type part struct {
	name     string
	at       hashi.Range
	settings *settings
}

// partsOf takes settings apart, in a fixed order; at is the place of what has
// none of its own.
func partsOf(own *settings, at hashi.Range) []part {
	var all []part
	for _, name := range sortedKeys(own.singles) {
		u := part{name: name, at: own.singles[name].at, settings: newSettings()}
		u.settings.singles[name] = own.singles[name]
		all = append(all, u)
	}
	for _, name := range sortedKeys(own.lists) {
		if len(own.lists[name]) == 0 {
			u := part{name: name, at: at, settings: newSettings()}
			u.settings.lists[name] = []rule{}
			all = append(all, u)
		}
		if name == "filesystem.execute" && len(own.lists[name]) > 0 {
			// One entry alone would close what the next one opens again.
			u := part{name: name, at: own.lists[name][0].at, settings: newSettings()}
			u.settings.lists[name] = own.lists[name]
			all = append(all, u)
			continue
		}
		for _, r := range own.lists[name] {
			u := part{name: name, at: r.at, settings: newSettings()}
			u.settings.lists[name] = []rule{r}
			all = append(all, u)
		}
	}
	for _, name := range sortedKeys(own.blocks) {
		for _, e := range own.blocks[name] {
			u := part{name: name, at: e.label.at, settings: newSettings()}
			u.settings.blocks[name] = []*entry{e}
			all = append(all, u)
		}
	}
	return all
}
