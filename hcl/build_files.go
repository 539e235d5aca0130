package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

// defaultMarker makes a directory a project's root where no profile says
// otherwise.
const defaultMarker = ".git"

func (b *builder) filesystem() plan.Filesystem {
	s := b.settings
	f := plan.Filesystem{
		Read:    b.paths("filesystem.read"),
		Write:   b.paths("filesystem.write"),
		Execute: b.paths("filesystem.execute"),
		Hide:    b.paths("filesystem.hide"),
		Protect: b.paths("filesystem.protect"),
		Join:    b.paths("filesystem.join"),
		Markers: b.texts("filesystem.markers"),
	}
	f.View, _ = s.text("filesystem.view", plan.ViewMinimal)
	_, f.ExecuteOnly = s.lists["filesystem.execute"]
	if _, given := s.lists["filesystem.markers"]; !given {
		f.Markers = []string{defaultMarker}
	}
	for _, e := range s.blocks["filesystem.bind"] {
		to, ok := e.body.single("to")
		if !ok {
			continue // reported as missing
		}
		mode, _ := e.body.text("mode", plan.ModeRead)
		f.Bind = append(f.Bind, plan.Bind{
			From: *e.label.path, To: *to.path, Mode: mode, Required: e.label.required, Origin: b.origin(e.label),
		})
	}
	for _, e := range s.blocks["filesystem.tmpfs"] {
		size, _ := e.body.number("size", 0)
		f.Tmpfs = append(f.Tmpfs, plan.Tmpfs{Path: *e.label.path, Size: size, Origin: b.origin(e.label)})
	}
	for _, r := range b.options.Reserved {
		r.Origin = plan.NoOrigin
		f.Reserved = append(f.Reserved, r)
	}
	return f
}

func (b *builder) paths(name string) []plan.PathRule {
	var all []plan.PathRule
	for _, r := range b.settings.lists[name] {
		all = append(all, plan.PathRule{Path: *r.path, Required: r.required, Create: r.create, Origin: b.origin(r)})
	}
	return all
}

func (b *builder) home() plan.Home {
	mode, _ := b.settings.text("home.mode", plan.HomeGranted)
	return plan.Home{Mode: mode, Origin: b.originOf("home", "mode")}
}

func (b *builder) tmp() plan.Tmp {
	s := b.settings
	t := plan.Tmp{Origin: b.originOf("tmp", "mode", "slash_tmp", "strict", "cleanup", "size")}
	t.Mode, _ = s.text("tmp.mode", plan.TmpSession)
	t.SlashTmp, _ = s.text("tmp.slash_tmp", plan.SlashTmpPrivate)
	t.Strict, _ = s.flag("tmp.strict")
	t.Cleanup, _ = s.text("tmp.cleanup", plan.CleanupParent)
	t.Size, _ = s.number("tmp.size", 0)
	return t
}

func (b *builder) verify() []plan.Verify {
	var all []plan.Verify
	for _, e := range b.settings.blocks["verify"] {
		digest, _ := e.body.text("sha256", "")
		all = append(all, plan.Verify{Path: *e.label.path, SHA256: digest, Origin: b.origin(e.label)})
	}
	return all
}
