package hcl

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	hashi "github.com/hashicorp/hcl/v2"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Profiles are the loaded profiles of all layers. It is not safe for
// concurrent use.
type Profiles struct {
	options Options
	shared  sharedScope
	modules map[string]*module
	// outside are problems of the call itself, such as an unknown --set.
	outside hashi.Diagnostics
	// only, where not nil, are the files that Check reports about.
	only map[string]bool
	// texts are the sources of the first sourcesOf modules.
	texts     map[string][]byte
	sourcesOf int
}

// Load reads the user's layer. Its diagnostics are those of the files as such:
// syntax, names, variables. What is inside the profiles is looked at by
// [Profiles.Resolve] and, for all of them, by [Profiles.Check], whose
// diagnostics include these. The other layers are read when they are needed.
// The result is usable, for what is not affected, even when there are errors.
func Load(o Options) (*Profiles, Diagnostics) {
	var paths []string
	var diags hashi.Diagnostics
	if o.ProfilesDir != "" {
		paths, diags = profileFiles(o.ProfilesDir)
	}
	return load(o, paths, diags)
}

// LoadFiles is Load for single files instead of a directory. Files of
// o.ProfilesDir are read together with their neighbours, since they share
// variables, but only they are reported about.
func LoadFiles(o Options, files []string) (*Profiles, Diagnostics) {
	inDir := func(f string) bool { return o.ProfilesDir != "" && sameDir(filepath.Dir(f), o.ProfilesDir) }
	if !slices.ContainsFunc(files, inDir) {
		return load(o, files, nil)
	}
	paths, diags := profileFiles(o.ProfilesDir)
	only := make(map[string]bool)
	for _, f := range files {
		if !inDir(f) {
			paths = append(paths, f)
			only[f] = true
			continue
		}
		inside := filepath.Join(o.ProfilesDir, filepath.Base(f))
		only[inside] = true
		if !slices.Contains(paths, inside) {
			paths = append(paths, inside)
		}
	}
	p, _ := load(o, paths, diags)
	p.only = only
	return p, p.collect(p.asked(p.layer(layerUser).diags))
}

func sameDir(a, b string) bool {
	resolve := func(dir string) string {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return dir
		}
		if real, err := filepath.EvalSymlinks(absolute); err == nil {
			return real
		}
		return absolute
	}
	return resolve(a) == resolve(b)
}

func load(o Options, paths []string, diags hashi.Diagnostics) (*Profiles, Diagnostics) {
	p := &Profiles{options: o, modules: make(map[string]*module)}
	p.shared = newSharedScope(o, len(paths))
	user := newModule(layerUser, readFiles(paths), p.shared)
	user.diags = append(user.diags, diags...)
	p.modules[layerUser] = user
	p.checkSet()
	return p, p.collect(user.diags)
}

// checkSet reports values for variables that no layer has.
func (p *Profiles) checkSet() {
	for _, name := range sortedKeys(p.options.Set) {
		var known []string
		found := false
		for _, layer := range layerNames {
			if p.layer(layer).variables[name] != nil {
				found = true
				break
			}
			known = append(known, sortedKeys(p.layer(layer).variables)...)
		}
		if !found {
			p.outside = append(p.outside, unplaced(fmt.Sprintf("unknown variable %q in --set", name),
				"no profile file has a variable of that name"+DidYouMean(name, known)))
		}
	}
}

// collect makes diagnostics presentable, with those about the call itself.
func (p *Profiles) collect(diags hashi.Diagnostics) Diagnostics {
	return collect(p.sources(), append(slices.Clone(p.outside), diags...))
}

// asked leaves out what is about files that nobody asked about.
func (p *Profiles) asked(diags hashi.Diagnostics) hashi.Diagnostics {
	if p.only == nil {
		return diags
	}
	return slices.DeleteFunc(slices.Clone(diags), func(d *hashi.Diagnostic) bool {
		return d.Subject != nil && !p.only[d.Subject.Filename]
	})
}

// sources gives the text of every file that was read.
func (p *Profiles) sources() map[string][]byte {
	if len(p.modules) == p.sourcesOf {
		return p.texts
	}
	p.texts = make(map[string][]byte)
	for _, m := range p.modules {
		for _, f := range m.files {
			p.texts[f.name] = f.src
		}
	}
	p.sourcesOf = len(p.modules)
	return p.texts
}

// Info describes a profile.
type Info struct {
	Name string
	// QualifiedName means this profile whatever hides it: library/npm.
	QualifiedName string
	// Layer is "user", "system" or "library".
	Layer       string
	File        string
	Line        int
	Description string
	// Commands are the wrappers that it asks for.
	Commands []string
	// Shadowed is true when a nearer layer has one of the same name.
	Shadowed bool
}

