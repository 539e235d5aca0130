package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

// harmless are the variables that are passed where no profile says pass. HOME
// and the like are the enforcer's to set.
var harmless = []string{"TERM", "COLORTERM", "LANG", "LC_*", "TZ"}

// defaultLimits hold where a profile is silent. They are far above what npm,
// cargo or javac use, and far below what takes a machine down: a compiler run
// of many threads stays under a thousand, a bundler watching a large tree
// under some ten thousand descriptors.
var defaultLimits = map[string]uint64{
	plan.LimitProcesses: 4096,
	plan.LimitFiles:     65536,
	plan.LimitMemory:    16 << 30,
	plan.LimitCore:      0,
}

func (b *builder) environment() plan.Environment {
	s := b.settings
	e := plan.Environment{Pass: b.patterns("environment.pass"), Unset: b.patterns("environment.unset")}
	if _, given := s.lists["environment.pass"]; !given {
		for _, name := range harmless {
			e.Pass = append(e.Pass, plan.EnvPass{Pattern: name, Origin: plan.NoOrigin})
		}
	}
	for _, r := range s.lists["environment.set"] {
		set := plan.EnvSet{Name: r.key, Path: r.path, Origin: b.origin(r)}
		if r.path == nil {
			set.Text = r.text
		}
		e.Set = append(e.Set, set)
	}
	for _, block := range s.blocks["environment.secret"] {
		secret := plan.Secret{Name: block.label.key, Origin: b.origin(block.label)}
		if r, ok := block.body.single("file"); ok {
			secret.File = r.path
		}
		if r, ok := block.body.single("command"); ok {
			secret.Command = r.texts
		}
		e.Secrets = append(e.Secrets, secret)
	}
	return e
}

func (b *builder) patterns(name string) []plan.EnvPass {
	var all []plan.EnvPass
	for _, r := range b.settings.lists[name] {
		all = append(all, plan.EnvPass{Pattern: r.text, Origin: b.origin(r)})
	}
	return all
}

func (b *builder) namespaces() plan.Namespaces {
	n := plan.Namespaces{Share: b.texts("namespaces.share"), Origin: plan.NoOrigin}
	if rules := b.settings.lists["namespaces.share"]; len(rules) > 0 {
		n.Origin = b.origin(rules[0])
	}
	return n
}

func (b *builder) limits() []plan.Limit {
	var all []plan.Limit
	for _, name := range plan.LimitNames {
		if r, ok := b.settings.single("limits." + name); ok {
			all = append(all, plan.Limit{Name: name, Value: r.number, Origin: b.origin(r)})
		} else if value, ok := defaultLimits[name]; ok {
			all = append(all, plan.Limit{Name: name, Value: value, Origin: plan.NoOrigin})
		}
	}
	return all
}

// noCore says that no core dump is allowed.
func (b *builder) noCore() bool {
	if r, ok := b.settings.single("limits." + plan.LimitCore); ok {
		return r.number == 0
	}
	return defaultLimits[plan.LimitCore] == 0
}

func (b *builder) cgroup() plan.Cgroup {
	mode, at := b.settings.text("limits.cgroup", plan.CgroupAuto)
	return plan.Cgroup{Mode: mode, Origin: b.origin(at)}
}

func (b *builder) identity() plan.Identity {
	user, _ := b.settings.text("identity.user", plan.IdentitySelf)
	title, _ := b.settings.flag("identity.title")
	dumpable, given := b.settings.single("identity.dumpable")
	return plan.Identity{User: user, Title: title, Undumpable: given && !dumpable.flag, Origin: b.originOf("identity", "user", "title", "dumpable")}
}

func (b *builder) terminal() plan.Terminal {
	fresh, _ := b.settings.flag("terminal.new_session")
	return plan.Terminal{NewSession: fresh, Origin: b.originOf("terminal", "new_session")}
}
