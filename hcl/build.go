package hcl

import (
	"slices"

	hashi "github.com/hashicorp/hcl/v2"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// builder turns resolved settings into a plan. It invents nothing: what no
// profile says gets the closed default, with plan.NoOrigin.
type builder struct {
	profile  *profile
	settings *settings
	options  Options

	origins []plan.Origin
	places  []hashi.Range // of the origins
	known   map[*value]int
}

func newBuilder(p *profile, s *settings, o Options) *builder {
	return &builder{profile: p, settings: s, options: o, known: make(map[*value]int)}
}

// build gives the plan for any program; [Command.fill] makes it that of one
// command.
func (b *builder) build() *plan.Plan {
	p := &plan.Plan{
		Version: plan.Version,
		Profile: b.profile.name,
		Source:  b.profile.file.name,
	}
	p.Filesystem = b.filesystem()
	p.Home = b.home()
	p.Tmp = b.tmp()
	p.Environment = b.environment()
	p.Network = b.network()
	p.Sockets = b.sockets()
	p.DBus = b.dbus()
	p.Namespaces = b.namespaces()
	p.Syscalls = b.syscalls()
	p.Limits = b.limits()
	p.Cgroup = b.cgroup()
	p.Identity = b.identity()
	p.Terminal = b.terminal()
	p.LateDrop = b.lateDrop()
	p.Supervise = b.supervise()
	p.Verify = b.verify()
	p.Descriptors = b.numbers("descriptors")
	p.Degrade = b.texts("degrade")
	p.Written = b.written()
	p.Origins = b.origins
	return p
}

// origin gives the index of a rule's origin, or NoOrigin for no rule. Each rule
// has its own, in the order in which the plan is built: so the plan's rules are
// the same however the text is laid out.
func (b *builder) origin(r rule) int {
	if r.value == nil {
		return plan.NoOrigin
	}
	if i, ok := b.known[r.value]; ok {
		return i
	}
	owner := r.chain.owner()
	o := plan.Origin{Profile: owner.qualified(), File: owner.file.name, Line: r.at.Start.Line}
	if r.chain.next != nil {
		for l := r.chain; l != nil; l = l.next {
			o.Through = append(o.Through, l.profile.qualified())
		}
	}
	b.known[r.value] = len(b.origins)
	b.origins = append(b.origins, o)
	b.places = append(b.places, r.at)
	return len(b.origins) - 1
}

// originOf gives the origin of the first of some single values that is
// written, or else that of the block.
func (b *builder) originOf(blockName string, names ...string) int {
	for _, name := range names {
		if r, ok := b.settings.single(blockName + "." + name); ok {
			return b.origin(r)
		}
	}
	return b.origin(b.settings.given[blockName])
}

// wordLists are the lists of words that have no origin in the plan.
var wordLists = []string{"degrade", "descriptors", "filesystem.markers", "namespaces.share"}

// written gives the origins of single values, of words and of lists that are
// given and empty.
func (b *builder) written() []plan.Written {
	var all []plan.Written
	add := func(name, word string, r rule) {
		all = append(all, plan.Written{Name: name, Word: word, Origin: b.origin(r)})
	}
	for _, name := range sortedKeys(b.settings.singles) {
		if r, ok := b.settings.single(name); ok && name != "description" {
			add(name, "", r)
		}
	}
	for _, name := range wordLists {
		for _, r := range b.settings.lists[name] {
			add(name, r.text, r)
		}
	}
	for _, name := range sortedKeys(b.settings.lists) {
		if r, ok := b.settings.given[name]; ok && len(b.settings.lists[name]) == 0 {
			add(name, "", r)
		}
	}
	return all
}

// texts gives a list of words.
func (b *builder) texts(name string) []string {
	var all []string
	for _, r := range b.settings.lists[name] {
		all = append(all, r.text)
	}
	return all
}

// numbers gives a list of numbers.
func (b *builder) numbers(name string) []int {
	var all []int
	for _, r := range b.settings.lists[name] {
		all = append(all, int(r.number))
	}
	return all
}

// checkSyscalls asks the checker about names and conditions.
func (b *builder) checkSyscalls(s plan.Syscalls, checker SyscallChecker) hashi.Diagnostics {
	if checker == nil {
		return nil
	}
	var diags hashi.Diagnostics
	for _, found := range checker.Check(s) {
		at := b.profile.block.DefRange
		if found.Origin >= 0 && found.Origin < len(b.places) {
			at = b.places[found.Origin]
		}
		if r, ok := b.settings.single("syscalls." + found.Attribute); ok {
			at = r.at
		}
		d := problem(at, found.Summary, found.Detail)
		if found.Warning {
			d.Severity = hashi.DiagWarning
		}
		diags = append(diags, d)
	}
	return diags
}

// checkCallNames is checkSyscalls for a policy with gaps: only the names in its
// lists, and names and conditions of its rules, are looked at.
func (b *builder) checkCallNames(s plan.Syscalls, checker SyscallChecker) hashi.Diagnostics {
	names := plan.Syscalls{Default: "allow", ForeignABI: "kill", Lists: s.Lists, Origin: plan.NoOrigin}
	for _, r := range s.Rules {
		if r.Action == "" { // was reported
			r.Action = "allow"
		}
		names.Rules = append(names.Rules, r)
	}
	diags := b.checkSyscalls(names, checker)
	return slices.DeleteFunc(diags, func(d *hashi.Diagnostic) bool { return d.Severity != hashi.DiagError })
}