// List gives every profile of every layer, nearest layer first, by name. What
// cannot be decoded is left empty; Check says why.
func (p *Profiles) List() []Info {
	var all []Info
	seen := make(map[string]bool)
	for _, layer := range layerNames {
		profiles := slices.Clone(p.layer(layer).order)
		slices.SortFunc(profiles, func(a, b *profile) int { return cmp.Compare(a.name, b.name) })
		for _, found := range profiles {
			all = append(all, found.info(seen[found.name]))
		}
		for _, found := range profiles {
			seen[found.name] = true
		}
	}
	return all
}

func (p *profile) info(shadowed bool) Info {
	own := p.decode("").own
	description, _ := own.text("description", "")
	i := Info{
		Name: p.name, QualifiedName: p.qualified(), Layer: p.module.layer,
		File: p.file.name, Line: p.block.DefRange.Start.Line,
		Description: description, Shadowed: shadowed,
	}
	for _, c := range p.commands() {
		i.Commands = append(i.Commands, c.Name)
	}
	return i
}

// Resolve gives the plan for one command of a profile. Without a command it is
// the plan for any program, whose Program the caller fills in. Program.Path is
// what the profile says: a name or an absolute path. The plan must not be
// changed in depth: plans of one profile share their lists. With any error
// there is no plan.
func (p *Profiles) Resolve(name, command string) (*plan.Plan, Diagnostics) {
	found, ok := p.find(name, layerUser)
	if !ok {
		summary, detail := p.unknownProfile(name, layerUser)
		return nil, p.collect(hashi.Diagnostics{unplaced(summary, detail)})
	}
	built, diags := p.build(found, command)
	all := p.collect(diags)
	if diags.HasErrors() || p.outside.HasErrors() {
		return nil, all
	}
	return built, all
}

// build resolves, builds and validates one plan.
func (p *Profiles) build(found *profile, command string) (*plan.Plan, hashi.Diagnostics) {
	r := p.resolve(found, command, nil)
	diags := slices.Clone(r.diags)
	c := Command{}
	if command != "" {
		all := found.commandsFor(command)
		i := slices.IndexFunc(all, func(c Command) bool { return c.Name == command })
		if i < 0 {
			var names []string
			for _, c := range all {
				names = append(names, c.Name)
			}
			return nil, append(diags, problem(found.block.DefRange, fmt.Sprintf("profile %q has no command %q", found.name, command),
				fmt.Sprintf("add it: commands = [%q]%s", command, DidYouMean(command, names))))
		}
		c = all[i]
	}
	if r.plan == nil {
		r.plan, r.findings = p.look(found, r, diags.HasErrors())
	}
	if diags.HasErrors() {
		return nil, append(diags, r.findings...)
	}
	built := *r.plan
	c.fill(&built)
	return &built, append(diags, r.findings...)
}

// look builds the plan without a command, and looks at it as a whole. Where the
// settings have errors, and so gaps, only what is wrong whatever stands in them
// is reported: one mistake hides no other.
func (p *Profiles) look(found *profile, r *resolved, gaps bool) (*plan.Plan, hashi.Diagnostics) {
	b := newBuilder(found, r.settings, p.options)
	built := b.build()
	if gaps {
		findings := validateParts(found, r.settings, p.options)
		return built, append(findings, b.checkCallNames(built.Syscalls, p.options.Syscalls)...)
	}
	return built, append(validate(found, r.settings, p.options), b.checkSyscalls(built.Syscalls, p.options.Syscalls)...)
}

// Check resolves every profile of the user's layer for all its commands and
// gives everything that was found, Load's diagnostics included.
func (p *Profiles) Check() Diagnostics {
	user := p.layer(layerUser)
	// Locals are evaluated here also where no profile uses any.
	diags := slices.Concat(user.diags, user.scopeFor("").diags)
	owners := make(map[string]Command)
	for _, found := range user.order {
		commands := found.commands()
		diags = append(diags, p.checkProfile(found, commands)...)
		for _, c := range commands {
			if first, taken := owners[c.Name]; taken {
				diags = append(diags, problem(c.at, fmt.Sprintf("command %q belongs to two profiles", c.Name),
					fmt.Sprintf("profile %q has it too (%s); one wrapper can have one profile", first.Origin.Profile, place(first.at))))
				continue
			}
			owners[c.Name] = c
		}
	}
	for _, layer := range layerNames[1:] {
		if m, used := p.modules[layer]; used {
			diags = append(diags, m.diags...)
		}
	}
	return p.collect(p.asked(diags))
}

// checkProfile builds a profile's plans: one where the command makes no
// difference, else one for each.
func (p *Profiles) checkProfile(found *profile, commands []Command) hashi.Diagnostics {
	_, diags := p.build(found, "")
	if r := p.resolve(found, "", nil); !r.commandMatters {
		return diags
	}
	for _, c := range commands {
		_, more := p.build(found, c.Name)
		diags = append(diags, more...)
	}
	return diags
}
