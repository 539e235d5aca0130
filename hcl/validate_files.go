package hcl

import (
	"fmt"
	"path"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// writes looks at grants that are too wide, and at those that reach what husk
// never lets a program write.
func (v *validator) writes() {
	for _, r := range v.grants("filesystem.write", plan.ModeWrite, sourceOf) {
		if !v.own(r) {
			continue
		}
		p := withoutXDG(*r.path)
		whole := p.Anchor == plan.AnchorHome && p.Path == "" || p.Anchor == plan.AnchorRoot && p.Path == v.options.Home
		switch {
		case p.Anchor == plan.AnchorRoot && p.Path == "/":
			v.report(r.at, "everything may be written", "name the directories that the program writes to, like \"${project}\"")
		case whole && v.privateHome():
			v.report(r.at, "the whole home directory may be written",
				"this profile has a home of its own, which may be written anyway; leave the rule out")
		case whole:
			v.report(r.at, "the whole home directory may be written",
				"shells and tools start what they find there; name directories, like \"${home}/.cache/tool\", or write home { mode = \"private\" }")
		case p.Anchor == plan.AnchorRoot && (p.Path == "/home" || p.Path == "/root"):
			v.report(r.at, "every home directory may be written", "name the directories that the program writes to, like \"${home}/.cache/tool\"")
		default:
			v.reserved(r)
			v.literalHome(r)
		}
	}
}

// privateHome reports whether home inside is not the user's.
func (v *validator) privateHome() bool {
	mode, _ := v.settings.text("home.mode", plan.HomeGranted)
	return mode == plan.HomePrivate || mode == plan.HomePersistent
}

// grants gives the rules of a list, and one for each bind of a mode: its path
// outside or inside, as which says.
func (v *validator) grants(list, mode string, which func(*entry) rule) []rule {
	all := v.settings.lists[list]
	for _, e := range v.settings.blocks["filesystem.bind"] {
		if m, _ := e.body.text("mode", plan.ModeRead); m == mode {
			all = append(all[:len(all):len(all)], which(e))
		}
	}
	return all
}

func sourceOf(bind *entry) rule { return bind.label }

func targetOf(bind *entry) rule { return bind.body.singles["to"] }

// reserved compares a write grant with the places that are never writable.
func (v *validator) reserved(r rule) {
	granted := v.absolute(*r.path)
	for _, held := range v.options.Reserved {
		place := v.absolute(held.Path)
		if _, inside := below(granted, place); inside {
			v.report(r.at, "husk's own files may be written",
				fmt.Sprintf("%s lies in %s, which is never writable inside: who writes there decides what the next command may do", r.path, held.Path))
			return
		}
		if _, inside := below(place, granted); inside {
			v.warn(r.at, "the grant holds husk's own files",
				fmt.Sprintf("%s stays read-only inside %s; grant a smaller directory", held.Path, r.path))
			return
		}
	}
}

// absolute writes a path below home as the absolute one that it is here, so that
// both spellings compare.
func (v *validator) absolute(p plan.Path) plan.Path {
	p = withoutXDG(p)
	if p.Anchor != plan.AnchorHome || v.options.Home == "" {
		return p
	}
	return plan.Path{Path: v.options.Home}.Join(p.Path)
}

// literalHome hints at paths that work for one user only.
func (v *validator) literalHome(r rule) {
	if r.path.Anchor != plan.AnchorRoot {
		return
	}
	parts := strings.SplitN(r.path.Path, "/", 4)
	if len(parts) >= 3 && parts[1] == "home" && parts[2] == v.options.User && v.options.User != "" {
		rest := ""
		if len(parts) == 4 {
			rest = "/" + parts[3]
		}
		v.warn(r.at, "a home directory by its name", fmt.Sprintf("write %q, which also works elsewhere", "${home}"+rest))
	}
}

// creates refuses create(path) where nothing is made: anywhere but in a list of
// what may be written.
func (v *validator) creates() {
	refuse := func(r rule) {
		if r.create && v.own(r) {
			v.report(r.at, "create outside of write", fmt.Sprintf("a directory is made for a program that writes to it; write create(%q) in write, or leave the function out", r.path))
		}
	}
	for _, list := range []string{"read", "execute", "hide", "protect"} {
		for _, r := range v.settings.lists["filesystem."+list] {
			refuse(r)
		}
	}
	for _, block := range []string{"filesystem.bind", "filesystem.tmpfs", "socket", "verify"} {
		for _, e := range v.settings.blocks[block] {
			refuse(e.label)
			if to, ok := e.body.singles["to"]; ok {
				refuse(to)
			}
		}
	}
}

// grounds looks for grants of what a view begins with, outside of the host view,
// which has the whole tree and a /dev of its own anyway.
func (v *validator) grounds() {
	if view, _ := v.settings.text("filesystem.view", plan.ViewMinimal); view == plan.ViewHost {
		return
	}
	for _, list := range []string{"read", "write", "execute"} {
		for _, r := range v.settings.lists["filesystem."+list] {
			if !v.own(r) || r.path == nil || r.path.Anchor != plan.AnchorRoot {
				continue
			}
			switch {
			case r.path.Path == "/" && list != "write": // write has its own
				v.report(r.at, "the whole tree is granted", `write view = "host", which shows it read-only without home and what is secret`)
			case r.path.Path == "/dev" || r.path.Path == "/dev/shm":
				v.report(r.at, fmt.Sprintf("the sandbox has a %s of its own", r.path.Path), "it is there without a grant; leave the rule out")
			}
		}
	}
}

// roots looks for what cannot be done to the whole tree.
func (v *validator) roots() {
	whole := func(r rule, summary, detail string) {
		if v.own(r) && r.path != nil && *r.path == (plan.Path{Anchor: plan.AnchorRoot, Path: "/"}) {
			v.report(r.at, summary, detail)
		}
	}
	for _, r := range v.settings.lists["filesystem.hide"] {
		whole(r, "the root cannot be hidden", `write view = "minimal", or "empty", and grant what is to be seen`)
	}
	for _, r := range v.settings.lists["filesystem.join"] {
		whole(r, "the root cannot be one mount", "name the directory around the grants")
	}
	for _, e := range v.settings.blocks["filesystem.tmpfs"] {
		whole(e.label, "no tmpfs can stand at the root", `write view = "empty", which begins with an empty root`)
	}
	for _, e := range v.settings.blocks["filesystem.bind"] {
		whole(targetOf(e), "nothing can be shown at the root", "name a directory in it, like \"/mnt\"")
	}
}

// contradictions looks for paths that two lists say opposite things about.
func (v *validator) contradictions() {
	hidden := v.index("filesystem.hide")
	protected := v.index("filesystem.protect")
	for _, list := range []string{"filesystem.read", "filesystem.write", "filesystem.execute"} {
		for _, r := range v.settings.lists[list] {
			name := strings.TrimPrefix(list, "filesystem.")
			if h, both := hidden[r.key]; both {
				v.contradiction(r, h, name, "hide", "it stays hidden")
			}
			if p, both := protected[r.key]; both && name == "write" {
				v.contradiction(r, p, name, "protect", "it stays read-only")
			}
		}
	}
	for _, e := range v.settings.blocks["filesystem.tmpfs"] {
		if h, both := hidden[e.label.key]; both {
			v.contradiction(e.label, h, "tmpfs", "hide", "it stays hidden")
		}
	}
}

// overlaps looks for grants inside what is closed. A grant inside something
// hidden holds: that a child opens in this way what its parent closes is worth
// a word. What is protected is never writable.
func (v *validator) overlaps() {
	hidden, protected := v.index("filesystem.hide"), v.index("filesystem.protect")
	for _, list := range []string{"read", "write"} {
		for _, r := range v.settings.lists["filesystem."+list] {
			if h, inside := nearestAbove(r, hidden); inside && v.own(r) && !v.own(h) {
				v.warn(r.at, fmt.Sprintf("%s reaches into hide", list),
					fmt.Sprintf("%s lies in %s, which profile %q hides (%s); the nearer path decides, so this opens it",
						r.path, h.path, h.chain.owner().name, place(h.at)))
			}
			if p, inside := nearestAbove(r, protected); inside && list == "write" {
				v.contradiction(r, p, list, "protect", "what lies in it stays read-only")
			}
		}
	}
}

// nearestAbove gives the rule whose path is the nearest one above that of r.
func nearestAbove(r rule, rules map[string]rule) (rule, bool) {
	if len(rules) == 0 {
		return rule{}, false
	}
	for p := *r.path; p.Path != "" && p.Path != "/"; {
		p.Path = strings.TrimSuffix(path.Dir(p.Path), ".")
		if above, ok := rules[p.String()]; ok {
			return above, true
		}
	}
	return rule{}, false
}

func (v *validator) index(list string) map[string]rule {
	all := make(map[string]rule)
	for _, r := range v.settings.lists[list] {
		all[r.key] = r
	}
	return all
}

// contradiction reports two rules about one path. In one profile that is an
// error. A child may close what its parent opens; a child that opens what its
// parent closes is told that this takes more.
func (v *validator) contradiction(grant, closing rule, list, closedBy, outcome string) {
	switch {
	case v.own(grant) && v.own(closing):
		v.report(grant.at, fmt.Sprintf("%s contradicts %s", list, closedBy),
			fmt.Sprintf("%s is in %s (%s) and %s; leave one out", readable(closing.key), closedBy, place(closing.at), outcome))
	case v.own(grant):
		v.warn(grant.at, fmt.Sprintf("%s has no effect", list),
			fmt.Sprintf("%s is in %s of profile %q (%s) and %s; to open it write remove { %s = [%q] }",
				readable(closing.key), closedBy, closing.chain.owner().name, place(closing.at), outcome, closedBy, readable(closing.key)))
	}
}

// idleRules looks for hide and protect outside everything that is granted. A
// profile without commands is meant for children, who may grant more.
func (v *validator) idleRules() {
	if len(v.profile.commands()) == 0 {
		return
	}
	if mode, _ := v.settings.text("home.mode", plan.HomeGranted); mode == plan.HomeHost || mode == plan.HomePersistent {
		return
	}
	writable := v.grants("filesystem.write", plan.ModeWrite, targetOf)
	visible := append(writable[:len(writable):len(writable)], v.grants("filesystem.read", plan.ModeRead, targetOf)...)
	for _, r := range v.settings.lists["filesystem.protect"] {
		if v.own(r) && !mayBeInside(*r.path, writable) {
			v.warn(r.at, "protect outside write", fmt.Sprintf("nothing grants writing to %s; leave it out", r.path))
		}
	}
	view, _ := v.settings.text("filesystem.view", plan.ViewMinimal)
	for _, r := range v.settings.lists["filesystem.hide"] {
		system := r.path.Anchor == plan.AnchorRoot && view != plan.ViewEmpty
		if v.own(r) && view != plan.ViewHost && !system && !mayBeInside(*r.path, visible) {
			v.warn(r.at, "hide inside nothing", fmt.Sprintf("nothing grants reading %s; leave it out", r.path))
		}
	}
}

// mayBeInside reports whether a path can lie in one of the grants. Where that
// depends on run time the answer is yes.
func mayBeInside(p plan.Path, grants []rule) bool {
	p = withoutXDG(p)
	for _, g := range grants {
		granted := withoutXDG(*g.path)
		if _, inside := below(p, granted); inside {
			return true
		}
		if granted.Anchor == p.Anchor && granted.Name == p.Name {
			continue
		}
		// The project or working directory is never above home (such a grant is
		// dropped), so of home only what lies deeper can be inside.
		shallow := p.Anchor == plan.AnchorHome && !strings.Contains(p.Path, "/")
		if shallow && (granted.Anchor == plan.AnchorProject || granted.Anchor == plan.AnchorCwd) {
			continue
		}
		if granted.Anchor == plan.AnchorRoot && p.Anchor == plan.AnchorHome && !homeIsBelow(granted.Path) {
			continue
		}
		return true
	}
	return false
}

// homeIsBelow reports whether a home directory may lie in an absolute path.
func homeIsBelow(p string) bool {
	for _, system := range []string{"/usr", "/etc", "/opt", "/nix", "/proc", "/sys", "/dev", "/tmp", "/run", "/bin", "/lib"} {
		if p == system || strings.HasPrefix(path.Clean(p), system+"/") {
			return false
		}
	}
	return true
}
