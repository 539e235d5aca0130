package hcl

import (
	"fmt"
	"slices"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// decoded is what a profile's own text says.
type decoded struct {
	own   *settings
	diags hashi.Diagnostics
}

// resolved is a profile with everything that it inherits.
type resolved struct {
	settings *settings
	parents  []*profile
	// diags are those of the profile and of all its ancestors.
	diags hashi.Diagnostics
	// commandMatters is true when the settings are those of one command only.
	commandMatters bool
	// depth counts the generations above.
	depth int
	// plan is the plan without a command, findings what was found in it; nil
	// until they are asked for.
	plan     *plan.Plan
	findings hashi.Diagnostics
}

// maxGenerations bounds the depth of inheritance.
const maxGenerations = 64

// commandMatters reports whether the profile's own text may mean something
// else for another command.
func (p *profile) commandMatters() bool {
	return p.usesCommand || p.usesLocals && p.module.commandMatters
}

// decode gives what a profile's own text says for a command.
func (p *profile) decode(command string) *decoded {
	if !p.commandMatters() {
		command = ""
	}
	if done, ok := p.decoded[command]; ok {
		return done
	}
	m := p.module
	s := m.scopeFor(command)
	d := &decoder{module: m, file: p.file, anchors: m.anchors, budget: m.budget, chain: &link{profile: p}}
	own := newSettings()
	d.body(profileLanguage, p.block.Body, s.context, own, "")
	if p.file.broken() {
		d.diags = append(d.diags, p.file.diags...)
	}
	if p.usesLocals {
		d.diags = append(d.diags, s.diags...)
	}
	done := &decoded{own: own, diags: d.diags}
	p.decoded[command] = done
	return done
}

// resolve gives a profile with everything that it inherits, for a command.
// trail are the profiles that led to it, for messages about cycles.
func (ps *Profiles) resolve(p *profile, command string, trail []*profile) *resolved {
	if r, ok := p.resolved[""]; ok && !r.commandMatters {
		return r
	}
	if r, ok := p.resolved[command]; ok {
		return r
	}
	p.visiting = true
	defer func() { p.visiting = false }()

	text := p.decode(command)
	r := &resolved{settings: newSettings(), diags: slices.Clone(text.diags), commandMatters: p.commandMatters()}
	if p.ancestors == nil {
		p.ancestors = make(map[*profile]bool)
	}
	trail = append(trail, p)
	for _, ref := range text.own.lists["inherits"] {
		ps.inheritFrom(p, ref.value, command, trail, r)
	}
	r.diags = append(r.diags, r.settings.remove(text.own, len(r.diags) > 0)...)
	r.settings.apply(text.own)
	r.diags = append(r.diags, r.settings.tooLong(p)...)

	key := command
	if !r.commandMatters {
		key = ""
	}
	p.resolved[key] = r
	return r
}

// inheritFrom folds one parent into what a profile has so far.
func (ps *Profiles) inheritFrom(p *profile, ref *value, command string, trail []*profile, into *resolved) {
	parent, ok := ps.find(ref.text, p.module.layer)
	switch {
	case !ok:
		summary, detail := ps.unknownProfile(ref.text, p.module.layer)
		into.diags = append(into.diags, problem(ref.at, summary, detail+through(trail)))
		return
	case parent.visiting:
		into.diags = append(into.diags, problem(ref.at, "cycle of profiles", ps.cycle(trail, parent)))
		return
	}
	from := ps.resolve(parent, command, trail)
	into.depth = max(into.depth, from.depth+1)
	switch {
	case into.depth > maxGenerations:
		into.diags = append(into.diags, problem(ref.at, "too many generations",
			fmt.Sprintf("a profile may have %d generations of parents above it", maxGenerations)))
		return
	case !ps.shared.budget.take(from.settings.size() + stepCost*len(parent.ancestors)):
		into.diags = append(into.diags, tooMuch(ref.at, "too much work", "the profiles inherit more than they may; name fewer parents")...)
		return
	}
	into.parents = append(into.parents, parent)
	into.diags = append(into.diags, from.diags...)
	into.commandMatters = into.commandMatters || from.commandMatters
	p.ancestors[parent] = true
	for ancestor := range parent.ancestors {
		p.ancestors[ancestor] = true
	}
	lifted := make(map[*link]*link)
	into.settings.inherit(from.settings, func(l *link) *link {
		longer, ok := lifted[l]
		if !ok {
			longer = &link{profile: p, next: l}
			lifted[l] = longer
		}
		return longer
	})
}

// through says how a profile was reached, where it was not named directly.
func through(trail []*profile) string {
	if len(trail) < 2 {
		return ""
	}
	return " (inherited through " + strings.Join(shorten(namesOf(trail)), " -> ") + ")"
}

func namesOf(profiles []*profile) []string {
	names := make([]string, len(profiles))
	for i, p := range profiles {
		names[i] = p.qualified()
	}
	return names
}

func (ps *Profiles) cycle(trail []*profile, parent *profile) string {
	names := append(namesOf(trail[slices.Index(trail, parent):]), parent.qualified())
	detail := strings.Join(shorten(names), " -> ") + ": a profile cannot inherit from itself"
	if _, ok := ps.layer(layerLibrary).profiles[parent.name]; ok && len(names) == 2 && parent.module.layer != layerLibrary {
		detail += fmt.Sprintf("; for the one of that name in the library write \"library/%s\"", parent.name)
	}
	return detail
}

// remove takes the entries that a remove block names out of what was
// inherited. quiet leaves out the warnings about what isn't there: where a
// parent has an error, that would only repeat it.
func (s *settings) remove(own *settings, quiet bool) hashi.Diagnostics {
	var diags hashi.Diagnostics
	for _, kind := range removals {
		unwanted := own.lists["remove."+kind.name]
		if len(unwanted) == 0 {
			continue
		}
		found := make(map[string]bool, len(unwanted))
		for _, u := range unwanted {
			found[u.key] = false
		}
		for _, name := range kind.lists {
			s.removeFromList(name, found)
		}
		for _, name := range kind.blocks {
			s.removeBlocks(name, found)
		}
		for _, u := range unwanted {
			if !found[u.key] && !quiet {
				diags = append(diags, caution(u.at, "nothing to remove",
					fmt.Sprintf("no parent has %q in %s; leave the entry out", readable(u.key), kind.name)))
			}
		}
	}
	return diags
}

// removeFromList takes out the entries whose keys are in unwanted, and notes
// which were there. An entry of a map of lists is named without its group.
func (s *settings) removeFromList(name string, unwanted map[string]bool) {
	rules, given := s.lists[name]
	if !given {
		return
	}
	kept := make([]rule, 0, len(rules))
	for _, r := range rules {
		key := r.key
		if r.group != "" {
			key = r.text
		}
		if _, out := unwanted[key]; out {
			unwanted[key] = true
		} else {
			kept = append(kept, r)
		}
	}
	s.lists[name] = kept
}

// removeBlocks takes out the blocks whose labels are in unwanted.
func (s *settings) removeBlocks(name string, unwanted map[string]bool) {
	kept := make([]*entry, 0, len(s.blocks[name]))
	for _, e := range s.blocks[name] {
		if _, out := unwanted[e.label.key]; out {
			unwanted[e.label.key] = true
		} else {
			kept = append(kept, e)
		}
	}
	s.blocks[name] = kept
}
